"""Whether Traefik serves what the cluster has: it takes changes in up to 2 s after they were made, the last ones too.

Until then a host answers 404, and a canary gets nothing (providers.providersThrottleDuration, Traefik's documentation).
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from fleet.errors import FlotillaError
from sandbox.kubectl import Kubectl, LiveObject
from sandbox.node.daemons import ask
from sandbox.ports import LOOPBACK

LIMIT_SECONDS = 60.0
PAUSE_SECONDS = 0.2
KINDS = "ingressroutes.traefik.io,traefikservices.traefik.io,endpointslices.discovery.k8s.io"
PROVIDER = "@kubernetescrd"
SERVICE = "kubernetes.io/service-name"
"""The label by which an EndpointSlice names its Service (EndpointSlices, Kubernetes' documentation)."""


def await_served(kubectl: Kubectl, namespace: str, panel: int, *, limit_seconds: float = LIMIT_SECONDS) -> None:
    """Wait until Traefik serves every route, weight and ready pod of a namespace; ``panel`` is the port of its API.

    Raises FlotillaError naming the first thing that it doesn't serve in time.
    """
    _await(lambda: list(lacking(kubectl.items("get", KINDS, "-n", namespace), read(panel))), namespace, limit_seconds)


def _await(look: Callable[[], Sequence[str]], namespace: str, limit_seconds: float) -> None:
    end = time.monotonic() + limit_seconds
    while missing := look():
        if time.monotonic() > end:
            raise FlotillaError(
                f"namespace {namespace}: Traefik does not serve {missing[0]} after {limit_seconds:.0f} s; "
                "`flotilla sandbox logs traefik` says why"
            )
        time.sleep(PAUSE_SECONDS)


def read(panel: int) -> Mapping[str, Any]:
    """Give what Traefik's API says of its configuration; nothing where it does not answer, or ends in the middle."""
    try:
        _, body = ask(f"http://{LOOPBACK}:{panel}/api/rawdata")
    except OSError:
        return {}
    said: Mapping[str, Any] = json.loads(body)
    return said


def lacking(objects: Sequence[LiveObject], served: Mapping[str, Any]) -> Iterator[str]:
    """Give each route, weighted service and ready pod behind a route that ``served`` does not have."""
    routers, services = served.get("routers") or {}, served.get("services") or {}
    called: set[tuple[str, str]] = set()
    for each in objects:
        namespace, name = each["metadata"]["namespace"], each["metadata"]["name"]
        if each["kind"] == "IngressRoute":
            # The number of the route's rule is hashed behind its name.
            known = re.compile(rf"{re.escape(f'{namespace}-{name}')}-[0-9a-f]+{PROVIDER}")
            if not any(known.fullmatch(router) for router in routers):
                yield f"route {name}"
            children = [child for route in each["spec"]["routes"] for child in route.get("services", ())]
        elif each["kind"] == "TraefikService":
            children = each["spec"].get("weighted", {}).get("services", [])
            entry = services.get(f"{namespace}-{name}{PROVIDER}") or {}
            if children and weights(children) != weights(entry.get("weighted", {}).get("services", [])):
                yield f"the weights of {name}"
        else:
            continue
        called |= {(namespace, child["name"]) for child in children if child.get("kind", "Service") == "Service"}
    servers = {one["url"] for each in services.values() for one in each.get("loadBalancer", {}).get("servers", ())}
    hosts = {re.sub(r"^\w+://|:\d+$", "", url).strip("[]") for url in servers}
    for each in objects:
        if each["kind"] == "EndpointSlice" and (service := _service(each)) in called:
            yield from (f"pod {address} of {service[1]}" for address in ready(each) if address not in hosts)


def weights(children: Sequence[Mapping[str, Any]]) -> list[int]:
    """Give the weights of a weighted service; 1 where none is said, as Traefik takes it."""
    return [child.get("weight", 1) for child in children]


def ready(slice_: LiveObject) -> Iterator[str]:
    """Give the addresses of an EndpointSlice that are to be sent traffic."""
    for each in slice_.get("endpoints") or ():
        if each.get("conditions", {}).get("ready", True):
            yield from each["addresses"]


def _service(slice_: LiveObject) -> tuple[str, str]:
    metadata = slice_["metadata"]
    return metadata["namespace"], metadata.get("labels", {}).get(SERVICE, "")
