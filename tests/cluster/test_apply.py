"""Applying a plan to a real API server: what is created, changed, left alone, refused, and removed."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from fleet.errors import FlotillaError
from sandbox.kubectl import as_list
from sandbox.node import storage
from sandbox.rollouts import RolloutError


def given_up(small_fleet: Any, *plan: Any, saying: str) -> str:
    """Give what an apply says that gives up, later and later until the cluster has told why: 60 seconds in all."""
    said = ""
    for limit in (4, 8, 16, 32):
        with pytest.raises(RolloutError) as late:
            small_fleet.apply(*plan, limit_seconds=limit)
        said = str(late.value)
        assert f"not ready after {limit} s" in said
        if saying in said:
            break
    return said


def test_the_first_apply_creates_everything_and_a_second_changes_nothing(small_fleet: Any) -> None:
    plan = [small_fleet.config_map("settings", a="1"), small_fleet.deployment("app", replicas=2)]
    first = small_fleet.apply(*plan)
    assert len(first.created) == 3
    assert not first.is_nothing
    second = small_fleet.apply(*plan)
    assert second.is_nothing
    assert str(second) == "nothing changed, 3 objects are as planned"


def test_an_applied_deployment_is_available_when_apply_returns(small_fleet: Any) -> None:
    small_fleet.apply(small_fleet.deployment("app", replicas=3))
    assert small_fleet.live("deployment", "app")["status"]["availableReplicas"] == 3


def test_a_changed_value_changes_that_object_alone(small_fleet: Any) -> None:
    small_fleet.apply(small_fleet.config_map("one", a="1"), small_fleet.config_map("two", a="1"))
    outcome = small_fleet.apply(small_fleet.config_map("one", a="2"), small_fleet.config_map("two", a="1"))
    assert outcome.changed == (f"ConfigMap {small_fleet.namespace}/one",)
    assert small_fleet.live("configmap", "one")["data"] == {"a": "2"}


def test_a_key_that_the_plan_drops_is_removed_and_counts_as_a_change(small_fleet: Any) -> None:
    small_fleet.apply(small_fleet.config_map("one", a="1", b="2"))
    outcome = small_fleet.apply(small_fleet.config_map("one", a="1"))
    assert len(outcome.changed) == 1
    assert small_fleet.live("configmap", "one")["data"] == {"a": "1"}


def test_a_value_changed_by_hand_comes_back(small_fleet: Any) -> None:
    small_fleet.apply(small_fleet.config_map("one", a="1"))
    small_fleet.run("patch", "configmap", "one", "--type=merge", "-p", '{"data":{"a":"by hand"}}')
    assert len(small_fleet.apply(small_fleet.config_map("one", a="1")).changed) == 1
    assert small_fleet.live("configmap", "one")["data"] == {"a": "1"}


def test_a_misspelt_field_is_refused_by_name(small_fleet: Any) -> None:
    bad = small_fleet.deployment("app", replicas=1, pod={"terminationGracePeriod": 5})
    with pytest.raises(FlotillaError, match="terminationGracePeriod"):
        small_fleet.apply(bad)


def test_a_forbidden_change_names_object_and_field_and_leaves_nothing_half_done(small_fleet: Any) -> None:
    small_fleet.apply(small_fleet.config_map("settings", a="1"), small_fleet.stateful_set("db", replicas=1))
    moved = small_fleet.stateful_set("db", replicas=1)
    moved.inputs["spec"]["serviceName"] = "elsewhere"
    with pytest.raises(FlotillaError) as refused:
        small_fleet.apply(small_fleet.config_map("settings", a="2"), moved)
    assert 'StatefulSet "db" is invalid: spec: Forbidden' in str(refused.value)
    assert "(the plan changes spec.serviceName)" in str(refused.value)
    assert "give the object another name" in str(refused.value)
    assert small_fleet.live("configmap", "settings")["data"] == {"a": "1"}


def test_what_needs_a_stuck_deployment_is_not_applied_and_the_scheduler_says_why(small_fleet: Any) -> None:
    stuck = small_fleet.deployment("app", replicas=1, pod={"nodeSelector": {"nowhere": "to-be-found"}})
    after = small_fleet.config_map("after", needs=[stuck.name], a="1")
    said = given_up(small_fleet, stuck, after, saying="FailedScheduling")
    assert f"Deployment {small_fleet.namespace}/app: not ready after " in said
    assert "FailedScheduling" in said
    assert not small_fleet.has("configmap", "after")


def test_what_a_namespace_refuses_to_admit_is_named_with_the_reason(small_fleet: Any) -> None:
    privileged = {"containers": [{"name": "app", "image": "a:1", "securityContext": {"privileged": True}}]}
    small_fleet.apply()
    small_fleet.run("label", "namespace", small_fleet.namespace, "pod-security.kubernetes.io/enforce=restricted")
    refused = small_fleet.deployment("app", replicas=1, pod=privileged)
    assert "violates PodSecurity" in given_up(small_fleet, refused, saying="violates PodSecurity")


def test_a_field_that_counts_only_at_creation_keeps_its_live_value(small_fleet: Any) -> None:
    def claim(storage_class: str, **options: Any) -> Any:
        spec = {**small_fleet.claim_spec(), "storageClassName": storage_class}
        return dataclasses.replace(small_fleet.planned("PersistentVolumeClaim", "data", {"spec": spec}), **options)

    small_fleet.apply(claim("slow"))
    with pytest.raises(FlotillaError, match="is immutable"):
        small_fleet.apply(claim("fast"))
    assert small_fleet.apply(claim("fast", ignore_changes=("spec.storageClassName",))).is_nothing


def test_a_default_that_the_api_server_wrote_is_not_taken_for_the_plans(small_fleet: Any) -> None:
    spec = small_fleet.claim_spec()
    assert "storageClassName" not in spec
    claim = small_fleet.planned("PersistentVolumeClaim", "data", {"spec": spec})
    planned = dataclasses.replace(claim, ignore_changes=("spec.storageClassName",))
    kubectl = small_fleet.cluster.kubectl
    kubectl.run("apply", "--server-side", "-f", "-", stdin=as_list(storage.objects()))
    try:
        small_fleet.apply(planned)
        live = small_fleet.live("persistentvolumeclaim", "data")
        assert live["spec"]["storageClassName"] == storage.CLASS
        assert small_fleet.apply(planned).is_nothing
        assert small_fleet.apply(claim).is_nothing
    finally:
        kubectl.run("delete", "storageclass", storage.CLASS)


def test_what_the_plan_no_longer_has_is_removed(small_fleet: Any) -> None:
    small_fleet.apply(small_fleet.config_map("one", a="1"), small_fleet.deployment("app", replicas=1))
    outcome = small_fleet.apply(small_fleet.config_map("one", a="1"))
    assert outcome.pruned == ("Deployment app",)
    assert not small_fleet.has("deployment", "app")
    assert small_fleet.has("configmap", "one")


def test_a_kind_that_the_plan_has_no_more_of_is_removed_too(small_fleet: Any) -> None:
    small_fleet.apply(small_fleet.weights("split", stable=90, canary=10))
    assert small_fleet.apply().pruned == ("TraefikService split",)


def test_what_others_made_is_never_removed_even_under_our_label(small_fleet: Any) -> None:
    small_fleet.apply()
    small_fleet.run("create", "configmap", "theirs", "--from-literal=a=1")
    small_fleet.run("label", "configmap", "theirs", f"flotilla.dev/fleet={small_fleet.namespace}")
    assert small_fleet.apply().is_nothing
    assert small_fleet.has("configmap", "theirs")


def test_another_fleet_in_the_same_cluster_is_left_alone(small_fleet: Any, private_cluster: Any) -> None:
    other = type(small_fleet)(private_cluster, f"{small_fleet.namespace}-other")
    other.apply(other.config_map("theirs", a="1"))
    assert small_fleet.apply().pruned == ()
    assert other.has("configmap", "theirs")


def test_a_job_is_complete_when_apply_returns(small_fleet: Any) -> None:
    pod = {"containers": [{"name": "job", "image": "a:1"}], "restartPolicy": "Never"}
    job = small_fleet.planned("Job", "migrate", {"spec": {"template": {"spec": pod}}}, api="batch/v1")
    small_fleet.apply(job)
    assert small_fleet.live("job", "migrate")["status"]["succeeded"] == 1
    assert small_fleet.apply(job).is_nothing
