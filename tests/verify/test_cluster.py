"""What the cluster tells: the whole plan of stack dev is well, and each thing that breaks is named."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.verify.living import DIGEST, Living, spec
from tests.verify.results import FAIL, PASS, UNKNOWN
from verify import cluster, plan
from verify.checks import resources
from verify.cluster import Snapshot
from verify.results import Result
from verify.target import ClusterAccess, from_fleet

Raw = dict[str, Any]
BY_NATURE = {"network-policy", "image-current"}
"""Policies can't be told from outside, and there is no registry here."""
NO_REGISTRY = "http://127.0.0.1:1"


@pytest.fixture
def living() -> Living:
    return Living(spec())


async def _made(job: plan.Job) -> list[Result]:
    made = await job.work()
    return [made] if isinstance(made, Result) else list(made)


def told(seen: Snapshot) -> dict[tuple[str, str], Result]:
    results = [
        one for job in plan.cluster(from_fleet(spec()).mirrored(NO_REGISTRY), seen) for one in asyncio.run(_made(job))
    ]
    return {(one.check, one.subject): one for one in results}


def failures(seen: Snapshot) -> dict[tuple[str, str], Result]:
    return {key: one for key, one in told(seen).items() if one.outcome is FAIL}


def test_a_fleet_as_it_was_planned_is_well(living: Living) -> None:
    living.usage = {pod["metadata"]["name"]: {"checkout": "10Mi"} for pod in living.pods("checkout")}
    results = told(living.snapshot)
    assert {one.check for one in results.values() if one.outcome is not PASS} == BY_NATURE
    assert {subject for check, subject in results if check == "pods"} == {
        "checkout", "database", *(variant.name for variant in spec().variants)
    }  # fmt: skip


def _crash(living: Living) -> None:
    waiting = {"reason": "CrashLoopBackOff", "message": "back-off 5m0s"}
    living.pods("hero")[0]["status"]["containerStatuses"][0] |= {"ready": False, "state": {"waiting": waiting}}


def _not_ready(living: Living) -> None:
    living.pods("hero")[0]["status"]["containerStatuses"][0]["ready"] = False


def _pending(living: Living) -> None:
    condition = {"type": "PodScheduled", "status": "False", "message": "0/1 nodes are available"}
    living.pods("hero")[0]["status"] = {"phase": "Pending", "conditions": [condition]}


def _out_of_memory(living: Living) -> None:
    living.pods("hero")[0]["status"]["containerStatuses"][0]["lastState"] = {"terminated": {"reason": "OOMKilled"}}


def _gone(living: Living) -> None:
    living.objects = [one for one in living.objects if one not in living.pods("hero")]


def _other_selector(living: Living) -> None:
    living.find("Service", "storefront-hero")["spec"]["selector"] = {"app": "heroes"}


def _other_port(living: Living) -> None:
    living.find("Service", "storefront-hero")["spec"]["ports"][0]["targetPort"] = 3004


def _slice_without_ports(living: Living) -> None:
    living.find("EndpointSlice", "storefront-hero-x")["ports"] = []


def _no_service(living: Living) -> None:
    living.remove("Service", "storefront-hero")


def _dead_group(living: Living) -> None:
    living.find("IngressRoute", "storefront-hero")["apiVersion"] = "traefik.containo.us/v1alpha1"


def _two_routes(living: Living) -> None:
    second = json.loads(json.dumps(living.find("IngressRoute", "storefront-hero")))
    second["metadata"]["name"] = "left-over"
    living.objects.append(second)


def _two_routes_the_other_way_round(living: Living) -> None:
    _two_routes(living)
    living.objects.insert(0, living.objects.pop())


def _other_route_port(living: Living) -> None:
    living.find("IngressRoute", "storefront-hero")["spec"]["routes"][0]["services"][0]["port"] = 3000


def _other_probe(living: Living) -> None:
    _crash(living)
    (pod,) = living.pods("hero")
    pod["metadata"]["ownerReferences"] = [{"kind": "ReplicaSet", "name": "storefront-hero-5d9c"}]
    pod["spec"]["containers"][0]["livenessProbe"]["httpGet"]["port"] = 3006


