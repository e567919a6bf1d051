"""Ingress annotations that put text into the proxy's own configuration."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.findings import Rule, Scope, Violation
from policies.ingresses import INGRESS_KINDS
from policies.resources import Resource
from policies.values import mapping
from policies.variables import CONFIG_KINDS

_PREFIX: Final = "nginx.ingress.kubernetes.io/"
_SNIPPETS: Final = frozenset(
    {f"{_PREFIX}{name}-snippet" for name in ("configuration", "server", "auth", "stream", "modsecurity")}
    | {f"nginx.org/{name}-snippets" for name in ("location", "server")}
)
_ALLOWING: Final = ("allow-snippet-annotations", "annotations-risk-level")
_INJECTED: Final = ("auth-url", "auth-signin", "auth-tls-match-cn", "mirror-target", "mirror-host", "rewrite-target")
_MARKS: Final = ("\n", ";", "{", "}")


def _judge(resource: Resource) -> Iterator[Violation]:
    if resource.is_a(CONFIG_KINDS):
        yield from _controller(resource)
        return
    for key, value in resource.annotations.items():
        path = ("metadata", "annotations", key)
        name = key.removeprefix(_PREFIX)
        if key in _SNIPPETS and value not in (None, ""):
            yield Violation(resource, path, f"writes into the proxy's configuration by {key}")
        elif key != name and name in _INJECTED and isinstance(value, str) and _breaks_out(value):
            yield Violation(resource, path, f"breaks out of its directive in the proxy's configuration by {key}")


def _breaks_out(value: str) -> bool:
    """Say whether a value ends its directive; braces alone count in pairs of a regular expression."""
    return any(mark in value for mark in _MARKS[:2]) or value.count("{") != value.count("}")


def _controller(resource: Resource) -> Iterator[Violation]:
    data = mapping(resource.inputs, "data")
    if resource.kind != "ConfigMap":
        return
    if str(data.get(_ALLOWING[0])).lower() == "true":
        yield Violation(resource, ("data", _ALLOWING[0]), "lets every Ingress write into the proxy's configuration")
    if str(data.get(_ALLOWING[1])).lower() == "critical":
        yield Violation(resource, ("data", _ALLOWING[1]), "lets every Ingress write into the proxy's configuration")


SNIPPETS = Rule(
    code="FLT-SECURITY-023",
    name="no-snippets-in-the-proxy",
    title="No Ingress writes into the proxy's own configuration",
    why="Whoever may write one Ingress reads the proxy's token and so every Secret; newer controllers refuse it.",
    source="https://github.com/kubernetes/ingress-nginx/issues/7837",
    remediation="Use the annotation or middleware made for the purpose, such as rewrite-target, or a Middleware.",
    scope=Scope.RESOURCE,
    judge=_judge,
    kinds={**INGRESS_KINDS, "ConfigMap": frozenset({""})},
)

RULES = (SNIPPETS,)
