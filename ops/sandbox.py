"""``flotilla sandbox``: a whole fleet on this machine, on a real Kubernetes API server and without an account."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from fleet.errors import FlotillaError, UsageError
from fleet.model import FleetSpec
from manifests import fleet as planning
from manifests.assumed import assumed_secrets
from manifests.plan import Manifest, Planned
from manifests.render import record
from ops import sandbox_proof, stackfile
from ops.interrupted import interruptible
from ops.sandbox_pods import open_shell, show_logs
from ops.sandbox_report import conclude, console, describe, report
from policies.findings import Level
from policies.judge import NAMES, judge
from policies.settings import beside_the_pack
from sandbox import foreign, places, stripe
from sandbox.apply import Application, Outcome
from sandbox.cluster import Cluster
from sandbox.images import wanted
from sandbox.kubectl import Kubectl
from sandbox.node import machine
from sandbox.progress import Progress
from sandbox.rollouts import LIMIT_SECONDS

RUNNING, UNHEALTHY, ABSENT = 0, 1, 3

sandbox = typer.Typer(no_args_is_help=True)


@sandbox.command()
def up(
    stack: Annotated[str, typer.Argument(help="The stack, as in Pulumi.<stack>.yaml.")] = "dev",
    config: Annotated[Path | None, typer.Option(help="A stack file other than Pulumi.<stack>.yaml.")] = None,
    *,
    simulated: Annotated[bool, typer.Option("--simulated", help="Let kwok play the nodes; no image runs.")] = False,
    verify: Annotated[bool, typer.Option("--verify", help="Then buy from every shop, and write the report.")] = False,
) -> None:
    """Bring a stack up here: rules, control plane, node, apply, wait. Run it again whenever it was interrupted.

    As root on Linux the node is real: pods run, and Traefik serves the shops on https://. Otherwise it is simulated.
    With KUBECONFIG in the environment that cluster is used instead, and nothing is started. Exit code 0: it runs;
    1: a rule, the API server, a roll-out or --verify said no; 2: the stack file is wrong; 3: this machine or cluster
    can't, or --verify could not tell, or was not run, since nothing can be bought from here.
    """
    began = time.monotonic()
    progress = Progress(console())
    with interruptible(), places.usable():
        fleet = stackfile.read(stack, config).fleet()
        real = is_real(progress, simulated=simulated)
        resources = planned_here(fleet, real=real)
        with progress.stage(f"judge {len(resources)} resources by the rules"):
            refuse_findings(resources)
        with place(progress, resources, real=real) as (kubectl, volumes):
            outcome = apply(kubectl, fleet, resources, progress, volumes)
            if real:
                Cluster(progress=progress).await_served(fleet.namespace)
            run = sandbox_proof.proof(stack, config) if verify and real else None
            report(progress.console, kubectl, fleet)
        conclude(progress, outcome, time.monotonic() - began)
    if run is not None:
        sandbox_proof.show(run)
    elif verify:
        sandbox_proof.not_run(stack, progress.console)


@sandbox.command()
def down() -> None:
    """Leave no process of the sandbox and no change to this machine, whatever state it is in.

    What took long to make (tools, images) and the authority that browsers trust stay in the user's cache.
    """
    with interruptible(), places.usable():
        removed = Cluster().stop()
        places.take_back()
    typer.echo("the sandbox is gone, its tools stay for the next start" if removed else "nothing was running")
    if foreign.is_named():
        typer.echo("the cluster that KUBECONFIG names was left as it is")


@sandbox.command()
def status() -> None:
    """Say what runs here, since when, at which addresses, and which fleets are in it.

    Exit code 0: it runs and is healthy; 1: something of it has died, `up` heals it; 3: nothing runs.
    """
    terminal = console()
    cluster = Cluster(progress=Progress(terminal))
    if cluster.record is None and not cluster.control_plane.processes():
        terminal.print("no sandbox runs here; `flotilla sandbox up` starts one")
        raise typer.Exit(ABSENT)
    healthy = cluster.record is not None and cluster.is_healthy()
    describe(terminal, cluster, healthy=healthy)
    if not healthy:
        raise typer.Exit(UNHEALTHY)


@sandbox.command()
def logs(
    name: Annotated[
        str, typer.Argument(help="A shop, a pod (either as NAMESPACE/NAME too), or a component such as kubelet.")
    ],
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")] = False,
    lines: Annotated[int, typer.Option(min=0, help="How many of the last lines.")] = 200,
) -> None:
    """Show the log of a shop (all its pods), of one pod, or of a component of the sandbox.

    Exit code 2: nothing is called so, and the message says what there is; 3: nothing runs here.
    """
    show_logs(name, follow=follow, lines=lines)


@sandbox.command()
def shell(
    name: Annotated[str, typer.Argument(help="A pod, or a shop: then its first pod; either as NAMESPACE/NAME too.")],
) -> None:
    """Open a shell in a pod; its exit code is the shell's.

    Exit code 2: no pod and no shop is called so, and the message says what there is; 3: nothing runs here.
    """
    open_shell(name)


@sandbox.command()
def images(
    stack: Annotated[str, typer.Argument(help="The stack, as in Pulumi.<stack>.yaml.")] = "dev",
    out: Annotated[Path, typer.Option(help="The folder for the archives.")] = Path("images"),
    config: Annotated[Path | None, typer.Option(help="A stack file other than Pulumi.<stack>.yaml.")] = None,
    *,
    push: Annotated[bool, typer.Option("--push", help="Push them where their names say, and write nothing.")] = False,
) -> None:
    """Write the images made here as archives, or push them, for a cluster that is not on this machine.

    Exit code 2: the stack file is wrong, or the folder can't be written; 3: an image can't be made or pushed.
    """
    progress = Progress(console())
    plan = planned_here(stackfile.read(stack, config).fleet(), real=False)
    names = wanted.references(each.inputs for each in plan)
    with places.usable():
        if push:
            wanted.send(stack, names, progress, anywhere=True)
            return
        made = wanted.make(names, progress)
    for reference, image in made.items():
        try:
            archive = wanted.written(reference, image, out)
        except OSError as error:
            raise UsageError(f"--out {out}: can't be written: {error.strerror}; name another place") from None
        typer.echo(f"{archive}  ({reference})")


def refuse_findings(resources: Sequence[Planned]) -> None:
    """Raise FlotillaError with a line for each mandatory finding: nothing that breaks a rule reaches a cluster."""
    found = judge((record(resource, "") for resource in resources), settings=beside_the_pack(NAMES))
    if mandatory := [finding for finding in found if finding.level is Level.MANDATORY]:
        lines = [f"{each.rule.code} {each.resource.title}: {each.message}. {each.remediation}" for each in mandatory]
        raise FlotillaError("\n".join([*lines, f"{len(lines)} mandatory findings: nothing was applied"]))


def planned_here(fleet: FleetSpec, *, real: bool) -> list[Planned]:
    """Give what a fleet plans, and what only a sandbox makes: what others keep, and a double of Stripe."""
    return [*planning.resources(planning.plan(fleet)), *assumed_secrets(fleet), *stripe.double(fleet, outside=real)]


def is_real(progress: Progress, *, simulated: bool) -> bool:
    """Say whether the sandbox gets a real node; tells the user why not when that is not their own choice."""
    if simulated or foreign.is_named():
        return False
    if (obstacle := machine.obstacle()) is not None:
        progress.console.print(f"{obstacle}: nodes are simulated, and no image runs")
    return obstacle is None


@contextmanager
def place(progress: Progress, resources: Sequence[Planned], *, real: bool) -> Iterator[tuple[Kubectl, Path | None]]:
    """Give kubectl for where the fleet goes, and where its volumes are made: our own cluster or KUBECONFIG's."""
    if not foreign.is_named():
        cluster = Cluster(real=real, progress=progress)
        cluster.start()
        if real:
            publish(cluster, resources, progress)
        yield cluster.kubectl, cluster.volumes
        return
    manifests = manifests_of(resources)
    with foreign.opened(progress) as kubectl:
        progress.console.print(f"KUBECONFIG: {kubectl.target} is used, nothing is started")
        foreign.admit(kubectl, manifests, progress)
        wanted.hand_over(kubectl.context or "", wanted.references(manifests), progress)
        yield kubectl, None


def publish(cluster: Cluster, resources: Sequence[Planned], progress: Progress) -> None:
    """Let the pods of a real node have the images of a plan that are made here."""
    cluster.node.publish(wanted.make(wanted.references(manifests_of(resources)), progress))


def manifests_of(resources: Sequence[Planned]) -> list[Manifest]:
    """Give what of a plan goes into a cluster."""
    return [each.inputs for each in resources if each.is_kubernetes]


def apply(
    kubectl: Kubectl,
    fleet: FleetSpec,
    resources: Sequence[Planned],
    progress: Progress,
    volumes: Path | None,
    *,
    limit_seconds: float = LIMIT_SECONDS,
) -> Outcome:
    """Apply the plan and wait until it runs, each wave ``limit_seconds`` at most."""
    application = Application(
        kubectl=kubectl,
        fleet=fleet.namespace,
        progress=progress,
        volumes_in=volumes,
        limit_seconds=limit_seconds,
    )
    return application.run(resources)
