"""What any other object shows: its data, labels, annotations, and fields that only its own project knows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from policies.credentials.found import Credential
from policies.credentials.literals import is_random
from policies.credentials.named import in_headers, named
from policies.credentials.names import PASSWORD
from policies.credentials.places import Place, as_text, in_command, in_header, texts
from policies.credentials.remembered import remembered
from policies.credentials.shapes import decoded, shapes
from policies.credentials.texts import in_file, in_value
from policies.credentials.urls import in_addresses
from policies.values import Path

LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"
_DIGEST: Final = re.compile(r"(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})")
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
"""The id of a key in a cloud's own store, more often than a key."""
_MATCHER: Final = re.compile(
    r"(?:Header|Headers|Query)\(\s*[`\"](?P<name>[^`\"]*)[`\"]\s*,\s*[`\"](?P<value>[^`\"]*)[`\"]\s*\)"
)
_PLAIN: Final = frozenset({"status", "managedFields", "metadata"})
_HOLDERS: Final = (dict, list)


def in_data(data: Any, field: str) -> Iterator[Place]:  # noqa: ANN401
    """Give the credentials in a ConfigMap's ``data`` or ``binaryData``."""
    for key, value in texts(data):
        text = decoded(value) if field == "binaryData" else value
        for found in in_value(key, text) if text else ():
            yield Place((field, key), f"in {key}", found)


def in_metadata(metadata: dict[str, Any], path: Path) -> Iterator[Place]:
    """Give the credentials in labels and annotations, where a name such as ``auth-secret`` mostly names a Secret."""
    for field in ("labels", "annotations"):
        for key, value in texts(metadata.get(field)):
            if key == LAST_APPLIED:
                continue
            for found in _annotation(key, value):
                yield Place((*path, field, key), f"in {field.removesuffix('s')} {key}", found)


@remembered
def _annotation(key: str, value: str) -> Iterator[Credential]:
    """Give what one label or annotation shows, at most one thing."""
    for shape in shapes(value):
        yield Credential(shape.noun, value=shape.value)
        return
    if found := next(in_addresses(value, prose=True), None) or next(in_headers(value), None):
        yield found
    elif "\n" in value or value[:1] == "{":
        yield from islice((one for one in in_file(key, value) if is_sure(one)), 1)
    elif (found := named(key.rpartition("/")[2], value)) and is_sure(found) and not _DIGEST.fullmatch(value):
        yield found


def is_sure(found: Credential) -> bool:
    """Say whether it is a credential also where names are not variables: a password, or what looks drawn."""
    return found.noun == PASSWORD or not found.name or is_random(found.value) or any(shapes(found.value))


def in_fields(value: Any, path: Path = (), name: str = "") -> Iterator[Place]:  # noqa: ANN401
    """Give the credentials in the fields of any object whose schema says nothing about them."""
    if isinstance(value, dict):
        pair = _pair(value, path)
        yield from pair
        for key, item in value.items():
            if not (pair and key == "value") and (path or key not in _PLAIN):
                # Most fields hold text: it is looked at here, for a path is needed only where something is found.
                single = _field(key, item) if isinstance(item, str) else ()
                yield from (Place((*path, key), f"in {key}", found) for found in single)
                if isinstance(item, _HOLDERS):
                    yield from in_fields(item, (*path, key), key)
    elif isinstance(value, list):
        if name in {"args", "command"}:
            words = [((*path, number), item) for number, item in enumerate(value) if isinstance(item, str)]
            yield from in_command(words, f"in {name}")
            return
        for number, item in enumerate(value):
            yield from in_fields(item, (*path, number), name)
    elif isinstance(value, str):
        for found in _field(name, value):
            yield Place(path, f"in {name}", found)


def _pair(value: dict[str, Any], path: Path) -> list[Place]:
    """Judge a pair of ``name`` and ``value``, which is a variable where it stands in a list called ``env``."""
    name, given = value.get("name"), as_text(value.get("value"))
    found = next(iter(in_value(name, given)), None) if isinstance(name, str) and given is not None else None
    if found is None or not (is_sure(found) or path[-2:-1] == ("env",)):
        return []
    return [Place((*path, "value"), f"in {name}", found)]


@remembered
def _field(name: str, value: str) -> Iterator[Credential]:
    """Give what one field shows, at most one thing."""
    for shape in shapes(value):
        yield Credential(shape.noun, value=shape.value)
        return
    if found := next(in_addresses(value, prose=True), None):
        yield found
    elif name == "match":
        matched = (in_header(one["name"], one["value"]) for one in _MATCHER.finditer(value))
        yield from islice((found for found in matched if found), 1)
    elif "\n" in value:
        yield from islice((one for one in in_file(name, value) if is_sure(one)), 1)
    elif (found := named(name, value)) and is_sure(found) and value.lower() != name.lower():
        yield from () if found.noun != PASSWORD and _UUID.fullmatch(value) else (found,)


def in_settings(value: Any, path: Path, name: str) -> Iterator[Place]:  # noqa: ANN401
    """Give the credentials in free-form settings, where every name is a variable's: headers, plugin, Helm values."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from in_settings(item, (*path, key), key)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from in_settings(item, (*path, number), name)
    elif (text := as_text(value)) is not None:
        found = next(iter(in_value(name, text)), None) or in_header(name, text)
        if found:
            yield Place(path, f"in {name}", found)
