"""What the rules know of Cloudflare's types is what the SDK says."""

from __future__ import annotations

import ast
import importlib.util
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from policies import bindings, cloudflare

TOKENS = sorted(
    value
    for name, value in vars(cloudflare).items()
    if name.isupper() and isinstance(value, str) and value.startswith("cloudflare:")
)


@cache
def sdk() -> Path:
    """Give the SDK's folder, without importing it: that would cost two seconds."""
    spec = importlib.util.find_spec("pulumi_cloudflare")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def _registered(kind: str) -> Any:
    """Give the type that the SDK's class registers itself by."""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", kind).lower()
    tree = ast.parse((sdk() / f"{snake}.py").read_text())
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == kind]
    strings = {node.value for one in classes for node in ast.walk(one) if isinstance(node, ast.Constant)}
    return {text for text in strings if isinstance(text, str) and re.fullmatch(r"cloudflare:index/\w+:\w+", text)}


@pytest.mark.parametrize("token", [*TOKENS, *cloudflare.OLD_NAMES])
def test_each_token_is_the_one_that_the_sdk_registers(token: str) -> None:
    assert token in _registered(token.rpartition(":")[2])


@pytest.mark.parametrize("token", sorted(cloudflare.NAME_FIELDS))
def test_each_type_has_the_field_that_names_it(token: str) -> None:
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", token.rpartition(":")[2]).lower()
    field = re.sub(r"(?=[A-Z])", "_", cloudflare.NAME_FIELDS[token][0]).lower()
    assert f"{field}: pulumi.Input[" in (sdk() / f"{snake}.py").read_text()


def test_the_types_of_bindings_are_those_of_the_sdk() -> None:
    text = (sdk() / "_inputs.py").read_text()
    listed = re.search(
        r"class WorkersScriptBindingArgs:.*?type: The kind.*?Available values: ([^\n]*)\.\n", text, re.DOTALL
    )
    assert listed is not None
    assert set(re.findall(r'"([^"]+)"', listed[1].replace("*", "_"))) == set(bindings.REQUIRED)


@pytest.mark.parametrize("kind", sorted(bindings.REQUIRED))
def test_the_fields_that_a_binding_needs_are_fields_of_the_sdk(kind: str) -> None:
    text = (sdk() / "_inputs.py").read_text()
    found = re.search(r"class WorkersScriptBindingArgs:\n    def __init__\(.*?\):", text, re.DOTALL)
    assert found is not None
    for group in bindings.REQUIRED[kind]:
        for field in group:
            assert f"{re.sub(r'(?=[A-Z])', '_', field).lower()}: pulumi.Input[" in found[0], field
