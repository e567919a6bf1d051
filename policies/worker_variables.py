"""The plain variables of Cloudflare's Workers and Pages projects, in the forms of the provider's versions 5 and 6."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from policies.bindings import bindings
from policies.resources import Resource
from policies.values import UNKNOWN, Path, mapping, scalar

_PLAIN: Final = ("plain_text", "json")

Variable = tuple[Path, str, Any]
"""Where a variable stands, its name, and what it holds."""


def worker_variables(resource: Resource) -> Iterator[Variable]:
    """Give the plain variables of a resource; a secret one has no place here."""
    kind = resource.type.rpartition(":")[2]
    found = _of_pages(resource) if kind == "PagesProject" else _of_worker(resource)
    for path, name, value in found:
        if isinstance(name, str) and value not in (None, UNKNOWN):
            yield path, name, value


def _of_worker(resource: Resource) -> Iterator[tuple[Path, Any, Any]]:
    for binding in bindings(resource):
        if binding.kind in _PLAIN:
            path, value = binding.first("json", "text")
            yield path, binding.name, value


def _of_pages(resource: Resource) -> Iterator[tuple[Path, Any, Any]]:
    for stage in ("production", "preview"):
        base: Path = ("deploymentConfigs", stage)
        for name, variable in mapping(resource.inputs, *base, "envVars").items():
            if scalar(variable, "type") != "secret_text":
                yield (*base, "envVars", name, "value"), name, scalar(variable, "value")
        for name, value in mapping(resource.inputs, *base, "environmentVariables").items():
            yield (*base, "environmentVariables", name), name, value
