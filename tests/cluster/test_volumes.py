"""Claims bound by the real controller to volumes that the sandbox makes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fleet.naming import FLEET
from sandbox.kubectl import LiveObject, as_list
from sandbox.node import storage
from sandbox.volumes import prune


def volumes(small_fleet: Any) -> dict[str, LiveObject]:
    label = f"flotilla.dev/fleet={small_fleet.namespace}"
    found = small_fleet.cluster.kubectl.items("get", "persistentvolumes", "-l", label)
    return {each["spec"]["claimRef"]["name"]: each for each in found}


def test_a_planned_claim_is_bound_when_apply_returns(small_fleet: Any) -> None:
    small_fleet.apply(small_fleet.claim("data"))
    assert small_fleet.live("persistentvolumeclaim", "data")["status"]["phase"] == "Bound"
    folder = Path(volumes(small_fleet)["data"]["spec"]["hostPath"]["path"])
    assert folder.is_relative_to(small_fleet.cluster.control_plane.folder)
    assert folder.is_dir()
    assert small_fleet.apply(small_fleet.claim("data")).is_nothing


def test_a_volume_goes_with_its_claim(small_fleet: Any) -> None:
    small_fleet.apply(small_fleet.claim("data"), small_fleet.claim("backups"))
    folder = Path(volumes(small_fleet)["backups"]["spec"]["hostPath"]["path"])
    small_fleet.apply(small_fleet.claim("data"))
    assert list(volumes(small_fleet)) == ["data"]
    assert not folder.exists()


def test_a_claim_that_is_made_anew_is_bound_again(small_fleet: Any) -> None:
    small_fleet.apply(small_fleet.claim("data"))
    small_fleet.run("delete", "persistentvolumeclaim", "data")
    small_fleet.apply(small_fleet.claim("data"))
    assert small_fleet.live("persistentvolumeclaim", "data")["status"]["phase"] == "Bound"


def test_claims_from_a_template_are_bound_and_live_as_long_as_their_stateful_set(small_fleet: Any) -> None:
    plan = small_fleet.stateful_set("db", replicas=2, templates=["data"])
    small_fleet.apply(plan)
    assert set(volumes(small_fleet)) == {"data-db-0", "data-db-1"}
    assert small_fleet.live("persistentvolumeclaim", "data-db-1")["status"]["phase"] == "Bound"
    assert small_fleet.apply(plan).is_nothing
    gone = small_fleet.apply()
    assert f"PersistentVolumeClaim {small_fleet.namespace}/data-db-0" in gone.pruned
    assert volumes(small_fleet) == {}
    assert not small_fleet.has("persistentvolumeclaim", "data-db-0")


def test_a_smaller_stateful_set_keeps_the_data_of_its_former_pods(small_fleet: Any) -> None:
    small_fleet.apply(small_fleet.stateful_set("db", replicas=2, templates=["data"]))
    small_fleet.apply(small_fleet.stateful_set("db", replicas=1, templates=["data"]))
    assert set(volumes(small_fleet)) == {"data-db-0", "data-db-1"}


def test_a_volume_that_somebody_else_made_is_never_removed_though_it_bears_the_label(
    small_fleet: Any, tmp_path: Path
) -> None:
    """Removing is done as root: a label may lead anywhere, and to volumes that are no folders."""
    (tmp_path / "precious").touch()
    claim = {"namespace": small_fleet.namespace, "name": "gone"}
    sources = {"folder": {"hostPath": {"path": str(tmp_path)}}, "nfs": {"nfs": {"server": "192.0.2.1", "path": "/"}}}
    made: list[dict[str, Any]] = [
        {
            "apiVersion": "v1",
            "kind": "PersistentVolume",
            "metadata": {"name": f"{small_fleet.namespace}-{name}", "labels": {FLEET: small_fleet.namespace}},
            "spec": {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "claimRef": claim, **source},
        }
        for name, source in sources.items()
    ]
    small_fleet.cluster.kubectl.run("apply", "--server-side", "-f", "-", stdin=as_list(made))
    try:
        small_fleet.apply(small_fleet.claim("data"))
        found = small_fleet.cluster.kubectl.items("get", "pv", "-l", f"{FLEET}={small_fleet.namespace}")
        assert {each["metadata"]["name"] for each in found} >= {each["metadata"]["name"] for each in made}
        assert (tmp_path / "precious").exists()
    finally:
        small_fleet.cluster.kubectl.run("delete", "pv", *(each["metadata"]["name"] for each in made))


def test_a_stateful_set_keeps_no_claims_of_its_namesake_elsewhere(small_fleet: Any) -> None:
    small_fleet.apply(small_fleet.stateful_set("db", replicas=1, templates=["data"]))
    small_fleet.run("delete", "statefulset", "db", "--cascade=foreground", "--wait=true")
    elsewhere = small_fleet.stateful_set("db", replicas=1, templates=["data"])
    elsewhere.inputs["metadata"]["namespace"] = "default"
    folder = small_fleet.cluster.control_plane.folder / "volumes"
    pruned = prune(small_fleet.cluster.kubectl, [elsewhere.inputs], small_fleet.namespace, folder)
    assert pruned == [f"PersistentVolumeClaim {small_fleet.namespace}/data-db-0"]


def test_a_claim_without_a_class_is_bound_where_there_is_a_default_one(small_fleet: Any) -> None:
    """The API server writes the default class into it; its volume is of that class too, and bound without a pod."""
    small_fleet.cluster.kubectl.run("apply", "--server-side", "-f", "-", stdin=as_list(storage.objects()))
    try:
        small_fleet.apply(small_fleet.claim("data"))
        live = small_fleet.live("persistentvolumeclaim", "data")
        assert (live["status"]["phase"], live["spec"]["storageClassName"]) == ("Bound", storage.CLASS)
        assert volumes(small_fleet)["data"]["spec"]["storageClassName"] == storage.CLASS
        assert small_fleet.apply(small_fleet.claim("data")).is_nothing
    finally:
        small_fleet.cluster.kubectl.run("delete", "storageclass", storage.CLASS)


def test_a_claim_that_has_storage_of_another_keeps_it(small_fleet: Any) -> None:
    """It was deleted and made anew between two applies, and the provisioner of a real node was quicker."""
    small_fleet.apply(small_fleet.claim("data"))
    small_fleet.run("delete", "persistentvolumeclaim", "data")
    meta = {"name": "data", "namespace": small_fleet.namespace}
    other = {"name": f"other-{small_fleet.namespace}"}
    volume = {
        "capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "claimRef": meta,
        "hostPath": {"path": "/nowhere"},
    }  # fmt: skip
    spec = {**small_fleet.claim_spec(), "volumeName": other["name"]}
    kinds = {"PersistentVolume": (other, volume), "PersistentVolumeClaim": (meta, spec)}
    objects = [{"apiVersion": "v1", "kind": kind, "metadata": m, "spec": s} for kind, (m, s) in kinds.items()]
    small_fleet.cluster.kubectl.run("apply", "--server-side", "-f", "-", stdin=as_list(objects))
    try:
        small_fleet.run("wait", "--for=jsonpath={.status.phase}=Bound", "persistentvolumeclaim/data", "--timeout=120s")
        small_fleet.apply(small_fleet.claim("data"))
        assert small_fleet.live("persistentvolumeclaim", "data")["spec"]["volumeName"] == other["name"]
        assert volumes(small_fleet) == {}
    finally:
        small_fleet.cluster.kubectl.run("delete", "pv", other["name"], "--wait=false")