def _no_route(living: Living) -> None:
    living.remove("IngressRoute", "storefront-hero")


def _no_middleware(living: Living) -> None:
    route = living.find("IngressRoute", "storefront-hero")
    route["spec"]["routes"][0]["middlewares"].append({"name": "compress"})


def _stale(living: Living) -> None:
    living.pods("checkout")[0]["status"]["containerStatuses"][0]["imageID"] = "checkout@sha256:" + "b" * 64


def _other_image(living: Living) -> None:
    living.pods("hero")[0]["spec"]["containers"][0]["image"] = "storefront:2.2.9"


def _other_split(living: Living) -> None:
    living.find("TraefikService", "checkout")["spec"]["weighted"]["services"][0]["weight"] = 100


def _node_down(living: Living) -> None:
    living.find("Node", "one")["status"]["conditions"][0]["status"] = "Unknown"


def _node_full(living: Living) -> None:
    living.find("Node", "one")["status"]["conditions"][1]["status"] = "True"


def _near_the_limit(living: Living) -> None:
    pod = living.pods("checkout")[0]
    limit = pod["spec"]["containers"][0]["resources"]["limits"]["memory"]
    living.usage = {pod["metadata"]["name"]: {"checkout": limit}}


def _unbound(living: Living) -> None:
    living.all("PersistentVolumeClaim")[0]["status"]["phase"] = "Pending"


def _failed_backup(living: Living) -> None:
    living.find("CronJob", "database-backup")["status"]["lastSuccessfulTime"] = "2026-11-25T07:00:00Z"


def _suspended(living: Living) -> None:
    living.find("CronJob", "checkout-reconcile")["spec"]["suspend"] = True


def _no_policy(living: Living) -> None:
    living.objects = [one for one in living.objects if one["kind"] != "NetworkPolicy"]


SPACE = "clearwatch-dev"
HERO_POD = f"Pod/{SPACE}/storefront-hero-0"
SERVICE = f"Service/{SPACE}/storefront-hero"
ROUTE = f"IngressRoute/{SPACE}/storefront-hero"


@pytest.mark.parametrize(
    ("harm", "check", "subject", "seen", "resource"),
    [
        (_crash, "pods", "hero", "storefront is CrashLoopBackOff: back-off 5m0s", HERO_POD),
        (_not_ready, "pods", "hero", "storefront is not ready", HERO_POD),
        (_pending, "pods", "hero", "is Pending: 0/1 nodes are available", HERO_POD),
        (_out_of_memory, "pods", "hero", "was killed for its memory", HERO_POD),
        (_gone, "pods", "hero", "no pod is there", ""),
        (_other_selector, "endpoints", "hero", "Service storefront-hero has no pod", SERVICE),
        (_other_port, "endpoints", "hero", "targetPort 3004 is none of the container's ports (8080, http)", SERVICE),
        (_slice_without_ports, "endpoints", "hero", "has endpoints without a port", SERVICE),
        (_no_service, "endpoints", "hero", "Service storefront-hero is not there", SERVICE),
        (_dead_group, "routes", "hero", "no living route for hero.clearwatch.localhost", ROUTE),
        (_two_routes, "routes", "hero", "2 routes for hero.clearwatch.localhost", f"IngressRoute/{SPACE}/left-over"),
        (
            _two_routes_the_other_way_round,
            "routes",
            "hero",
            "2 routes for hero.clearwatch.localhost",
            f"IngressRoute/{SPACE}/left-over",
        ),
        (_other_route_port, "routes", "hero", "names port 3000, which Service storefront-hero does not offer", ROUTE),
        (_other_probe, "pods", "hero", "storefront is CrashLoopBackOff", f"Deployment/{SPACE}/storefront-hero"),
        (_no_route, "routes", "hero", "no IngressRoute for hero.clearwatch.localhost", "IngressRoute for hero."),
        (
            _no_middleware,
            "routes",
            "hero",
            "names Middleware compress, which is not there",
            f"Middleware/{SPACE}/compress",
        ),
        (_stale, "images", "checkout", "run 2 digests", f"Deployment/{SPACE}/checkout"),
        (_other_image, "images", "hero", "runs storefront:2.2.9, expected", f"Deployment/{SPACE}/storefront-hero"),
        (_other_split, "canary", "checkout", "'checkout': 100", f"TraefikService/{SPACE}/checkout"),
        (_node_down, "nodes", "cluster", "one: Ready is Unknown", ""),
        (_node_full, "nodes", "cluster", "one: DiskPressure is True", ""),
        (_near_the_limit, "memory", "cluster", "checkout-0 uses 100%", ""),
        (_unbound, "volumes", "cluster", "is Pending", ""),
        (_failed_backup, "backup", "cluster", "did not succeed; the last success was 2026-11-25 07:00", "CronJob/"),
        (_suspended, "reconcile-job", "cluster", "checkout-reconcile is suspended", "CronJob/"),
        (_no_policy, "network-policy", "cluster", "no NetworkPolicy is there", ""),
    ],
)
def test_what_breaks_is_named_with_its_resource(
    living: Living, harm: Callable[[Living], None], check: str, subject: str, seen: str, resource: str
) -> None:
    assert (check, subject) not in failures(living.snapshot), "it is well before"
    harm(living)
    found = failures(living.snapshot)[check, subject]
    assert seen in found.message
    assert found.cause
    assert found.resource.startswith(resource)


