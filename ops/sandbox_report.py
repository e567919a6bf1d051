"""What ``flotilla sandbox`` shows: the shops it serves, what was done, and what the control plane costs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from rich import box
from rich.console import Console
from rich.table import Table

from fleet import naming
from fleet.model import FleetSpec
from sandbox import foreign, pruning
from sandbox.apply import Outcome
from sandbox.cluster import Cluster
from sandbox.kubectl import Kubectl
from sandbox.progress import Progress
from sandbox.shops import shops

LOG_WIDTH = 120
MEBIBYTE = 1 << 20


def report(terminal: Console, kubectl: Kubectl, fleet: FleetSpec) -> None:
    """Print the table of what the fleet serves."""
    table = Table(title=f"{fleet.name} in namespace {fleet.namespace}", title_justify="left", box=box.SIMPLE_HEAD)
    for column in ("shop", "host", "image"):
        table.add_column(column, no_wrap=True)
    for column in ("ready", "weight"):
        table.add_column(column, justify="right")
    for shop in shops(kubectl, fleet):
        ready = f"[{'green' if shop.is_ready else 'red'}]{shop.ready}/{shop.wanted}[/]"
        table.add_row(shop.name, shop.host, shop.image.rpartition("/")[2], ready, f"{shop.weight} %")
    terminal.print(table)


def conclude(progress: Progress, outcome: Outcome, seconds: float) -> None:
    """Print what was done, how long each stage took, and what the control plane costs."""
    say = progress.console.print
    if not foreign.is_named():
        say(f"memory of the control plane: {memory(Cluster())}")
    say(f"{outcome}; {seconds:.1f} s in all", style="bold")


def console() -> Console:
    """Give the terminal, or a log wide enough for the table of shops."""
    terminal = Console(highlight=False)
    return terminal if terminal.is_terminal else Console(highlight=False, width=LOG_WIDTH)


def memory(cluster: Cluster) -> str:
    """Give the resident memory of a cluster's processes in MiB."""
    return f"{sum(each.resident_bytes for each in cluster.control_plane.processes()) // MEBIBYTE} MiB"


def fleets(kubectl: Kubectl) -> Iterator[tuple[str, int]]:
    """Give the namespace of every fleet in the cluster with the number of its objects."""
    for namespace in kubectl.items("get", "namespaces", "-l", naming.FLEET):
        name = namespace["metadata"]["labels"][naming.FLEET]
        yield name, len(pruning.applied_to(kubectl, name))


def age(started: str) -> str:
    """Give how long ago an ISO 8601 time was, in minutes."""
    minutes = (datetime.now(UTC) - datetime.fromisoformat(started)).total_seconds() / 60
    return f"{minutes:.0f} min"
