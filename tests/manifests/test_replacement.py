"""Every field of a stack file, edited in turn: nothing but a rename replaces anything.

With explicit names a replacement deletes before it creates (DESIGN, Names and replacement). A field of the model that
has no edit in ``edits.yaml`` fails the first test.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args, get_origin

import pytest
import yaml
from pydantic import BaseModel

from fleet.config import FleetConfig
from fleet.load import load
from manifests.plan import Planned

Raw = dict[str, Any]
Resources = Callable[..., list[Planned]]

# What replaces, by type; what isn't listed is updated in place. Kubernetes: pulumi-kubernetes 4.x, forceNew in
# provider/pkg/provider/diff.go, with enableSecretMutable; the provider itself: DiffConfig in provider.go, where a
# cluster identifier silences every other key; edge: field-guide/edge.md, section 3; random: pulumi-random's schema.
EVERY_OBJECT = ("metadata.name", "metadata.namespace")
REPLACES: dict[str, tuple[str, ...]] = {
    "kubernetes:apps/v1:Deployment": ("spec.selector",),
    "kubernetes:apps/v1:DaemonSet": ("spec.selector",),
    "kubernetes:apps/v1:StatefulSet": (
        "spec.podManagementPolicy",
        "spec.revisionHistoryLimit",
        "spec.selector",
        "spec.serviceName",
        "spec.volumeClaimTemplates",
    ),
    "kubernetes:batch/v1:Job": ("spec.completions", "spec.parallelism", "spec.selector", "spec.template"),
    "kubernetes:core/v1:ConfigMap": ("data", "binaryData", "immutable"),
    "kubernetes:core/v1:PersistentVolumeClaim": (
        "spec.accessModes",
        "spec.selector",
        "spec.storageClassName",
        "spec.volumeName",
    ),
    "kubernetes:core/v1:Secret": ("type", "immutable"),
    "kubernetes:core/v1:Service": ("spec.clusterIP",),
    "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding": ("roleRef",),
    "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding": ("roleRef",),
    "kubernetes:storage.k8s.io/v1:StorageClass": ("parameters", "provisioner"),
    "pulumi:providers:kubernetes": ("clusterIdentifier",),
    "random:index/randomPassword:RandomPassword": ("length", "special", "keepers"),
    "cloudflare:index/d1Database:D1Database": ("name", "accountId", "jurisdiction", "primaryLocationHint"),
    "cloudflare:index/r2Bucket:R2Bucket": ("name", "accountId", "location", "jurisdiction", "storageClass"),
}

EDITS: Raw = yaml.safe_load((Path(__file__).parent / "edits.yaml").read_text())


def fields(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Give the path of every field of the configuration; a section that must be there is only its fields."""
    for name, field in model.model_fields.items():
        path = f"{prefix}{field.alias or name}"
        sections = list(models(field.annotation))
        if not sections or not field.is_required() or path == "variants":
            yield path
        for section in sections:
            yield from fields(section, f"{path}[]." if is_list(field.annotation) else f"{path}.")


def is_list(annotation: Any) -> bool:
    return get_origin(annotation) is tuple


