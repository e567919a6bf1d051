"""Every place where an object says which web origins may read its answers (CORS), in one form."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final

from policies.allowed_by_name import Allowance, told
from policies.ingresses import INGRESS_KINDS
from policies.origins import WILDCARD, listed
from policies.resources import Resource
from policies.values import Path, at, each, mapping, scalar
from policies.variables import CONFIG_KINDS, KINDS

HEADER: Final = "access-control-allow-origin"
NGINX: Final = "nginx.ingress.kubernetes.io/"
_SNIPPETS: Final = tuple(f"{NGINX}{name}-snippet" for name in ("configuration", "server"))
_MIDDLEWARES: Final = {"Middleware": frozenset({"traefik.io"})}
_ROUTES: Final = {"HTTPRoute": frozenset({"gateway.networking.k8s.io"})}
ALLOWING_KINDS: Final = {**KINDS, **INGRESS_KINDS, **_MIDDLEWARES, **_ROUTES}
"""Kinds that can let an origin in: those with settings, and those with rules of their own."""
_READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_ASSETS: Final = re.compile(
    r"(?:^|[-._])(?:assets?|static|cdn|fonts?|images?|img|media|public|downloads?)(?:$|[-._])", re.IGNORECASE
)
_ASSET_PLACE: Final = re.compile(
    r"\b(?:woff2?|ttf|otf|eot|svg|png|jpe?g|css|js)\b|/(?:assets?|static|fonts?|images?|img|media)\b"
)
_SPOKEN: Final = re.compile(
    r"^(?![^\S\n]*(?:#|//)).*?Access-Control-Allow-Origin[\"']?[^\S\n]*[:=,]?[^\S\n]*[\"']?[^\S\n]*(\*|\$http_origin\b)",
    re.IGNORECASE | re.MULTILINE,
)
_GUARD: Final = re.compile(r"(?:map|if\s*\()\s*\$http_origin", re.IGNORECASE)


def allowances(resource: Resource) -> tuple[Allowance, ...]:
    """Give everything that an object lets in; the same answer to every rule that asks."""
    if "allowances" not in resource.derived:
        reader = _READERS.get(resource.type.rpartition(":")[2]) if not resource.kind else None
        found = reader(resource) if reader else _of_kubernetes(resource)
        resource.derived["allowances"] = (*found, *told(resource))
    result: tuple[Allowance, ...] = resource.derived["allowances"]
    return result


def _of_kubernetes(resource: Resource) -> Iterator[Allowance]:
    if resource.is_a(_MIDDLEWARES):
        yield from _middleware(resource)
    elif resource.is_a(INGRESS_KINDS):
        yield from _ingress(resource)
    elif resource.is_a(_ROUTES):
        yield from _http_route(resource)
    elif resource.is_a(CONFIG_KINDS) and resource.kind == "ConfigMap":
        for key, text in mapping(resource.inputs, "data").items():
            yield from _spoken(resource, ("data", key), text)


def _texts(value: Any, *path: str | int) -> Iterator[tuple[Path, str]]:  # noqa: ANN401
    items = at(value, *path)
    if isinstance(items, str):
        yield path, items
    for position, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, str):
            yield (*path, position), item


def _middleware(resource: Resource) -> Iterator[Allowance]:
    headers, base = mapping(resource.inputs, "spec", "headers"), ("spec", "headers")
    credentials = headers.get("accessControlAllowCredentials") is True
    methods = {method for _, method in _texts(headers, "accessControlAllowMethods")}
    common = Allowance(
        resource,
        (),
        "",
        credentials=credentials,
        static=_serves_assets(resource) and _only_reads(methods) and not credentials,
    )
    for path, origin in _texts(headers, "accessControlAllowOriginList"):
        yield replace(common, path=(*base, *path), origin=origin)
    for path, pattern in _texts(headers, "accessControlAllowOriginListRegex"):
        yield replace(common, path=(*base, *path), origin=pattern, kind="regex")
    for name, value in mapping(headers, "customResponseHeaders").items():
        if name.lower() == HEADER and isinstance(value, str) and value:
            yield replace(common, path=(*base, "customResponseHeaders", name), origin=value, kind="header")


def _only_reads(methods: set[str]) -> bool:
    return bool(methods) and methods <= _READING


def _ingress(resource: Resource) -> Iterator[Allowance]:
    notes, base = resource.annotations, ("metadata", "annotations")
    for key in _SNIPPETS:
        yield from _spoken(resource, (*base, key), notes.get(key))
    if str(notes.get(f"{NGINX}enable-cors")).lower() != "true":
        return
    key = f"{NGINX}cors-allow-origin"
    credentials = str(notes.get(f"{NGINX}cors-allow-credentials", "true")).lower() == "true"
    methods = {method.strip() for method in str(notes.get(f"{NGINX}cors-allow-methods", "")).split(",")} - {""}
    common = Allowance(
        resource,
        (*base, key),
        "",
        credentials=credentials,
        matches_stars=True,
        static=_only_reads(methods) and not credentials and _serves_assets(resource),
    )
    written = notes.get(key)
    if written in (None, ""):
        yield replace(common, path=(*base, f"{NGINX}enable-cors"), origin=WILDCARD, note=f"the default without {key}")
    elif isinstance(written, str):
        yield from (replace(common, origin=origin) for origin in listed(written))


def _serves_assets(resource: Resource) -> bool:
    """Say whether an object's name, or a host of it, is one of files that are there for everybody."""
    hosts = [scalar(rule, "host") for _, rule in each(resource.inputs, "spec", "rules")]
    return any(_ASSETS.search(str(name)) for name in (resource.physical_name, *hosts))


