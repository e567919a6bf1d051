"""A volume that one node can mount is asked for by no more than that."""

from __future__ import annotations

from typing import Any

import pytest

from tests.policies.edge import UNKNOWN

MANY, ROLLS = "FLT-STORAGE-011", "FLT-STORAGE-012"
RECREATE = {"type": "Recreate"}


def claim(*modes: Any, name: str = "files") -> dict[str, Any]:
    metadata = {"name": name, "namespace": "shop"}
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": metadata,
        "spec": {"accessModes": [*modes]},
    }


def workload(name: str = "app", kind: str = "Deployment", *, pod: Any = None, **spec: Any) -> dict[str, Any]:
    volumes = [{"name": "files", "persistentVolumeClaim": {"claimName": "files"}}]
    template = {"spec": {"containers": [{"name": "a", "image": "a:1.0.0"}], "volumes": volumes, **(pod or {})}}
    given = {"strategy": RECREATE, **spec} if kind == "Deployment" else spec
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {"template": template, **given},
    }


@pytest.mark.parametrize("mode", ["ReadWriteOnce", "ReadWriteOncePod"])
@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet", "ReplicaSet"])
def test_several_replicas_on_one_claim_are_found(found: Any, kind: str, mode: str) -> None:
    assert found([claim(mode), workload(kind=kind, replicas=1)]) == set()
    assert found([claim(mode), workload(kind=kind)]) == set()
    assert found([claim(mode), workload(kind=kind, replicas=2)]) == {(MANY, f"{kind} shop/app")}


def test_a_daemonset_is_on_every_node(found: Any) -> None:
    assert found([claim("ReadWriteOnce"), workload(kind="DaemonSet")]) == {(MANY, "DaemonSet shop/app")}
    assert found([claim("ReadWriteMany"), workload(kind="DaemonSet")]) == set()


@pytest.mark.parametrize(
    "modes",
    [
        ("ReadWriteMany",),
        ("ReadOnlyMany",),
        ("ReadWriteOnce", "ReadWriteMany"),
        ("ReadWriteOnce", "ReadOnlyMany"),
        (UNKNOWN,),
        (),
    ],
)
def test_a_claim_for_many_nodes_is_fine(found: Any, modes: Any) -> None:
    assert found([claim(*modes), workload(replicas=3), workload("other")]) == set()


def test_a_claim_that_is_not_in_the_input_or_of_another_namespace_is_not_judged(found: Any) -> None:
    elsewhere = claim("ReadWriteOnce")
    elsewhere["metadata"]["namespace"] = "other"
    assert found([elsewhere, workload(replicas=3)]) == set()
    assert found([claim("ReadWriteOnce", name="others"), workload(replicas=3)]) == set()


NEAR = {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [{"topologyKey": "kubernetes.io/hostname"}]}}


@pytest.mark.parametrize(
    "pod", [{"nodeName": "n"}, {"nodeSelector": {"kubernetes.io/hostname": "n"}}, {"affinity": NEAR}]
)
def test_replicas_that_all_come_to_one_node_share_its_volume(found: Any, pod: Any) -> None:
    assert found([claim("ReadWriteOnce"), workload(replicas=2, pod=pod)]) == set()
    assert found([claim("ReadWriteOncePod"), workload(replicas=2, pod=pod)]) == {(MANY, "Deployment shop/app")}


def test_an_autoscaler_decides_before_the_workload(found: Any) -> None:
    def scaler(least: int, most: int) -> dict[str, Any]:
        target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "app"}
        spec = {"scaleTargetRef": target, "minReplicas": least, "maxReplicas": most}
        metadata = {"name": "app", "namespace": "shop"}
        return {
            "apiVersion": "autoscaling/v2",
            "kind": "HorizontalPodAutoscaler",
            "metadata": metadata,
            "spec": spec,
        }

    stack = [claim("ReadWriteOnce"), workload()]
    assert found([*stack, scaler(1, 1)]) == set()
    assert found([*stack, scaler(2, 4)]) == {(MANY, "Deployment shop/app")}
    assert found([*stack, scaler(1, 4)]) == {(ROLLS, "Deployment shop/app")}
    other = scaler(2, 4)
    other["metadata"]["namespace"] = "other"
    assert found([*stack, other]) == set()


def test_an_unknown_number_of_replicas_is_said_to_be_unknown_and_nothing_else(found: Any) -> None:
    assert found([claim("ReadWriteOnce"), workload(replicas=UNKNOWN)]) == {("FLT-PLAN-001", "Deployment shop/app")}


@pytest.mark.parametrize(
    "strategy",
    [None, {}, {"type": "RollingUpdate"}, {"rollingUpdate": {"maxSurge": 1}}, {"rollingUpdate": {"maxSurge": "25%"}}],
)
def test_a_roll_out_that_needs_the_volume_twice_is_advised_on(found: Any, strategy: Any) -> None:
    assert found([claim("ReadWriteOnce"), workload(strategy=RECREATE)]) == set()
    assert found([claim("ReadWriteOnce"), workload(strategy=strategy)]) == {(ROLLS, "Deployment shop/app")}
    assert found([claim("ReadWriteMany"), workload(strategy=strategy)]) == set()


@pytest.mark.parametrize(
    "strategy",
    [{"rollingUpdate": {"maxSurge": 0}}, {"rollingUpdate": {"maxSurge": "0%"}}, {"rollingUpdate": UNKNOWN}, UNKNOWN],
)
def test_a_roll_out_that_lets_go_first_is_fine(found: Any, strategy: Any) -> None:
    assert found([claim("ReadWriteOnce"), workload(strategy=strategy)]) == set()


def test_two_workloads_on_one_claim_are_advised_on_and_refused_for_one_pod(found: Any) -> None:
    both = [workload("one"), workload("two", "StatefulSet")]
    names = {"Deployment shop/one", "StatefulSet shop/two"}
    assert found([claim("ReadWriteOnce"), both[0]]) == set()
    assert found([claim("ReadWriteOnce"), *both]) == {(ROLLS, name) for name in names}
    assert found([claim("ReadWriteOncePod"), *both]) == {(MANY, name) for name in names}


def test_a_backup_may_mount_the_claim_of_what_it_backs_up(found: Any) -> None:
    template = workload()["spec"]["template"]
    job = {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": "backup", "namespace": "shop"},
        "spec": {"jobTemplate": {"spec": {"template": template}}},
    }
    assert found([claim("ReadWriteOnce"), workload(kind="StatefulSet"), job]) == set()
