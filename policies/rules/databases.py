"""A database's data lies on a volume that outlives its pod, and on one that outlives its claim."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policies import databases
from policies.findings import Level, Rule, Scope, Violation
from policies.objects import Objects
from policies.purpose import Purpose
from policies.resources import Resource
from policies.storage import CLAIM_KINDS, STATEFUL_SET_KINDS, claim_templates, volumes
from policies.values import Path, at, scalar

_WORDS = {
    "emptyDir": "an emptyDir, which is deleted with the pod",
    "ephemeral": "an ephemeral volume, which is deleted with the pod",
    "": "no volume, so in the container's own layer",
}


def _unkept(objects: Objects) -> Iterator[tuple[Violation, Purpose | None, databases.Database]]:
    for pods in objects.pods:
        for database in databases.unkept(pods):
            elsewhere = f" ({database.elsewhere} is mounted, where the server does not look)" * bool(database.elsewhere)
            message = (
                f"container {database.container.name} runs {database.server} with its data folder {database.folder} on "
                f"{_WORDS[database.kind]}{elsewhere}"
            )
            yield Violation(pods.resource, database.path, message), objects.purpose_of(pods.resource), database


def _judge_production(objects: Objects) -> Iterator[Violation]:
    for violation, purpose, database in _unkept(objects):
        certain = not database.is_cache or databases.appends(database.container)
        if purpose is Purpose.PRODUCTION and certain:
            yield violation


_REMEDIATION = "Mount a PersistentVolumeClaim (or a claim template of a StatefulSet) at the data folder."

ON_A_VOLUME = Rule(
    code="FLT-STORAGE-007",
    name="production-database-has-a-volume",
    title="A production database keeps its data on a lasting volume",
    why="The next eviction, node drain or roll-out starts an empty database, and every order is gone.",
    source="https://kubernetes.io/docs/concepts/storage/volumes/#emptydir",
    remediation=_REMEDIATION,
    scope=Scope.STACK,
    judge=_judge_production,
)


def _judge_other(objects: Objects) -> Iterator[Violation]:
    for violation, purpose, database in _unkept(objects):
        keeps = databases.appends(database.container)
        doubtful_cache = database.is_cache and not keeps and purpose is Purpose.PRODUCTION
        if doubtful_cache or (purpose is None and (keeps or not database.is_cache)):
            yield violation


MAYBE_ON_A_VOLUME = Rule(
    code="FLT-STORAGE-008",
    name="database-has-a-volume",
    title="A database keeps its data on a lasting volume, unless what it holds may be lost",
    why="The next restart of the pod starts an empty database.",
    source="https://kubernetes.io/docs/concepts/storage/volumes/#emptydir",
    remediation=_REMEDIATION[:-1] + ", label the Namespace test or disposable, or configure a Redis as a cache.",
    scope=Scope.STACK,
    level=Level.ADVISORY,
    judge=_judge_other,
)


def _judge_policy(objects: Objects) -> Iterator[Violation]:
    path = ("spec", "persistentVolumeClaimRetentionPolicy", "whenDeleted")
    for resource in objects.of(STATEFUL_SET_KINDS):
        if not at(resource.inputs, "spec", "volumeClaimTemplates"):
            continue
        if scalar(resource.inputs, *path) == "Delete" and objects.purpose_of(resource) is Purpose.PRODUCTION:
            yield Violation(resource, path, "has its claims deleted together with the StatefulSet, in production")


CLAIMS_STAY = Rule(
    code="FLT-STORAGE-009",
    name="claims-outlive-their-statefulset",
    title="Deleting a production StatefulSet leaves its claims",
    why="A StatefulSet is replaced for a change of many of its fields; with this policy the data goes with it.",
    source="https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#persistentvolumeclaim-retention",
    remediation="Set whenDeleted to Retain, which is also the default.",
    scope=Scope.STACK,
    judge=_judge_policy,
)


def _judge_reclaim(objects: Objects) -> Iterator[Violation]:
    said: set[tuple[Any, ...]] = set()
    for pods in sorted(objects.pods, key=lambda one: one.resource.title):
        if not pods.serves or not databases.is_database(pods) or objects.purpose_of(pods.resource) != "production":
            continue
        for resource, path, message in [*_deleting(objects, pods.resource, _claims(objects, pods)), *_scaled(pods)]:
            if (key := (*resource.identity, path)) not in said:
                said.add(key)
                yield Violation(resource, path, f"{message} {pods.resource.title}")


def _claims(objects: Objects, pods: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401
    yield from (claim for _, claim in claim_templates(pods.resource))
    for _, volume in volumes(pods):
        name = scalar(volume, "persistentVolumeClaim", "claimName")
        claim = objects.storage.claims.get((pods.resource.namespace, name))
        if claim is not None and claim.is_a(CLAIM_KINDS):
            yield claim.inputs


def _deleting(objects: Objects, _: Resource, claims: Iterator[dict[str, Any]]) -> Iterator[tuple[Resource, Path, str]]:
    for claim in claims:
        volume = objects.storage.persistent_volumes.get(scalar(claim, "spec", "volumeName"))
        path: Path = ("spec", "persistentVolumeReclaimPolicy")
        if volume is not None:
            if scalar(volume.inputs, *path) == "Delete":
                yield volume, path, "is deleted with its claim, and holds the production data of"
            continue
        storage_class = objects.storage.classes.get(scalar(claim, "spec", "storageClassName"))
        if storage_class is not None and scalar(storage_class.inputs, "reclaimPolicy") in (None, "Delete"):
            yield (
                storage_class,
                ("reclaimPolicy",),
                "deletes a volume with its claim, and gives the production volume of",
            )


def _scaled(pods: Any) -> Iterator[tuple[Resource, Path, str]]:  # noqa: ANN401
    path: Path = ("spec", "persistentVolumeClaimRetentionPolicy", "whenScaled")
    if scalar(pods.resource.inputs, *path) == "Delete" and any(claim_templates(pods.resource)):
        yield pods.resource, path, "loses the claim of every replica that it is scaled down by:"


VOLUME_STAYS = Rule(
    code="FLT-STORAGE-010",
    name="database-volume-outlives-its-claim",
    title="The volume of a production database stays when its claim goes",
    why="One deleted claim, or one scaled-down replica, takes the disk with it; with Retain it can be bound again.",
    source="https://kubernetes.io/docs/concepts/storage/persistent-volumes/#reclaiming",
    remediation="Set the policy to Retain (for a StorageClass: use one that retains).",
    scope=Scope.STACK,
    level=Level.ADVISORY,
    judge=_judge_reclaim,
)

RULES = (ON_A_VOLUME, MAYBE_ON_A_VOLUME, CLAIMS_STAY, VOLUME_STAYS)
