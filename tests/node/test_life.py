"""A real node's life: whatever of it is killed heals, nobody else's is touched, and removed it is gone."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from fleet.errors import PlaceError
from sandbox.cluster import Cluster
from sandbox.control_plane import PROGRAMS
from sandbox.debian import Unpacked
from sandbox.kubectl import as_list
from sandbox.node import commands, device, machine, network
from sandbox.node.addresses import DEVICE
from tests.killing import ENDLESS, kill
from tests.node.cluster import begin
from tests.node.served import NAMESPACE, Json, Served
from tests.node.traces import Traces, traces
from tests.waiting import wait

OF_THE_NODE = ("containerd", "kubelet", "kube-proxy", "traefik", "coredns", "metrics-server", "registry", "provisioner")


def parts(cluster: Cluster) -> Counter[str]:
    """Count the processes of each part; a pod's shim and runc are none, since they come and go with what pods do."""
    there = PROGRAMS | cluster.node.expected
    return Counter(process.name for process in cluster.processes() if process.name in there)


def all_run_once(cluster: Cluster) -> bool:
    """Say whether each part runs, and once; for a moment a process that one has forked looks like a second of it."""
    return parts(cluster) == Counter({*OF_THE_NODE, *PROGRAMS})


def test_each_part_that_is_killed_is_started_again_and_the_shop_goes_on(real_cluster: Cluster, served: Served) -> None:
    served.apply()
    served.await_answer("version 1.0.0")
    pod = served.pods()[0]["metadata"]["uid"]
    wait(lambda: all_run_once(real_cluster), "each part to run once")
    for part in (*OF_THE_NODE, *sorted(PROGRAMS)):
        kill(real_cluster, part)
        assert not real_cluster.is_healthy(), part
        real_cluster.start()
        assert real_cluster.is_healthy(), part
        wait(lambda: all_run_once(real_cluster), f"each part to run once, {part} again")
        served.await_answer("version 1.0.0")
    assert [each["metadata"]["uid"] for each in served.pods()] == [pod]
    assert [status["restartCount"] for status in served.statuses()] == [0]
    served.apply(replicas=2)


def test_everything_killed_at_once_heals(real_cluster: Cluster, served: Served) -> None:
    served.apply()
    kill(real_cluster)
    real_cluster.start()
    served.rolled_out()
    served.await_answer("version 1.0.0")
    assert real_cluster.is_healthy()


def test_a_claim_keeps_its_data_when_its_pod_is_replaced_and_takes_it_along_when_it_goes(
    real_cluster: Cluster, served: Served
) -> None:
    """A claim as anybody writes one, that names no class: nothing but the node's provisioner serves it."""
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    meta = {"name": served.name, "namespace": NAMESPACE}
    written = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": meta, "spec": claim}
    served.kubectl("apply", "--server-side", "-f", "-", stdin=as_list([written]))
    mounted: dict[str, Any] = {
        "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": served.name}}],
        "volumeMounts": [{"name": "data", "mountPath": "/data"}],
    }
    served.apply(**mounted)
    served.await_answer("written", "/write?text=kept")
    first = served.pods()[0]["metadata"]["uid"]
    served.pods_gone()
    assert first not in {pod["metadata"]["uid"] for pod in served.pods()}
    served.await_answer("kept", "/read")
    kill(real_cluster)
    real_cluster.start()
    served.await_answer("kept", "/read")
    volume = served.kubectl("get", "persistentvolumeclaim", served.name, "-o", "jsonpath={.spec.volumeName}")
    folder = real_cluster.node.volumes / volume
    assert [file.read_text() for file in folder.iterdir()] == ["kept"]
    served.kubectl("delete", "deployment", served.name, "--wait=true")
    served.kubectl("delete", "persistentvolumeclaim", served.name, "--wait=true", "--timeout=200s")
    wait(lambda: not folder.exists(), "the folder to go")
    gone = ("get", "persistentvolume", volume, "--ignore-not-found")
    wait(lambda: not served.kubectl(*gone), "the volume to go")


def test_rules_that_somebody_flushed_are_missed_and_put_back(real_cluster: Cluster, served: Served) -> None:
    served.apply()
    served.await_answer("version 1.0.0")
    tools = real_cluster.node.tools
    page = f"import urllib.request as u; print(u.urlopen('http://{served.name}.{NAMESPACE}.svc/', timeout=3).read())"
    for table in ("filter", "nat"):
        flush(tools, table)
        assert not real_cluster.is_healthy(), table
        real_cluster.start()
        assert real_cluster.is_healthy(), table
        wait(lambda: "version 1.0.0" in served.python(page), "the Service to lead to the pod")


def flush(tools: Unpacked, table: str) -> None:
    """Take our rules and the ways into kube-proxy's chains out of a table, and leave the chains, as `iptables -F` does.

    Whatever else this machine has there is its owner's.
    """
    listed = commands.run(tools, "iptables-save", "-t", table).stdout.splitlines()
    inner = f"-A {network.KUBERNETES}"
    ours = [each for each in listed if each.startswith("-A") and not each.startswith(inner)]
    gone = [each.replace("-A", "-D", 1) for each in ours if network.COMMENT in each or network.KUBERNETES in each]
    assert gone
    network.restore(tools, "iptables", [f"*{table}", *gone, "COMMIT"])


