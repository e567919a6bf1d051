"""A Middleware does one thing: Traefik makes none of an object that says two, or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.findings import Rule, Scope, Violation
from policies.resources import Resource
from policies.values import UNKNOWN, at

_KINDS: Final = dict.fromkeys(("Middleware", "MiddlewareTCP"), frozenset({"traefik.io"}))


def _judge(resource: Resource) -> Iterator[Violation]:
    spec = at(resource.inputs, "spec")
    if spec is UNKNOWN or not isinstance(spec, dict | None):
        return
    types = sorted(name for name, value in (spec or {}).items() if value is not None)
    if len(types) > 1:
        yield Violation(resource, ("spec", types[1]), f"is of the types {' and '.join(types)} at once")
    elif not types:
        yield Violation(resource, ("spec",), "is of no type")


ONE_TYPE = Rule(
    code="FLT-ROUTE-008",
    name="middleware-does-one-thing",
    title="A Middleware is of one type",
    why="Traefik refuses one of two types or of none, and every route through it: the host answers 404.",
    source="https://doc.traefik.io/traefik/reference/routing-configuration/http/middlewares/overview/",
    remediation="Write a Middleware for each type, and name them all in the route or in a chain.",
    scope=Scope.RESOURCE,
    judge=_judge,
    kinds=_KINDS,
)

RULES = (ONE_TYPE,)
