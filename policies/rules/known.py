"""What the plan fixes is known before the apply: an unknown there is a mistake, and would blind the other rules."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Final

from policies.budgets import BUDGET_KINDS
from policies.findings import Rule, Scope, Violation
from policies.gateways import ROUTE_KINDS
from policies.ingresses import INGRESS_KINDS
from policies.ingressroutes import BACKEND_KINDS
from policies.pods import LISTS, POD_KINDS, PROBES, template_path
from policies.resources import KUBERNETES, Resource
from policies.scaling import AUTOSCALER_KINDS
from policies.services import SERVICE_KINDS
from policies.splits import GATEWAY_KINDS
from policies.values import Path, dotted, has_unknown, unknowns

Patterns = tuple[Path, ...]

_CONTAINER: Final[Patterns] = (
    ("name",),
    ("image",),
    ("imagePullPolicy",),
    ("restartPolicy",),
    *(("ports", "*", field) for field in ("name", "containerPort", "protocol")),
    *((probe, kind, "port") for probe, kind in product(PROBES, ("httpGet", "tcpSocket", "grpc"))),
    ("env", "*", "name"),
    ("securityContext", "*"),
    ("securityContext", "capabilities", "add", "*"),
)
_POD: Final[Patterns] = (
    *((field,) for field in ("hostNetwork", "hostPID", "hostIPC")),
    ("securityContext", "*"),
)
_SERVICE: Final[Patterns] = (
    ("spec", "type"),
    ("spec", "selector", "*"),
    *(("spec", "ports", "*", field) for field in ("name", "port", "targetPort", "protocol")),
)
_BACKEND: Final[Patterns] = (
    ("serviceName",),
    ("servicePort",),
    ("service", "name"),
    ("service", "port", "number"),
    ("service", "port", "name"),
)
_HTTP_PATH: Final[Path] = ("spec", "rules", "*", "http", "paths", "*")
_INGRESS: Final[Patterns] = (
    ("spec", "ingressClassName"),
    ("spec", "rules", "*", "host"),
    (*_HTTP_PATH, "path"),
    (*_HTTP_PATH, "pathType"),
    *((*_HTTP_PATH, "backend", *field) for field in _BACKEND),
    *(("spec", key, *field) for key in ("backend", "defaultBackend") for field in _BACKEND),
)
_MEMBER: Final = ("name", "namespace", "kind", "port", "weight")
_ROUTE: Final[Patterns] = (
    ("spec", "entryPoints", "*"),
    ("spec", "routes", "*", "match"),
    ("spec", "routes", "*", "priority"),
    ("spec", "tls"),
    ("spec", "weighted", "sticky", "cookie", "*"),
    *(("spec", "routes", "*", "services", "*", field) for field in _MEMBER),
    *(("spec", "weighted", "services", "*", field) for field in _MEMBER),
    *(("spec", "highestRandomWeight", "services", "*", field) for field in _MEMBER),
    *(("spec", "mirroring", field) for field in _MEMBER),
    *(("spec", "mirroring", "mirrors", "*", field) for field in (*_MEMBER, "percent")),
    *(("spec", "errors", "service", field) for field in _MEMBER),
)
_SELECTOR: Final[Patterns] = (("spec", "selector", "matchLabels", "*"), ("spec", "selector", "matchExpressions", "*"))
_WORKLOAD: Final[Patterns] = (*_SELECTOR, ("spec", "replicas"))
_AUTOSCALER: Final[Patterns] = (
    *(("spec", bound) for bound in ("minReplicas", "maxReplicas", "minReplicaCount", "maxReplicaCount")),
    *(("spec", "scaleTargetRef", field) for field in ("kind", "name")),
)
_BUDGET: Final[Patterns] = (*_SELECTOR, ("spec", "minAvailable"), ("spec", "maxUnavailable"))
_GATEWAY: Final[Patterns] = tuple(("spec", "rules", "*", "backendRefs", "*", field) for field in ("name", "weight"))
_GATEWAY_ROUTE: Final[Patterns] = (
    ("spec", "hostnames", "*"),
    *(("spec", "parentRefs", "*", field) for field in ("name", "namespace", "sectionName", "port")),
    *(("spec", "rules", "*", "matches", "*", "path", field) for field in ("type", "value")),
)
_IDENTITY: Final[Patterns] = (("metadata", "namespace"), ("metadata", "name"))


_PATTERNS: Final = (
    (SERVICE_KINDS, _SERVICE),
    (INGRESS_KINDS, _INGRESS),
    (BACKEND_KINDS, _ROUTE),
    (AUTOSCALER_KINDS, _AUTOSCALER),
    (BUDGET_KINDS, _BUDGET),
    (GATEWAY_KINDS, _GATEWAY),
    (ROUTE_KINDS, _GATEWAY_ROUTE),
)
_KIND: Final[Patterns] = (("apiVersion",), ("kind",))


def _patterns(resource: Resource) -> Iterator[Path]:
    if resource.type.startswith(KUBERNETES):
        yield from _KIND
    template = template_path(resource)
    if template is not None:
        yield from _WORKLOAD
        yield from ((*template, "spec", *field) for field in _POD)
        yield from ((*template, "spec", "volumes", "*", "image", field) for field in ("reference", "pullPolicy"))
        yield from ((*template, "spec", name, "*", *field) for name in LISTS for field in _CONTAINER)
    for kinds, patterns in _PATTERNS:
        if resource.is_a(kinds):
            yield from patterns
    if resource.is_a(POD_KINDS) or any(resource.is_a(kinds) for kinds, _ in _PATTERNS):
        yield from _IDENTITY


def _judge(resource: Resource) -> Iterator[Violation]:
    if not has_unknown(resource.inputs):
        return
    found = dict.fromkeys(path for pattern in _patterns(resource) for path in unknowns(resource.inputs, pattern))
    for path in found:
        yield Violation(resource, path, undecided_message(path))


def undecided_message(path: Path) -> str:
    """Say that a field is not known and that rules could not run for it."""
    return f"{dotted(path) or 'every input'} is not known before the apply, so the rules that read it could not run"


KNOWN = Rule(
    code="FLT-PLAN-001",
    name="planned-fields-are-known",
    title="Ports, images, hosts, selectors and weights are known before the apply",
    why="What a rule cannot see it cannot judge; CrossGuard alone would let the resource pass.",
    source="https://www.pulumi.com/docs/iac/concepts/inputs-outputs/",
    remediation="Give the field a plain value instead of another resource's output.",
    scope=Scope.RESOURCE,
    judge=_judge,
)

RULES = (KNOWN,)
