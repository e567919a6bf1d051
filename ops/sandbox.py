"""``flotilla sandbox``: a whole fleet on this machine, on a real Kubernetes API server and without an account."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

import typer

from fleet.errors import FlotillaError
from fleet.model import FleetSpec
from manifests import fleet as planning
from manifests.assumed import assumed_secrets
from manifests.plan import Planned
from manifests.render import record
from ops import stackfile
from ops.sandbox_report import MEBIBYTE, age, conclude, console, fleets, memory, report
from policies.findings import Level
from policies.judge import NAMES, judge
from policies.settings import beside_the_pack
from sandbox import foreign
from sandbox.apply import Application, Outcome
from sandbox.cluster import Cluster
from sandbox.kubectl import Kubectl
from sandbox.progress import Progress

INTERRUPTED = 130
"""128 + SIGINT, as shells have it."""
RUNNING, UNHEALTHY, ABSENT = 0, 1, 3

sandbox = typer.Typer(no_args_is_help=True)


@sandbox.command()
def up(
    stack: Annotated[str, typer.Argument(help="The stack, as in Pulumi.<stack>.yaml.")] = "dev",
    config: Annotated[Path | None, typer.Option(help="A stack file other than Pulumi.<stack>.yaml.")] = None,
) -> None:
    """Bring a stack up here: rules, control plane, apply, wait. Run it again whenever it was interrupted.

    With KUBECONFIG in the environment that cluster is used instead, and nothing is started. Exit code 0: it runs;
    1: a rule, the API server or a roll-out said no; 2: the stack file is wrong; 3: this machine or cluster can't.
    """
    began = time.monotonic()
    progress = Progress(console())
    with interruptible():
        fleet = stackfile.read(stack, config).fleet()
        resources = [*planning.resources(planning.plan(fleet)), *assumed_secrets(fleet)]
        with progress.stage(f"judge {len(resources)} resources by the rules"):
            refuse_findings(resources)
        with place(progress, resources) as (kubectl, volumes):
            outcome = apply(kubectl, fleet, resources, progress, volumes)
            report(progress.console, kubectl, fleet)
        conclude(progress, outcome, time.monotonic() - began)


@sandbox.command()
def down() -> None:
    """Leave no process of the sandbox, and no file of it but the built tools, whatever state it is in."""
    with interruptible():
        removed = Cluster().stop()
    typer.echo("the sandbox is gone, its tools stay for the next start" if removed else "nothing was running")
    if foreign.is_named():
        typer.echo("the cluster that KUBECONFIG names was left as it is")


@sandbox.command()
def status() -> None:
    """Say what runs here, since when, and which fleets are in it.

    Exit code 0: it runs and is healthy; 1: something of it has died, `up` heals it; 3: nothing runs.
    """
    say = console().print
    cluster = Cluster(progress=Progress(console()))
    record_, processes = cluster.record, cluster.control_plane.processes()
    if record_ is None and not processes:
        say("no sandbox runs here; `flotilla sandbox up` starts one")
        raise typer.Exit(ABSENT)
    healthy = record_ is not None and cluster.control_plane.is_healthy()
    if record_ is not None:
        say(f"{'running' if healthy else 'unhealthy'} since {record_.started} ({age(record_.started)})")
        say("ports: " + ", ".join(f"{name} {port}" for name, port in sorted(record_.ports.items())))
        say(f"export KUBECONFIG={cluster.kubeconfig}", soft_wrap=True)
    used = [f"{each.name} {each.resident_bytes // MEBIBYTE} MiB" for each in processes]
    say(f"memory: {memory(cluster)} ({', '.join(used) or 'no process'})", soft_wrap=True)
    if not healthy:
        say("something has died or never started; `flotilla sandbox up` heals it")
        raise typer.Exit(UNHEALTHY)
    for name, count in fleets(cluster.kubectl):
        say(f"fleet {name}: {count} objects")


@contextmanager
def interruptible() -> Iterator[None]:
    """Turn SIGTERM into what Ctrl-C does, so that either ends the tools we started, and say that all is well."""
    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    except KeyboardInterrupt:
        typer.echo("flotilla: interrupted; run the same command again, it goes on where this one stopped", err=True)
        raise typer.Exit(INTERRUPTED) from None
    finally:
        signal.signal(signal.SIGTERM, before)


def interrupt(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001  (signal's own signature)
    """Stop as Ctrl-C would."""
    raise KeyboardInterrupt


def refuse_findings(resources: Sequence[Planned]) -> None:
    """Raise FlotillaError with a line for each mandatory finding: nothing that breaks a rule reaches a cluster."""
    found = judge((record(resource, "") for resource in resources), settings=beside_the_pack(NAMES))
    if mandatory := [finding for finding in found if finding.level is Level.MANDATORY]:
        lines = [f"{each.rule.code} {each.resource.title}: {each.message}. {each.remediation}" for each in mandatory]
        raise FlotillaError("\n".join([*lines, f"{len(lines)} mandatory findings: nothing was applied"]))


@contextmanager
def place(progress: Progress, resources: Sequence[Planned]) -> Iterator[tuple[Kubectl, Path | None]]:
    """Give kubectl for where the fleet goes, and where its volumes are made: our own cluster or KUBECONFIG's."""
    if not foreign.is_named():
        cluster = Cluster(progress=progress)
        cluster.start()
        yield cluster.kubectl, cluster.control_plane.folder / "volumes"
        return
    with foreign.opened(progress) as kubectl:
        progress.console.print(f"KUBECONFIG: {kubectl.target} is used, nothing is started")
        foreign.admit(kubectl, [each.inputs for each in resources if each.is_kubernetes], progress)
        yield kubectl, None


def apply(
    kubectl: Kubectl, fleet: FleetSpec, resources: Sequence[Planned], progress: Progress, volumes: Path | None
) -> Outcome:
    """Apply the plan and wait until it runs."""
    return Application(kubectl=kubectl, fleet=fleet.namespace, progress=progress, volumes_in=volumes).run(resources)
