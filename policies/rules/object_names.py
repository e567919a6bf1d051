"""Names, labels and annotations have the form that Kubernetes asks of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from policies import apis
from policies.conformity import issues
from policies.findings import Rule, Scope, Violation
from policies.forms import Form, dns_label, dns_subdomain, is_placeholder, path_segment
from policies.issues import Problem
from policies.resources import Resource
from policies.values import at, scalar

_RBAC: Final = "rbac.authorization.k8s.io"
_FORMS: Final[dict[tuple[str, str], Form]] = {
    ("", "Namespace"): dns_label,
    ("", "Service"): dns_label,
    ("apps", "StatefulSet"): dns_label,
    **{(_RBAC, kind): path_segment for kind in ("Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding")},
    **{(group, "Event"): path_segment for group in ("", "events.k8s.io")},
    ("certificates.k8s.io", "CertificateSigningRequest"): path_segment,
    ("certificates.k8s.io", "ClusterTrustBundle"): path_segment,
    ("networking.k8s.io", "IPAddress"): path_segment,
    ("policy", "PodDisruptionBudget"): path_segment,
}
"""The form of a name where it is not the usual one, a DNS subdomain."""
_LONGEST: Final = {
    ("batch", "CronJob"): (52, "11 for the time are added to those of its Jobs"),
    ("batch", "Job"): (63, "it is a label of the pods"),
}
"""Names that must be shorter than their form says, and why."""
_COMPUTED: Final[dict[tuple[str, str], tuple[tuple[str, ...], tuple[str, ...], str]]] = {
    ("apiextensions.k8s.io", "CustomResourceDefinition"): (
        ("spec", "names", "plural"),
        ("spec", "group"),
        "spec.names.plural and spec.group",
    ),
    ("apiregistration.k8s.io", "APIService"): (("spec", "version"), ("spec", "group"), "spec.version and spec.group"),
}
"""Names that two fields make, with a dot between them."""


def _judge(resource: Resource) -> Iterator[Violation]:
    group, version, kind = resource.api
    if kind in apis.served().get(apis.api_version(group, version), ()):
        yield from _names(resource, (group, kind))
    for issue in issues(resource):
        if issue.problem is Problem.FORM:
            yield Violation(resource, issue.path, issue.message)


def _names(resource: Resource, key: tuple[str, str]) -> Iterator[Violation]:
    form = _FORMS.get(key, dns_subdomain)
    for field, text in (("name", resource.physical_name), ("generateName", _generated(resource))):
        if (
            isinstance(text, str)
            and text
            and not is_placeholder(text)
            and (problem := form(text) or _too_long(key, text))
        ):
            yield Violation(resource, ("metadata", field), f"is named {text[:70]!r}, which {problem}")
    if key in _COMPUTED and isinstance(name := resource.physical_name, str) and name:
        first, second, words = _COMPUTED[key]
        parts = at(resource.inputs, *first), at(resource.inputs, *second)
        if all(isinstance(part, str) for part in parts) and name != ".".join(parts):
            yield Violation(
                resource, ("metadata", "name"), f"is named {name!r}, which is not {words} with a dot between"
            )


def _generated(resource: Resource) -> Any:  # noqa: ANN401
    """Give a name's beginning without the hyphen at its end, which the generated rest follows."""
    text = scalar(resource.inputs, "metadata", "generateName")
    return text.rstrip("-") if isinstance(text, str) else text


def _too_long(key: tuple[str, str], text: str) -> str | None:
    longest, why = _LONGEST.get(key, (len(text), ""))
    return f"has {len(text)} characters, of which {longest} are allowed: {why}" if len(text) > longest else None


NAMES = Rule(
    code="FLT-API-006",
    name="name-has-its-form",
    title="Names, label keys, label values and annotation keys have the form that Kubernetes asks of them",
    why="The API server refuses the object; most names become part of a DNS name, a path or an address.",
    source="https://kubernetes.io/docs/concepts/overview/working-with-objects/names/",
    remediation="Use small letters, digits and hyphens, as short as the message says.",
    scope=Scope.RESOURCE,
    judge=_judge,
    general=True,
)

RULES = (NAMES,)
