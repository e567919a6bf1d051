"""Where in a resource a process or a reader sees text, and what credentials stand there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from policies.credentials.commands import in_words
from policies.credentials.found import Credential
from policies.credentials.literals import is_random
from policies.credentials.named import header, in_headers, named
from policies.credentials.names import PASSWORD
from policies.credentials.shapes import decoded, shapes
from policies.credentials.texts import by_itself, in_file, in_value
from policies.credentials.urls import in_addresses
from policies.pods import PROBES, Container, Pods
from policies.values import Path, at, each, mapping, scalar

_HOOKS: Final = ("postStart", "preStop")
LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"
_DIGEST: Final = re.compile(r"(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})")
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
"""The id of a key in a cloud's own store, more often than a key."""
_MATCHER: Final = re.compile(
    r"(?:Header|Headers|Query)\(\s*[`\"](?P<name>[^`\"]*)[`\"]\s*,\s*[`\"](?P<value>[^`\"]*)[`\"]\s*\)"
)
_PLAIN: Final = frozenset({"status", "managedFields", "metadata"})


@dataclass(frozen=True, slots=True)
class Place:
    """A credential and the field in which it stands; ``where`` says so in words."""

    path: Path
    where: str
    found: Credential

    @property
    def shown(self) -> str:
        """Where the credential stands, in words that hold nothing of it."""
        name = self.found.name
        hidden = not re.fullmatch(r"-{0,2}[A-Za-z_][\w./-]{0,60}", name) or is_random(name) or name in self.where
        return self.where if hidden else f"{self.where} ({name})"


def in_pods(pods: Pods) -> Iterator[Place]:
    """Give the credentials that pods are given in plain sight."""
    for container in pods.containers:
        yield from _environment(container)
        yield from _words(container, container.spec, container.path, ("command", "args"), "in its arguments")
        for path, action in _handlers(container):
            yield from _words(container, action, path, ("exec", "command"), f"in its {path[-1]}")
            yield from _request(path, action)
    for path, volume in each(pods.template, "spec", "volumes"):
        for source, field in (("csi", "volumeAttributes"), ("flexVolume", "options")):
            for key, value in _texts(at(volume, source, field)):
                for found in in_value(key, value):
                    yield Place((*pods.path, *path, source, field, key), f"in volume attribute {key}", found)
    yield from in_metadata(mapping(pods.template, "metadata"), (*pods.path, "metadata"))


def _environment(container: Container) -> Iterator[Place]:
    for path, variable in each(container.spec, "env"):
        name, value = scalar(variable, "name"), _text(scalar(variable, "value"))
        if isinstance(name, str) and value is not None and (found := next(iter(in_value(name, value)), None)):
            yield Place((*container.path, *path, "value"), f"in variable {name}", found)


def _handlers(container: Container) -> Iterator[tuple[Path, dict[str, Any]]]:
    for probe in PROBES:
        yield (*container.path, probe), mapping(container.spec, probe)
    for hook in _HOOKS:
        yield (*container.path, "lifecycle", hook), mapping(container.spec, "lifecycle", hook)


def _words(container: Container, value: Any, path: Path, fields: tuple[str, str], where: str) -> Iterator[Place]:  # noqa: ANN401
    """Judge a command: a container's command and args are one line of words, a handler's stand under ``exec``."""
    lists = [(field,) for field in fields] if value is container.spec else [fields]
    words = [
        ((*path, *field, number), text)
        for field in lists
        for number, item in enumerate(at(value, *field) if isinstance(at(value, *field), list) else [])
        if (text := _text(item)) is not None
    ]
    yield from _judged_words(words, where)


def _judged_words(words: list[tuple[Path, str]], where: str) -> Iterator[Place]:
    seen: dict[int, list[str]] = {}
    alone = ((number, found) for number, (_, text) in enumerate(words) for found in _alone(text))
    together = in_words([(number, text) for number, (_, text) in enumerate(words)])
    for number, found in (*alone, *together):
        values = seen.setdefault(number, [])
        if not any(found.value in known or known in found.value for known in values):
            values.append(found.value)
            yield Place(words[number][0], where, found)


def _alone(text: str) -> Iterator[Credential]:
    for shape in shapes(text):
        yield Credential(shape.noun, value=shape.value)
    yield from in_addresses(text)
    if "\n" in text or text[:1] == "{":
        yield from in_file("script.sh" if text[:1] != "{" else "", text)