def test_a_service_that_no_route_of_this_fleet_may_know_is_not_claimed_to_be_missing(living: Living) -> None:
    route = living.find("IngressRoute", "storefront-hero")
    route["spec"]["routes"][0]["services"] = [{"name": "elsewhere", "namespace": "other", "kind": "Service"}]
    assert told(living.snapshot)["routes", "hero"].outcome is PASS


def test_a_cron_job_that_was_not_due_yet_is_told_of_and_no_pass(living: Living) -> None:
    living.find("CronJob", "database-backup")["status"] = {}
    found = told(living.snapshot)["backup", "cluster"]
    assert (found.outcome, found.elsewhere) == (UNKNOWN, True)
    assert "has not been due since it was made, 2026-11-26" in found.message


def test_a_cron_job_whose_first_run_is_under_way_has_neither_failed_nor_succeeded(living: Living) -> None:
    status = {"lastScheduleTime": "2026-11-26T07:00:00Z", "active": [{"name": "checkout-reconcile-1"}]}
    living.find("CronJob", "checkout-reconcile")["status"] = status
    found = told(living.snapshot)["reconcile-job", "cluster"]
    assert (found.outcome, found.elsewhere) == (UNKNOWN, True)
    del status["active"]
    assert told(living.snapshot)["reconcile-job", "cluster"].outcome is FAIL


def test_an_autoscaler_without_metrics_is_blind() -> None:
    prod = spec("prod")
    living = Living(prod)
    for one in living.all("HorizontalPodAutoscaler"):
        one["status"] = {"conditions": [{"type": "ScalingActive", "status": "True"}]}
    results = list(resources.autoscalers(living.snapshot, prod))
    assert [one.outcome for one in results] == [PASS]
    condition = {"type": "ScalingActive", "status": "False", "message": "unable to get metrics for resource cpu"}
    living.all("HorizontalPodAutoscaler")[0]["status"] = {"conditions": [condition]}
    (found,) = resources.autoscalers(living.snapshot, prod)
    assert (found.outcome, "unable to get metrics" in found.message) == (FAIL, True)
    living.objects = [one for one in living.objects if one["kind"] != "HorizontalPodAutoscaler"]
    assert [one.outcome for one in resources.autoscalers(living.snapshot, prod)] == [FAIL]


