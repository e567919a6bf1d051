"""A stack's life under the real engine: first up, second up, one change at a time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from manifests import fleet as planning
from manifests.render import render
from ops import events

if TYPE_CHECKING:
    from tests.engine.conftest import Shop

CHANGED = {"create", "update", "delete", "replace", "create-replacement", "delete-replaced"}


@pytest.fixture(scope="module")
def first(shop: Shop) -> tuple[events.Outcome, list[events.Event]]:
    """Give the outcome and events of the first up, after a preview of the empty stack that must pass."""
    assert shop.stack.state()["deployment"].get("resources") in (None, [])
    preview = shop.preview(record="first-preview")
    assert preview.refusals == ()
    outcome = shop.up(record="first-up")
    return outcome, list(shop.heard)


def changed(outcome: events.Outcome) -> set[tuple[str, str, str]]:
    """Give operation, kind and logical name of every Kubernetes object that was changed."""
    return {
        (step.op, step.type.rsplit(":", 1)[-1], step.name)
        for step in outcome.steps
        if step.op in CHANGED and not step.type.startswith("flotilla:")
    }


def test_the_first_up_of_an_empty_stack_passes_with_the_pack_on(
    first: tuple[events.Outcome, list[events.Event]],
) -> None:
    outcome, _ = first
    assert outcome.refusals == ()
    assert outcome.packs == ("flotilla",)
    assert set(outcome.changes) == {"create"}


def test_what_the_program_registers_is_what_render_wrote(
    first: tuple[events.Outcome, list[events.Event]], shop: Shop, tmp_path: Path
) -> None:
    _, heard = first
    render(planning.plan(shop.file.fleet()), tmp_path)
    written = {entry["name"]: entry for entry in json.loads((tmp_path / "resources.json").read_text())}
    registered = registrations(heard)
    assert registered.keys() == {(entry["type"], name) for name, entry in written.items()}
    for (_, name), found in registered.items():
        opts = written[name]["opts"]
        assert found.get("protect", False) == opts["protect"], name
        assert found.get("retainOnDelete", False) == opts["retainOnDelete"], name
        if not found["type"].startswith("pulumi:providers:") and found["inputs"].get("kind") != "Secret":
            assert found["inputs"] == written[name]["inputs"], name


def registrations(heard: list[events.Event]) -> dict[tuple[str, str], dict[str, Any]]:
    """Give what the program registered with the engine, by type and logical name."""
    told = [event["resourcePreEvent"]["metadata"]["new"] for event in heard if "resourcePreEvent" in event]
    kept = [new for new in told if new["type"] != "pulumi:pulumi:Stack"]
    return {(new["type"], events.name_of(new["urn"])): new for new in kept}


def test_a_second_up_changes_nothing(shop: Shop, first: tuple[events.Outcome, list[events.Event]]) -> None:
    shop.settle()
    again = shop.up(record="second-up")
    assert again.refusals == ()
    assert again.changes == {}
    assert sum(again.counts.values()) == sum(first[0].counts.values())


def test_another_image_of_one_variant_updates_that_variant_alone(shop: Shop) -> None:
    shop.settle()
    name = shop.file.fleet().variants[0].name

    def change(fleet: dict[str, Any]) -> None:
        fleet["variants"] = [{"name": name, "image": "storefront:9.9.9"}, *fleet["variants"][1:]]

    shop.edit(change)
    outcome = shop.up(record="image-up")
    assert outcome.refusals == ()
    assert changed(outcome) == {("update", "Deployment", f"storefront-{name}-deployment")}


def test_the_next_step_of_a_canary_updates_weights_and_replicas_alone(shop: Shop) -> None:
    shop.edit(lambda fleet: fleet["checkout"].update(replicas=10))
    shop.settle()

    def change(fleet: dict[str, Any]) -> None:
        fleet["canary"]["checkout"]["step"] += 1

    shop.edit(change)
    outcome = shop.up(record="step-up")
    assert outcome.refusals == ()
    assert changed(outcome) == {
        ("update", "Deployment", "checkout-deployment"),
        ("update", "Deployment", "checkout-canary-deployment"),
        ("update", "TraefikService", "checkout-traefikservice"),
    }
    fields = {field.split("[")[0] for step in outcome.steps if step.op == "update" for field in step.changed}
    assert "spec.weighted.services" in fields
    assert {field for field in fields if field.startswith("spec")} == {"spec.replicas", "spec.weighted.services"}
