"""The variables of Cloudflare's Workers and Pages projects, in the forms of the provider's versions 5 and 6."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from policies.resources import Resource
from policies.values import UNKNOWN, Path, each, mapping, scalar

_WORKERS: Final = frozenset({"WorkersScript", "WorkerScript", "WorkerVersion"})
_PLAIN: Final = ("plain_text", "json")

Binding = tuple[Path, str, Any]
"""Where a variable stands, its name, and what it holds."""


def bindings(resource: Resource) -> Iterator[Binding]:
    """Give the plain variables of a resource; a secret one has no place here."""
    kind = resource.type.rpartition(":")[2]
    found = _of_worker(resource) if kind in _WORKERS else _of_pages(resource) if kind == "PagesProject" else ()
    for path, name, value in found:
        if isinstance(name, str) and value not in (None, UNKNOWN):
            yield path, name, value


def _of_worker(resource: Resource) -> Iterator[tuple[Path, Any, Any]]:
    for path, binding in each(resource.inputs, "bindings"):
        if scalar(binding, "type") in _PLAIN:
            field = "json" if binding.get("json") is not None else "text"
            yield (*path, field), scalar(binding, "name"), binding.get(field)
    for path, binding in each(resource.inputs, "plainTextBindings"):
        yield (*path, "text"), scalar(binding, "name"), binding.get("text")


def _of_pages(resource: Resource) -> Iterator[tuple[Path, Any, Any]]:
    for stage in ("production", "preview"):
        base: Path = ("deploymentConfigs", stage)
        for name, variable in mapping(resource.inputs, *base, "envVars").items():
            if scalar(variable, "type") != "secret_text":
                yield (*base, "envVars", name, "value"), name, scalar(variable, "value")
        for name, value in mapping(resource.inputs, *base, "environmentVariables").items():
            yield (*base, "environmentVariables", name), name, value
