from __future__ import annotations

from typing import Any

from sandbox.ownership import Owner, applied, names_in, owners


def live(*entries: tuple[str, str, dict[str, Any]]) -> dict[str, Any]:
    managed = [{"manager": who, "operation": how, "fieldsV1": what} for who, how, what in entries]
    return {"metadata": {"managedFields": managed}}


COUNT: dict[str, Any] = {"f:spec": {"f:replicas": {}}}


def test_every_owner_of_a_field_is_given_with_how_it_owns() -> None:
    found = owners(
        live(("a", "Apply", COUNT), ("b", "Update", COUNT), ("c", "Apply", {"f:spec": {}})), "spec", "replicas"
    )
    assert found == [Owner(manager="a", operation="Apply"), Owner(manager="b", operation="Update")]


def test_an_object_read_without_its_managed_fields_has_no_owners() -> None:
    assert owners({"metadata": {}}, "spec", "replicas") == []


def test_only_an_apply_counts_as_applied() -> None:
    assert applied(live(("flotilla-sandbox", "Update", COUNT))) is None
    assert applied(live(("flotilla-sandbox", "Apply", COUNT))) == COUNT


def test_names_are_those_directly_under_a_field() -> None:
    assert names_in({"f:data": {"f:a.b": {}, "f:c": {}, ".": {}}}, "data") == {"a.b", "c"}
    assert names_in(None, "data") == set()
