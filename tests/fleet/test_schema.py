"""The JSON Schema that editors read says what the model says."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from fleet import schema

ROOT = Path(__file__).resolve().parents[2]
Raw = dict[str, Any]
VALIDATOR = Draft202012Validator(schema.stack_schema())


def accepted(raw: Any) -> bool:
    return VALIDATOR.is_valid({"config": {"flotilla:fleet": raw}})


def test_the_checked_in_schema_is_current() -> None:
    checked_in = (ROOT / "fleet" / "stack.schema.json").read_text()
    assert checked_in == schema.text(), "make it anew: python -m fleet.schema > fleet/stack.schema.json"


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(schema.stack_schema())


def test_every_stack_file_names_the_schema_and_obeys_it(stack_name: str) -> None:
    text = (ROOT / f"Pulumi.{stack_name}.yaml").read_text()
    first = text.splitlines()[0]
    assert first == "# yaml-language-server: $schema=fleet/stack.schema.json"
    assert list(VALIDATOR.iter_errors(yaml.safe_load(text))) == []


@given(data=st.data())
def test_what_loads_obeys_the_schema(raw_fleets: st.SearchStrategy[Raw], data: st.DataObject) -> None:
    assert accepted(data.draw(raw_fleets))


def mappings(value: Any, path: str = "") -> Iterator[tuple[str, Raw]]:
    """Give every mapping in a configuration that has a fixed set of keys."""
    if isinstance(value, dict):
        if not path.endswith(("environment", "labels")):
            yield path, value
        for key, item in value.items():
            yield from mappings(item, f"{path}.{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from mappings(item, f"{path}[{index}]")


def test_a_key_that_does_not_exist_is_refused_everywhere(stack_name: str, stack_config: Callable[[str], Raw]) -> None:
    raw = stack_config(stack_name)
    assert accepted(raw)
    for path, _ in mappings(raw):
        spoilt = copy.deepcopy(raw)
        dict(mappings(spoilt))[path]["colour"] = "blue"
        assert not accepted(spoilt), path


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("namespace", "No_Namespace"),
        ("domain", "localhost"),
        ("purpose", "fun"),
        ("checkout.image", 5),
        ("checkout.port", 80),
        ("checkout.port", "8080"),
        ("checkout.replicas", 0),
        ("variants", []),
        ("variants", ["Brutal"]),
        ("canary.checkout.plan", "reckless"),
        ("canary.checkout.step", -1),
        ("edge.location", "moon"),
        ("monitoring.interval", "soon"),
        ("generations.stripe", 0),
    ],
)
def test_a_value_that_can_be_refused_by_itself_is_refused(
    path: str, value: Any, stack_config: Callable[[str], Raw]
) -> None:
    raw = stack_config("prod")
    *parents, key = path.split(".")
    here = raw
    for parent in parents:
        here = here.setdefault(parent, {})
    here[key] = value
    assert not accepted(raw)


def definitions(node: Any) -> Iterator[Raw]:
    if isinstance(node, dict):
        if "properties" in node:
            yield node
        for item in node.values():
            yield from definitions(item)
    elif isinstance(node, list):
        for item in node:
            yield from definitions(item)


def test_every_key_is_described_and_no_section_is_open() -> None:
    checked = json.loads(schema.text())
    config = checked["properties"]["config"]
    sections = [*definitions(checked["$defs"]), config["properties"]["flotilla:fleet"]]
    assert len(sections) > 20
    for section in sections:
        assert section["additionalProperties"] is False, section["title"]
        for key, field in section["properties"].items():
            assert field.get("description"), f"{section['title']}.{key}"
