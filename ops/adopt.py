"""``flotilla adopt``: what of a stack exists in its cluster already, and whether an ``up`` could take it over.

It changes nothing. Taking over is ``cluster.adopt: true`` in the stack file for one ``up`` (docs/adopt.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from fleet.errors import FlotillaError
from manifests.fleet import plan, resources
from manifests.plan import Planned
from ops import stackfile
from sandbox.kubectl import Kubectl, LiveObject, find_kubectl

# What Kubernetes never lets change: an object that differs here can't be taken over, only replaced
# (kubernetes.io, API reference; pulumi-kubernetes, table of what replaces).
_FIXED = {
    "Deployment": ("spec", "selector"),
    "StatefulSet": ("spec", "selector"),
    "Job": ("spec", "template"),
    "ConfigMap": ("data",),
    "Secret": ("type",),
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """An object of the plan that exists: who wrote it last, and what keeps it from being taken over."""

    kind: str
    name: str
    managers: tuple[str, ...]
    differs: str | None


def candidates(planned: list[Planned], live: list[LiveObject]) -> Iterator[Candidate]:
    """Give the planned objects that are live, in the plan's order."""
    found = {_key(manifest): manifest for manifest in live}
    for resource in planned:
        there = found.get(_key(resource.inputs))
        if there is not None:
            kind, meta = there["kind"], there["metadata"]
            managers = tuple(sorted({entry["manager"] for entry in meta.get("managedFields", [])}))
            yield Candidate(kind, meta["name"], managers, _difference(resource.inputs, there))


def _key(manifest: Any) -> tuple[str, str, str]:  # noqa: ANN401  (planned or live)
    group = manifest["apiVersion"].rpartition("/")[0]
    return group, manifest["kind"], manifest["metadata"]["name"]


def _difference(planned: Any, live: Any) -> str | None:  # noqa: ANN401  (planned or live)
    path = _FIXED.get(live["kind"])
    if path is None:
        return None
    wanted, there = planned, live
    for key in path:
        wanted, there = (wanted or {}).get(key), (there or {}).get(key)
    return None if wanted is None or wanted == there else ".".join(path)


def adopt(
    stack: Annotated[str, typer.Argument(help="The stack, as in Pulumi.<stack>.yaml.")],
    config: Annotated[Path | None, typer.Option(help="A stack file other than Pulumi.<stack>.yaml.")] = None,
) -> None:
    """Show which objects of a stack exist in its cluster already, and whether an up could take them over."""
    fleet = stackfile.read(stack, config).fleet()
    planned = [resource for resource in resources(plan(fleet)) if resource.is_kubernetes]
    kubectl = Kubectl(path=find_kubectl(), context=fleet.cluster.context)
    found = list(candidates(planned, kubectl.live([resource.inputs for resource in planned])))
    console = Console(highlight=False)
    if not found:
        where = f"context {fleet.cluster.context}"
        console.print(f"{stack}: nothing of its {len(planned)} objects exists in {where}", soft_wrap=True)
        return
    for candidate in found:
        console.print(_line(candidate), soft_wrap=True)
    blocked = [candidate for candidate in found if candidate.differs]
    if blocked:
        first = blocked[0]
        raise FlotillaError(
            f"{first.kind} {first.name}: {first.differs} differs and can never change ({len(blocked)} such objects); "
            "bring the fleet up beside it under another namespace and move the hosts (docs/adopt.md)"
        )
    console.print(
        f"{len(found)} of {len(planned)} objects exist; `cluster.adopt: true` takes them over at the next up",
        soft_wrap=True,
    )


def _line(candidate: Candidate) -> Text:
    mark, colour = ("no ", "red") if candidate.differs else ("yes", "green")
    reason = f"; {candidate.differs} differs" if candidate.differs else ""
    written = f"written by {', '.join(candidate.managers)}"
    return Text.assemble((mark, colour), f" {candidate.kind} {candidate.name}: {written}{reason}")
