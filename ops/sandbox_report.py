"""What ``flotilla sandbox`` shows: the shops it serves, what was done, and what the control plane costs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from rich import box
from rich.console import Console
from rich.table import Table

from fleet import naming
from fleet.model import FleetSpec
from sandbox import authority, foreign, pruning
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
    known = None if foreign.is_named() else Cluster().record
    if known is not None and known.real:
        addresses(terminal, [workload.host for workload in fleet.workloads])


def addresses(terminal: Console, hosts: Sequence[str]) -> None:
    """Print where the shops are, and the one line that makes a browser trust them."""
    for host in hosts:
        terminal.print(naming.url(host) + "/", soft_wrap=True)
    terminal.print(
        f"trust the sandbox's authority once (Debian: libnss3-tools): {authority.trust_line()}", soft_wrap=True
    )


def describe(terminal: Console, cluster: Cluster, *, healthy: bool) -> None:
    """Print what runs of a cluster, and what is in it when it is healthy."""
    known = cluster.record
    if known is not None:
        state = "running" if healthy else "unhealthy"
        node = "a real node" if known.real else "simulated nodes"
        terminal.print(f"{state} since {known.started} ({age(known.started)}), {node}")
        terminal.print("ports: " + ", ".join(f"{name} {port}" for name, port in sorted(known.ports.items())))
        terminal.print(f"export KUBECONFIG={cluster.kubeconfig}", soft_wrap=True)
    terminal.print(f"memory: {memory(cluster)}", soft_wrap=True)
    if not healthy:
        terminal.print("something has died or never started; `flotilla sandbox up` heals it")
        return
    for name, count in fleets(cluster.kubectl):
        terminal.print(f"fleet {name}: {count} objects")
    if known is not None and known.real:
        addresses(terminal, served_hosts(cluster.kubectl))


def served_hosts(kubectl: Kubectl) -> list[str]:
    """Give the hosts of every fleet's routes over HTTPS."""
    routes = kubectl.items("get", "ingressroutes.traefik.io", "-A", "-l", naming.FLEET)
    rules = [rule["match"] for route in routes if "tls" in route["spec"] for rule in route["spec"]["routes"]]
    return sorted({host for rule in rules for host in re.findall(r"Host\(`([^`]+)`\)", rule)})


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
    """Give the resident memory of a cluster in MiB: in all, of each program, and of what pods run."""
    used: dict[str, int] = {}
    for each in cluster.processes():
        used[each.name] = used.get(each.name, 0) + each.resident_bytes
    if pods := cluster.pods_bytes():
        used["pods"] = pods
    parts = [f"{name} {size // MEBIBYTE}" for name, size in sorted(used.items(), key=lambda item: -item[1])]
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
