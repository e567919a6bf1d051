"""Files, folders and standard input: every resource that stands in them, and what could not be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from policies.documents import Document, DocumentError, documents
from policies.findings import Finding
from policies.resources import COMPLETED, PART, Resource, from_document
from policies.values import at

KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_LABELLING = ("commonLabels", "labels", "components")
_PATCHES = ("patches", "patchesStrategicMerge", "patchesJson6902")
STDIN = "-"
STDIN_NAME = "<stdin>"
SUFFIXES = frozenset({".yaml", ".yml", ".json"})


@dataclass(frozen=True, slots=True)
class Problem:
    """What could not be read, where, and why."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.message}"


@dataclass(slots=True)
class Reading:
    """What was read: resources, the documents they stand in, and problems."""

    resources: list[Resource] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    documents: dict[tuple[str, int], Document] = field(default_factory=dict)

    def line(self, finding: Finding) -> int | None:
        """Give the line of the field that a finding is about, from 1; None when the resource came from no file."""
        resource = finding.resource
        document = self.documents.get((resource.file or "", resource.document))
        return document.line((*resource.prefix, *finding.path)) if document else resource.line


def read_all(paths: Iterable[str], *, stdin: Iterable[bytes] = ()) -> Reading:
    """Read every path: a file of any name, a folder with what in it is YAML or JSON, ``-`` for ``stdin``.

    Whatever cannot be read becomes a problem, and the rest is read all the same.
    """
    reading = Reading()
    for path in dict.fromkeys(paths):
        if path == STDIN:
            _read(reading, STDIN_NAME, b"".join(stdin))
            continue
        for file in _files(reading, Path(path)):
            try:
                _read(reading, str(file), file.read_bytes())
            except OSError as error:
                reading.problems.append(Problem(str(file), 1, error.strerror or "cannot be read"))
    return reading


def _files(reading: Reading, path: Path) -> Iterator[Path]:
    if path.is_dir():
        for child in sorted(path.rglob("*")):
            hidden = any(part.startswith(".") for part in child.relative_to(path).parts)
            if child.suffix.lower() in SUFFIXES and not hidden and child.is_file():
                yield child
    elif path.exists() and not path.is_fifo():
        yield path
    else:
        reading.problems.append(Problem(str(path), 1, "no such file or folder; name one that exists"))


def _read(reading: Reading, name: str, content: bytes) -> None:
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        reading.problems.append(
            Problem(name, 1 + content.count(b"\n", 0, error.start), "is not UTF-8 text; save it as UTF-8")
        )
        return
    for document in documents(name, text):
        try:
            value, repeated = document.read()
            found = list(from_document(value, file=name, document=document.number))
        except DocumentError as error:
            reading.problems.append(Problem(name, error.line, str(error)))
            continue
        if found:
            reading.documents[name, document.number] = document
            found = _in_kustomization(Path(name), found)
            reading.resources.extend(found)
            for resource in found if repeated else ():
                seen = (one.within(resource.prefix) for one in repeated)
                resource.derived["repeated"] = tuple(one for one in seen if one is not None)


def _in_kustomization(file: Path, found: list[Resource]) -> list[Resource]:
    """Mark what a kustomization beside a file, or in the two folders above, lays over others or completes."""
    resolved, layers = _surroundings(file)
    if file.parent.name == _PATCHES[0] or any(resolved in patches for patches, _ in layers):
        return [replace(resource, type=f"{resource.type}{PART}") for resource in found]
    if any(resolved in completed for _, completed in layers):
        for resource in found:
            resource.derived[COMPLETED] = True
    return found


@lru_cache(maxsize=1)
def _surroundings(file: Path) -> tuple[Path, list[tuple[frozenset[Path], frozenset[Path]]]]:
    """Give a file's full path and the layers above it, asked of the disk once for all documents of the file."""
    resolved = file.resolve()
    return resolved, [_layers(folder) for folder in resolved.parents[:3]]


@lru_cache(maxsize=4096)
def _layers(folder: Path) -> tuple[frozenset[Path], frozenset[Path]]:
    """Give the patches that a folder's kustomization names, and the resources to which it adds fields."""
    patches: set[Path] = set()
    completed: set[Path] = set()
    for path in (folder / name for name in KUSTOMIZATIONS):
        if not path.is_file():
            continue
        try:
            written = next(documents(str(path), path.read_text(encoding="utf-8"))).parse()
        except (OSError, ValueError, StopIteration):
            continue
        patches |= {(folder / name).resolve() for field_name in _PATCHES for name in _named(written, field_name)}
        if any(at(written, field_name) for field_name in (*_PATCHES, *_LABELLING)):
            completed |= {(folder / name).resolve() for name in _named(written, "resources")}
    return frozenset(patches), frozenset(completed)


def _named(written: Any, field_name: str) -> Iterator[str]:  # noqa: ANN401  (whatever a kustomization holds)
    """Give the files that one list of a kustomization names; a patch may stand there itself instead."""
    listed = at(written, field_name)
    for one in listed if isinstance(listed, list) else ():
        name = one.get("path") if isinstance(one, dict) else one
        if isinstance(name, str) and "\n" not in name:
            yield name
