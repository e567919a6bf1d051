"""The provisioner, for claims that no plan has; here its node is a simulated one, and its folders are a test's."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox import builder, ports
from sandbox.cluster import Cluster
from sandbox.kubectl import as_list
from sandbox.node import storage
from sandbox.node.daemons import answers
from sandbox.progress import Progress
from sandbox.tools import PROVISIONER
from tests.promised import skipping
from tests.waiting import wait

NODE = "sandbox-a"


@pytest.fixture
def folders(private_cluster: Cluster, tmp_path: Path) -> Iterator[Path]:
    """Give where a provisioner that runs makes its folders."""
    with skipping("cluster"):
        builder.build(Progress(), [PROVISIONER])
    address = f"{ports.LOOPBACK}:{ports.choose(['health'])['health']}"
    folder = tmp_path / "volumes"
    flags = {
        "address": address, "folder": folder, "kubeconfig": private_cluster.kubeconfig, "name": storage.NAME,
        "node": NODE,
    }  # fmt: skip
    private_cluster.kubectl.run("apply", "--server-side", "-f", "-", stdin=as_list(storage.objects()))
    with (tmp_path / "log").open("w") as log:
        running = subprocess.Popen([PROVISIONER.path, *(f"-{n}={v}" for n, v in flags.items())], stderr=log)
        try:
            wait(lambda: answers(f"http://{address}/healthz"), "the provisioner")
            yield folder
        finally:
            running.terminate()
            running.wait()
            private_cluster.kubectl.run("delete", "storageclass", storage.CLASS)


def reader(claim: str) -> dict[str, Any]:
    """Give a pod on that node that reads a claim."""
    volume = {"name": "data", "persistentVolumeClaim": {"claimName": claim}}
    container = {"name": "app", "image": "example.invalid/app:1", "volumeMounts": [{"name": "data", "mountPath": "/d"}]}
    spec = {"nodeSelector": {"kubernetes.io/hostname": NODE}, "containers": [container], "volumes": [volume]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "reader"}, "spec": spec}


def begin(small_fleet: Any) -> None:
    """Make the namespace, and wait until pods are admitted to it: not before its controller has made their account."""
    small_fleet.apply()
    wait(lambda: small_fleet.has("serviceaccount", "default"), "the account of the namespace's pods")


def test_a_claim_gets_a_folder_with_its_first_pod_and_gives_it_back(small_fleet: Any, folders: Path) -> None:
    begin(small_fleet)
    claim = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "own"}}
    small_fleet.run("apply", "-f", "-", stdin=as_list([{**claim, "spec": small_fleet.claim_spec("3Gi")}]))
    assert small_fleet.live("persistentvolumeclaim", "own")["status"]["phase"] == "Pending", "nobody reads it yet"
    small_fleet.run("apply", "-f", "-", stdin=as_list([reader("own")]))
    small_fleet.run("wait", "--for=jsonpath={.status.phase}=Bound", "persistentvolumeclaim/own", "--timeout=120s")
    name = small_fleet.live("persistentvolumeclaim", "own")["spec"]["volumeName"]
    volume = small_fleet.cluster.kubectl.json("get", "persistentvolume", name)["spec"]
    folder = folders / name
    assert volume["hostPath"] == {"path": str(folder), "type": "Directory"}
    assert volume["capacity"] == {"storage": "3Gi"}
    (term,) = volume["nodeAffinity"]["required"]["nodeSelectorTerms"]
    assert term["matchExpressions"] == [{"key": "kubernetes.io/hostname", "operator": "In", "values": [NODE]}]
    assert folder.stat().st_mode & 0o777 == 0o777, "a pod of any user may write"
    (folder / "kept").touch()
    small_fleet.run("delete", "pod", "reader", "--wait=true", "--timeout=120s")
    assert (folder / "kept").exists()
    small_fleet.run("delete", "persistentvolumeclaim", "own", "--wait=true", "--timeout=120s")
    wait(lambda: not folder.exists(), "the folder to go")
    gone = ("get", "persistentvolume", name, "--ignore-not-found")
    wait(lambda: not small_fleet.cluster.kubectl.run(*gone), "the volume to go")


def test_a_volume_that_is_deleted_before_its_claim_takes_its_folder_along(small_fleet: Any, folders: Path) -> None:
    begin(small_fleet)
    claim = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "own"}}
    small_fleet.run("apply", "-f", "-", stdin=as_list([{**claim, "spec": small_fleet.claim_spec()}, reader("own")]))
    small_fleet.run("wait", "--for=jsonpath={.status.phase}=Bound", "persistentvolumeclaim/own", "--timeout=120s")
    name = small_fleet.live("persistentvolumeclaim", "own")["spec"]["volumeName"]
    small_fleet.cluster.kubectl.run("delete", "persistentvolume", name, "--wait=false")
    assert (folders / name).exists(), "it is in use"
    small_fleet.run("delete", "pod/reader", "persistentvolumeclaim/own", "--wait=true", "--timeout=120s")
    wait(lambda: not (folders / name).exists(), "the folder to go")
