"""The whole plan of any fleet: its order, its names and its labels."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fleet.load import load
from manifests.fleet import plan
from manifests.plan import Planned, waves

Raw = dict[str, Any]
Fleets = st.SearchStrategy[Raw]
Resources = Callable[..., list[Planned]]

LABEL = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
SERVICE_LABEL = re.compile(r"[a-z]([a-z0-9-]*[a-z0-9])?")
SUBDOMAIN = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
LABEL_VALUE = re.compile(r"([A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?)?")
# How long a name may be: what is not a ConfigMap becomes a label, a host or the name of a pod somewhere. A CronJob adds
# 11 characters to it (kubernetes.io, CronJob), a StatefulSet 11 in controller-revision-hash (kubernetes #64023).
LONGEST = {"CronJob": 52, "StatefulSet": 52, "ConfigMap": 253}


@given(data=st.data())
def test_every_need_is_planned_before_it_is_needed(
    any_fleet: Fleets, planned_resources: Resources, data: st.DataObject
) -> None:
    done: set[str] = set()
    for resource in planned_resources(data.draw(any_fleet)):
        assert done.issuperset(resource.needs), resource.name
        done.add(resource.name)


@given(data=st.data())
def test_the_plan_falls_into_waves(any_fleet: Fleets, planned_resources: Resources, data: st.DataObject) -> None:
    resources = planned_resources(data.draw(any_fleet))
    assert sum(map(len, waves(resources))) == len(resources)


@given(data=st.data())
def test_every_component_comes_after_its_parent_and_has_one_name(any_fleet: Fleets, data: st.DataObject) -> None:
    components = list(plan(load(data.draw(any_fleet), stack="dev")))
    assert components[0].parent is None
    seen = {components[0].name}
    for component in components[1:]:
        assert component.parent in seen
        assert component.name not in seen
        assert re.fullmatch(r"flotilla:components:[A-Z][a-z]+", component.type)
        seen.add(component.name)


@given(data=st.data())
def test_no_two_resources_share_a_name(any_fleet: Fleets, planned_resources: Resources, data: st.DataObject) -> None:
    resources = planned_resources(data.draw(any_fleet))
    logical = Counter(resource.name for resource in resources)
    physical = Counter(
        (resource.inputs["kind"], resource.inputs["metadata"].get("namespace"), resource.inputs["metadata"]["name"])
        for resource in resources
        if resource.is_kubernetes
    )
    assert set(logical.values()) == {1}
    assert set(physical.values()) == {1}


@given(data=st.data())
def test_every_name_and_label_is_legal(any_fleet: Fleets, planned_resources: Resources, data: st.DataObject) -> None:
    for resource in planned_resources(data.draw(any_fleet)):
        if resource.is_kubernetes:
            assert_legal(resource.inputs)


def assert_legal(manifest: Any) -> None:
    kind, meta = manifest["kind"], manifest["metadata"]
    grammar = {"Service": SERVICE_LABEL, "Namespace": LABEL}.get(kind, SUBDOMAIN)
    assert grammar.fullmatch(meta["name"]), meta["name"]
    assert len(meta["name"]) <= LONGEST.get(kind, 63), meta["name"]
    for key, value in meta["labels"].items():
        assert LABEL_VALUE.fullmatch(value), f"{key}: {value}"
        assert len(value) <= 63, f"{key}: {value}"


def test_the_longest_legal_variant_has_legal_names(minimal: Raw, planned_resources: Resources) -> None:
    name = "v" * 40
    minimal |= {
        "variants": [name],
        "certificates": {"issuer": {"name": "le"}},
        "canary": {"storefronts": {"image": "storefront:2.0.0", "plan": "careful", "step": 1}},
    }
    resources = planned_resources(minimal)
    for resource in resources:
        if resource.is_kubernetes:
            assert_legal(resource.inputs)
    longest = max(len(resource.inputs["metadata"]["name"]) for resource in resources if "Service" in resource.type)
    assert longest == len("storefront-") + 40 + len("-canary")


@given(data=st.data())
def test_everything_is_labelled_as_the_fleets_own(
    any_fleet: Fleets, planned_resources: Resources, data: st.DataObject
) -> None:
    raw = data.draw(any_fleet)
    fleet = load(raw, stack="dev")
    for resource in planned_resources(raw):
        if resource.is_kubernetes:
            meta = resource.inputs["metadata"]
            assert meta["labels"]["flotilla.dev/fleet"] == fleet.namespace
            assert meta["labels"]["app.kubernetes.io/managed-by"] == "flotilla"
            assert meta.get("namespace", fleet.namespace) == fleet.namespace
            assert ("namespace" in meta) == (resource.inputs["kind"] != "Namespace")


@given(data=st.data())
def test_storage_is_protected_unless_it_is_disposable(
    any_fleet: Fleets, planned_resources: Resources, data: st.DataObject
) -> None:
    raw = data.draw(any_fleet)
    storage = ("Namespace", "PersistentVolumeClaim", "StatefulSet", "D1Database", "R2Bucket")
    for resource in planned_resources(raw):
        expected = raw["purpose"] != "disposable" and resource.type.endswith(storage)
        assert resource.protect is expected, resource.name
        assert resource.retain_on_delete is (expected and resource.is_edge), resource.name


@given(data=st.data())
def test_no_plan_holds_a_secrets_value(any_fleet: Fleets, planned_resources: Resources, data: st.DataObject) -> None:
    for resource in planned_resources(data.draw(any_fleet)):
        if resource.type.endswith(":Secret"):
            assert resource.inputs.keys() == {"apiVersion", "kind", "metadata", "type"}
            annotations = resource.inputs["metadata"]["annotations"]
            assert annotations["flotilla.dev/keys"]
            assert int(annotations["flotilla.dev/generation"]) >= 1
