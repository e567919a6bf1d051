"""A real node's life: whatever of it is killed heals, and removed it is gone."""

from __future__ import annotations

import os
import signal
import time

import pytest

from fleet.errors import PlaceError
from sandbox.cluster import Cluster
from tests.node.conftest import Served, begin, snapshot, wait

PARTS = (
    *("containerd", "kubelet", "kube-proxy", "traefik", "coredns", "metrics-server", "registry"),
    *("etcd", "kube-apiserver", "kube-controller-manager"),
)


def names(cluster: Cluster) -> set[str]:
    return {process.name for process in cluster.processes()}


@pytest.mark.parametrize("part", PARTS)
def test_a_part_that_is_killed_is_started_again_and_the_shop_is_as_before(
    real_cluster: Cluster, served: Served, part: str
) -> None:
    served.apply()
    served.await_answer("version 1.0.0")
    before, pod = names(real_cluster), served.pods()[0]
    for process in real_cluster.processes():
        if process.name == part:
            os.kill(process.pid, signal.SIGKILL)
    wait(lambda: part not in names(real_cluster), f"{part} to end")
    assert not real_cluster.is_healthy()
    real_cluster.start()
    wait(real_cluster.is_healthy, "health")
    served.await_answer("version 1.0.0")
    assert names(real_cluster) == before
    after = served.pods()[0]
    assert after["metadata"]["uid"] == pod["metadata"]["uid"]
    assert [status["restartCount"] for status in after["status"]["containerStatuses"]] == [0]
    served.apply(replicas=2)


def test_everything_killed_at_once_heals(real_cluster: Cluster, served: Served) -> None:
    served.apply()
    for process in real_cluster.processes():
        os.kill(process.pid, signal.SIGKILL)
    real_cluster.start()
    served.rolled_out()
    served.await_answer("version 1.0.0")


def test_a_claim_keeps_its_data_when_its_pod_is_replaced(real_cluster: Cluster, served: Served) -> None:
    folder = real_cluster.control_plane.folder / "volumes" / served.name
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    mounted = {
        "volumes": [{"name": "data", "hostPath": {"path": str(folder)}}],
        "volumeMounts": [{"name": "data", "mountPath": "/data"}],
    }
    served.apply(**mounted)
    served.await_answer("written", "/write?text=kept")
    served.kubectl("delete", "pod", "--selector", f"app={served.name}", "--wait=true")
    served.rolled_out()
    served.await_answer("kept", "/read")


def test_a_second_real_node_is_refused_by_name(real_cluster: Cluster) -> None:
    second = Cluster("node-second", real=True)
    try:
        with pytest.raises(PlaceError, match="in use on this machine|room for one real node"):
            second.start()
    finally:
        second.stop()
    assert real_cluster.is_healthy()


def test_simulated_nodes_never_replace_a_real_one_unasked(real_cluster: Cluster) -> None:
    with pytest.raises(PlaceError, match="its node is real; run `flotilla sandbox down`"):
        Cluster(real_cluster.name).start()


def test_stopping_leaves_nothing_behind(real_cluster: Cluster, served: Served, before: dict[str, set[str]]) -> None:
    served.apply(replicas=2)
    running = snapshot()
    assert all(running[kind] - before[kind] for kind in ("processes", "mounts", "cgroups", "devices", "rules", "ports"))
    real_cluster.stop()
    try:
        time.sleep(0.5)
        left = {kind: seen - before[kind] for kind, seen in snapshot().items()}
        assert {kind: seen for kind, seen in left.items() if seen} == {}
    finally:
        begin(real_cluster)
