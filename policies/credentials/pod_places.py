"""What pods are given in plain sight: variables, commands, probes, hooks, volumes and annotations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from policies.credentials.object_places import in_fields, in_metadata
from policies.credentials.places import Place, as_text, in_command, in_header
from policies.credentials.texts import by_itself, in_value
from policies.pods import PROBES, Container, Pods
from policies.values import Path, at, each, mapping, scalar

_HOOKS: Final = ("postStart", "preStop")


def in_pods(pods: Pods) -> Iterator[Place]:
    """Give the credentials that pods are given in plain sight."""
    for container in pods.containers:
        yield from _environment(container)
        yield from _words(container, container.spec, container.path, ("command", "args"), "in its arguments")
        for path, action in _handlers(container):
            yield from _words(container, action, path, ("exec", "command"), f"in its {path[-1]}")
            yield from _request(path, action)
    for path, volume in each(pods.template, "spec", "volumes"):
        yield from in_fields(volume, (*pods.path, *path))
    yield from in_metadata(mapping(pods.template, "metadata"), (*pods.path, "metadata"))


def _environment(container: Container) -> Iterator[Place]:
    for path, variable in each(container.spec, "env"):
        name, value = scalar(variable, "name"), as_text(scalar(variable, "value"))
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
        if (text := as_text(item)) is not None
    ]
    yield from in_command(words, where)


def _request(path: Path, action: dict[str, Any]) -> Iterator[Place]:
    for position, item in each(action, "httpGet", "httpHeaders"):
        name, value = scalar(item, "name"), as_text(scalar(item, "value"))
        if isinstance(name, str) and value is not None and (found := in_header(name, value)):
            yield Place((*path, *position, "value"), f"in the header {name} of its {path[-1]}", found)
    url = scalar(action, "httpGet", "path")
    if isinstance(url, str) and (found := next(by_itself(url), None)):
        yield Place((*path, "httpGet", "path"), f"in the address of its {path[-1]}", found)
