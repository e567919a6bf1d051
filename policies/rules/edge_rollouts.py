"""What changes at the edge changes as it is meant: deployments, Durable Objects, queues and records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

from policies import cloudflare
from policies.findings import Level, Rule, Scope, Violation
from policies.objects import Objects
from policies.resources import Resource
from policies.values import UNKNOWN, Path, at, each, scalar


def _judge_ttl(resource: Resource) -> Iterator[Violation]:
    ttl = scalar(resource.inputs, "ttl")
    proxied = cloudflare.type_of(resource) == cloudflare.DNS_RECORD and scalar(resource.inputs, "proxied") is True
    if proxied and ttl not in (None, UNKNOWN, 1):
        yield Violation(resource, ("ttl",), f"is proxied with a ttl of {ttl}, where Cloudflare answers with its own")


PROXIED_TTL = Rule(
    code="FLT-EDGE-031",
    name="proxied-record-has-automatic-ttl",
    title="A proxied record has ttl 1",
    why="The provider refuses it, or sees a change at every update that never goes away.",
    source="https://developers.cloudflare.com/dns/manage-dns-records/reference/ttl/",
    remediation="Set ttl to 1, which means automatic.",
    scope=Scope.RESOURCE,
    level=Level.ADVISORY,
    kinds=cloudflare.NO_KUBERNETES,
    judge=_judge_ttl,
)

_WHOLE: Final = 100
_LEAST: Final = 0.01
_MOST: Final = 2


def _judge_split(resource: Resource) -> Iterator[Violation]:
    if cloudflare.type_of(resource) != cloudflare.WORKERS_DEPLOYMENT:
        return
    strategy, versions = scalar(resource.inputs, "strategy"), list(each(resource.inputs, "versions"))
    if strategy not in (None, UNKNOWN, "percentage"):
        yield Violation(resource, ("strategy",), f"has the strategy {strategy!r}, where Cloudflare has percentage only")
    if len(versions) > _MOST:
        yield Violation(
            resource, ("versions",), f"splits its traffic between {len(versions)} versions, of {_MOST} at most"
        )
    yield from _shares(resource, versions)
    ids = [version_id for _, one in versions if isinstance(version_id := at(one, "versionId"), str)]
    if len(set(ids)) < len(ids):
        yield Violation(resource, ("versions",), "names one version twice")


def _shares(resource: Resource, versions: list[tuple[Path, dict[str, Any]]]) -> Iterator[Violation]:
    shares = [scalar(one, "percentage") for _, one in versions]
    numbers = [share for share in shares if isinstance(share, int | float) and not isinstance(share, bool)]
    for path, one in versions:
        share = scalar(one, "percentage")
        if share in numbers and not _LEAST <= share <= _WHOLE:
            yield Violation(resource, (*path, "percentage"), f"gives a version {share} %, which is none of 0.01 to 100")
            return
    if shares and len(numbers) == len(shares) and abs(sum(numbers) - _WHOLE) > _LEAST / 2:
        yield Violation(
            resource, ("versions",), f"splits its traffic into shares that sum to {sum(numbers):g} %, not 100"
        )


SPLIT = Rule(
    code="FLT-EDGE-032",
    name="edge-deployment-is-whole",
    title="A deployment splits all traffic between one or two versions",
    why="The API refuses the deployment, in the middle of a roll-out.",
    source="https://developers.cloudflare.com/workers/configuration/versions-and-deployments/gradual-deployments/",
    remediation="Give one or two versions shares from 0.01 to 100 that sum to 100.",
    scope=Scope.RESOURCE,
    kinds=cloudflare.NO_KUBERNETES,
    judge=_judge_split,
)


def _judge_two_ways(objects: Objects) -> Iterator[Violation]:
    for resource in objects.account.of(cloudflare.WORKERS_DEPLOYMENT):
        name = cloudflare.text(resource, "scriptName")
        scripts = objects.account.named((cloudflare.WORKERS_SCRIPT,), name) if name else []
        if scripts:
            first = min(one.name for one in scripts)
            message = f"splits the traffic of Worker {name}, which {first} gives to each upload at once"
            yield Violation(resource, ("scriptName",), message)


ONE_WAY = Rule(
    code="FLT-EDGE-033",
    name="worker-is-deployed-one-way",
    title="A Worker is deployed by versions or by its script, not by both",
    why="Each upload of the script takes all traffic, so the canary of the deployment is over before it began.",
    source="https://developers.cloudflare.com/workers/configuration/versions-and-deployments/",
    remediation="Make the Worker by Worker and WorkerVersion where it has a WorkersDeployment.",
    scope=Scope.STACK,
    level=Level.ADVISORY,
    judge=_judge_two_ways,
)


def _judge_objects(resource: Resource) -> Iterator[Violation]:
    if cloudflare.type_of(resource) not in cloudflare.CODE:
        return
    migrations = at(resource.inputs, "migrations")
    steps = [(("migrations", *path), step) for path, step in each(migrations, "steps")]
    for path, step in [(("migrations",), migrations), *steps]:
        if _classes(step, "deletedClasses"):
            yield Violation(resource, (*path, "deletedClasses"), "deletes Durable Objects together with their data")
        if _classes(step, "newClasses"):
            message = "makes Durable Objects without SQLite, which later can't be changed to have it"
            yield Violation(resource, (*path, "newClasses"), message)


def _classes(step: Any, name: str) -> bool:  # noqa: ANN401
    found = at(step, name)
    return isinstance(found, list) and bool(found)


KEPT_OBJECTS = Rule(
    code="FLT-EDGE-034",
    name="durable-objects-are-kept",
    title="A migration of Durable Objects keeps data, and makes new ones with SQLite",
    why="A deleted class takes all its objects' data; a class without SQLite has no point-in-time recovery.",
    source="https://developers.cloudflare.com/durable-objects/reference/durable-objects-migrations/",
    remediation="Use newSqliteClasses for new classes, and renamedClasses for those that move.",
    scope=Scope.RESOURCE,
    level=Level.ADVISORY,
    kinds=cloudflare.NO_KUBERNETES,
    judge=_judge_objects,
)

_RANGES: Final = {
    "batchSize": (1, 100),
    "maxRetries": (0, 100),
    "maxWaitTimeMs": (0, 60_000),
    "maxConcurrency": (1, 250),
}
"""developers.cloudflare.com/queues/platform/limits and /queues/configuration/configure-queues."""


def _judge_consumers(objects: Objects) -> Iterator[Violation]:
    groups: dict[str, list[Resource]] = defaultdict(list)
    for resource in objects.account.of(cloudflare.QUEUE_CONSUMER):
        yield from _consumer(resource, resource.inputs)
        if consumed := cloudflare.text(resource, "queueId", "queueName"):
            groups[consumed].append(resource)
    for queue, group in groups.items():
        for resource in group if len(group) > 1 else ():
            others = sorted(one.name for one in group if one is not resource)
            yield Violation(resource, ("queueId",), f"consumes queue {queue}, as {' and '.join(others)} does")


def _consumer(resource: Resource, inputs: dict[str, Any]) -> Iterator[Violation]:
    if scalar(inputs, "type") == "worker" and scalar(inputs, "scriptName") in (None, ""):
        yield Violation(resource, ("type",), "is a consumer of type worker, and names no Worker (scriptName)")
    dead, queue = scalar(inputs, "deadLetterQueue"), scalar(inputs, "queueName")
    if isinstance(dead, str) and dead == queue:
        yield Violation(resource, ("deadLetterQueue",), f"sends what failed to {dead}, the queue that it came from")
    for name, (least, most) in _RANGES.items():
        value = scalar(inputs, "settings", name)
        if isinstance(value, int | float) and not isinstance(value, bool) and not least <= value <= most:
            yield Violation(
                resource, ("settings", name), f"has a {name} of {value}, which is none of {least} to {most}"
            )


CONSUMED = Rule(
    code="FLT-EDGE-035",
    name="queue-has-one-consumer",
    title="A queue has one consumer, which is whole",
    why="The API refuses the consumer, and messages pile up until they expire.",
    source="https://developers.cloudflare.com/queues/configuration/configure-queues/",
    remediation="Keep one QueueConsumer for a queue, with a scriptName and settings within Cloudflare's limits.",
    scope=Scope.STACK,
    judge=_judge_consumers,
)

RULES = (PROXIED_TTL, SPLIT, ONE_WAY, KEPT_OBJECTS, CONSUMED)
