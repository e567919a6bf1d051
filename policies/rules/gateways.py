"""A route of the Gateway API hangs on a listener of its Gateway."""

from __future__ import annotations

from collections.abc import Iterator

from policies.findings import Rule, Scope, Violation
from policies.gateway_listeners import misfit
from policies.gateway_routes import ROUTE_KINDS
from policies.objects import Objects
from policies.values import each


def _judge(objects: Objects) -> Iterator[Violation]:
    for resource in objects.resources if objects.gateways else ():
        if resource.is_a(ROUTE_KINDS):
            for path, parent in each(resource.inputs, "spec", "parentRefs"):
                if problem := misfit(resource, parent, objects.gateways):
                    yield Violation(resource, path, f"hangs on no listener: {problem}")


ATTACHED = Rule(
    code="FLT-ROUTE-008",
    name="gateway-route-hangs-on-a-listener",
    title="A route fits a listener of the Gateway that it names: section, port, protocol, namespace and host",
    why="A route that fits no listener is not accepted: its hosts answer 404, and only its status says so.",
    source="https://gateway-api.sigs.k8s.io/reference/spec/#parentreference",
    remediation="Name a listener that the Gateway has, and open it for the route's namespace, protocol and hosts.",
    scope=Scope.STACK,
    judge=_judge,
)

RULES = (ATTACHED,)
