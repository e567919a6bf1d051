"""Consoles ask who is there: a dashboard that anyone may run is a way into everything that it shows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.findings import Rule, Scope, Violation
from policies.pods import POD_KINDS, Container, pods_of
from policies.resources import Resource
from policies.values import Path, at, each, scalar

_YES: Final = frozenset({"true", "1", "yes"})
_SKIPS: Final = ("--enable-skip-login", "--disable-login", "--no-auth", "--auth-mode=server", "--disable-auth")
"""Options of the Kubernetes dashboard, Argo CD and Argo Workflows, code-server and the like."""
_POWERFUL: Final = frozenset({"admin", "editor"})


def _judge(resource: Resource) -> Iterator[Violation]:
    pods = pods_of(resource)
    for container in pods.running if pods else ():
        for path, what in (*_told(container), *_anonymous(container)):
            yield Violation(resource, path, f"lets anyone into container {container.name} without a login, by {what}")


def _told(container: Container) -> Iterator[tuple[Path, str]]:
    for key in ("command", "args"):
        words = at(container.spec, key)
        for position, word in enumerate(words if isinstance(words, list) else ()):
            option, _, value = str(word).partition("=")
            if str(word) in _SKIPS or (option in _SKIPS and value.lower() in _YES):
                yield (*container.path, key, position), str(word)


def _anonymous(container: Container) -> Iterator[tuple[Path, str]]:
    """Grafana lets strangers in with a role; as viewers that may be meant, as editors it never is."""
    env = {scalar(one, "name"): (path, scalar(one, "value")) for path, one in each(container.spec, "env")}
    _, enabled = env.get("GF_AUTH_ANONYMOUS_ENABLED", ((), None))
    path, role = env.get("GF_AUTH_ANONYMOUS_ORG_ROLE", ((), None))
    if str(enabled).lower() in _YES and str(role).lower() in _POWERFUL:
        yield (*container.path, *path, "value"), f"GF_AUTH_ANONYMOUS_ORG_ROLE {role}"


CONSOLE = Rule(
    code="FLT-SECURITY-024",
    name="consoles-ask-for-a-login",
    title="A console lets nobody change things without a login",
    why="Whoever reaches the port runs it: an open Kubernetes dashboard is how Tesla's cluster was taken in 2018.",
    source="https://kubernetes.io/docs/tasks/access-application-cluster/web-ui-dashboard/#accessing-the-dashboard-ui",
    remediation="Remove the option, and put the login of the proxy or of the console itself before it.",
    scope=Scope.RESOURCE,
    judge=_judge,
    kinds=POD_KINDS,
)

RULES = (CONSOLE,)
