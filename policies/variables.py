"""What processes are told by name: variables, flags, ConfigMap entries and the bindings of a Worker.

The same setting travels by any of these ways, so that a rule about a setting asks here and misses none. Values that
come from a Secret or another reference are not here; a value in a Secret's ``stringData`` is marked as secret.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from policies.documents import documents
from policies.pods import POD_KINDS, Container, pods_of
from policies.resources import Resource
from policies.values import UNKNOWN, Path, at, each, mapping, scalar
from policies.worker_variables import worker_variables

CONFIG_KINDS: Final = {"ConfigMap": frozenset({""}), "Secret": frozenset({""})}
KINDS: Final = {**POD_KINDS, **CONFIG_KINDS, "": frozenset({""})}
"""Kinds that hold variables; the empty kind is everything that is no Kubernetes object, such as a Worker."""
_FLAG: Final = re.compile(r"(?:-D(?=[a-z]\w*\.)|--?)([A-Za-z][\w.-]*)(?:=(.*))?", re.DOTALL)
_ASSIGNMENT: Final = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)
_LINE: Final = re.compile(
    r"""^[^\S\n]*(?:export[^\S\n]+|-[^\S\n]+)?["']?([A-Za-z_][\w.-]*)["']?[^\S\n]*(?:=|:(?=\s|["'\[]|$))[^\S\n]*(.*)$""",
    re.MULTILINE,
)
_LIST_ITEM: Final = re.compile(r"\n[^\S\n]*-[^\S\n]+(.*)")
_LONGEST: Final = 200_000
_TREE: Final = re.compile(r"origin|cors|[cx]srf|forgery", re.IGNORECASE)
"""Only files that hold such a word are parsed as a whole: most ConfigMaps are long and say nothing of the kind."""
_WORD: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+")


@dataclass(frozen=True, slots=True)
class Variable:
    """One setting: where it stands, its name and value as they are written, and whether it stands in a Secret."""

    resource: Resource
    path: Path
    name: str
    value: str
    secret: bool = False

    @property
    def words(self) -> tuple[str, ...]:
        """The words of the name in upper case, however they are joined: ``corsOrigins`` is CORS, ORIGINS."""
        return words(self.name)


@lru_cache(maxsize=65536)
def words(name: str) -> tuple[str, ...]:
    """Cut a name into its words: at what is no letter or digit, and before a capital."""
    return tuple(word.upper() for word in _WORD.split(name) if word)


def variables(resource: Resource) -> tuple[Variable, ...]:
    """Give every setting that stands in a resource; the same answer to every rule that asks."""
    if "variables" not in resource.derived:
        resource.derived["variables"] = tuple(_variables(resource))
    found: tuple[Variable, ...] = resource.derived["variables"]
    return found


def _variables(resource: Resource) -> Iterator[Variable]:
    pods = pods_of(resource)
    if pods:
        for container in pods.containers:
            yield from _environment(container)
            yield from _flags(container)
    elif resource.is_a(CONFIG_KINDS):
        secret = resource.kind == "Secret"
        for key, value in mapping(resource.inputs, "stringData" if secret else "data").items():
            if isinstance(value, str):
                yield from _entry(resource, key, value, secret=secret)
    elif not resource.kind:
        for path, name, value in worker_variables(resource):
            yield from _with_leaves(Variable(resource, path, name, _text(value)))


def _environment(container: Container) -> Iterator[Variable]:
    for path, item in each(container.spec, "env"):
        name, value = scalar(item, "name"), scalar(item, "value")
        if isinstance(name, str) and value not in (None, UNKNOWN):
            yield from _with_leaves(Variable(container.pod, (*container.path, *path, "value"), name, _text(value)))


def _flags(container: Container) -> Iterator[Variable]:
    waiting: tuple[str, Path] | None = None
    for word, path in _arguments(container):
        match, assignment = _FLAG.fullmatch(word), _ASSIGNMENT.fullmatch(word)
        if waiting:
            yield Variable(container.pod, waiting[1], waiting[0], "true" if match else word)
            waiting = None
        if match and match[2] is None:
            waiting = match[1], path
        elif found := match or assignment:
            yield Variable(container.pod, path, found[1], found[2])
    if waiting:
        yield Variable(container.pod, waiting[1], waiting[0], "true")


def _arguments(container: Container) -> Iterator[tuple[str, Path]]:
    """Give the words of command and arguments; the words of a shell line count one by one."""
    for key in ("command", "args"):
        listed = at(container.spec, key)
        for position, word in enumerate(listed if isinstance(listed, list) else ()):
            if isinstance(word, str) and len(word) <= _LONGEST:
                for part in _split(word):
                    yield part, (*container.path, key, position)


def _split(word: str) -> list[str]:
    if not any(space in word for space in " \t\n"):
        return [word]
    try:
        return shlex.split(word)
    except ValueError:
        return word.split()


def _entry(resource: Resource, key: str, value: str, *, secret: bool) -> Iterator[Variable]:
    """Give an entry as a setting of its own or, when it is a whole file, the settings in it."""
    whole = Variable(resource, ("stringData" if secret else "data", key), key, value, secret)
    leaves = list(_leaves_of(whole, key))
    if leaves or ("\n" not in value and "=" not in value and ":" not in value):
        yield from (whole, *leaves)
        return
    yield whole
    for match in _LINE.finditer(value[:_LONGEST]):
        written = match[2].strip()
        if not written:
            written = _items(value, match.end())
        elif written == "[":
            written = value[match.end() : value.find("]", match.end())].replace("\n", " ")
        yield Variable(resource, whole.path, match[1], _unquoted(written), secret)


def _with_leaves(variable: Variable) -> Iterator[Variable]:
    yield variable
    yield from _leaves_of(variable, variable.name)


def _leaves_of(variable: Variable, file: str) -> Iterator[Variable]:
    """Give what stands in a value that is itself JSON, or YAML by its file's name, each by its dotted name."""
    text = variable.value
    is_json = text.lstrip()[:1] == "{"
    if not (is_json or file.endswith((".yaml", ".yml"))) or len(text) > _LONGEST or not _TREE.search(text):
        return
    try:
        trees = [json.loads(text)] if is_json else [one.parse() for one in documents(file, text)]
    except ValueError:
        return
    for tree in trees:
        for name, value in _leaves(tree, "") if isinstance(tree, dict) else ():
            yield Variable(variable.resource, variable.path, name, value, variable.secret)


def _leaves(value: Any, name: str) -> Iterator[tuple[str, str]]:  # noqa: ANN401
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(item, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list):
        plain = [str(item) for item in value if isinstance(item, str | int | float)]
        if plain:
            yield name, ",".join(plain)
        for item in value:
            if isinstance(item, dict):
                yield from _leaves(item, name)
    elif value is not None:
        yield name, _text(value)


def _items(text: str, start: int) -> str:
    """Give the items of a YAML list that begins on the next line, with commas between them."""
    found: list[str] = []
    while match := _LIST_ITEM.match(text, start):
        found.append(_unquoted(match[1]))
        start = match.end()
    return ",".join(found)


def _unquoted(text: str) -> str:
    text = text.strip().rstrip(",;").rstrip()
    whole = len(text) > 1 and text[0] in "\"'" and text[0] == text[-1] and text[0] not in text[1:-1]
    return text[1:-1] if whole else text


def _text(value: Any) -> str:  # noqa: ANN401
    """Write a value as the process reads it: YAML's true is the text ``true``."""
    if isinstance(value, str):
        return value
    return json.dumps(value, default=str)