def models(annotation: Any) -> Iterator[type[BaseModel]]:
    """Give the sections that a type names, whatever they are wrapped in."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from models(inner)


def test_every_field_has_an_edit() -> None:
    assert sorted(fields(FleetConfig)) == sorted(EDITS["edits"])


def written(path: str) -> tuple[Raw, Raw]:
    """Give the stack file before and after the edit of one field."""
    edit, ways = EDITS["edits"][path], EDITS["ways"]
    before = copy.deepcopy(EDITS["everything"] | ways.get(edit.get("given"), {}))
    after = copy.deepcopy(before | ways.get(edit.get("instead"), {}))
    if "to" not in edit:
        return before, after
    here: Any = after
    *parents, key = path.split(".")
    for parent in parents:
        here = here[parent[:-2]][0] if parent.endswith("[]") else here.setdefault(parent, {})
    here[key] = edit["to"]
    if edit["to"] is None:
        del here[key]
    return before, after


def at(value: Any, path: str) -> Any:
    for key in path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value


def replaced(before: list[Planned], after: list[Planned]) -> dict[str, list[str]]:
    """Give what the provider would replace: the fields that force it, by logical name."""
    old = {(one.type, one.name): one for one in before}
    found = {}
    for new in after:
        if (new.type, new.name) in old:
            inputs = old[new.type, new.name].inputs
            forcing = (*REPLACES.get(new.type, ()), *(EVERY_OBJECT if new.is_kubernetes else ()))
            fields = [path for path in forcing if at(inputs, path) != at(new.inputs, path)]
            found[new.name] = [path for path in fields if path not in new.ignore_changes]
    return {name: paths for name, paths in found.items() if paths}


# A raised generation is a rotation: pulumi-random makes the password anew because its keeper changed.
MEANT = {
    "generations.database": {"database-password-b": ["keepers"]},
    "generations.verify": {"verify-token": ["keepers"]},
}


@pytest.mark.parametrize("path", [path for path in EDITS["edits"] if path != "namespace"])
def test_an_edit_replaces_nothing(path: str, planned_resources: Resources) -> None:
    before, after = written(path)
    assert load(before, stack="dev") != load(after, stack="dev"), "the edit changes nothing at all"
    old, new = planned_resources(before), planned_resources(after)
    assert replaced(old, new) == MEANT.get(path, {})
    assert replaced(new, old) == MEANT.get(path, {})


def test_renaming_the_namespace_replaces_what_is_in_it_and_keeps_the_edge(planned_resources: Resources) -> None:
    before, after = written("namespace")
    old, new = planned_resources(before), planned_resources(after)
    found = replaced(old, new)
    assert {one.name for one in new if one.is_kubernetes} <= found.keys() | {one.name for one in new} - {
        one.name for one in old
    }
    assert found["kubernetes"] == ["clusterIdentifier"]
    assert (
        not {"edge-database", "edge-bucket", "database-password-a", "database-password-b", "verify-token"}
        & found.keys()
    )


def test_the_check_itself_sees_what_would_be_replaced(planned_resources: Resources) -> None:
    before, after = planned_resources(EDITS["everything"]), planned_resources(EDITS["everything"])
    for one in after:
        if one.name == "checkout-deployment":
            one.inputs["spec"]["selector"]["matchLabels"]["version"] = "1"
        if one.name == "database-data-persistentvolumeclaim":
            one.inputs["spec"].update(storageClassName="ignored", accessModes=["ReadWriteMany"])
    assert replaced(before, after) == {
        "checkout-deployment": ["spec.selector"],
        "database-data-persistentvolumeclaim": ["spec.accessModes"],
    }


def test_every_type_of_the_plan_was_looked_up(planned_resources: Resources) -> None:
    in_place = {"pulumi:providers:random", "pulumi:providers:cloudflare"} | {
        f"kubernetes:{kind}"
        for kind in (
            "autoscaling/v2:HorizontalPodAutoscaler",
            "batch/v1:CronJob",
            "cert-manager.io/v1:Certificate",
            "core/v1:Namespace",
            "core/v1:ServiceAccount",
            "monitoring.coreos.com/v1:ServiceMonitor",
            "networking.k8s.io/v1:NetworkPolicy",
            "policy/v1:PodDisruptionBudget",
            "traefik.io/v1alpha1:IngressRoute",
            "traefik.io/v1alpha1:Middleware",
            "traefik.io/v1alpha1:TraefikService",
        )
    }
    raw = EDITS["everything"] | EDITS["ways"]["autoscaled"]
    planned = {one.type for one in planned_resources(raw)}
    assert planned == in_place | (planned & REPLACES.keys())
