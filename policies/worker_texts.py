"""What Workers, Pages projects and snippets hold in plain sight: variables and code."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from policies.credentials.shapes import decoded
from policies.resources import Resource
from policies.values import Path, at, each, scalar
from policies.worker_variables import worker_variables

WORKER_TYPES: Final = frozenset(
    f"cloudflare:index/{name[0].lower()}{name[1:]}:{name}"
    for name in ("WorkersScript", "WorkerScript", "WorkerVersion", "PagesProject", "Snippet", "Snippets")
)
"""Types of pulumi-cloudflare, version 5's names among them, that hold variables or code."""


@dataclass(frozen=True, slots=True)
class WorkerText:
    """A text that everyone with a look at the resource sees: a variable, or code, whose ``name`` is a file's."""

    path: Path
    name: str
    text: str
    is_code: bool = False


def plain_texts(resource: Resource) -> Iterator[WorkerText]:
    """Give the plain variables and the code; bindings of type ``secret_text`` are neither."""
    if resource.type not in WORKER_TYPES:
        return
    for path, name, value in worker_variables(resource):
        yield from _variable(path, name, value)
    yield from _code(resource)


def _variable(path: Path, name: str, value: Any) -> Iterator[WorkerText]:  # noqa: ANN401
    if isinstance(value, dict | list):
        value = json.dumps(value, default=lambda _: None)
    if isinstance(value, str | int) and not isinstance(value, bool):
        yield WorkerText(path, name, str(value))


def _code(resource: Resource) -> Iterator[WorkerText]:
    if isinstance(content := at(resource.inputs, "content"), str):
        yield WorkerText(("content",), "worker.js", content, is_code=True)
    for field in ("modules", "files"):
        for path, module in each(resource.inputs, field):
            written = scalar(module, "name")
            name = written if isinstance(written, str) else "module.js"
            if isinstance(content := module.get("content"), str):
                yield WorkerText((*path, "content"), name, content, is_code=True)
            elif isinstance(content := module.get("contentBase64"), str) and (text := decoded(content)):
                yield WorkerText((*path, "contentBase64"), name, text, is_code=True)
