"""An autoscaler takes the number of replicas over without a dip, also of objects that Pulumi made by POST."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manifests import fleet as planning
from sandbox import handover

if TYPE_CHECKING:
    from tests.engine.conftest import Room, Shop

REPLICAS = 5


def many(fleet: dict[str, Any]) -> None:
    """Give every storefront five pods."""
    fleet["storefront"]["replicas"] = REPLICAS


def autoscaled(fleet: dict[str, Any]) -> None:
    """Let an autoscaler choose between two and six."""
    fleet["storefront"].pop("replicas")
    fleet["storefront"]["autoscaling"] = {"min": 2, "max": 6, "cpu": 70}


def replicas(shop: Shop, room: Room, variant: str) -> int:
    """Give the live count of a variant's pods."""
    found = room.kubectl.json("get", "deployment", variant, "-n", shop.namespace)
    count: int = found["spec"]["replicas"]
    return count


def test_without_the_handover_the_count_falls_and_with_it_it_stays(room: Room) -> None:
    shop = room.shop("scaled", many)
    assert shop.up().refusals == ()
    shop.edit(autoscaled)
    planned = list(planning.resources(planning.plan(shop.file.fleet())))
    deployments = [each for each in planned if each.inputs.get("kind") == "Deployment" and "checkout" not in each.name]
    handed, *_, naive = deployments
    handover.hand_over(room.kubectl, [handed])
    assert shop.up().refusals == ()
    assert replicas(shop, room, naive.inputs["metadata"]["name"]) < REPLICAS
    assert replicas(shop, room, handed.inputs["metadata"]["name"]) == REPLICAS
