"""What pods run on: nodes, memory, volumes, and the autoscalers that watch it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from fleet import naming
from fleet.model import FleetSpec
from verify.catalog import check
from verify.checks.pods import CLUSTER, running
from verify.cluster import Object, Snapshot
from verify.results import Result

MEMORY_SHARE = Decimal("0.85")
"""systems.md E: memory > 85 % of the limit."""
_UNITS = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}


def nodes(seen: Snapshot) -> Result:
    """Tell whether every node is ready and without pressure."""
    if "nodes" in seen.silent:
        return check("nodes").untold(CLUSTER, f"nodes can't be listed: {seen.silent['nodes']}")
    # Ready should be True; every other condition is a pressure, and should not (Kubernetes documentation, Node status).
    ill = [
        f"{_named(node)}: {one['type']} is {one['status']} ({one.get('reason', '')})"
        for node in seen.of("Node")
        for one in node["status"].get("conditions", ())
        if (one["type"] == "Ready") is (one["status"] != "True")
    ]
    problem = "; ".join(ill) if seen.of("Node") else "no node is there"
    well = f"{len(seen.of('Node'))} ready"
    return check("nodes").judged(CLUSTER, problem, well, cause="a node is down or short of disk or memory")


def memory(seen: Snapshot) -> Result:
    """Tell whether a container is near its memory limit."""
    found = check("memory")
    if "metrics" in seen.silent:
        absent = (
            "NotFound" in seen.silent["metrics"] or "could not find the requested resource" in seen.silent["metrics"]
        )
        line = "no metrics-server here" if absent else f"metrics can't be read: {seen.silent['metrics']}"
        return found.untold(CLUSTER, line, elsewhere=absent)
    shares = list(_shares(seen))
    if not shares:
        return found.untold(CLUSTER, "metrics has no pod of the fleet yet", elsewhere=True)
    share, name = max(shares)
    over = [f"{one} uses {value:.0%}" for value, one in sorted(shares, reverse=True) if value > MEMORY_SHARE]
    cause = "a leak, or a limit that is too low"
    return found.judged(CLUSTER, "; ".join(over), f"at most {share:.0%} of a limit ({name})", cause=cause)


def _shares(seen: Snapshot) -> Iterator[tuple[Decimal, str]]:
    for pod in running(seen):
        used = seen.usage.get(pod["metadata"]["name"], {})
        for container in pod["spec"]["containers"]:
            limit = container.get("resources", {}).get("limits", {}).get("memory")
            if limit and container["name"] in used:
                yield quantity(used[container["name"]]) / quantity(limit), pod["metadata"]["name"]


def quantity(text: str) -> Decimal:
    """Read a Kubernetes quantity of bytes; raises ValueError for another unit."""
    digits = text.rstrip("kKMGTi")
    unit = text[len(digits) :]
    if unit not in _UNITS:
        raise ValueError(f"{text!r} is no quantity of bytes that is known here")
    return Decimal(digits) * _UNITS[unit]


def volumes(seen: Snapshot, spec: FleetSpec) -> Iterator[Result]:
    """Tell whether every claim is bound, and those of the stack are there; where it plans none there is nothing to."""
    claims, server = seen.here("PersistentVolumeClaim"), spec.database.server
    planned = [naming.DATABASE_VOLUME, naming.BACKUP_VOLUME][: 1 if server is not None and server.bucket else 2]
    if server is None:
        planned = []
    if not claims and not planned:
        return
    loose = [
        _named(one) + f" is {one['status'].get('phase')}" for one in claims if one["status"].get("phase") != "Bound"
    ]
    loose += [f"{name} is not there" for name in planned if name not in map(_named, claims)]
    cause = "there is no storage class of that name, or no space"
    yield check("volumes").judged(CLUSTER, "; ".join(loose), f"{len(claims)} claims are bound", cause=cause)


def autoscalers(seen: Snapshot, spec: FleetSpec | None) -> Iterator[Result]:
    """Tell whether every autoscaler can read its metric; without any, and none planned, there is nothing to tell."""
    found = seen.here("HorizontalPodAutoscaler")
    planned = spec is not None and any(release.scale.autoscaled for each in spec.workloads for release in each.releases)
    if not found and not planned:
        return
    blind = [line for one in found if (line := _blind(one))]
    problem = "; ".join(blind) if found else "the stack plans autoscalers, and none is there"
    cause = "there is no metrics-server, or the pods have no CPU request"
    yield check("autoscaler").judged(CLUSTER, problem, f"{len(found)} read their metrics", cause=cause)


def _blind(autoscaler: Object) -> str:
    for one in autoscaler.get("status", {}).get("conditions", ()):
        if one["type"] in ("ScalingActive", "AbleToScale") and one["status"] == "False":
            return f"{_named(autoscaler)}: {one.get('message', one.get('reason', ''))[:160]}"
    return ""


def _named(one: Object) -> str:
    return str(one["metadata"]["name"])
