"""A session stays with one version: the cookie of a split, and what browsers ask of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from policies.findings import Level, Rule, Scope, Violation
from policies.resources import Resource
from policies.splits import INLINE, TRAEFIK_KINDS, WEIGHTED, Split, has_cookie, splits
from policies.values import UNKNOWN, Path, at, each

_SOURCE: Final = (
    "https://doc.traefik.io/traefik/reference/routing-configuration/kubernetes/crd/http/traefikservice/"
    "#stickiness-and-load-balancing"
)
_COOKIES: Final = "https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Set-Cookie"
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII)
_VERSIONED: Final = re.compile(
    r".*[-_.](?:v\d[\w.-]*|blue|green|next|beta|preview|old|new|experiment\w*)", re.IGNORECASE
)
_SHORTEST: Final = 300
Problem = tuple[Path, str]


def _unstuck(resource: Resource) -> Iterator[Split]:
    """Give the Traefik splits between several members that draw anew for every request."""
    for split in splits(resource):
        if split.form in (WEIGHTED, INLINE) and split.is_known and split.is_shared and not has_cookie(split.sticky):
            yield split


def _message(split: Split) -> str:
    names = ", ".join(str(member.name) for member in split.members)
    if split.form == INLINE:
        return f"splits between {names} in the route itself, where no cookie keeps a session with one of them"
    if any(has_cookie(member.spec.get("sticky")) for member in split.members):
        return f"is sticky only within {names}, which keeps a session with a pod but not with a version"
    return f"splits between {names} without a sticky cookie, so a session changes version from request to request"


def _is_house(split: Split) -> bool:
    return split.keeps_house and not (split.is_driven and not split.owner.keeps_contract)


def _judge_sessions(resource: Resource) -> Iterator[Violation]:
    yield from (Violation(resource, _place(one), _message(one)) for one in _unstuck(resource) if _is_house(one))


def _judge_versions(resource: Resource) -> Iterator[Violation]:
    for split in _unstuck(resource):
        names = [str(member.name) for member in split.members]
        if not _is_house(split) and any(_VERSIONED.fullmatch(name) for name in names):
            yield Violation(resource, _place(split), _message(split))


def _place(split: Split) -> Path:
    return split.path if split.form == INLINE else split.path[:-1]


SESSIONS = Rule(
    code="FLT-CANARY-006",
    name="canary-sessions-stick",
    title="A split between two releases keeps each session with one of them",
    why="One buyer sees both versions in one checkout: pages ask for files that the other version does not have.",
    source=_SOURCE,
    remediation="Put the members into a TraefikService with spec.weighted.sticky.cookie, beside the services.",
    scope=Scope.RESOURCE,
    judge=_judge_sessions,
    kinds=TRAEFIK_KINDS,
)
VERSIONS = Rule(
    code="FLT-CANARY-007",
    name="version-split-sessions-stick",
    title="A split between versions of an application keeps each session with one of them",
    why="A session that changes version from request to request meets pages and files that do not belong together.",
    source=_SOURCE,
    remediation="Add spec.weighted.sticky.cookie to the TraefikService, unless the members serve no sessions.",
    scope=Scope.RESOURCE,
    judge=_judge_versions,
    level=Level.ADVISORY,
    kinds=TRAEFIK_KINDS,
)


def _cookies(resource: Resource) -> Iterator[tuple[Path, dict[str, Any]]]:
    holders: list[tuple[Path, Any]] = [(("spec", "weighted"), at(resource.inputs, "spec", "weighted"))]
    holders.append((("spec", "mirroring"), at(resource.inputs, "spec", "mirroring")))
    holders += [(path, one) for key in ("weighted", "mirroring") for path, one in _listed(resource, key)]
    for route_path, route in each(resource.inputs, "spec", "routes"):
        holders += [((*route_path, *path), one) for path, one in each(route, "services")]
    for path, holder in holders:
        cookie = at(holder, "sticky", "cookie")
        if isinstance(cookie, dict):
            yield (*path, "sticky", "cookie"), cookie


def _listed(resource: Resource, key: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    yield from each(resource.inputs, "spec", key, "services" if key == "weighted" else "mirrors")


def _judge_kept(resource: Resource) -> Iterator[Violation]:
    for path, cookie in _cookies(resource):
        for field, message in _dropped(cookie):
            yield Violation(resource, (*path, *field), message)
    own = at(resource.inputs, "spec", "weighted", "sticky", "cookie", "name")
    for path, member in _listed(resource, "weighted") if isinstance(own, str) else ():
        if at(member, "sticky", "cookie", "name") == own:
            message = f"names the cookie of a member {own}, like the split's own: one overwrites the other"
            yield Violation(resource, (*path, "sticky", "cookie", "name"), message)


def _dropped(cookie: dict[str, Any]) -> Iterator[Problem]:
    """Say why a browser, or Traefik, does not keep a cookie."""
    name, site, age = cookie.get("name"), cookie.get("sameSite"), cookie.get("maxAge")
    insecure = cookie.get("secure") in (None, False)
    if site == "none" and insecure:
        yield ("sameSite",), "sets a cookie with sameSite none that is not secure, which browsers drop"
    if isinstance(name, str) and name.startswith(("__Secure-", "__Host-")) and insecure:
        yield ("name",), f"names a cookie {name} that is not secure, which browsers drop"
    elif isinstance(name, str) and name.startswith("__Host-") and _is_narrowed(cookie):
        yield ("name",), f"names a cookie {name}, which may have no domain and only the path /"
    if isinstance(age, int) and age < 0:
        yield ("maxAge",), f"sets a cookie with maxAge {age}, which expires at once"


def _is_narrowed(cookie: dict[str, Any]) -> bool:
    return bool(cookie.get("domain")) or cookie.get("path", "/") not in ("/", UNKNOWN)


KEPT = Rule(
    code="FLT-CANARY-008",
    name="sticky-cookie-is-kept",
    title="A sticky cookie is one that browsers keep",
    why="A cookie that is dropped keeps no session: every request is drawn anew, and it looks as if it were not.",
    source=_COOKIES,
    remediation="Set secure to true, sameSite to lax, and maxAge to the longest session in seconds.",
    scope=Scope.RESOURCE,
    judge=_judge_kept,
    kinds=TRAEFIK_KINDS,
)


def _judge_flags(resource: Resource) -> Iterator[Violation]:
    for path, cookie in _cookies(resource):
        dropped = any(field != ("maxAge",) for field, _ in _dropped(cookie))
        missing = [flag for flag in ("secure", "httpOnly") if cookie.get(flag) in (None, False)]
        if missing and not (dropped and missing == ["secure"]):
            yield Violation(resource, path, f"sets a sticky cookie without {' and '.join(missing)}")
        name, age = cookie.get("name"), cookie.get("maxAge")
        if isinstance(name, str) and name and not _TOKEN.fullmatch(name):
            yield Violation(resource, (*path, "name"), f"names a cookie {name!r}, in which Traefik replaces letters")
        if isinstance(age, int) and 0 < age < _SHORTEST:
            yield Violation(resource, (*path, "maxAge"), f"keeps a session for {age} s, less than a checkout takes")


FLAGS = Rule(
    code="FLT-CANARY-009",
    name="sticky-cookie-is-well-kept",
    title="A sticky cookie is secure, out of reach of scripts, well named, and outlives a checkout",
    why="Whoever reads or sets the cookie chooses the version; one that expires in mid-checkout changes it.",
    source=_COOKIES,
    remediation="Set secure and httpOnly to true, a name of letters, digits, - and _, and maxAge to 3600.",
    scope=Scope.RESOURCE,
    judge=_judge_flags,
    level=Level.ADVISORY,
    kinds=TRAEFIK_KINDS,
)

RULES = (SESSIONS, VERSIONS, KEPT, FLAGS)