def test_what_a_flushed_node_left_is_removed_and_in_no_later_starts_way(
    real_cluster: Cluster, served: Served, before: Traces, own_cache: Path
) -> None:
    served.apply()
    tools = real_cluster.node.tools
    for table in ("filter", "nat"):
        flush(tools, table)
    try:
        assert real_cluster.stop()
        assert left(before, own_cache, tools) == {}
    finally:
        begin(real_cluster)
    assert real_cluster.is_healthy()


@pytest.fixture
def second(real_cluster: Cluster) -> Iterator[Cluster]:
    """Give another cluster that wants a real node on this machine."""
    another = Cluster("second", real=True)
    yield another
    another.stop()


def test_a_second_real_node_is_refused_before_anything_is_made(second: Cluster, real_cluster: Cluster) -> None:
    with pytest.raises(PlaceError, match=f"room for one real node, and that of {real_cluster.node.folder} is there"):
        second.start()
    assert not second.control_plane.folder.exists()


def test_a_second_node_that_came_too_late_is_removed_without_touching_the_first(
    second: Cluster, real_cluster: Cluster, served: Served, own_cache: Path
) -> None:
    served.apply()
    served.await_answer("version 1.0.0")
    before, pod = traces(own_cache, real_cluster.node.tools), served.pods()[0]
    with pytest.raises(PlaceError, match="room for one real node"):
        second.node.prepare()
    assert second.node.folder.exists()
    assert second.stop()
    after = traces(own_cache, real_cluster.node.tools)
    # Pods of others may come and go meanwhile.
    for kind in ("mounts", "cgroups"):
        assert belonging(pod, before[kind]) == belonging(pod, after[kind]) != set(), kind
    for kind in ("sysctls", "state"):
        assert after[kind] == before[kind], kind
    assert DEVICE in after["devices"]
    assert lasting(after["rules"]) == lasting(before["rules"]) != set()
    assert device.holder() == real_cluster.node.folder
    assert real_cluster.is_healthy()
    assert served.get()[0] == 200
    assert [status["restartCount"] for status in served.statuses()] == [0]


def belonging(pod: Json, places: set[str]) -> set[str]:
    """Give the mounts or cgroups of one pod and its containers, which bear their ids."""
    containers = {status["containerID"].rpartition("/")[2] for status in pod["status"]["containerStatuses"]}
    return {place for place in places for each in (pod["metadata"]["uid"], *containers) if each in place}


def lasting(rules: set[str]) -> set[str]:
    """Give our own rules and kube-proxy's main chains, which don't come and go with pods."""
    return {rule for rule in rules if network.COMMENT in rule or rule.startswith((":KUBE-SERVICES", ":KUBE-NODEPORTS"))}


def test_simulated_nodes_never_replace_a_real_one_unasked(real_cluster: Cluster) -> None:
    with pytest.raises(PlaceError, match="its node is real; run `flotilla sandbox down`"):
        Cluster(real_cluster.name).start()


def left(before: Traces, cache: Path, tools: Unpacked) -> Traces:
    """Give what is there now and was not before."""
    new = {kind: seen - before[kind] for kind, seen in traces(cache, tools).items()}
    return {kind: seen for kind, seen in new.items() if seen}


def outlive(tools: Unpacked) -> None:
    """Make what is left of a pod whose last connection the kernel has not given up yet: its cable and its route."""
    for words in (
        ("link", "add", "vethoutlives", "type", "veth", "peer", "name", "vethpeer"),
        ("link", "set", "vethoutlives", "up"),
        ("route", "add", "10.77.0.199/32", "dev", "vethoutlives"),
    ):
        device.ip(tools, *words)


def test_stopping_leaves_nothing_behind(real_cluster: Cluster, served: Served, before: Traces, own_cache: Path) -> None:
    tools = real_cluster.node.tools
    served.apply(replicas=2)
    outlive(tools)
    assert set(left(before, own_cache, tools)) >= set(before) - {"sysctls"}
    assert real_cluster.stop()
    try:
        assert left(before, own_cache, tools) == {}
    finally:
        begin(real_cluster)


def test_a_stop_and_a_start_that_are_killed_midway_are_completed_by_the_next(
    real_cluster: Cluster, served: Served, before: Traces, own_cache: Path
) -> None:
    served.apply(replicas=2)
    kill(real_cluster)
    try:
        with killed("Cluster().stop()"):
            wait(lambda: not machine.inhabitants(), "the pods to end")
        real_cluster.stop()
        assert left(before, own_cache, real_cluster.node.tools) == {}
        with killed(f"{ENDLESS}Cluster(real=True).start()"):
            wait(lambda: "containerd" in {each.name for each in real_cluster.node.processes()}, "the node to begin")
        assert real_cluster.record is None
    finally:
        begin(real_cluster)
    assert real_cluster.is_healthy()


@contextmanager
def killed(what: str) -> Iterator[None]:
    """Do something to the cluster in another process, which is killed at the end of the block."""
    program = f"from sandbox.cluster import Cluster; {what}"
    doing = subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        doing.kill()
        doing.wait()
