"""What one resource at the edge names of another exists, and is waited for."""

from __future__ import annotations

from typing import Any

import pytest

from policies.judge import judge
from policies.resources import from_document
from policies.world import World
from tests.policies.edge import ACCOUNT, UNKNOWN, bucket, database, entry, script, state, title

EXISTS, WAITS, ELSEWHERE = "FLT-EDGE-016", "FLT-EDGE-017", "FLT-EDGE-037"
ID = "6a56b42f-2075-47d8-aac9-2f43dae9c116"
QUEUE = entry("Queue", "orders", protect=True, retain=True, accountId=ACCOUNT, queueName="orders")
WORKER = entry("Worker", "worker", accountId=ACCOUNT, name="worker")


def bound(kind: str, **fields: Any) -> Any:
    return script(bindings=[{"type": kind, "name": "B", **fields}])


def _named(kind: str, **inputs: Any) -> Any:
    return entry(kind, "x", accountId=ACCOUNT, **inputs)


REFERENCES = [
    (lambda name: bound("r2_bucket", bucketName=name), bucket("there"), title("WorkersScript", "api")),
    (lambda name: bound("queue", queueName=name), _named("Queue", queueName="there"), title("WorkersScript", "api")),
    (lambda name: bound("service", service=name), script("there"), title("WorkersScript", "api")),
    (
        lambda name: bound("durable_object_namespace", className="C", scriptName=name),
        _named("Worker", name="there"),
        title("WorkersScript", "api"),
    ),
    (lambda name: script(tailConsumers=[{"service": name}]), script("there"), title("WorkersScript", "api")),
    (lambda name: _named("WorkersCronTrigger", scriptName=name), script("there"), title("WorkersCronTrigger", "x")),
    (lambda name: _named("WorkersDeployment", scriptName=name), script("there"), title("WorkersDeployment", "x")),
    (lambda name: _named("WorkersCustomDomain", service=name), script("there"), title("WorkersCustomDomain", "x")),
    (lambda name: _named("WorkersRoute", script=name), script("there"), title("WorkersRoute", "x")),
    (lambda name: _named("R2BucketCors", bucketName=name), bucket("there"), title("R2BucketCors", "x")),
    (lambda name: _named("R2CustomDomain", bucketName=name), bucket("there"), title("R2CustomDomain", "x")),
    (
        lambda name: _named("QueueConsumer", queueId=UNKNOWN, scriptName=name),
        script("there"),
        title("QueueConsumer", "x"),
    ),
    (lambda name: _named("QueueConsumer", deadLetterQueue=name), QUEUE, title("QueueConsumer", "x")),
]


@pytest.mark.parametrize(("make", "target", "name"), REFERENCES)
def test_a_name_that_the_stack_does_not_have_is_found(found: Any, make: Any, target: Any, name: str) -> None:
    there = "orders" if target is QUEUE else "there"
    assert found([make(there), target]) == set()
    assert found([make("their"), target]) == {(EXISTS, name)}
    assert found([make("their"), target], world=World.OPEN) == set()
    assert found([make(UNKNOWN), target]) == set()
    assert found([make(None), target]) == set()


@pytest.mark.parametrize(("make", "target", "name"), REFERENCES)
def test_alone_it_is_doubted_and_in_a_closed_world_lacking(found: Any, make: Any, target: Any, name: str) -> None:
    alone = EXISTS if "WorkersCronTrigger" in name else ELSEWHERE
    assert found([make("their")]) == {(alone, name)}
    assert found([make("their")], world=World.OPEN) == set()
    assert found([make("their")], world=World.CLOSED) == {(EXISTS, name)}
    unnamed = target | {"inputs": dict.fromkeys(target["inputs"], UNKNOWN)}
    assert found([make("their"), unnamed]) == set()


def test_a_worker_may_name_itself_and_alone_may_name_another_stacks(found: Any) -> None:
    assert found([bound("service", service="api"), script("other")]) == set()
    assert found([bound("service", service="elsewhere")]) == {(ELSEWHERE, title("WorkersScript", "api"))}
    version = entry("WorkerVersion", "v", workerId=UNKNOWN, bindings=[{"type": "service", "name": "S", "service": "b"}])
    assert found([WORKER, version]) == {(ELSEWHERE, title("WorkerVersion", "v"))}


