"""Roles name what they grant: no wildcard, no way to more rights, no way into other pods."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from policies.findings import Level, Rule, Scope, Violation
from policies.resources import Resource
from policies.values import Path, at, each, scalar

RBAC: Final = frozenset({"rbac.authorization.k8s.io"})
ROLE_KINDS: Final = {"Role": RBAC, "ClusterRole": RBAC}
OWN_DEFAULTS: Final = "kubernetes.io/bootstrapping"
"""The label of the roles and bindings that the API server makes for itself."""
RBAC_SOURCE: Final = "https://kubernetes.io/docs/concepts/security/rbac-good-practices/"
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
    if OWN_DEFAULTS not in resource.labels:
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
    source=RBAC_SOURCE,
    remediation="Name the apiGroups, resources and verbs that it uses, and resourceNames where they are known.",
    scope=Scope.RESOURCE,
    judge=_judge_wide,
    kinds=ROLE_KINDS,
)


def is_machine(subject: dict[str, Any]) -> bool:
    """Say whether a subject is a program, and not the person or group that a cluster belongs to."""
    name = scalar(subject, "name")
    return scalar(subject, "kind") == "ServiceAccount" or str(name).startswith("system:serviceaccount")


def shown(subject: dict[str, Any]) -> str:
    """Name a subject as people do: ``ServiceAccount shop/checkout``."""
    namespace = scalar(subject, "namespace")
    return f"{scalar(subject, 'kind')} {f'{namespace}/' if namespace else ''}{scalar(subject, 'name')}"


def _judge_narrower(resource: Resource) -> Iterator[Violation]:
    for path, grant in _grants(resource):
        message = None if _wide(grant) else _narrower(grant)
        if message:
            yield Violation(resource, path, message)
    if resource.kind in {"RoleBinding", "ClusterRoleBinding"} and OWN_DEFAULTS not in resource.labels:
        for path, subject in each(resource.inputs, "subjects"):
            if scalar(subject, "kind") == "ServiceAccount" and scalar(subject, "name") == "default":
                message = f"gives rights to {shown(subject)}, the account of every pod that names none"
                yield Violation(resource, path, message)
    if resource.kind == "RoleBinding" and scalar(resource.inputs, "roleRef", "name") == "cluster-admin":
        for path, subject in each(resource.inputs, "subjects"):
            if is_machine(subject):
                message = f"makes {shown(subject)} the owner of all of namespace {resource.namespace}"
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
    source=RBAC_SOURCE,
    remediation="List the verbs and resources one by one, and bind a role of the namespace instead of cluster-admin.",
    scope=Scope.RESOURCE,
    judge=_judge_narrower,
    level=Level.ADVISORY,
    kinds={**ROLE_KINDS, "RoleBinding": RBAC, "ClusterRoleBinding": RBAC},
)

RULES = (WIDE, NARROWER)
