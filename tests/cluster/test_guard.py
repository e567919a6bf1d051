"""The canary guard's lock, as the API server keeps it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fleet.errors import FlotillaError
from sandbox.guard import GUARD, locked


def trip(small_fleet: Any, **weights: int) -> None:
    manifest = json.dumps(small_fleet.weights("split", **weights).inputs)
    small_fleet.run(
        "apply", "--server-side", "--force-conflicts", f"--field-manager={GUARD}", "-f", "-", stdin=manifest
    )


def test_weights_that_the_guard_holds_are_not_applied_over(small_fleet: Any) -> None:
    plan = small_fleet.weights("split", stable=90, canary=10)
    small_fleet.apply(plan)
    assert locked(small_fleet.cluster.kubectl, [plan]) == []
    trip(small_fleet, stable=100, canary=0)
    with pytest.raises(FlotillaError) as refused:
        small_fleet.apply(plan, small_fleet.config_map("other", a="1"))
    assert f"TraefikService {small_fleet.namespace}/split: spec.weighted.services is held by" in str(refused.value)
    assert "`flotilla canary acknowledge`" in str(refused.value)
    assert small_fleet.live("traefikservice", "split")["spec"]["weighted"]["services"][1]["weight"] == 0
    assert not small_fleet.has("configmap", "other")


def test_without_the_look_up_the_weights_would_be_overwritten(small_fleet: Any) -> None:
    plan = small_fleet.weights("split", stable=90, canary=10)
    small_fleet.apply(plan)
    trip(small_fleet, stable=100, canary=0)
    application = small_fleet.application()
    application.apply_wave([plan], {}, FakeStage(), 1)
    assert small_fleet.live("traefikservice", "split")["spec"]["weighted"]["services"][1]["weight"] == 10


class FakeStage:
    def update(self, detail: str = "") -> None:
        """Show nothing."""
