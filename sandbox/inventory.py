"""What a sandbox holds, read from the cluster itself: every workload of every fleet, and the hosts that lead to it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from fleet import naming
from fleet.naming import Track
from sandbox.kubectl import Kubectl, LiveObject

KINDS = ("deployments", "statefulsets")
ROUTES = "ingressroutes.traefik.io"
Instance = tuple[str, str]
"""A namespace, and the instance in it that objects are labelled with."""
TRIAL = " (canary)"
HOST = re.compile(r"Host\(`([^`]+)`\)")
"""A host in a Traefik rule, as manifests/routing.py writes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """A Deployment or StatefulSet of a fleet: its image, its pods that are ready and wanted, how often pods restarted.

    ``name`` is that of its instance, as `flotilla sandbox logs` takes it, and says if this is the canary. ``hosts`` are
    those whose routes lead to it over HTTPS.
    """

    fleet: str
    name: str
    image: str
    ready: int
    wanted: int
    restarts: int
    hosts: tuple[str, ...]


def workloads(kubectl: Kubectl) -> list[Workload]:
    """Give the workloads of every fleet, sorted by fleet and name."""
    found = {kind: kubectl.items("get", kind, "-A", "-l", naming.FLEET) for kind in (*KINDS, "pods", ROUTES)}
    hosts = hosts_by_instance(found[ROUTES])
    made = [workload(live, found["pods"], hosts) for kind in KINDS for live in found[kind]]
    return sorted(made, key=lambda each: (each.fleet, each.name))


def workload(live: LiveObject, pods: Sequence[LiveObject], hosts: Mapping[Instance, tuple[str, ...]]) -> Workload:
    """Give what there is to say of one live workload."""
    spec, status = live["spec"], live["status"]
    return Workload(
        fleet=live["metadata"]["labels"][naming.FLEET],
        name=f"{instance(live)[1]}{TRIAL if is_canary(live) else ''}",
        image=spec["template"]["spec"]["containers"][0]["image"],
        ready=status.get("readyReplicas", 0),
        wanted=spec.get("replicas", 0),
        restarts=sum(restarts(pod) for pod in pods if is_of(pod, live)),
        hosts=hosts.get(instance(live), ()),
    )


def is_of(pod: LiveObject, owner: LiveObject) -> bool:
    """Say whether a pod is one that a workload selects."""
    if pod["metadata"]["namespace"] != owner["metadata"]["namespace"]:
        return False
    labels: dict[str, str] = pod["metadata"].get("labels", {})
    wanted: dict[str, str] = owner["spec"]["selector"]["matchLabels"]
    return wanted.items() <= labels.items()


def is_canary(live: LiveObject) -> bool:
    """Say whether a workload is a release under trial."""
    track: str | None = live["spec"]["selector"]["matchLabels"].get("track")
    return track == Track.CANARY


def restarts(pod: LiveObject) -> int:
    """Give how often the containers of a pod were started again."""
    return sum(each["restartCount"] for each in pod["status"].get("containerStatuses", ()))


def instance(live: LiveObject) -> Instance:
    """Give the place and the instance an object belongs to."""
    meta = live["metadata"]
    return meta["namespace"], meta["labels"].get("app.kubernetes.io/instance", "")


def hosts_by_instance(routes: Sequence[LiveObject]) -> dict[Instance, tuple[str, ...]]:
    """Give the hosts of all routes over HTTPS, by whose they are."""
    found: dict[Instance, set[str]] = {}
    for route in routes:
        found.setdefault(instance(route), set()).update(hosts_of(route))
    return {whose: tuple(sorted(hosts)) for whose, hosts in found.items()}


def hosts_of(route: LiveObject) -> Iterator[str]:
    """Give the hosts of one route, none when it is not over HTTPS."""
    if "tls" in route["spec"]:
        for rule in route["spec"]["routes"]:
            yield from HOST.findall(rule["match"])