def test_a_cluster_that_does_not_answer_tells_nothing(living: Living) -> None:
    living.silent = {"the fleet's objects": "Unauthorized"}
    results = told(living.snapshot).values()
    assert {one.outcome for one in results} == {UNKNOWN}
    assert not any(one.elsewhere for one in results)
    assert {one.check for one in results} == set(plan.OF_THE_CLUSTER)


@pytest.mark.parametrize(
    ("said", "elsewhere"),
    [("Error from server (NotFound): the server could not find the requested resource", True), ("Forbidden", False)],
)
def test_without_metrics_memory_is_untold(living: Living, said: str, elsewhere: bool) -> None:  # noqa: FBT001
    living.silent = {"metrics": said}
    found = told(living.snapshot)["memory", "cluster"]
    assert (found.outcome, found.elsewhere) == (UNKNOWN, elsewhere)


@pytest.mark.parametrize(
    ("text", "bytes_"),
    [
        ("128Mi", 128 * 2**20),
        ("35880Ki", 35880 * 2**10),
        ("1Gi", 2**30),
        ("131072", 131072),
        ("1500k", 1_500_000),
        ("0", 0),
    ],
)
def test_quantities(text: str, bytes_: int) -> None:
    assert resources.quantity(text) == bytes_


def test_a_quantity_that_is_not_known_is_no_number() -> None:
    with pytest.raises(ValueError, match="'5Zi' is no quantity"):
        resources.quantity("5Zi")


KUBECTL = """\
import json, sys
words = sys.argv[1:]
answers = json.load(open({answers!r}))
answer = answers.get(next((word for word in words if word in answers), ""), {{"items": []}})
if isinstance(answer, str):
    sys.exit("Warning: something\\n" + answer)
print(json.dumps(answer))
"""


def _kubectl(folder: Path, answers: Raw) -> ClusterAccess:
    (folder / "answers.json").write_text(json.dumps(answers))
    (folder / "kubectl.py").write_text(KUBECTL.format(answers=str(folder / "answers.json")))
    return ClusterAccess(command=(sys.executable, str(folder / "kubectl.py")), namespace=SPACE)


def test_what_kubectl_says_is_read_and_what_it_refuses_is_kept(tmp_path: Path) -> None:
    secret = {"metadata": {"name": "stripe"}, "data": {"key": base64.b64encode(b"sk_test_1").decode()}}
    node = {"kind": "Node", "metadata": {"name": "one"}}
    usage = {"metadata": {"name": "checkout-0"}, "containers": [{"name": "checkout", "usage": {"memory": "9Mi"}}]}
    metrics = f"/apis/metrics.k8s.io/v1beta1/namespaces/{SPACE}/pods"
    access = _kubectl(
        tmp_path,
        {
            "nodes": {"items": [node]},
            "secrets": {"items": [secret]},
            metrics: {"items": [usage]},
            "ingressroutes.traefik.containo.us": "error: the server doesn't have a resource type",
        },
    )
    seen = asyncio.run(cluster.snapshot(access))
    assert seen.of("Node") == (node,)
    assert seen.secrets == {"Secret stripe, key key": "sk_test_1"}
    assert seen.usage == {"checkout-0": {"checkout": "9Mi"}}
    assert seen.silent == {"routes of the dead group": "error: the server doesn't have a resource type"}
    assert "sk_test_1" not in repr(seen)


def test_a_kubectl_that_is_not_there_says_so(tmp_path: Path) -> None:
    seen = asyncio.run(cluster.snapshot(ClusterAccess(command=(str(tmp_path / "kubectl"),), namespace=SPACE)))
    assert set(seen.silent.values()) == {f"kubectl can't be run: {os.strerror(2)}"}


def test_digests_are_short_enough_to_read(living: Living) -> None:
    assert told(living.snapshot)["images", "hero"].message == DIGEST[:19]


def test_a_probe_that_asks_the_apps_port_by_name_or_number_is_not_blamed(living: Living) -> None:
    _crash(living)
    living.pods("hero")[0]["spec"]["containers"][0]["livenessProbe"]["httpGet"]["port"] = 8080
    assert "asks port" not in failures(living.snapshot)["pods", "hero"].cause
