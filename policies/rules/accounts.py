"""Who gets a role, and which pods carry a token: no program owns the cluster, and strangers get nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.findings import Level, Rule, Scope, Violation
from policies.objects import Objects
from policies.pods import Pods
from policies.resources import Resource
from policies.rules.rights import OWN_DEFAULTS, RBAC, RBAC_SOURCE, is_machine, shown
from policies.values import UNKNOWN, Path, each, mapping, scalar

BINDING_KINDS: Final = {"RoleBinding": RBAC, "ClusterRoleBinding": RBAC}
_ACCOUNTS: Final = {"ServiceAccount": frozenset({""})}
_STRANGERS: Final = frozenset({"system:anonymous", "system:unauthenticated"})
_CROWDS: Final = frozenset({"system:authenticated", "system:serviceaccounts"})
_STRONG: Final = frozenset({"cluster-admin", "admin", "edit"})
_PUBLIC: Final = frozenset(
    {"system:public-info-viewer", "system:discovery", "system:service-account-issuer-discovery"}
    | {"kubeadm:bootstrap-signer-clusterinfo", "kubeadm:get-nodes"}
)
"""What is there to be read by everybody: discovery documents, keys that verify tokens, how to join."""


def _judge_bindings(resource: Resource) -> Iterator[Violation]:
    if OWN_DEFAULTS in resource.labels:
        return
    role = scalar(resource.inputs, "roleRef", "name")
    for path, subject in each(resource.inputs, "subjects"):
        name = scalar(subject, "name")
        if name in _STRANGERS and role not in _PUBLIC and role is not UNKNOWN:
            yield Violation(resource, path, f"gives {role} to {name}: to everybody who reaches the API server")
        elif name in _CROWDS and role in _STRONG:
            yield Violation(resource, path, f"gives {role} to {name}: to every account there is")
        elif role == "cluster-admin" and resource.kind == "ClusterRoleBinding" and is_machine(subject):
            yield Violation(resource, path, f"gives cluster-admin to {shown(subject)}")


BINDINGS = Rule(
    code="FLT-SECURITY-014",
    name="no-keys-to-the-cluster",
    title="No program is cluster-admin, and nothing is granted to strangers",
    why="A token of such an account, which all its pods carry, owns the cluster; a stranger needs no token at all.",
    source=RBAC_SOURCE,
    remediation="Bind a role with the rights that the program needs, in its own namespace.",
    scope=Scope.RESOURCE,
    judge=_judge_bindings,
    kinds=BINDING_KINDS,
)


def _judge_tokens(objects: Objects) -> Iterator[Violation]:
    accounts = {(one.namespace, one.physical_name): one for one in objects.of(_ACCOUNTS)}
    for pods in objects.pods:
        spec = mapping(pods.template, "spec")
        name = scalar(spec, "serviceAccountName") or scalar(spec, "serviceAccount") or "default"
        if name != "default" or not spec:
            continue
        account = accounts.get((pods.resource.namespace, name))
        own, inherited = spec.get("automountServiceAccountToken"), None
        if account is not None:
            inherited = account.inputs.get("automountServiceAccountToken")
        if own is True or (own is None and inherited in (None, True)):
            yield Violation(pods.resource, _token_path(pods, own), "carries a token of the account default")


def _token_path(pods: Pods, own: object) -> Path:
    return (*pods.path, "spec", "automountServiceAccountToken") if own else (*pods.path, "spec")


TOKENS = Rule(
    code="FLT-SECURITY-015",
    name="default-account-carries-no-token",
    title="A pod has a service account of its own, or no token",
    why="All pods share the account default: what one of them is once granted, every one of them can do.",
    source="https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#opt-out-of-api-credential-automounting",
    remediation="Set automountServiceAccountToken: false, or name a serviceAccountName of its own.",
    scope=Scope.STACK,
    judge=_judge_tokens,
    level=Level.ADVISORY,
)

RULES = (BINDINGS, TOKENS)
