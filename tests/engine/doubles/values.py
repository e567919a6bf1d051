"""Property values between the engine's wire form and plain Python.

A secret travels wrapped and an unknown as a fixed string (``pulumi.runtime.rpc``); a double that lost either would be
laxer than the provider it stands for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf import json_format, struct_pb2
from pulumi.runtime import rpc

SIGNATURE = rpc._special_sig_key
SECRET = rpc._special_secret_sig
UNKNOWN = rpc.UNKNOWN


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that the engine must encrypt and blind."""

    value: Any


def decode(struct: struct_pb2.Struct) -> dict[str, Any]:
    """Turn the wire form into plain values: whole numbers as int, secrets as Secret, unknowns as UNKNOWN."""
    plain = _decoded(json_format.MessageToDict(struct))
    assert isinstance(plain, dict)
    return plain


def encode(plain: Mapping[str, Any]) -> struct_pb2.Struct:
    """Turn plain values into the wire form."""
    struct = struct_pb2.Struct()
    json_format.ParseDict(_encoded(plain), struct)
    return struct


def bare(value: Any) -> Any:
    """Take the secret wrappers off, at any depth."""
    if isinstance(value, Secret):
        return bare(value.value)
    if isinstance(value, Mapping):
        return {key: bare(entry) for key, entry in value.items()}
    return [bare(entry) for entry in value] if isinstance(value, list) else value


def has_unknown(value: Any) -> bool:
    """Tell whether any part of the value is unknown."""
    if isinstance(value, Secret):
        return has_unknown(value.value)
    if isinstance(value, Mapping):
        return any(has_unknown(entry) for entry in value.values())
    if isinstance(value, list):
        return any(has_unknown(entry) for entry in value)
    return bool(value == UNKNOWN)


def has_secret(value: Any) -> bool:
    """Tell whether any part of the value is secret."""
    if isinstance(value, Mapping):
        return any(has_secret(entry) for entry in value.values())
    return isinstance(value, Secret) or (isinstance(value, list) and any(has_secret(entry) for entry in value))


def marked(outputs: Any, inputs: Any) -> Any:
    """Give ``outputs`` with every value wrapped that stands under a secret of ``inputs`` (a list as a whole)."""
    if isinstance(inputs, Mapping) and isinstance(outputs, Mapping):
        return {key: marked(value, inputs.get(key)) for key, value in outputs.items()}
    return Secret(bare(outputs)) if has_secret(inputs) else outputs


def _decoded(value: Any) -> Any:
    if isinstance(value, dict):
        if value.get(SIGNATURE) == SECRET:
            return Secret(_decoded(value.get("value")))
        return {key: _decoded(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_decoded(entry) for entry in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _encoded(value: Any) -> Any:
    if isinstance(value, Secret):
        return {SIGNATURE: SECRET, "value": _encoded(value.value)}
    if isinstance(value, Mapping):
        return {key: _encoded(entry) for key, entry in value.items()}
    return [_encoded(entry) for entry in value] if isinstance(value, list) else value
