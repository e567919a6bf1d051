"""Accounts have the rights that they need, by name: no wildcards, no cluster-admin, nothing for strangers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from policies.findings import Level, Rule, Scope, Violation
from policies.objects import Objects
from policies.pods import Pods
from policies.resources import Resource
from policies.values import UNKNOWN, Path, at, each, mapping, scalar

_RBAC: Final = frozenset({"rbac.authorization.k8s.io"})
ROLE_KINDS: Final = {"Role": _RBAC, "ClusterRole": _RBAC}
BINDING_KINDS: Final = {"RoleBinding": _RBAC, "ClusterRoleBinding": _RBAC}
_ACCOUNTS: Final = {"ServiceAccount": frozenset({""})}
_OWN_DEFAULTS: Final = "kubernetes.io/bootstrapping"
"""The label of the roles and bindings that the API server makes for itself."""
_RBAC_SOURCE: Final = "https://kubernetes.io/docs/concepts/security/rbac-good-practices/"
_GROUP: Final = "rbac.authorization.k8s.io"
_GRANTING: Final = frozenset({"roles", "clusterroles"})
_POWERS: Final = {
    "secrets": "",
    "pods/exec": "",
    "pods/attach": "",
    "serviceaccounts/token": "",
    "nodes/proxy": "",
    **dict.fromkeys((*_GRANTING, "rolebindings", "clusterrolebindings"), _GROUP),
}
"""Resources of which any right leads to more rights, and their groups."""


class _Grant:
    """One rule of a role, its lists as sets of texts."""

    def __init__(self, rule: Mapping[str, Any]) -> None:
        self.verbs, self.groups = _set(rule, "verbs"), _set(rule, "apiGroups")
        self.resources, self.urls = _set(rule, "resources"), _set(rule, "nonResourceURLs")
        self.names = _set(rule, "resourceNames")

    def reaches(self, resources: frozenset[str], group: str) -> set[str]:
        """Give which of ``resources``, which are in ``group``, are granted."""
        if self.groups and not self.groups & {group, "*"}:
            return set()
        return set(resources) if "*" in self.resources else self.resources & resources


def _set(rule: Mapping[str, Any], key: str) -> set[str]:
    listed = at(rule, key)
    return {item for item in listed if isinstance(item, str)} if isinstance(listed, list) else set()


def _grants(resource: Resource) -> Iterator[tuple[Path, _Grant]]:
    if _OWN_DEFAULTS not in resource.labels:
        yield from ((path, _Grant(rule)) for path, rule in each(resource.inputs, "rules"))


def _judge_wide(resource: Resource) -> Iterator[Violation]:
    for path, grant in _grants(resource):
        if message := _wide(grant):
            yield Violation(resource, path, message)


def _wide(grant: _Grant) -> str | None:
    if "*" in grant.verbs and "*" in grant.urls:
        return "grants every verb on every path of the API server"
    if "*" in grant.resources and (not grant.groups or grant.groups & {"", "*"}):
        verbs = "every verb" if "*" in grant.verbs else ", ".join(sorted(grant.verbs))
        return f"grants {verbs} on every resource, Secrets too"
    if "*" in grant.verbs and (powers := _powers(grant)):
        return f"grants every verb on {', '.join(powers)}"
    return None if grant.names else _rising(grant)


def _powers(grant: _Grant) -> list[str]:
    return sorted(one for one, group in _POWERS.items() if grant.reaches(frozenset({one}), group))


def _rising(grant: _Grant) -> str | None:
    """Say by what an account can give itself every right there is, without the API server's own check."""
    verbs = sorted(grant.verbs & {"escalate", "bind"})
    if verbs and (roles := grant.reaches(_GRANTING, _GROUP)):
        return f"grants {' and '.join(verbs)} on {' and '.join(sorted(roles))}, which is every right there is"
    people = grant.reaches(frozenset({"users", "groups"}), "") | grant.reaches(frozenset({"serviceaccounts"}), "")
    if "impersonate" in grant.verbs and people:
        return f"grants to act as any of the {' and '.join(sorted(people))}"
    return None


WIDE = Rule(
    code="FLT-SECURITY-012",
    name="rights-are-named",
    title="A role grants no wildcard that takes in Secrets or roles, and no way to raise itself",
    why="Whoever breaks into one pod with such an account has the cluster, and every resource that is added later.",
    source=_RBAC_SOURCE,
    remediation="Name the apiGroups, resources and verbs that it uses, and resourceNames where they are known.",
    scope=Scope.RESOURCE,
    judge=_judge_wide,
    kinds=ROLE_KINDS,
)


