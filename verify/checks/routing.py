"""How traffic finds pods: Services and their endpoints, routes and all they name, and the split between releases."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fleet import naming
from fleet.model import WorkloadSpec
from verify.catalog import check
from verify.cluster import DEAD_GROUP, Object, Snapshot
from verify.results import Result
from verify.target import workload_of

AGREE = "make selector and ports agree, down to the app's port"
AGAIN = "apply the stack again; `flotilla check` finds this before it is applied"
_HOSTS = re.compile(r"Host\(([^)]*)\)")
_QUOTED = re.compile(r"[`\"]([^`\"]+)[`\"]")


def endpoints(seen: Snapshot, subject: str, names: list[str]) -> Result:
    """Tell whether each named Service has a ready endpoint with a port."""
    found = check("endpoints")
    for name in names:
        service = seen.find("Service", name)
        resource = seen.resource("Service", name)
        if service is None:
            return found.failed(
                subject, f"Service {name} is not there", cause="it was never applied", resource=resource
            )
        if fault := broken(seen, service):
            problem, cause, resource = fault
            return found.failed(subject, problem, cause=cause, resource=resource, remedy=AGREE)
    return found.passed(subject, f"{', '.join(names)}: ready endpoints")


def broken(seen: Snapshot, service: Object) -> tuple[str, str, str] | None:
    """Give what a Service lacks, the cause and the resource at fault; None when it leads to a ready pod's port."""
    name = service["metadata"]["name"]
    slices = [one for one in seen.here("EndpointSlice") if _service_of(one) == name]
    ready = [one for each in slices for one in each.get("endpoints") or () if one.get("conditions", {}).get("ready")]
    pods = selected(seen, service)
    if not pods:
        labels = ",".join(f"{name}={value}" for name, value in (service["spec"].get("selector") or {}).items())
        cause = f"its selector {labels or '(none)'} matches no pod"
        return f"Service {name} has no pod", cause, seen.resource("Service", name)
    if (mismatch := wrong_port(service, pods)) is not None:
        return f"Service {name} leads to no port: {mismatch}", mismatch, seen.resource("Service", name)
    if not ready:
        first = pods[0]["metadata"]["name"]
        return f"Service {name} has no ready endpoint", "none of its pods is ready", seen.resource("Pod", first)
    if not any(each.get("ports") for each in slices):
        cause = "its targetPort is the name of no container port"
        return f"Service {name} has endpoints without a port", cause, seen.resource("Service", name)
    return None


def selected(seen: Snapshot, service: Object) -> list[Object]:
    """Give the pods that a Service selects."""
    wanted = service["spec"].get("selector") or {}
    labelled = ((pod, pod["metadata"].get("labels") or {}) for pod in seen.here("Pod"))
    return [pod for pod, labels in labelled if wanted and wanted.items() <= labels.items()]


def wrong_port(service: Object, pods: list[Object]) -> str | None:
    """Give how a Service's target and its pods' ports disagree; None when they agree, or none is declared."""
    ports = [port for container in pods[0]["spec"]["containers"] for port in container.get("ports", ())]
    if not ports:
        return None
    known = {str(port["containerPort"]) for port in ports} | {port.get("name", "") for port in ports}
    for port in service["spec"].get("ports", ()):
        target = str(port.get("targetPort", port["port"]))
        if target not in known:
            return f"targetPort {target} is none of the container's ports ({', '.join(sorted(known - {''}))})"
    return None


def routes(seen: Snapshot, subject: str, host: str) -> Result:
    """Tell whether one route of the live API group serves a host over TLS, and all that it names is there."""
    found = check("routes")
    if "routes" in seen.silent:
        return found.untold(subject, f"routes can't be listed: {seen.silent['routes']}")
    if fault := misrouted(seen, host, subject):
        problem, cause, resource = fault
        return found.failed(subject, problem, cause=cause, resource=resource, remedy=AGAIN)
    return found.passed(subject, f"{host} is served by {', '.join(map(_title, serving(seen, host)))}")


