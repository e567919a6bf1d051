"""What the API server asks of a field because of another one beside it; a tree alone can't say it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from policies.issues import Problem
from policies.values import UNKNOWN, Path, each, scalar

Fault = tuple[Problem, Path, str]
"""What is wrong, the field at fault from the object that is looked at, and words that follow its path."""
Condition = Callable[[dict[str, Any]], Iterator[Fault]]

_LISTING: Final = ("In", "NotIn")
_BARE: Final = ("Exists", "DoesNotExist")


def _known(value: dict[str, Any], *names: str) -> bool:
    return all(value.get(name) is not UNKNOWN for name in names)


def _requirement(value: dict[str, Any]) -> Iterator[Fault]:
    operator, values = value.get("operator"), value.get("values")
    if not _known(value, "operator", "values"):
        return
    if operator in _LISTING and not values:
        yield Problem.MISSING, ("values",), f"is needed beside the operator {operator}"
    elif operator in _BARE and values:
        yield Problem.VALUE, ("values",), f"may not stand beside the operator {operator}"


def _service(value: dict[str, Any]) -> Iterator[Fault]:
    if not _known(value, "type", "ports", "clusterIP", "externalName"):
        return
    if value.get("type") == "ExternalName":
        if not value.get("externalName"):
            yield Problem.MISSING, ("externalName",), "is needed in a Service of type ExternalName"
    elif not value.get("ports") and value.get("clusterIP") != "None":
        yield Problem.MISSING, ("ports",), "is needed in a Service that has an address"


def _toleration(value: dict[str, Any]) -> Iterator[Fault]:
    operator = value.get("operator") or "Equal"
    if not _known(value, "key", "operator", "value", "effect", "tolerationSeconds"):
        return
    if not value.get("key") and operator != "Exists":
        yield Problem.MISSING, ("key",), f"is needed beside the operator {operator}"
    if operator == "Exists" and value.get("value"):
        yield Problem.VALUE, ("value",), "may not stand beside the operator Exists"
    if value.get("tolerationSeconds") is not None and value.get("effect") != "NoExecute":
        yield Problem.VALUE, ("tolerationSeconds",), "may stand only beside the effect NoExecute"


def _ingress_path(value: dict[str, Any]) -> Iterator[Fault]:
    path, kind = value.get("path"), value.get("pathType")
    if not _known(value, "path", "pathType") or (not path and kind == "ImplementationSpecific"):
        return
    if path is None or (isinstance(path, str) and not path.startswith("/")):
        yield Problem.VALUE, ("path",), "must begin with a slash"


def _profile(value: dict[str, Any]) -> Iterator[Fault]:
    if not _known(value, "type", "localhostProfile"):
        return
    if value.get("type") == "Localhost" and value.get("localhostProfile") is None:
        yield Problem.MISSING, ("localhostProfile",), "is needed beside the type Localhost"
    if value.get("type") != "Localhost" and value.get("localhostProfile") is not None:
        yield Problem.VALUE, ("localhostProfile",), "may stand only beside the type Localhost"


def _policy_rule(value: dict[str, Any]) -> Iterator[Fault]:
    if not _known(value, "apiGroups", "resources", "nonResourceURLs"):
        return
    if value.get("nonResourceURLs"):
        if value.get("resources") or value.get("apiGroups"):
            yield Problem.VALUE, ("nonResourceURLs",), "may not stand beside apiGroups and resources"
        return
    if not value.get("apiGroups"):
        yield Problem.MISSING, ("apiGroups",), 'is needed beside resources; the core group is ""'
    if not value.get("resources"):
        yield Problem.MISSING, ("resources",), "is needed where there is no nonResourceURLs"


def _scale_target(value: dict[str, Any]) -> Iterator[Fault]:
    """Judge a reference by a version without a group, in which only one kind that scales is left."""
    if not value.get("apiVersion") and value.get("kind") not in ("ReplicationController", UNKNOWN):
        yield Problem.MISSING, ("apiVersion",), "is needed to tell the group of the kind"


def _pod(value: dict[str, Any]) -> Iterator[Fault]:
    """Judge names over all lists of containers; within one list its own keys do."""
    seen: dict[Any, str] = {}
    for name in ("containers", "initContainers", "ephemeralContainers"):
        for path, container in each(value, name):
            own = scalar(container, "name")
            if isinstance(own, str) and seen.setdefault(own, name) != name:
                yield Problem.REPEATED, path, f"has the name {own} of one of the {seen[own]}"


CONDITIONS: Final[dict[str, Condition]] = {
    "meta.v1.LabelSelectorRequirement": _requirement,
    "core.v1.NodeSelectorRequirement": _requirement,
    "core.v1.ScopedResourceSelectorRequirement": _requirement,
    "core.v1.SeccompProfile": _profile,
    "core.v1.AppArmorProfile": _profile,
    "core.v1.ServiceSpec": _service,
    "core.v1.PodSpec": _pod,
    "autoscaling.v1.CrossVersionObjectReference!": _scale_target,
    "autoscaling.v2.CrossVersionObjectReference!": _scale_target,
    "core.v1.Toleration": _toleration,
    "networking.v1.HTTPIngressPath": _ingress_path,
    "rbac.v1.PolicyRule": _policy_rule,
}
"""By the type of the object, as the trees call it."""