def _http_route(resource: Resource) -> Iterator[Allowance]:
    for rule_path, rule in each(resource.inputs, "spec", "rules"):
        filters = [(path, one) for path, one in each(rule, "filters")]
        for path, backend in each(rule, "backendRefs"):
            filters += [((*path, *inner), one) for inner, one in each(backend, "filters")]
        for path, one in filters:
            yield from _filter(resource, (*rule_path, *path), one)


def _filter(resource: Resource, path: Path, one: dict[str, Any]) -> Iterator[Allowance]:
    cors = mapping(one, "cors")
    methods = {method for _, method in _texts(cors, "allowMethods")}
    credentials = cors.get("allowCredentials") is True
    static = _only_reads(methods) and not credentials and _serves_assets(resource)
    for inner, origin in _texts(cors, "allowOrigins"):
        yield Allowance(
            resource, (*path, "cors", *inner), origin, credentials=credentials, static=static, matches_stars=True
        )
    for verb in ("set", "add"):
        for inner, header in each(one, "responseHeaderModifier", verb):
            value = scalar(header, "value")
            if str(header.get("name")).lower() == HEADER and isinstance(value, str):
                yield Allowance(resource, (*path, *inner, "value"), value, kind="header")


def _spoken(resource: Resource, path: Path, text: Any) -> Iterator[Allowance]:  # noqa: ANN401
    """Give the wildcards that a proxy's or a program's own text sends; a reflected origin is one when nobody checks."""
    if not isinstance(text, str) or "llow-" not in text:
        return
    guarded = bool(_GUARD.search(text))
    for match in _SPOKEN.finditer(text):
        if match[1] == WILDCARD or not guarded:
            before = text[: match.start()].rpartition("location ")[2].partition("\n")[0]
            static = match[1] == WILDCARD and "location " in text[: match.start()] and bool(_ASSET_PLACE.search(before))
            note = "" if match[1] == WILDCARD else "the caller's own origin, sent back unchecked"
            yield Allowance(resource, path, WILDCARD, kind="header", static=static, note=note)


def _bucket(resource: Resource) -> Iterator[Allowance]:
    for path, rule in each(resource.inputs, "rules"):
        methods = {method.upper() for _, method in _texts(rule, "allowed", "methods")}
        for inner, origin in _texts(rule, "allowed", "origins"):
            yield Allowance(resource, (*path, *inner), origin, static=_only_reads(methods), matches_stars=True)


def _ruleset(resource: Resource) -> Iterator[Allowance]:
    for path, rule in each(resource.inputs, "rules"):
        headers = at(rule, "actionParameters", "headers")
        found = list(headers.items()) if isinstance(headers, dict) else []
        found += [(scalar(one, "name"), one) for one in headers] if isinstance(headers, list) else []
        for name, header in found:
            value = scalar(header, "value")
            if str(name).lower() == HEADER and isinstance(value, str):
                yield Allowance(resource, (*path, "actionParameters", "headers"), value, kind="header")


def _application(resource: Resource) -> Iterator[Allowance]:
    headers = mapping(resource.inputs, "corsHeaders")
    credentials = headers.get("allowCredentials") is True
    if headers.get("allowAllOrigins") is True:
        yield Allowance(resource, ("corsHeaders", "allowAllOrigins"), WILDCARD, credentials=credentials)
    for path, origin in _texts(headers, "allowedOrigins"):
        yield Allowance(resource, ("corsHeaders", *path), origin, credentials=credentials)


def _script(resource: Resource) -> Iterator[Allowance]:
    yield from _spoken(resource, ("content",), resource.inputs.get("content"))


_READERS: Final[dict[str, Callable[[Resource], Iterator[Allowance]]]] = {
    "R2BucketCors": _bucket,
    "Ruleset": _ruleset,
    "ZeroTrustAccessApplication": _application,
    "AccessApplication": _application,
    "WorkersScript": _script,
    "WorkerScript": _script,
}
