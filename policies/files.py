"""Files, folders and standard input: every resource that stands in them, and what could not be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from policies.documents import Document, DocumentError, documents
from policies.findings import Finding
from policies.resources import Resource, from_document

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
            if child.suffix in SUFFIXES and not hidden and child.is_file():
                yield child
    elif path.exists():
        yield path
    else:
        reading.problems.append(Problem(str(path), 1, "no such file or folder; name one that exists"))


def _read(reading: Reading, name: str, content: bytes) -> None:
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
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
            reading.resources.extend(found)
            for resource in found if repeated else ():
                seen = (one.within(resource.prefix) for one in repeated)
                resource.derived["repeated"] = tuple(one for one in seen if one is not None)
