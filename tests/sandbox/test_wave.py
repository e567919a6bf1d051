from __future__ import annotations

from typing import Any

import pytest

from sandbox.refusals import refusals
from sandbox.wave import Change, change, keep

FIELDS: dict[str, Any] = {"f:data": {"f:a": {}}}


def live(version: str, data: dict[str, str], *, manager: str = "flotilla-sandbox", **more: Any) -> dict[str, Any]:
    managed = [{"manager": manager, "operation": "Apply", "fieldsV1": more.pop("fields", FIELDS)}]
    return {"metadata": {"resourceVersion": version, "managedFields": managed}, "data": data, **more}


MANIFEST = {"kind": "ConfigMap", "metadata": {}, "data": {"a": "1"}}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (None, live("1", {"a": "1"}), Change.CREATED),
        (live("1", {"a": "1"}), live("1", {"a": "1"}), Change.UNCHANGED),
        (live("1", {"a": "1"}), live("2", {"a": "1"}, status={"ready": 1}), Change.UNCHANGED),
        (live("1", {"a": "0"}), live("2", {"a": "1"}), Change.CHANGED),
        (live("1", {"a": "1"}, fields={"f:data": {"f:a": {}, "f:b": {}}}), live("2", {"a": "1"}), Change.CHANGED),
        (live("1", {"a": "1"}, manager="kubectl"), live("2", {"a": "1"}), Change.CHANGED),
    ],
)
def test_an_apply_changed_what_the_plan_names_or_it_changed_nothing(before: Any, after: Any, expected: Change) -> None:
    assert change(MANIFEST, before, after) is expected


@pytest.mark.parametrize(
    ("planned", "there", "kept"),
    [
        ({"spec": {"a": 1, "b": 2}}, {"spec": {"a": 9}}, {"spec": {"a": 9, "b": 2}}),
        ({"spec": {"b": 2}}, {"spec": {"a": 9}}, {"spec": {"b": 2, "a": 9}}),
        ({"spec": {"a": 1, "b": 2}}, {"spec": {}}, {"spec": {"b": 2}}),
        ({"spec": {"a": 1}}, {}, {"spec": {}}),
    ],
)
def test_a_field_that_counts_only_at_creation_is_written_as_it_is(planned: Any, there: Any, kept: Any) -> None:
    keep(planned, there, ["spec", "a"])
    assert planned == kept


def test_a_refusal_names_the_field_that_the_server_does_not() -> None:
    said = 'The Job "x" is invalid: spec.template: Invalid value: field is immutable\n'
    manifest = {"kind": "Job", "metadata": {"name": "x", "namespace": "n"}, "spec": {"template": {"image": "b"}}}
    before = {"Job n/x": {"kind": "Job", "spec": {"template": {"image": "a", "defaulted": 1}}}}
    line = refusals(said, [manifest], before)
    assert "(the plan changes spec.template.image)" in line
    assert line.endswith("give the object another name, or delete it first and lose what it holds")


def test_each_refused_object_is_one_line_without_kubectls_envelope() -> None:
    said = "Warning: x\nError from server (BadRequest): a\nError from server: b\n* detail\n"
    assert refusals(said, [], {}) == "a\nb"