def _judge_narrower(resource: Resource) -> Iterator[Violation]:
    for path, grant in _grants(resource):
        message = None if _wide(grant) else _narrower(grant)
        if message:
            yield Violation(resource, path, message)
    if resource.kind == "RoleBinding" and scalar(resource.inputs, "roleRef", "name") == "cluster-admin":
        for path, subject in each(resource.inputs, "subjects"):
            if _is_machine(subject):
                message = f"makes {_shown(subject)} the owner of all of namespace {resource.namespace}"
                yield Violation(resource, path, message)


def _narrower(grant: _Grant) -> str | None:
    # ``*/scale`` with every group is how autoscalers are told of all that scales.
    scaling = bool(grant.resources) and all(one.startswith("*/") for one in grant.resources)
    lists = [("verb", grant.verbs), ("resource", grant.resources), ("group", set() if scaling else grant.groups)]
    if wild := [name for name, values in lists if "*" in values]:
        return f"grants every {' and every '.join(wild)} by a wildcard"
    doing = sorted(grant.resources & {"pods/exec", "pods/attach", "nodes/proxy", "serviceaccounts/token"})
    if doing and grant.verbs & {"create", "get"} and not grant.names:
        return f"grants {', '.join(doing)}, by which a process runs in other pods or in their name"
    return None


NARROWER = Rule(
    code="FLT-SECURITY-013",
    name="rights-are-no-wider-than-needed",
    title="A role names its verbs and resources, and does not let a program into other pods",
    why="A wildcard grants what does not exist yet, and exec, attach and node proxies reach what other pods know.",
    source=_RBAC_SOURCE,
    remediation="List the verbs and resources one by one, and bind a role of the namespace instead of cluster-admin.",
    scope=Scope.RESOURCE,
    judge=_judge_narrower,
    level=Level.ADVISORY,
    kinds={**ROLE_KINDS, "RoleBinding": _RBAC},
)

_STRANGERS: Final = frozenset({"system:anonymous", "system:unauthenticated"})
_CROWDS: Final = frozenset({"system:authenticated", "system:serviceaccounts"})
_STRONG: Final = frozenset({"cluster-admin", "admin", "edit"})
_PUBLIC: Final = frozenset(
    {"system:public-info-viewer", "system:discovery", "system:service-account-issuer-discovery"}
    | {"kubeadm:bootstrap-signer-clusterinfo", "kubeadm:get-nodes"}
)
"""What is there to be read by everybody: discovery documents, keys that verify tokens, how to join."""


def _judge_bindings(resource: Resource) -> Iterator[Violation]:
    if _OWN_DEFAULTS in resource.labels:
        return
    role = scalar(resource.inputs, "roleRef", "name")
    for path, subject in each(resource.inputs, "subjects"):
        name = scalar(subject, "name")
        if name in _STRANGERS and role not in _PUBLIC and role is not UNKNOWN:
            yield Violation(resource, path, f"gives {role} to {name}: to everybody who reaches the API server")
        elif name in _CROWDS and role in _STRONG:
            yield Violation(resource, path, f"gives {role} to {name}: to every account there is")
        elif role == "cluster-admin" and resource.kind == "ClusterRoleBinding" and _is_machine(subject):
            yield Violation(resource, path, f"gives cluster-admin to {_shown(subject)}")


def _is_machine(subject: dict[str, Any]) -> bool:
    """Say whether a subject is a program, and not the person or group that a cluster belongs to."""
    name = scalar(subject, "name")
    return scalar(subject, "kind") == "ServiceAccount" or str(name).startswith("system:serviceaccount")


def _shown(subject: dict[str, Any]) -> str:
    namespace = scalar(subject, "namespace")
    return f"{scalar(subject, 'kind')} {f'{namespace}/' if namespace else ''}{scalar(subject, 'name')}"


BINDINGS = Rule(
    code="FLT-SECURITY-014",
    name="no-keys-to-the-cluster",
    title="No program is cluster-admin, and nothing is granted to strangers",
    why="A token of such an account, which all its pods carry, owns the cluster; a stranger needs no token at all.",
    source=_RBAC_SOURCE,
    remediation="Bind a role with the rights that the program needs, in its own namespace.",
    scope=Scope.RESOURCE,
    judge=_judge_bindings,
    kinds=BINDING_KINDS,
)


def _judge_tokens(objects: Objects) -> Iterator[Violation]:
    accounts = {(one.namespace, one.physical_name): one for one in objects.resources if one.is_a(_ACCOUNTS)}
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

RULES = (WIDE, NARROWER, BINDINGS, TOKENS)
