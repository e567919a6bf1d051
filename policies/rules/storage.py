"""What holds data is kept in production, and let go where a stack is there to be thrown away.

``protect`` refuses a deletion and a replacement at preview; ``retainOnDelete`` leaves the thing at the provider when
the engine lets go of it. A manifest has neither, so only what came from Pulumi is judged; CrossGuard shows ``protect``.
"""

from __future__ import annotations

from collections.abc import Iterator

from policies import cloudflare
from policies.findings import Level, Rule, Scope, Violation
from policies.objects import NAMESPACE_KINDS, Objects
from policies.pods import pods_of
from policies.purpose import Purpose
from policies.resources import Resource
from policies.storage import CLAIM_KINDS, STATEFUL_SET_KINDS, VOLUME_KINDS, holds_data

_SOURCE = "https://www.pulumi.com/docs/iac/concepts/resources/options/protect/"


def data_in(resource: Resource) -> str | None:
    """Say what of people's data a resource holds; None for one that can be made again."""
    if resource.type.startswith("cloudflare:"):
        return cloudflare.STORES.get(cloudflare.type_of(resource))
    if resource.is_a(CLAIM_KINDS) or resource.is_a(VOLUME_KINDS):
        return "volume"
    if resource.is_a(NAMESPACE_KINDS):
        return "Namespace with all that is in it"
    if resource.is_a(STATEFUL_SET_KINDS) and holds_data(resource, pods_of(resource)):
        return "StatefulSet with data"
    return None


def _judge_protected(objects: Objects) -> Iterator[Violation]:
    held = {one.namespace for one in objects.resources if not one.is_a(NAMESPACE_KINDS) and one.kind and data_in(one)}
    for resource in objects.resources:
        if resource.protect or "protect" not in resource.seen or not (what := data_in(resource)):
            continue
        if resource.is_a(NAMESPACE_KINDS) and resource.physical_name not in held:
            continue  # there is nothing in it that could not be made again
        if objects.purpose_of(resource) is Purpose.PRODUCTION:
            yield Violation(resource, (), f"holds production data ({what}), and nothing protects it from deletion")


PROTECTED = Rule(
    code="FLT-STORAGE-001",
    name="production-storage-is-protected",
    title="What holds production data is protected",
    why="A rename, a removed line or a destroy deletes the database with its data, and no preview stops it.",
    source=_SOURCE,
    remediation="Set the option protect, or label the Namespace by its true purpose.",
    scope=Scope.STACK,
    judge=_judge_protected,
)


def _judge_retained(objects: Objects) -> Iterator[Violation]:
    for resource in objects.account.of(*cloudflare.STORES):
        kept = resource.retain_on_delete or "retainOnDelete" not in resource.seen
        if resource.protect and not kept and objects.purpose_of(resource) is Purpose.PRODUCTION:
            what = cloudflare.STORES[cloudflare.type_of(resource)]
            yield Violation(
                resource, (), f"holds production data ({what}) and is protected, but not retained on delete"
            )


RETAINED = Rule(
    code="FLT-STORAGE-002",
    name="production-storage-is-retained",
    title="Production storage at the edge outlives its removal from the stack",
    why="Once someone has lifted the protection, the next update deletes what Cloudflare can't bring back.",
    source="https://www.pulumi.com/docs/iac/concepts/resources/options/retainondelete/",
    remediation="Set the option retainOnDelete beside protect.",
    scope=Scope.STACK,
    level=Level.ADVISORY,
    judge=_judge_retained,
)


def _judge_stated(objects: Objects) -> Iterator[Violation]:
    for resource in objects.account.of(cloudflare.D1_DATABASE, cloudflare.R2_BUCKET, cloudflare.KV_NAMESPACE):
        kept = resource.protect or resource.retain_on_delete or "protect" not in resource.seen
        if not kept and objects.purpose_of(resource) is None:
            what = cloudflare.STORES[cloudflare.type_of(resource)]
            yield Violation(resource, (), f"holds data ({what}) that nothing protects, in a stack that says no purpose")


STATED = Rule(
    code="FLT-STORAGE-003",
    name="storage-states-its-purpose",
    title="Storage at the edge is protected, or its stack says that it may be lost",
    why="Nobody can tell whether this data may be deleted, so one day it is.",
    source=_SOURCE,
    remediation="Set the option protect, or label the stack's Namespace flotilla.dev/purpose: test or disposable.",
    scope=Scope.STACK,
    level=Level.ADVISORY,
    judge=_judge_stated,
)


def _judge_disposable(objects: Objects) -> Iterator[Violation]:
    for resource in objects.resources:
        if not (resource.protect or resource.retain_on_delete):
            continue
        if objects.purpose_of(resource) is Purpose.DISPOSABLE:
            words = "is protected" if resource.protect else "is retained on delete"
            left = "so the stack can't be destroyed" if resource.protect else "so it stays when the stack is destroyed"
            yield Violation(resource, (), f"{words} in a disposable stack, {left}")


DISPOSABLE = Rule(
    code="FLT-STORAGE-004",
    name="disposable-stacks-let-go",
    title="A disposable stack holds nothing back when it is destroyed",
    why="Review stacks pile up: their destroy fails at the first protected resource, and what is retained costs money.",
    source=_SOURCE,
    remediation="Remove protect and retainOnDelete, or give the stack another purpose.",
    scope=Scope.STACK,
    level=Level.ADVISORY,
    judge=_judge_disposable,
)

RULES = (PROTECTED, RETAINED, STATED, DISPOSABLE)