def _request(path: Path, action: dict[str, Any]) -> Iterator[Place]:
    for position, item in each(action, "httpGet", "httpHeaders"):
        name, value = scalar(item, "name"), _text(scalar(item, "value"))
        if isinstance(name, str) and value is not None and (found := in_header(name, value)):
            yield Place((*path, *position, "value"), f"in the header {name} of its {path[-1]}", found)
    url = scalar(action, "httpGet", "path")
    if isinstance(url, str) and (found := next(by_itself(url), None)):
        yield Place((*path, "httpGet", "path"), f"in the address of its {path[-1]}", found)


def in_header(name: str, value: str) -> Credential | None:
    """Judge one header by its value and its name."""
    for shape in shapes(value):
        return Credential(shape.noun, name, shape.value)
    return header(name, value) if name.lower() != "cookie" else None


def in_data(data: Any, field: str) -> Iterator[Place]:  # noqa: ANN401
    """Give the credentials in a ConfigMap's ``data`` or ``binaryData``."""
    for key, value in _texts(data):
        text = decoded(value) if field == "binaryData" else value
        for found in in_value(key, text) if text else ():
            yield Place((field, key), f"in {key}", found)


def in_metadata(metadata: dict[str, Any], path: Path) -> Iterator[Place]:
    """Give the credentials in labels and annotations, where a name such as ``auth-secret`` mostly names a Secret."""
    for field in ("labels", "annotations"):
        for key, value in _texts(metadata.get(field)):
            if key == LAST_APPLIED:
                continue
            if found := _annotation(key, value):
                yield Place((*path, field, key), f"in {field.removesuffix('s')} {key}", found)


def _annotation(key: str, value: str) -> Credential | None:
    for shape in shapes(value):
        return Credential(shape.noun, value=shape.value)
    if found := next(in_addresses(value, prose=True), None) or next(in_headers(value), None):
        return found
    if "\n" in value or value[:1] == "{":
        return next((one for one in in_file(key, value) if is_sure(one)), None)
    found = named(key.rpartition("/")[2], value)
    return found if found and is_sure(found) and not _DIGEST.fullmatch(value) else None


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
                yield from in_fields(item, (*path, key), key)
    elif isinstance(value, list):
        if name in {"args", "command"}:
            words = [((*path, number), item) for number, item in enumerate(value) if isinstance(item, str)]
            yield from _judged_words(words, f"in {name}")
            return
        for number, item in enumerate(value):
            yield from in_fields(item, (*path, number), name)
    elif isinstance(value, str) and (found := _field(name, value)):
        yield Place(path, f"in {name}", found)


def _pair(value: dict[str, Any], path: Path) -> list[Place]:
    """Judge a pair of ``name`` and ``value``, which is a variable where it stands in a list called ``env``."""
    name, given = value.get("name"), _text(value.get("value"))
    found = next(iter(in_value(name, given)), None) if isinstance(name, str) and given is not None else None
    if found is None or not (is_sure(found) or path[-2:-1] == ("env",)):
        return []
    return [Place((*path, "value"), f"in {name}", found)]


def _field(name: str, value: str) -> Credential | None:
    for shape in shapes(value):
        return Credential(shape.noun, value=shape.value)
    if found := next(in_addresses(value, prose=True), None):
        return found
    if name == "match":
        matched = (in_header(one["name"], one["value"]) for one in _MATCHER.finditer(value))
        return next((found for found in matched if found), None)
    if "\n" in value:
        return next((one for one in in_file(name, value) if is_sure(one)), None)
    found = named(name, value)
    if found is None or not is_sure(found) or value.lower() == name.lower():
        return None
    return found if found.noun == PASSWORD or not _UUID.fullmatch(value) else None


def in_settings(value: Any, path: Path, name: str) -> Iterator[Place]:  # noqa: ANN401
    """Give the credentials in free-form settings, where every name is a variable's: headers, plugin, Helm values."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from in_settings(item, (*path, key), key)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from in_settings(item, (*path, number), name)
    elif (text := _text(value)) is not None:
        found = next(iter(in_value(name, text)), None) or in_header(name, text)
        if found:
            yield Place(path, f"in {name}", found)


def _texts(value: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401
    if isinstance(value, dict):
        for key, item in value.items():
            if (text := _text(item)) is not None:
                yield key, text


def _text(value: Any) -> str | None:  # noqa: ANN401
    """Give text, or a number as text; what is true or false, a list, or unknown is no credential."""
    if isinstance(value, bool):
        return None
    return str(value) if isinstance(value, str | int) else None


__all__ = ["Place", "in_data", "in_fields", "in_metadata", "in_pods", "in_settings"]
