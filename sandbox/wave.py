"""Applies one wave of the plan: server-side, with strict validation, and tells what that changed."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from fleet.errors import FlotillaError
from manifests.plan import Manifest, Planned
from sandbox.kubectl import Kubectl, KubectlError, LiveObject, as_list
from sandbox.ownership import SANDBOX, applied, holds
from sandbox.refusals import refusals
from sandbox.rollouts import title

ARGUMENTS = ("apply", "--server-side", "--force-conflicts", f"--field-manager={SANDBOX}", "--validate=strict")


class Change(StrEnum):
    """What an apply did to one object."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


def apply(
    kubectl: Kubectl, wave: Sequence[Planned], before: Mapping[str, LiveObject], *, dry_run: bool = False
) -> dict[str, Change]:
    """Apply the resources of a wave and give what happened to each object, by its title.

    ``before`` has the objects as they were before anything was applied. With ``dry_run`` the API server checks
    everything and keeps nothing. Raises FlotillaError with a line for each refusal, naming the object and the field.
    """
    manifests = [kept(resource, before.get(title(resource.inputs))) for resource in wave]
    if not manifests:
        return {}
    more = ["--dry-run=server"] if dry_run else []
    try:
        after = kubectl.items(*ARGUMENTS, *more, "--show-managed-fields", "-f", "-", stdin=as_list(manifests))
    except KubectlError as error:
        raise FlotillaError(refusals(error.output, manifests, before)) from None
    written = {title(manifest): manifest for manifest in manifests}
    return {title(live): change(written[title(live)], before.get(title(live)), live) for live in after}


def kept(resource: Planned, live: LiveObject | None) -> Manifest:
    """Give the manifest with the live value of each field that counts only at creation (``ignore_changes``)."""
    manifest = dict(resource.inputs)
    if live is not None and resource.ignore_changes:
        manifest = copy.deepcopy(manifest)
        for path in resource.ignore_changes:
            names = path.split(".")
            # A default that the API server wrote, such as a class of storage, stays the API server's.
            if names_it(manifest, names) or holds(applied(live) or {}, tuple(names)):
                keep(manifest, live, names)
    return manifest


def names_it(manifest: Mapping[str, Any], path: Sequence[str]) -> bool:
    """Say whether a manifest has a field at ``path``."""
    *parents, last = path
    for name in parents:
        manifest = manifest.get(name, {})
    return last in manifest


def keep(manifest: dict[str, Any], live: Mapping[str, Any], path: Sequence[str]) -> None:
    """Put the live value of the field at ``path`` into a manifest, or take the field out when there is none."""
    *parents, last = path
    for name in parents:
        manifest, live = manifest.setdefault(name, {}), live.get(name, {})
    manifest.pop(last, None)
    if last in live:
        manifest[last] = live[last]


def change(manifest: Manifest, before: LiveObject | None, after: LiveObject) -> Change:
    """Say what an apply did: by the version where that settles it, else by the fields the plan names.

    Controllers write to the same objects meanwhile, so a new resourceVersion alone proves nothing.
    """
    if before is None or applied(before) is None:
        return Change.CREATED if before is None else Change.CHANGED
    if before["metadata"]["resourceVersion"] == after["metadata"]["resourceVersion"]:
        return Change.UNCHANGED
    same = applied(before) == applied(after) and seen(before, manifest) == seen(after, manifest)
    return Change.UNCHANGED if same else Change.CHANGED


def seen(live: Any, shape: Any) -> Any:  # noqa: ANN401  (any part of an object)
    """Give the part of a live object that has the shape of the manifest; lists are taken whole."""
    if isinstance(live, Mapping) and isinstance(shape, Mapping):
        return {name: seen(live.get(name), part) for name, part in shape.items()}
    return live
