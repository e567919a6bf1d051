"""What one resource at the edge names of another exists, and is waited for.

An id that Cloudflare gives is unknown until the first apply: a reference to one passes. A name that is written out is
held against the stack where the stack is complete, or has others of that kind.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from policies import bindings, cloudflare
from policies.findings import Judge, Level, Rule, Scope, Violation
from policies.objects import Objects
from policies.resources import Resource
from policies.values import Path, each, scalar
from policies.world import World

_WORKER: Final = cloudflare.WORKERS
_BUCKET: Final = (cloudflare.R2_BUCKET,)
_QUEUE: Final = (cloudflare.QUEUE,)
_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class Reference:
    """A field that names another resource, by its name or (``by_id``) by the id that Cloudflare gave."""

    resource: Resource
    path: Path
    value: Any
    types: tuple[str, ...]
    word: str
    by_id: bool = False


_FIELDS: Final[dict[str, tuple[tuple[str, tuple[str, ...], str, bool], ...]]] = {
    **dict.fromkeys(cloudflare.BUCKET_PARTS, (("bucketName", _BUCKET, "bucket", False),)),
    cloudflare.WORKERS_CRON_TRIGGER: (("scriptName", _WORKER, "Worker", False),),
    cloudflare.WORKERS_DEPLOYMENT: (("scriptName", _WORKER, "Worker", False),),
    cloudflare.WORKERS_SCRIPT_SUBDOMAIN: (("scriptName", _WORKER, "Worker", False),),
    cloudflare.WORKERS_CUSTOM_DOMAIN: (("service", _WORKER, "Worker", False),),
    cloudflare.WORKERS_ROUTE: (("script", _WORKER, "Worker", False), ("scriptName", _WORKER, "Worker", False)),
    cloudflare.WORKFLOW: (("scriptName", _WORKER, "Worker", False),),
    cloudflare.KV_PAIR: (("namespaceId", (cloudflare.KV_NAMESPACE,), "KV namespace", True),),
    cloudflare.QUEUE_CONSUMER: (
        ("scriptName", _WORKER, "Worker", False),
        ("queueId", _QUEUE, "queue", True),
        ("deadLetterQueue", _QUEUE, "queue", False),
    ),
}
_BOUND: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...], str, bool]]] = {
    bindings.D1: (("databaseId", "id"), (cloudflare.D1_DATABASE,), "D1 database", True),
    bindings.R2: (("bucketName",), _BUCKET, "bucket", False),
    bindings.KV: (("namespaceId",), (cloudflare.KV_NAMESPACE,), "KV namespace", True),
    bindings.QUEUE: (("queueName",), _QUEUE, "queue", False),
    bindings.SERVICE: (("service",), _WORKER, "Worker", False),
    bindings.DURABLE_OBJECT: (("scriptName",), _WORKER, "Worker", False),
    bindings.HYPERDRIVE: (("id",), (cloudflare.HYPERDRIVE,), "Hyperdrive configuration", True),
    "workflow": (("workflowName",), (cloudflare.WORKFLOW,), "workflow", False),
}


def _references(objects: Objects) -> Iterator[Reference]:
    for token, fields in _FIELDS.items():
        for resource in objects.account.of(token):
            for name, types, word, by_id in fields:
                yield Reference(resource, (name,), scalar(resource.inputs, name), types, word, by_id)
    for resource in objects.account.of(*cloudflare.CODE):
        for binding in bindings.bindings(resource):
            if binding.kind in _BOUND:
                names, types, word, by_id = _BOUND[binding.kind]
                path, value = binding.first(*names)
                yield Reference(resource, path, value, types, word, by_id)
        for path, consumer in each(resource.inputs, "tailConsumers"):
            yield Reference(resource, (*path, "service"), scalar(consumer, "service"), _WORKER, "Worker")


def _judge(*, certain: bool) -> Judge:
    """Give what names something that is not there: for sure, or perhaps because another stack has it."""

    def judge(objects: Objects) -> Iterator[Violation]:
        for reference in _references(objects) if objects.world is not World.OPEN else ():
            if isinstance(reference.value, str) and reference.value:
                wrong = _wrong_id(objects, reference) if reference.by_id else _wrong_name(objects, reference)
                if wrong and wrong[1] is certain:
                    yield Violation(reference.resource, reference.path, wrong[0])

    return judge


def _wrong_name(objects: Objects, reference: Reference) -> tuple[str, bool] | None:
    known = objects.account.known(reference.types)
    if reference.value in known.names or known.unnamed or reference.value in known.identifiers:
        return None
    # A trigger is made and removed with its Worker; everything else may well belong to a Worker of another stack.
    bound = cloudflare.type_of(reference.resource) == cloudflare.WORKERS_CRON_TRIGGER
    certain = bound or known.count > _own(reference) or objects.world is World.CLOSED
    offered = ", ".join(sorted(known.names)[:_SHOWN])
    instead = f"which is none of the stack's: {offered}" if offered else f"and the stack has no {reference.word}"
    return f"names {reference.word} {reference.value!r}, {instead}", certain


def _own(reference: Reference) -> int:
    """Count what the one who asks makes itself: a Worker alone in its stack may well talk to one of another stack."""
    return int(reference.types == _WORKER and cloudflare.type_of(reference.resource) in cloudflare.CODE)


def _wrong_id(objects: Objects, reference: Reference) -> tuple[str, bool] | None:
    known = objects.account.known(reference.types)
    if reference.value in known.identifiers:
        return None
    if reference.value in known.names:
        return f"names {reference.word} {reference.value!r} by its name, where Cloudflare takes its id", True
    if objects.world is World.CLOSED or (known.count and not known.unidentified):
        return f"names {reference.word} {reference.value}, which is none of the stack's", True
    if known.count:
        return f"names {reference.word} {reference.value} in plain text, beside the stack's own {reference.word}", False
    return None


EXISTS = Rule(
    code="FLT-EDGE-016",
    name="edge-references-exist",
    title="Buckets, queues, databases and Workers that are named exist",
    why="The API refuses the binding, or a cron trigger, route or domain leads to a Worker that is not there.",
    source="https://developers.cloudflare.com/workers/configuration/multipart-upload-metadata/#bindings",
    remediation="Pass the other resource's own output (its name, uuid or id) instead of text, or correct the name.",
    scope=Scope.STACK,
    judge=_judge(certain=True),
)

ELSEWHERE = Rule(
    code="FLT-EDGE-037",
    name="edge-references-stand-in-the-stack",
    title="What a Worker is bound to stands in its stack, or is known to stand in another",
    why="A binding to a Worker, queue or database that nobody made is refused, or leads to data of somebody else.",
    source="https://developers.cloudflare.com/workers/runtime-apis/bindings/",
    remediation="Pass the output of the stack's own resource, or read the other stack's (get, StackReference).",
    scope=Scope.STACK,
    level=Level.ADVISORY,
    judge=_judge(certain=False),
)


def _judge_waits(objects: Objects) -> Iterator[Violation]:
    by_urn = {one.urn: one for one in objects.resources if one.urn}
    for reference in _references(objects):
        if reference.by_id or not isinstance(reference.value, str) or reference.resource.dependencies is None:
            continue
        named = objects.account.named(reference.types, reference.value)
        urns = {one.urn for one in named if one is not reference.resource}
        if urns and None not in urns and not urns & _waited_for(reference.resource, by_urn):
            title = min(one.name for one in named)
            message = f"names {reference.word} {reference.value!r} in plain text, so nothing makes it wait for {title}"
            yield Violation(reference.resource, reference.path, message)


def _waited_for(resource: Resource, by_urn: dict[str, Resource]) -> set[str | None]:
    found: set[str | None] = set()
    pending = list(resource.dependencies or ())
    while pending:
        urn = pending.pop()
        if urn not in found:
            found.add(urn)
            pending.extend((by_urn[urn].dependencies or ()) if urn in by_urn else ())
    return found


WAITS = Rule(
    code="FLT-EDGE-017",
    name="edge-references-are-waited-for",
    title="What names another resource at the edge depends on it",
    why="On the first update both start at once and the API answers 404; on a destroy the trigger outlives its Worker.",
    source="https://www.pulumi.com/docs/iac/concepts/inputs-outputs/",
    remediation="Pass the other resource's output instead of text, or add it to depends_on.",
    scope=Scope.STACK,
    level=Level.ADVISORY,
    judge=_judge_waits,
)

RULES = (EXISTS, ELSEWHERE, WAITS)
