"""What an object names is there: backends, middlewares, scale targets, what pods read, roles and accounts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.findings import Judge, Level, Rule, Scope, Violation
from policies.objects import Objects
from policies.presence import Missing
from policies.references import Concern
from policies.values import Path, each, mapping, scalar

CLUSTER_BINDING: Final = {"ClusterRoleBinding": frozenset({"rbac.authorization.k8s.io"})}


def sentence(missing: Missing) -> str:
    """Say what is named, that it is missing, and what may have been meant."""
    reference = missing.reference
    named = f"{reference.role.verb} {reference.kind} {reference.name!r}"
    where = f"namespace {reference.namespace}" if isinstance(reference.namespace, str) else "the input"
    if missing.twin:
        return f"{named}, but what has this name is a {missing.twin}"
    if missing.nearest:
        return f"{named}, which {where} does not hold; it holds {missing.nearest!r}"
    if missing.elsewhere:
        return f"{named}, which is not in {where} but in {missing.elsewhere}"
    return f"{named}, which {where} does not hold"


def _missing(*concerns: Concern) -> Judge:
    def judge(objects: Objects) -> Iterator[Violation]:
        for missing in objects.missing:
            if missing.certain and missing.reference.role.concern in concerns:
                yield Violation(missing.reference.owner, missing.reference.path, sentence(missing))

    return judge


BACKEND: Final = Rule(
    code="FLT-REF-002",
    name="backend-exists",
    title="A route sends requests to a Service that exists",
    why="A proxy drops a route whose Service is missing: customers get a 404, a 503, or another route's answer.",
    source="https://kubernetes.io/docs/concepts/services-networking/ingress/#the-ingress-resource",
    remediation="Name a Service of the same namespace, or add the one that is missing.",
    scope=Scope.STACK,
    judge=_missing(Concern.BACKEND),
)

TRAEFIK: Final = Rule(
    code="FLT-REF-003",
    name="traefik-object-exists",
    title="The Middlewares, TLSOptions and ServersTransports that a route names exist",
    why="Traefik does not serve a router with a missing middleware or option: every request gets a 404.",
    source="https://doc.traefik.io/traefik/reference/routing-configuration/kubernetes/crd/http/middleware/",
    remediation="Correct the name or namespace, or add the object; in annotations it is namespace-name@kubernetescrd.",
    scope=Scope.STACK,
    judge=_missing(Concern.TRAEFIK),
)

SCALE: Final = Rule(
    code="FLT-REF-004",
    name="scale-target-exists",
    title="An autoscaler names a workload that exists",
    why="An autoscaler without its target does nothing: under load nothing scales.",
    source="https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/",
    remediation="Give scaleTargetRef the kind and name of the workload that is to scale.",
    scope=Scope.STACK,
    judge=_missing(Concern.SCALE),
)

READS: Final = Rule(
    code="FLT-REF-007",
    name="what-is-read-exists",
    title="The ConfigMaps, Secrets, claims and accounts that an object needs exist",
    why="Pods that need a missing object never start: they wait in ContainerCreating or CreateContainerConfigError.",
    source="https://kubernetes.io/docs/concepts/configuration/configmap/#configmaps-and-pods",
    remediation="Name the object as it is called in this namespace, add it, or mark the reference optional.",
    scope=Scope.STACK,
    judge=_missing(Concern.READS),
)

GOVERNING: Final = Rule(
    code="FLT-REF-010",
    name="governing-service-exists",
    title="A StatefulSet's serviceName is a Service that exists",
    why="Without its governing Service the pods get no DNS names, so members of a cluster do not find each other.",
    source="https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#stable-network-id",
    remediation="Set serviceName to the headless Service of the same namespace, or add that Service.",
    scope=Scope.STACK,
    judge=_missing(Concern.GOVERNING),
)


def _judge_bindings(objects: Objects) -> Iterator[Violation]:
    yield from _missing(Concern.RBAC)(objects)
    for resource in objects.of(CLUSTER_BINDING):
        if scalar(mapping(resource.inputs, "roleRef"), "kind") == "Role":
            kind: Path = ("roleRef", "kind")
            yield Violation(resource, kind, "grants a Role, but a ClusterRoleBinding can grant a ClusterRole only")
        for path, subject in each(resource.inputs, "subjects"):
            if scalar(subject, "kind") == "ServiceAccount" and "namespace" not in subject:
                message = f"grants rights to ServiceAccount {scalar(subject, 'name')!r} without its namespace"
                yield Violation(resource, path, message)


RBAC: Final = Rule(
    code="FLT-REF-011",
    name="binding-joins-what-exists",
    title="A role binding joins a role and ServiceAccounts that exist",
    why="A binding to a name that nobody has grants nothing: the pods are refused by the API server at run time.",
    source="https://kubernetes.io/docs/reference/access-authn-authz/rbac/#rolebinding-and-clusterrolebinding",
    remediation="Name the role by its kind and name, and each ServiceAccount by name and namespace.",
    scope=Scope.STACK,
    judge=_judge_bindings,
)

CLUSTER: Final = Rule(
    code="FLT-REF-021",
    name="class-exists",
    title="The classes, issuers and stores that an object names are in the input, where that is all there is",
    why="A claim of an unknown StorageClass stays pending, and a pod of an unknown PriorityClass is refused.",
    source="https://kubernetes.io/docs/concepts/storage/storage-classes/",
    remediation="Correct the name, or add the object; judge a part of a cluster without --world closed.",
    scope=Scope.STACK,
    judge=_missing(Concern.CLUSTER),
)


def _judge_doubtful(objects: Objects) -> Iterator[Violation]:
    for missing in objects.missing:
        if not missing.certain:
            yield Violation(missing.reference.owner, missing.reference.path, sentence(missing))


DOUBTFUL: Final = Rule(
    code="FLT-REF-015",
    name="reference-stays-in-the-input",
    title="What an object names stands beside it, or is known to come from somewhere else",
    why="Other objects of the kind are here and this one is not: it is made by hand, or its name is wrong.",
    source="https://kubernetes.io/docs/concepts/overview/working-with-objects/names/",
    remediation="Check the name; if it is made elsewhere, say so in an exemption.",
    scope=Scope.STACK,
    judge=_judge_doubtful,
    level=Level.ADVISORY,
)

RULES = (BACKEND, TRAEFIK, SCALE, READS, GOVERNING, RBAC, CLUSTER, DOUBTFUL)
