"""Compartments: a Secret is read by the pods of its own compartment and by nobody else (label contract)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from policies.credentials.shapes import shapes
from policies.findings import Level, Rule, Scope, Violation
from policies.objects import Objects
from policies.pods import Pods
from policies.purpose import COMPARTMENT
from policies.resources import Resource
from policies.secret_reads import SECRET_KINDS, known_values, made_secret, reads
from policies.values import UNKNOWN, Path, at, each, scalar

NO_COMPARTMENT: Final = f"not judged by compartment, because the Secret has no label {COMPARTMENT}"
_RBAC: Final = frozenset({"rbac.authorization.k8s.io"})
_ROLES: Final = {"Role": _RBAC, "ClusterRole": _RBAC}
_BINDINGS: Final = {"RoleBinding": _RBAC, "ClusterRoleBinding": _RBAC}
_READING: Final = frozenset({"get", "list", "watch"})


def _of_pods(pods: Pods) -> Any:  # noqa: ANN401  (may be unknown)
    labels = at(pods.template, "metadata", "labels")
    return labels if labels is UNKNOWN else scalar(labels, COMPARTMENT)


def _labelled(objects: Objects) -> dict[tuple[Any, Any], tuple[Resource, Any]]:
    """Give the Secrets by namespace and name, each with its compartment, which may be absent or unknown."""
    made = ((resource, made_secret(resource)) for resource in objects.resources)
    return {
        (resource.namespace, secret[0]): (resource, secret[1].get(COMPARTMENT))
        for resource, secret in made
        if secret is not None
    }


def _judge_reads(objects: Objects) -> Iterator[Violation]:
    secrets = _labelled(objects)
    for pods in objects.pods if secrets else ():
        seen: set[str] = set()
        for read in reads(pods):
            secret, wanted = secrets.get((pods.resource.namespace, read.name), (None, UNKNOWN))
            own = _of_pods(pods)
            if secret is None or read.name in seen or UNKNOWN in (own, wanted):
                continue
            seen.add(read.name)
            if wanted is None:
                objects.notes.add(NO_COMPARTMENT, secret.title)
            elif own != wanted:
                labelled = f"are of compartment {own!r}" if own is not None else "carry no compartment"
                message = f"reads {secret.title} of compartment {wanted!r} {read.where}, but its pods {labelled}"
                yield Violation(pods.resource, read.path, message)


READ_INSIDE = Rule(
    code="FLT-SECRET-005",
    name="secret-is-read-inside-its-compartment",
    title="A Secret with a compartment is read only by pods of that compartment",
    why="The Stripe key is known to the checkout alone; one storefront that reads it too is one more way to lose it.",
    source="https://kubernetes.io/docs/concepts/security/secrets-good-practices/#restrict-secret-access-to-specific-containers",
    remediation=f"Take the reference out, or label the pod template with the Secret's own {COMPARTMENT}.",
    scope=Scope.STACK,
    judge=_judge_reads,
)


@dataclass(slots=True)
class _Accounts:
    """The service accounts that roles are bound to, and the pods that carry their tokens."""

    bound: dict[tuple[str, Any, Any], list[tuple[Any, Any, Any]]] = field(default_factory=lambda: defaultdict(list))
    pods: dict[tuple[Any, Any], list[Pods]] = field(default_factory=lambda: defaultdict(list))


def _accounts(objects: Objects) -> _Accounts:
    found = _Accounts()
    silent = {
        (one.namespace, one.physical_name)
        for one in objects.resources
        if one.kind == "ServiceAccount" and scalar(one.inputs, "automountServiceAccountToken") is False
    }
    for binding in objects.of(_BINDINGS):
        kind, name = scalar(binding.inputs, "roleRef", "kind"), scalar(binding.inputs, "roleRef", "name")
        reach = binding.namespace if binding.kind == "RoleBinding" else None
        for _, subject in each(binding.inputs, "subjects"):
            if subject.get("kind") == "ServiceAccount":
                account = subject.get("namespace") or binding.namespace, subject.get("name")
                found.bound[str(kind), reach if kind == "Role" else None, name].append((reach, *account))
    for pods in objects.pods:
        own = scalar(pods.template, "spec", "serviceAccountName") or "default"
        mounts = scalar(pods.template, "spec", "automountServiceAccountToken")
        if mounts is not False and (mounts is True or (pods.resource.namespace, own) not in silent):
            found.pods[pods.resource.namespace, own].append(pods)
    return found


def _grants(role: Resource) -> Iterator[tuple[Path, frozenset[str] | None]]:
    """Give the rules of a role that let Secrets be read: path, and the names they are narrowed to; None for all."""
    for path, rule in each(role.inputs, "rules"):
        groups, kinds, verbs = (_strings(rule, key) for key in ("apiGroups", "resources", "verbs"))
        if "" in groups and "secrets" in kinds and _READING & verbs:
            yield path, _strings(rule, "resourceNames") or None


def _strings(rule: dict[str, Any], key: str) -> frozenset[str]:
    value = at(rule, key)
    return frozenset(item for item in value if isinstance(item, str)) if isinstance(value, list) else frozenset()


def _judge_roles(objects: Objects) -> Iterator[Violation]:
    secrets = {key: one for key, one in _labelled(objects).items() if isinstance(one[1], str)}
    if not secrets:
        return
    accounts = _accounts(objects)
    by_namespace: dict[Any, list[tuple[Any, Any]]] = defaultdict(list)
    for (namespace, name), (_, compartment) in secrets.items():
        by_namespace[namespace].append((name, compartment))
    for role in objects.resources:
        for path, names in _grants(role) if role.is_a(_ROLES) else ():
            if who := _outsider(role, names, accounts, by_namespace):
                message = f"lets {who[0].resource.title} read Secret {who[1]}/{who[2]} of compartment {who[3]!r}"
                yield Violation(role, (*path, "resources"), f"{message} through the API")


def _outsider(
    role: Resource,
    names: frozenset[str] | None,
    accounts: _Accounts,
    secrets: dict[Any, list[tuple[Any, Any]]],
) -> tuple[Pods, Any, Any, Any] | None:
    """Give the first pods that a role lets read a Secret of a compartment that is not theirs."""
    own = role.namespace if role.kind == "Role" else None
    for reach, namespace, account in accounts.bound.get((role.kind, own, role.physical_name), ()):
        for pods in accounts.pods.get((namespace, account), ()):
            compartment = _of_pods(pods)
            where = pods.resource.namespace if reach is None else reach
            for name, wanted in secrets.get(where, ()) if compartment is not UNKNOWN else ():
                if compartment != wanted and (names is None or name in names):
                    return pods, where, name, wanted
    return None


ROLE_INSIDE = Rule(
    code="FLT-SECRET-006",
    name="role-keeps-compartments",
    title="No role lets pods read Secrets of another compartment through the API",
    why="Whoever may get or list the Secrets of a namespace has them all, whatever its pods mount.",
    source="https://kubernetes.io/docs/concepts/security/rbac-good-practices/#listing-secrets",
    remediation="Take secrets out of the role, or narrow it by resourceNames to Secrets of the pods' own compartment.",
    scope=Scope.STACK,
    judge=_judge_roles,
    level=Level.ADVISORY,
)


def _judge_copies(objects: Objects) -> Iterator[Violation]:
    holders: dict[str, list[tuple[Resource, Path, Any]]] = defaultdict(list)
    for secret in objects.of(SECRET_KINDS):
        if secret.labels.get(COMPARTMENT) is not UNKNOWN:
            for path, _, value in known_values(secret):
                for shape in shapes(value):
                    holders[shape.value].append((secret, path, secret.labels.get(COMPARTMENT)))
    for places in holders.values():
        ordered = sorted(places, key=lambda place: (place[2] is None, place[0].title))
        owner, _, compartment = ordered[0]
        for secret, path, other in ordered[1:]:
            if compartment != other and secret.namespace == owner.namespace:
                shown = f"of compartment {other!r}" if other is not None else "without a compartment"
                message = f"{shown}, holds the same token as {owner.title} of compartment {compartment!r}"
                yield Violation(secret, path, message)


ONE_COMPARTMENT = Rule(
    code="FLT-SECRET-009",
    name="token-has-one-compartment",
    title="A token stands in the Secrets of one compartment",
    why="Pods that were kept from the original read the copy, and nobody thinks of it when the token changes.",
    source="https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html",
    remediation="Delete the copy, or give each compartment a token of its own.",
    scope=Scope.STACK,
    judge=_judge_copies,
    level=Level.ADVISORY,
)

RULES = (READ_INSIDE, ROLE_INSIDE, ONE_COMPARTMENT)
