"""A cluster's life: killed in any way it heals, and removed it is gone."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from fleet.errors import PlaceError
from sandbox import crds, places, ports
from sandbox.cluster import Cluster
from sandbox.control_plane import PROGRAMS, ControlPlane
from tests.abandoned import own_cluster
from tests.killing import ENDLESS, kill
from tests.waiting import LIMIT_SECONDS, wait


@pytest.fixture
def cluster(tools: None) -> Iterator[Cluster]:
    """Give a cluster that is not started, and remove it."""
    mortal = own_cluster("mortal")
    try:
        yield mortal
    finally:
        mortal.stop()


def test_etcd_and_the_api_server_killed_are_restarted_with_their_data(cluster: Cluster) -> None:
    cluster.start()
    cluster.kubectl.run("create", "configmap", "kept", "--from-literal=a=1")
    before = cluster.record
    kill(cluster, "etcd", "kube-apiserver")
    assert not cluster.control_plane.is_healthy()
    cluster.start()
    assert cluster.control_plane.is_healthy()
    assert cluster.kubectl.json("get", "configmap", "kept")["data"] == {"a": "1"}
    assert cluster.record is not None
    assert before is not None
    assert cluster.record.ports == before.ports
    assert cluster.kubectl.run("config", "current-context").strip() == cluster.context


def test_a_part_that_died_alone_is_restarted_alone(cluster: Cluster) -> None:
    def pids() -> dict[str, int]:
        return {process.name: process.pid for process in cluster.control_plane.processes()}

    cluster.start()
    before = pids()
    kill(cluster, "kube-scheduler")
    cluster.start()
    assert {name for name, pid in pids().items() if before[name] != pid} == {"kube-scheduler"}


def test_a_part_that_gives_up_while_the_cluster_starts_is_started_again(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    install, seen = crds.install, []

    def installed_late(*arguments: Any) -> None:
        install(*arguments)
        kill(cluster, "kube-controller-manager")
        seen.append(cluster.control_plane.is_healthy())

    monkeypatch.setattr(crds, "install", installed_late)
    cluster.start()
    assert seen == [False], "it was ill while it started"
    assert cluster.control_plane.is_healthy()


def test_a_cluster_whose_port_was_taken_meanwhile_moves_to_others(cluster: Cluster) -> None:
    cluster.start()
    before = cluster.record
    assert before is not None
    kill(cluster, *PROGRAMS)
    assert ports.become_free(before.ports.values(), limit_seconds=LIMIT_SECONDS)
    with socket.create_server((ports.LOOPBACK, before.ports["kubeApiserver"])):
        cluster.start()
        assert cluster.control_plane.is_healthy()
        assert cluster.record is not None
        assert cluster.record.ports["kubeApiserver"] != before.ports["kubeApiserver"]


def test_everything_killed_is_restarted(cluster: Cluster) -> None:
    cluster.start()
    kill(cluster, *PROGRAMS)
    cluster.start()
    assert {process.name for process in cluster.control_plane.processes()} >= PROGRAMS


def test_a_start_that_is_killed_midway_is_begun_again_and_can_also_be_removed(cluster: Cluster) -> None:
    for after_seconds in (0.5, 2.0):
        program = f"{ENDLESS}from sandbox.cluster import Cluster; Cluster({cluster.name!r}).start()"
        starting = subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.DEVNULL)
        try:
            wait(cluster.control_plane.processes, "the start to begin")
            time.sleep(after_seconds)
        finally:
            starting.kill()
            starting.wait()
        assert cluster.record is None
        cluster.start()
        assert cluster.control_plane.is_healthy()
        assert cluster.stop()


def test_a_restart_that_takes_too_long_is_an_error_and_costs_no_data(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster.start()
    cluster.kubectl.run("create", "configmap", "kept", "--from-literal=a=1")
    kill(cluster, *PROGRAMS)
    with monkeypatch.context() as patch:
        patch.setattr(ControlPlane, "await_kwokctl", lambda *_: False)
        with pytest.raises(PlaceError, match=r"the control plane did not start in \d+ s; run the command again"):
            cluster.start()
    cluster.start()
    assert cluster.kubectl.json("get", "configmap", "kept")["data"] == {"a": "1"}


def test_a_cluster_whose_etcd_lost_its_data_is_made_anew_and_says_so(
    cluster: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    cluster.start()
    kill(cluster, *PROGRAMS)
    for file in cluster.control_plane.folder.glob("kwok/clusters/*/etcd/member/wal/*"):
        file.write_bytes(b"")
    cluster.start()
    assert cluster.control_plane.is_healthy()
    said = capsys.readouterr().err.replace("\n", " ")
    assert re.search(r"made anew because etcd can't read its data: .+; its data is gone", said)


def test_stopping_leaves_no_process_and_no_file_and_again_is_harmless(cluster: Cluster) -> None:
    cluster.start()
    pids = [process.pid for process in cluster.control_plane.processes()]
    assert len(pids) == len(PROGRAMS)
    assert cluster.stop()
    assert not cluster.stop()
    assert not places.state(cluster.name).exists()
    assert cluster.control_plane.processes() == []
    assert [pid for pid in pids if is_alive(pid)] == []


def is_alive(pid: int) -> bool:
    """Say whether a process runs; one that only waits for its parent to look does not."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes() != b""
    except OSError:
        return False


def test_two_clusters_side_by_side_share_nothing(cluster: Cluster, private_cluster: Cluster) -> None:
    cluster.start()
    assert cluster.record is not None
    assert private_cluster.record is not None
    assert set(cluster.record.ports.values()).isdisjoint(private_cluster.record.ports.values())
    cluster.stop()
    assert private_cluster.control_plane.is_healthy()


def test_two_starts_at_once_make_one_cluster(cluster: Cluster) -> None:
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: Cluster(cluster.name).start(), range(2)))
    assert sorted(process.name for process in cluster.control_plane.processes()) == sorted(PROGRAMS)


def test_everything_listens_on_loopback_alone(cluster: Cluster) -> None:
    cluster.start()
    assert cluster.record is not None
    listening = [
        line.split()[1] for line in Path("/proc/net/tcp").read_text().splitlines()[1:] if line.split()[3] == "0A"
    ]
    listening += [
        f"{line.split()[1]}" for line in Path("/proc/net/tcp6").read_text().splitlines()[1:] if line.split()[3] == "0A"
    ]
    open_to_all = {int(each.rpartition(":")[2], 16) for each in listening if set(each.partition(":")[0]) == {"0"}}
    assert set(cluster.record.ports.values()) & open_to_all == set()