def misrouted(seen: Snapshot, host: str, subject: str) -> tuple[str, str, str] | None:
    """Give what is wrong with a host's routes, the cause and the resource at fault; None when nothing is.

    ``subject`` is the shop or the checkout whose host it is: of two routes the one that isn't its own is at fault.
    """
    live = serving(seen, host)
    dead = [one for one in seen.of("IngressRoute") if _is_dead(one) and host in hosts(one)]
    if not live and dead:
        cause = f"API group {DEAD_GROUP} is dead: Traefik reads traefik.io/v1alpha1 alone"
        return f"no living route for {host}", cause, _title(dead[0])
    if not live:
        return f"no IngressRoute for {host}", "it was never applied, or was deleted", f"IngressRoute for {host}"
    if len(live) > 1:
        names = " and ".join(map(_title, live))
        own = seen.resource("IngressRoute", workload_of(subject))
        foreign = next((name for name in map(_title, live) if name != own), own)
        return f"{len(live)} routes for {host}: {names}", "two routes on one host: either may answer", foreign
    return next(_missing(seen, live[0]), None) or next(_unoffered(seen, live[0]), None)


def serving(seen: Snapshot, host: str) -> list[Object]:
    """Give the living routes that answer for a host over TLS."""
    return [one for one in seen.of("IngressRoute") if not _is_dead(one) and "tls" in one["spec"] and host in hosts(one)]


def hosts(route: Object) -> set[str]:
    """Give the hosts that a route's rules name (Traefik documentation, Host matcher)."""
    rules = (each.get("match", "") for each in route["spec"].get("routes", ()))
    return {name.lower() for rule in rules for group in _HOSTS.findall(rule) for name in _QUOTED.findall(group)}


def _missing(seen: Snapshot, route: Object) -> Iterator[tuple[str, str, str]]:
    """Give each thing that a route names and that is not there."""
    space = route["metadata"]["namespace"]
    for each in route["spec"].get("routes", ()):
        named = [("Middleware", one) for one in each.get("middlewares", ())]
        named += [(one.get("kind", "Service"), one) for one in each.get("services", ())]
        for kind, one in named:
            # What a provider of Traefik's own holds is named with an @.
            if "@" not in one["name"] and not _there(seen, kind, one, space):
                line = f"{_title(route)} names {kind} {one['name']}, which is not there"
                yield line, f"the {kind} is missing", f"{kind}/{one.get('namespace', space)}/{one['name']}"


def _unoffered(seen: Snapshot, route: Object) -> Iterator[tuple[str, str, str]]:
    """Give each port that a route asks of a Service and that the Service does not offer."""
    for each in route["spec"].get("routes", ()):
        for one in each.get("services", ()):
            service = seen.find("Service", one["name"]) if one.get("kind", "Service") == "Service" else None
            offered = service["spec"].get("ports", ()) if service is not None else ()
            known = {str(port["port"]) for port in offered} | {port.get("name", "") for port in offered}
            if offered and "port" in one and str(one["port"]) not in known:
                cause = f"names port {one['port']}, which Service {one['name']} does not offer"
                yield f"{_title(route)} {cause} ({', '.join(sorted(known - {''}))})", cause, _title(route)


def _there(seen: Snapshot, kind: str, reference: Object, space: str) -> bool:
    at = reference.get("namespace", space)
    # Services were listed in the fleet's namespace alone; of another nothing is known, and nothing claimed.
    if kind == "Service" and at != seen.namespace:
        return True
    return any(
        one["metadata"]["name"] == reference["name"] and one["metadata"].get("namespace") == at for one in seen.of(kind)
    )


def split(seen: Snapshot, subject: str, workload: WorkloadSpec) -> Result:
    """Tell whether the traffic split between stable and canary is the stack's."""
    found, resource = check("canary"), seen.resource("TraefikService", workload.name)
    live = seen.find("TraefikService", workload.name)
    if "routes" in seen.silent:
        return found.untold(subject, f"TraefikServices can't be listed: {seen.silent['routes']}")
    if live is None:
        return found.failed(subject, "the stack plans a canary, and there is no split", resource=resource)
    weights = {one["name"]: one.get("weight", 1) for one in live["spec"]["weighted"]["services"]}
    planned = {naming.released(workload.name, one.track): one.weight for one in workload.releases}
    problem = "" if weights == planned else f"the split is {weights}, expected {planned}"
    cause = "a step was not applied, or the guard rolled back"
    return found.judged(subject, problem, f"{weights} as planned", cause=cause, resource=resource)


def _service_of(one: Object) -> str:
    return str(one["metadata"].get("labels", {}).get("kubernetes.io/service-name", ""))


def _is_dead(one: Object) -> bool:
    return str(one["apiVersion"]).startswith(f"{DEAD_GROUP}/")


def _title(one: Object) -> str:
    return f"{one['kind']}/{one['metadata']['namespace']}/{one['metadata']['name']}"
