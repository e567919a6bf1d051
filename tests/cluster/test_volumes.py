"""Claims bound by the real controller to volumes that the sandbox makes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sandbox.kubectl import LiveObject


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
