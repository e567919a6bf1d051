"""Routes that fit their entry point, and middlewares that fit their route."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from policies import ingressroutes, traefik
from policies.claims import TooManyError, UrlPath, alternatives
from policies.findings import Level, Rule, Scope, Violation
from policies.ingresses import secure
from policies.objects import Objects
from policies.resources import Resource
from policies.routes import EXACT
from policies.values import UNKNOWN, at, each, scalar

_PLAIN: Final = frozenset({"web", "http"})
_MIDDLEWARE_KINDS: Final = {"Middleware": frozenset({"traefik.io"})}


def _judge_tls(resource: Resource) -> Iterator[Violation]:
    points, tls = ingressroutes.entry_points(resource), at(resource.inputs, "spec", "tls")
    if points is None or at(resource.inputs, "spec", "parentRefs"):
        return
    named = " and ".join(sorted(points))
    if tls is None and secure(points):
        yield Violation(resource, ("spec", "entryPoints"), f"is on {named} without tls: only plain HTTP there")
    elif tls not in (None, UNKNOWN) and points <= _PLAIN:
        yield Violation(resource, ("spec", "tls"), f"has tls, but is only on {named}, where clients speak plain HTTP")


TLS_FITS = Rule(
    code="FLT-ROUTE-005",
    name="tls-fits-the-entry-point",
    title="A route on websecure has tls, one on web alone has none",
    why="A router without tls answers plain HTTP only, one with tls answers TLS only; the other gets a 404. An entry "
    "point may have TLS of its own, which the route does not show.",
    source="https://doc.traefik.io/traefik/reference/routing-configuration/http/tls/overview/",
    remediation="Add tls: {} (or its secretName) on websecure, or name the entry point that is meant.",
    scope=Scope.RESOURCE,
    judge=_judge_tls,
    level=Level.ADVISORY,
    kinds=ingressroutes.ROUTE_KINDS,
)


def _judge_redirects(objects: Objects) -> Iterator[Violation]:
    schemes = {
        (resource.namespace, resource.physical_name): scalar(resource.inputs, "spec", "redirectScheme", "scheme")
        for resource in objects.of(_MIDDLEWARE_KINDS)
    }
    for resource in objects.resources if any(schemes.values()) else ():
        if not resource.is_a(ingressroutes.ROUTE_KINDS) or not _is_only_secure(resource):
            continue
        for route_path, route in each(resource.inputs, "spec", "routes"):
            for path, reference in each(route, "middlewares"):
                name = scalar(reference, "name")
                scheme = schemes.get((scalar(reference, "namespace") or resource.namespace, name))
                if does := _REDIRECTS.get(f"{scheme}"):
                    yield Violation(resource, (*route_path, *path), f"only has clients with TLS, whom {name} {does}")


def _is_only_secure(resource: Resource) -> bool:
    points = ingressroutes.entry_points(resource)
    return secure(points) or (at(resource.inputs, "spec", "tls") is not None and not (points or frozenset()) & _PLAIN)


_REDIRECTS: Final = {"https": "redirects to where they are, so never", "http": "sends back to plain HTTP"}

REDIRECT_FITS = Rule(
    code="FLT-ROUTE-009",
    name="redirect-fits-the-entry-point",
    title="A redirect to https is on the route that takes plain HTTP, and none leads back",
    why="On a route with TLS a redirect to https never fires, and plain HTTP stays as it is; one to http makes a loop "
    "with the redirect that plain HTTP should have.",
    source="https://doc.traefik.io/traefik/reference/routing-configuration/http/middlewares/redirectscheme/",
    remediation="Put the redirect on a route of the plain entry point (web), with redirectScheme scheme: https.",
    scope=Scope.STACK,
    judge=_judge_redirects,
    level=Level.ADVISORY,
)


def _judge_stripping(objects: Objects) -> Iterator[Violation]:
    stripping: dict[tuple[Any, Any], list[str]] = {}
    for resource in objects.of(_MIDDLEWARE_KINDS):
        listed = at(resource.inputs, "spec", "stripPrefix", "prefixes")
        if isinstance(listed, list) and listed and all(isinstance(one, str) for one in listed):
            stripping[resource.namespace, resource.physical_name] = listed
    for resource in objects.resources if stripping else ():
        if resource.is_a(ingressroutes.ROUTE_KINDS):
            yield from _stripped(resource, stripping)


def _stripped(resource: Resource, stripping: Mapping[tuple[Any, Any], list[str]]) -> Iterator[Violation]:
    for route_path, route in each(resource.inputs, "spec", "routes"):
        paths = _paths(resource, route)
        for path, reference in each(route, "middlewares"):
            name = scalar(reference, "name")
            prefixes = stripping.get((scalar(reference, "namespace") or resource.namespace, name))
            if paths and prefixes and not any(_strips(prefix, one) for prefix in prefixes for one in paths):
                taken = ", ".join(sorted(path for _, path in paths))
                message = f"strips {', '.join(prefixes)} by {name}, but only takes {taken}"
                yield Violation(resource, (*route_path, *path), message)


def _paths(resource: Resource, route: Mapping[str, Any]) -> set[UrlPath]:
    """Give the paths that a route takes; none when it takes others beside those it names."""
    written, language = route.get("match"), ingressroutes.dialect(resource, dict(route))
    try:
        found = alternatives(traefik.parse(written, language)) if isinstance(written, str) else []
    except (traefik.RuleError, TooManyError):
        return set()
    if any(alternative.paths is None for alternative in found):
        return set()
    return {path for alternative in found for path in alternative.paths or ()}


def _strips(prefix: str, path: UrlPath) -> bool:
    return path[1].startswith(prefix) or (path[0] != EXACT and prefix.startswith(path[1]))


STRIPPED = Rule(
    code="FLT-ROUTE-007",
    name="stripped-prefix-is-matched",
    title="A prefix that a route strips is one that it takes",
    why="A middleware that strips another prefix does nothing, and the application sees a path that it does not know.",
    source="https://doc.traefik.io/traefik/reference/routing-configuration/http/middlewares/stripprefix/",
    remediation="Strip the prefix that the route's rule asks for.",
    scope=Scope.STACK,
    judge=_judge_stripping,
    level=Level.ADVISORY,
)

RULES = (TLS_FITS, REDIRECT_FITS, STRIPPED)
