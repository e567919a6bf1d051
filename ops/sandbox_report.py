"""What ``flotilla sandbox`` shows: the shops it serves, what was done, and what the control plane costs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from rich import box
from rich.console import Console
from rich.table import Table

from fleet import naming
from fleet.model import FleetSpec
from sandbox import authority, foreign, places, pruning
from sandbox.apply import Outcome
from sandbox.cluster import Cluster
from sandbox.inventory import Workload, workloads
from sandbox.kubectl import Kubectl
from sandbox.progress import Progress
from sandbox.shops import shops

LOG_WIDTH = 120
MEBIBYTE = 1 << 20
NAMED = 4
"""How many programs the line on memory names."""


def report(terminal: Console, kubectl: Kubectl, fleet: FleetSpec) -> None:
    """Print the table of what the fleet serves, and how a browser gets there."""
    known = None if foreign.is_named() else Cluster().record
    served = known is not None and known.real
    table = Table(title=f"{fleet.name} in namespace {fleet.namespace}", title_justify="left", box=box.SIMPLE_HEAD)
    for column in ("shop", place_title(served=served), "image"):
        table.add_column(column, no_wrap=True)
    for column in ("ready", "weight"):
        table.add_column(column, justify="right")
    for shop in shops(kubectl, fleet):
        where = place(shop.host, served=served)
        ready = counted(shop.ready, shop.wanted)
        table.add_row(shop.name, where, short(shop.image), ready, f"{shop.weight} %")
    terminal.print(table)
    if served:
        trust(terminal)


def place_title(*, served: bool) -> str:
    """Give what the column of places is called: hosts lead somewhere only where they are served."""
    return "address" if served else "host"


def place(host: str, *, served: bool) -> str:
    """Give where a browser finds a host; without anything that serves it, just the host."""
    return f"{naming.url(host)}/" if served else host


def counted(ready: int, wanted: int) -> str:
    """Give how many pods are ready, red as long as some are not."""
    return f"[{'green' if ready >= wanted else 'red'}]{ready}/{wanted}[/]"


def trust(terminal: Console) -> None:
    """Print the line that makes a browser trust the sandbox; certutil is in Debian's libnss3-tools."""
    authority.hand_out()
    who = f", as {caller}" if (caller := places.behind_sudo()) else ""
    terminal.print(f"trust the sandbox's authority once{who} (certutil is in Debian's libnss3-tools):")
    terminal.print(f"  {authority.trust_line()}", soft_wrap=True)


def describe(terminal: Console, cluster: Cluster, *, healthy: bool) -> None:
    """Print what runs of a cluster, and what is in it when it is healthy."""
    known = cluster.record
    if known is not None:
        state = "running" if healthy else "unhealthy"
        node = "a real node" if known.real else "simulated nodes"
        terminal.print(f"{state} for {age(known.started)} (since {known.started}), {node}")
        terminal.print(f"export KUBECONFIG={cluster.kubeconfig}", soft_wrap=True)
    terminal.print(f"memory: {memory(cluster)}", soft_wrap=True)
    if not healthy:
        what = f"not running: {', '.join(dead)}" if (dead := cluster.dead()) else "not ready yet, or never whole"
        terminal.print(f"{what}; `flotilla sandbox up` heals it", soft_wrap=True)
        return
    for name, count in fleets(cluster.kubectl):
        terminal.print(f"fleet {name}: {count} objects")
    if found := workloads(cluster.kubectl):
        terminal.print(contents(found, served=known is not None and known.real))
    if known is not None and known.real:
        trust(terminal)


def contents(found: Sequence[Workload], *, served: bool) -> Table:
    """Give the table of workloads; only where they are served do their hosts lead anywhere."""
    table = Table(box=box.SIMPLE_HEAD)
    for column in ("workload", "image"):
        table.add_column(column, no_wrap=True)
    for column in ("ready", "restarts"):
        table.add_column(column, justify="right")
    table.add_column(place_title(served=served), overflow="fold")
    for each in found:
        hosts = "\n".join(place(host, served=served) for host in each.hosts)
        table.add_row(each.name, short(each.image), counted(each.ready, each.wanted), str(each.restarts), hosts)
    return table


def short(image: str) -> str:
    """Give an image without its registry."""
    return image.rpartition("/")[2]


def conclude(progress: Progress, outcome: Outcome, seconds: float) -> None:
    """Print what was done, how long each stage took, and what the control plane costs."""
    say = progress.console.print
    if not foreign.is_named():
        say(f"memory: {memory(Cluster())}", soft_wrap=True)
    say(f"{outcome}; {seconds:.1f} s in all", style="bold")


def console() -> Console:
    """Give the terminal, or a log wide enough for the table of shops."""
    terminal = Console(highlight=False)
    return terminal if terminal.is_terminal else Console(highlight=False, width=LOG_WIDTH)


def memory(cluster: Cluster) -> str:
    """Give the resident memory of a cluster in MiB: in all, of what pods run and of the largest programs."""
    used: dict[str, int] = {}
    for each in cluster.processes():
        used[each.name] = used.get(each.name, 0) + each.resident_bytes
    if pods := cluster.pods_bytes():
        used["pods"] = pods
    largest = sorted(used.items(), key=lambda item: -item[1])
    parts = [f"{name} {size // MEBIBYTE}" for name, size in largest[:NAMED]]
    if rest := largest[NAMED:]:
        parts.append(f"{len(rest)} others {sum(size for _, size in rest) // MEBIBYTE}")
    return f"{sum(used.values()) // MEBIBYTE} MiB ({', '.join(parts) or 'no process'})"


def fleets(kubectl: Kubectl) -> Iterator[tuple[str, int]]:
    """Give the namespace of every fleet in the cluster with the number of its objects."""
    for namespace in kubectl.items("get", "namespaces", "-l", naming.FLEET):
        name = namespace["metadata"]["labels"][naming.FLEET]
        yield name, len(pruning.applied_to(kubectl, name))


def age(started: str) -> str:
    """Give how long ago an ISO 8601 time was, in minutes."""
    minutes = (datetime.now(UTC) - datetime.fromisoformat(started)).total_seconds() / 60
    return f"{minutes:.0f} min"
