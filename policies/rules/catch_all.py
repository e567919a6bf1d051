"""A route without a host answers for hosts that nobody meant, most of all beside routes with hosts."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from policies import hostnames
from policies.findings import Level, Rule, Scope, Violation
from policies.gateways import ROUTE_KINDS as GATEWAY_KINDS
from policies.ingresses import INGRESS_KINDS, proxy_of
from policies.ingressroutes import ROUTE_KINDS
from policies.objects import Objects
from policies.resources import Resource
from policies.routes import CONNECTION, EVERY_HOST, HTTP, HTTPS, PREFIX, Claim, Place
from policies.values import Path, at, each, scalar

_LOWEST: Final = len("Host(`a`)")
"""No rule with a host is shorter, so a priority up to here comes after all of them."""
_DELIBERATE: Final = re.compile(
    r"default|error|not-?found|404|fallback|catch-?all|mainten|landing|redirect|noop|blackhole|deny|teapot|acme|solver",
    re.IGNORECASE,
)
"""Names of what people put behind a route for every other host."""
_WELL_KNOWN: Final = "/.well-known/"
"""Where proofs of ownership are asked for, at whatever host (RFC 8615)."""
_ALL_BUT: Final = "!Host"
_INTERNAL: Final = "@internal"
"""Traefik's own services, which other rules judge."""
_REDIRECTS: Final = re.compile(r"redirect|https", re.IGNORECASE)
_REDIRECT_NOTE: Final = re.compile(r"(permanent|temporal)-redirect$|rewrite-target$")
_MIDDLEWARES: Final = "traefik.ingress.kubernetes.io/router.middlewares"
_MIDDLEWARE_KINDS: Final = {"Middleware": frozenset({"traefik.io"})}


def _judge(objects: Objects) -> Iterator[Violation]:
    named: dict[str | None, dict[Place, str]] = defaultdict(dict)
    for claim in objects.claims:
        if claim.match != CONNECTION and claim.host != EVERY_HOST:
            host = min(claim.host, named[claim.place.proxy].get(claim.place, claim.host))
            named[claim.place.proxy][claim.place] = host
    redirects = _redirecting(objects.resources)
    for claim in objects.claims:
        hangs = not claim.owner.is_a(GATEWAY_KINDS) or _has_gateway(claim.owner, objects)
        if hangs and _takes_any_host(claim) and not _is_deliberate(claim, redirects):
            yield _open(claim.owner, claim.path, claim.place, named, claim.url_path)
    for resource in objects.of(INGRESS_KINDS):
        yield from _default_backend(resource, named)


def _has_gateway(route: Resource, objects: Objects) -> bool:
    """Say whether a Gateway that a route hangs on is there to say which hosts it has."""
    parents = [parent for _, parent in each(route.inputs, "spec", "parentRefs")]
    return any(
        (scalar(one, "namespace") or route.namespace, scalar(one, "name")) in objects.gateways for one in parents
    )


def _takes_any_host(claim: Claim) -> bool:
    """Say whether requests for hosts that nobody wrote down arrive here: no host, every host, or all but some."""
    if claim.match != PREFIX or claim.host != EVERY_HOST or claim.url_path.startswith(_WELL_KNOWN):
        return False
    excluded = all(condition.startswith(_ALL_BUT) for condition in claim.narrowing)
    return excluded and all(map(hostnames.matches_everything, claim.patterns))


def _open(
    owner: Resource, path: Path, place: Place, named: Mapping[str | None, Mapping[Place, str]], url_path: str = "/"
) -> Violation:
    proxies = named if place.proxy is None else (place.proxy, None)
    hosts = [host for proxy in proxies for other, host in named.get(proxy, {}).items() if place.meets(other)]
    below = "" if url_path == "/" else f" below {url_path}"
    beside = f", beside routes for {min(hosts)}" if hosts else ""
    return Violation(owner, path, f"takes requests for every host{below}{beside}")


def _default_backend(resource: Resource, named: Mapping[str | None, Mapping[Place, str]]) -> Iterator[Violation]:
    for key in ("defaultBackend", "backend"):
        backend = at(resource.inputs, "spec", key)
        name = scalar(backend, "service", "name") or scalar(backend, "serviceName")
        if isinstance(name, str) and not _DELIBERATE.search(name):
            place = Place(doors=frozenset({(None, HTTP), (None, HTTPS)}), proxy=proxy_of(resource))
            yield _open(resource, ("spec", key), place, named)


def _redirecting(resources: Iterable[Resource]) -> dict[tuple[Any, Any], bool]:
    """Say of every Middleware whether all it does is send the client elsewhere."""
    found: dict[tuple[Any, Any], bool] = {}
    for resource in resources:
        if resource.is_a(_MIDDLEWARE_KINDS):
            spec = at(resource.inputs, "spec")
            does = {"redirectScheme", "redirectRegex"} & set(spec) if isinstance(spec, dict) else set()
            found[resource.namespace, resource.physical_name] = bool(does)
    return found


def _is_deliberate(claim: Claim, redirects: Mapping[tuple[Any, Any], bool]) -> bool:
    """Say whether a route for every host is one on purpose: last of all, or for errors, or only a redirect."""
    if claim.priority is not None and claim.priority <= _LOWEST:
        return True
    entry = at(claim.owner.inputs, *claim.path)
    if claim.owner.is_a(ROUTE_KINDS):
        return _serves_errors(entry) or _only_redirects(claim.owner, entry, redirects)
    if claim.owner.is_a(INGRESS_KINDS):
        notes = claim.owner.annotations
        service = scalar(entry, "backend", "service", "name") or scalar(entry, "backend", "serviceName")
        redirected = any(_REDIRECT_NOTE.search(note) for note in notes)
        named = _DELIBERATE.search(f"{service}") or _REDIRECTS.search(f"{notes.get(_MIDDLEWARES, '')}")
        return redirected or named is not None
    return _is_gateway_redirect(entry)


def _serves_errors(route: Any) -> bool:  # noqa: ANN401
    names = [scalar(service, "name") for _, service in each(route, "services")]
    return any(isinstance(name, str) and (_DELIBERATE.search(name) or name.endswith(_INTERNAL)) for name in names)


def _only_redirects(owner: Resource, route: Any, redirects: Mapping[tuple[Any, Any], bool]) -> bool:  # noqa: ANN401
    for _, reference in each(route, "middlewares"):
        name = scalar(reference, "name")
        known = redirects.get((scalar(reference, "namespace") or owner.namespace, name))
        if known or (known is None and isinstance(name, str) and _REDIRECTS.search(name)):
            return True
    return False


def _is_gateway_redirect(rule: Any) -> bool:  # noqa: ANN401
    filters = {scalar(one, "type") for _, one in each(rule, "filters")}
    backends = [scalar(one, "name") for _, one in each(rule, "backendRefs")]
    named = any(isinstance(name, str) and _DELIBERATE.search(name) for name in backends)
    return "RequestRedirect" in filters or named


CATCH_ALL = Rule(
    code="FLT-HOST-004",
    name="no-route-for-every-host",
    title="A route for every host only redirects, or serves errors and comes last",
    why="It answers 200 for hosts that nobody meant, and hides a shop whose own route is missing.",
    source="https://kubernetes.io/docs/concepts/services-networking/ingress/#default-backend",
    remediation="Give the route its host; if it is the fallback, give it priority 1 and a Service for errors.",
    scope=Scope.STACK,
    judge=_judge,
    level=Level.ADVISORY,
)

RULES = (CATCH_ALL,)
