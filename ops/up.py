"""``flotilla preview`` and ``flotilla up``: a stack through the real engine, with the policy pack always on.

``up`` is a runbook: what could make it wrong is looked at before the engine starts, it previews with the pack (stack
policies block only there), and a rule that could not run counts as failed.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from fleet.errors import FlotillaError, UsageError
from fleet.model import FleetSpec
from manifests import fleet as planning
from manifests.plan import Planned
from ops import events, identity, interruption, progress, stackfile
from ops.stack import Stack
from sandbox import crds, guard, handover
from sandbox.kubectl import Kubectl, find_kubectl

StackName = Annotated[str, typer.Argument(metavar="STACK", help="The stack, as in Pulumi.<stack>.yaml.")]
ConfigFile = Annotated[Path | None, typer.Option("--config", help="A stack file other than Pulumi.<stack>.yaml.")]
AcceptCluster = Annotated[
    bool, typer.Option("--accept-cluster", help="Take this cluster for the stack's own from now.")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask; for automation.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A stack with all that is looked at before its engine starts."""

    stack: Stack
    fleet: FleetSpec
    planned: tuple[Planned, ...]
    kubectl: Kubectl
    cluster: str

    @property
    def line(self) -> str:
        """How the target is named before anything is done to it."""
        where = f"context {self.fleet.cluster.context} (cluster {self.cluster})"
        return f"stack {self.stack.name}, fleet {self.fleet.name}, namespace {self.fleet.namespace}, {where}"


def preview(stack: StackName, *, config: ConfigFile = None, accept_cluster: AcceptCluster = False) -> None:
    """Show what up would change; exit 1 when a rule is broken or could not run."""
    console = Console()
    target = aim(stack, config, accept_cluster=accept_cluster)
    console.print(target.line, highlight=False, soft_wrap=True)
    judged(target, console)


def up(stack: StackName, *, config: ConfigFile = None, yes: Yes = False, accept_cluster: AcceptCluster = False) -> None:
    """Bring a stack to what its file says: preview, ask, apply; safe to repeat and to interrupt."""
    console = Console()
    target = aim(stack, config, accept_cluster=accept_cluster)
    console.print(target.line, highlight=False, soft_wrap=True)
    guard.refuse_if_locked(target.kubectl, target.planned)

    def say(line: str) -> None:
        console.print(line, highlight=False, soft_wrap=True)

    interruption.heal(target.stack, target.kubectl, say)
    foreseen = judged(target, console)
    if foreseen.changes:
        agree(target, foreseen, yes=yes)
    identity.remember(target.stack, target.cluster)
    for line in handover.hand_over(target.kubectl, target.planned):
        say(line)
    outcome = interruption.unlocked(target.stack, lambda: applied(target, console), say)
    say(f"{target.stack.name}: {progress.summed(outcome.counts)} in {outcome.seconds} s")


def aim(stack: str, config: Path | None, *, accept_cluster: bool) -> Target:
    """Read the stack file, find cluster and engine, and see that they belong together.

    Raises UsageError for what is wrong in the file, PlaceError for what is missing here, FlotillaError for the wrong
    cluster.
    """
    file = stackfile.read(stack, config)
    opened = Stack(file)  # before the secrets are asked for: setting one needs the stack
    fleet = file.fleet(with_secrets=True)
    planned = tuple(planning.resources(planning.plan(fleet)))
    kubectl = Kubectl(path=find_kubectl(), context=fleet.cluster.context)
    crds.require(kubectl)
    cluster = identity.require(opened, kubectl, accept=accept_cluster)
    return Target(stack=opened, fleet=fleet, planned=planned, kubectl=kubectl, cluster=cluster)


def judged(target: Target, console: Console) -> events.Outcome:
    """Preview with the pack and show what would change; raises FlotillaError with every reason not to go on."""
    with progress.Progress(console, f"preview {target.stack.name}", planning=True) as shown:
        outcome = target.stack.preview(shown.hear)
    for finding in outcome.findings:
        if not finding.blocks:
            console.print(f"{finding.level}: {finding.line}", highlight=False, markup=False, soft_wrap=True)
    if outcome.refusals:
        raise FlotillaError("\n".join(outcome.refusals))
    progress.show_plan(console, outcome)
    console.print(f"would be: {progress.summed(outcome.counts)}", highlight=False, soft_wrap=True)
    return outcome


def agree(target: Target, foreseen: events.Outcome, *, yes: bool) -> None:
    """Ask before anything is changed; raises UsageError when there is nobody to ask, FlotillaError on a no."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError(f"{target.stack.name}: no terminal to ask on; say --yes to apply without a question")
    if not typer.confirm(f"Apply to {target.line}: {progress.summed(foreseen.changes)}?"):
        raise FlotillaError(f"{target.stack.name}: nothing was changed")


def applied(target: Target, console: Console) -> events.Outcome:
    """Run the update; raises FlotillaError with what failed, and LockedError when another run holds the stack."""
    with progress.Progress(console, f"up {target.stack.name}", planning=False) as shown:
        outcome = target.stack.up(shown.hear)
    if outcome.refusals:
        again = f"{target.stack.name}: not completed; correct what is named above and run `flotilla up` again"
        raise FlotillaError("\n".join([*outcome.refusals, again]))
    return outcome
