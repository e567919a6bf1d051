"""From what was seen to the likely cause and the resource at fault. Pure.

A check names the cause that it sees by itself. Here all results, and what the cluster says, are put together: a status
code has one of several causes, and only together with the cluster's objects does it name one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from verify.catalog import check
from verify.checks.pods import CLUSTER
from verify.checks.routing import AGAIN, AGREE, broken, misrouted, serving
from verify.cluster import Snapshot
from verify.results import FOLLOWS, Outcome, Result
from verify.target import CHECKOUT, Target, workload_of

_STATUS = re.compile(r"answers (\d{3})\b")
_SHARED = {"ready": CHECKOUT, "health": CHECKOUT, "nodes": CLUSTER}
"""What others share, and whose it is: only these checks explain a failure of another subject. A shop has a name, a
certificate, a route and pods of its own, and what ails the checkout's says nothing of them."""


@dataclass(frozen=True, slots=True)
class Blame:
    """A likely cause, the resource at fault, and what to do."""

    cause: str
    resource: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that a cause may be read from; ``cluster`` is None where there is no access."""

    target: Target
    results: Sequence[Result]
    cluster: Snapshot | None

    def failed(self, identity: str, subject: str) -> Result | None:
        """Give the failure of a check for a subject, or of what that subject shares with others."""
        whose = (subject, _SHARED.get(identity, subject))
        found = (one for one in self.results if one.check == identity and one.outcome is Outcome.FAIL)
        return next((one for one in found if one.subject in whose), None)

    def host(self, subject: str) -> str:
        """Give the host of a shop or the checkout; empty for anything else."""
        if subject == CHECKOUT:
            return self.target.checkout_host
        return next((shop.host for shop in self.target.shops if shop.name == subject), "")


def explain(evidence: Evidence) -> tuple[Result, ...]:
    """Give the results with cause, resource and remedy where they can be told; what a check said itself is kept."""
    named = tuple(_named(one, evidence) for one in evidence.results)
    return tuple(_followed(one, replace(evidence, results=named)) for one in named)


def _named(result: Result, evidence: Evidence) -> Result:
    """Put the first cause that fits on a failure; what the cluster shows beats what a status code suggests."""
    if result.outcome is not Outcome.FAIL:
        return result
    for find in CAUSES:
        if (blame := find(result, evidence)) is not None:
            return replace(result, cause=blame.cause, resource=blame.resource, remedy=blame.remedy or result.remedy)
    return result


def _followed(result: Result, evidence: Evidence) -> Result:
    """Say of what is not passed that it follows from another failure, if it does: that one is to be mended."""
    if result.outcome is Outcome.PASS:
        return result
    origin = _origin(result, evidence)
    if origin is result:
        return result
    cause = f"{FOLLOWS}{origin.check} of {origin.subject}: {origin.cause or origin.message}"
    return replace(result, cause=cause, resource=origin.resource or result.resource, remedy=origin.remedy)


def _origin(result: Result, evidence: Evidence) -> Result:
    """Give the failure that explains this one and that none explains: itself, where nothing it requires failed."""
    for required in dict.fromkeys((*result.requires, *check(result.check).requires)):
        explaining = evidence.failed(required, result.subject)
        if explaining is not None and explaining is not result:
            return _origin(explaining, evidence)
    return result


def _by_route_object(result: Result, evidence: Evidence) -> Blame | None:
    """Blame a host's routes: none, of the dead API group, two for one host, or naming what isn't there."""
    host, cluster = evidence.host(result.subject), evidence.cluster
    if result.check not in _ABOUT_THE_WAY or cluster is None or not host or "routes" in cluster.silent:
        return None
    fault = misrouted(cluster, host, result.subject)
    return Blame(fault[1], fault[2], AGAIN) if fault else None


def _by_service(result: Result, evidence: Evidence) -> Blame | None:
    """Blame the Service behind a host: it selects no pod, leads to no port, or has nobody ready."""
    host = evidence.host(result.subject)
    if result.check not in _ABOUT_THE_WAY or evidence.cluster is None or not host:
        return None
    for route in serving(evidence.cluster, host):
        for each in route["spec"].get("routes", ()):
            for one in each.get("services", ()):
                service = evidence.cluster.find("Service", one["name"])
                if service is not None and (fault := broken(evidence.cluster, service)):
                    return Blame(fault[1], fault[2], AGREE)
    return None


def _by_pods(result: Result, evidence: Evidence) -> Blame | None:
    """Blame the pods behind a host for what they do not answer."""
    if result.check not in (*_ABOUT_THE_WAY, "live", "ready") or result.check == "pods":
        return None
    ill = evidence.failed("pods", result.subject)
    return Blame(ill.cause, ill.resource, ill.remedy) if ill and ill.subject == result.subject else None


def _by_port(result: Result, evidence: Evidence) -> Blame | None:
    """Blame the process for a 502 though the objects agree: it listens elsewhere than its pod says."""
    if result.check not in _ABOUT_THE_WAY or _status(result) != 502 or evidence.cluster is None:
        return None
    name = workload_of(result.subject)
    cause = "nothing listens on the port that the Service leads to: the app's port is another than the containerPort"
    return Blame(cause, evidence.cluster.resource("Deployment", name), "set PORT and containerPort to the app's port")


def _by_image(result: Result, evidence: Evidence) -> Blame | None:
    """Blame the image for a version that is not planned, where the pods' images say so."""
    stale = evidence.failed("images", result.subject) if result.check == "version" else None
    return Blame(stale.cause, stale.resource, stale.remedy) if stale and stale.subject == result.subject else None


def _by_status(result: Result, evidence: Evidence) -> Blame | None:
    """Blame what a proxy's own answer usually means, without the cluster's word (RFC 9110, 15.6; Traefik, Services)."""
    status, host = _status(result), evidence.host(result.subject)
    if result.check != "route" or status not in _PROXY:
        return None
    cause, kind, remedy = _PROXY[status]
    return Blame(cause, f"{kind} of {host}", remedy)


_ABOUT_THE_WAY = ("route", "marker", "body", "live", "ready")
"""Checks that fail when the way from the host to the pod is wrong."""
_PROXY = {
    404: ("no route: the IngressRoute is missing, of the dead API group, or names another host", "IngressRoute",
          "look for the host among the IngressRoutes of traefik.io/v1alpha1"),
    502: ("the route leads to a port that nobody listens on", "Service",
          "make targetPort, containerPort and the app's port agree"),
    503: ("no ready pod stands behind the Service", "Service", "look at the pods, and at the Service's selector"),
    504: ("the pods do not answer in time, or a NetworkPolicy keeps Traefik out", "Service", "look at the pods' log"),
}  # fmt: skip
CAUSES: tuple[Callable[[Result, Evidence], Blame | None], ...] = (
    _by_route_object,
    _by_service,
    _by_pods,
    _by_port,
    _by_image,
    _by_status,
)
"""In this order: the nearer to the visitor, the earlier."""


def _status(result: Result) -> int | None:
    found = _STATUS.search(result.message)
    return int(found[1]) if found else None