def test_a_trigger_whose_worker_is_gone_goes_on_and_is_found(found: Any) -> None:
    trigger = entry("WorkersCronTrigger", "close", scriptName="api", schedules=[{"cron": "0 16 * * *"}])
    assert found([script("api"), trigger]) == set()
    assert found([trigger]) == {(EXISTS, title("WorkersCronTrigger", "close"))}


def test_what_the_stack_only_reads_exists(found: Any) -> None:
    theirs = entry("Queue", "theirs", queueName="receipts")
    assert found([bound("queue", queueName="receipts"), QUEUE]) == {(EXISTS, title("WorkersScript", "api"))}
    assert found([bound("queue", queueName="receipts"), QUEUE, theirs | {"external": True}]) == set()


def test_version_5_names_its_bindings_otherwise(found: Any) -> None:
    old = entry("WorkerScript", "old", accountId=ACCOUNT, name="old", queueBindings=[{"binding": "Q", "queue": "gone"}])
    assert found([old, QUEUE]) == {(EXISTS, title("WorkerScript", "old"))}
    path = next(one.path for one in judge([old, QUEUE]) if one.rule.code == EXISTS)
    assert path == ("queueBindings", 0, "queue")


@pytest.mark.parametrize(
    ("kind", "fields", "target"),
    [
        ("d1", {"databaseId": "catalogue"}, database("catalogue")),
        ("d1", {"id": "catalogue"}, database("catalogue")),
        ("kv_namespace", {"namespaceId": "cache"}, _named("WorkersKvNamespace", title="cache")),
        ("hyperdrive", {"id": "pg"}, _named("HyperdriveConfig", name="pg")),
    ],
)
def test_a_name_where_an_id_belongs_is_found(found: Any, kind: str, fields: Any, target: Any) -> None:
    key = next(iter(fields))
    assert found([bound(kind, **{key: UNKNOWN}), target]) == set()
    assert found([bound(kind, **{key: ID}), target]) == {(ELSEWHERE, title("WorkersScript", "api"))}
    assert found([bound(kind, **fields), target]) == {(EXISTS, title("WorkersScript", "api"))}


def test_an_id_is_held_against_ids_only_where_all_of_them_are_known() -> None:
    def codes(*items: Any) -> set[str]:
        document = {"version": 3, "deployment": {"resources": [*items]}}
        return {one.rule.code for one in judge(from_document(document)) if one.rule.code == EXISTS}

    here = state(database(), id=ID)
    binding = state(bound("d1", databaseId=ID), dependencies=[here["urn"]])
    lost = state(bound("d1", databaseId=ID.replace("6a", "7b")))
    assert codes(here, binding) == set()
    assert codes(here, lost) == {EXISTS}
    assert codes(here, state(database("b", "b")), lost) == set()
    assert codes(lost) == set()


def _waiting(*dependencies: str, extra: Any = ()) -> set[tuple[str, str]]:
    worker = state(script("close"), propertyDependencies={})
    trigger = state(
        _named("WorkersCronTrigger", scriptName="close", schedules=[]),
        dependencies=[*dependencies],
        propertyDependencies={"scriptName": []},
    )
    document = {"version": 3, "deployment": {"resources": [worker, trigger, *extra]}}
    found = judge(from_document(document))
    return {(one.rule.code, one.resource.title) for one in found if one.rule.code in {EXISTS, WAITS}}


def test_a_name_in_plain_text_is_not_waited_for() -> None:
    worker = state(script("close"))["urn"]
    assert _waiting(worker) == set()
    assert _waiting() == {(WAITS, title("WorkersCronTrigger", "x"))}


def test_waiting_for_what_waits_for_it_is_enough() -> None:
    deployment = _named("WorkersDeployment", scriptName=UNKNOWN)
    between = state(deployment, dependencies=[state(script("close"))["urn"]])
    assert _waiting(between["urn"], extra=[between]) == set()


def test_where_nothing_tells_dependencies_nothing_is_said(found: Any) -> None:
    assert found([script("close"), _named("WorkersCronTrigger", scriptName="close", schedules=[])]) == set()
