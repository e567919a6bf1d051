"""Field trees: what a kind's fields are called, what may stand in them, and which of them must be there.

A tree is built of the compact files in ``policies/schemas`` the first time its kind occurs, and kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from policies import schemas
from policies.conditions import CONDITIONS, Condition
from policies.forms import FORMS
from policies.values import Unknown

_KUBERNETES: Final = "kubernetes"
_ANYTHING: Final[frozenset[type]] = frozenset({str, int, float, bool, type(None), Unknown, dict, list})
_PLAIN: Final[frozenset[type]] = frozenset({Unknown, type(None)})
"""What may stand anywhere: what is not known yet, and null, by which a field is left out."""
_NO_NAMES: Final = frozenset({"bytes", "ip", "cidr", "quantity", "number-or-name"})
_INT32: Final = (-(2**31), 2**31 - 1)
_INT64: Final = (-(2**63), 2**63 - 1)

Check = Callable[[Any], str | None]


@dataclass(slots=True)
class Node:
    """What may stand in one place.

    ``plain`` are the Python types of values that need no further look, ``wanted`` says in words what belongs there.
    One of ``fields``, ``items`` and ``values`` tells what a mapping, list or map holds; ``check`` judges a single value
    of a type in ``judged``. ``key_forms`` is the form of a map's keys. ``keys`` are the fields that part the
    entries of a list. In what is ``native`` to Kubernetes empty text is no text, and null an entry like any other.
    """

    wanted: str
    plain: frozenset[type]
    judged: frozenset[type] = frozenset()
    check: Check | None = None
    is_form: bool = False
    name: str = ""
    fields: dict[str, Node] | None = None
    required: tuple[str, ...] = ()
    least_one: tuple[tuple[str, ...], ...] = ()
    most_one: tuple[tuple[str, ...], ...] = ()
    items: Node | None = None
    values: Node | None = None
    key_form: Check | None = None
    keys: tuple[str, ...] | None = None
    open: bool = False
    deprecated: frozenset[str] = frozenset()
    native: bool = False
    condition: Condition | None = None
    bounds: dict[str, Any] = field(default_factory=dict)

    def takes(self, value: Any) -> bool:  # noqa: ANN401
        """Say whether a value may stand here and holds nothing to be looked at: most do, and need no path."""
        kind = value.__class__
        return kind in self.plain or (kind in self.judged and self.check is not None and self.check(value) is None)


def tree(group: str, version: str, kind: str) -> Node | None:
    """Give the tree of a kind; None for one that we do not know."""
    return _tree("/".join(part for part in (group, version, kind) if part), group)


@cache
def _tree(key: str, group: str) -> Node | None:
    file = schemas.load("apis")["custom"].get(group, _KUBERNETES)
    written = schemas.load(file)["kinds"].get(key)
    return None if written is None else _Builder.of(file).node(written)


class _Builder:
    """Builds nodes out of one file; each type once, so that trees that hold themselves end."""

    def __init__(self, file: str) -> None:
        self._native = file == _KUBERNETES
        self._types = schemas.load(file)["types"]
        self._built: dict[str, Node] = {}

    @staticmethod
    @cache
    def of(file: str) -> _Builder:
        return _Builder(file)

    def node(self, written: Any) -> Node:  # noqa: ANN401  (as the file has it)
        if isinstance(written, str):
            file, mark, name = written.partition("#")
            return (_Builder.of(file) if file else self).named(name) if mark else _SCALARS[written]
        if "enum" in written:
            return _enum(tuple(written["enum"]), strict=written.get("strict", False))
        if "items" in written:
            return self._list(written)
        return self._map(written) if "values" in written else _bounded(written)

    def named(self, name: str) -> Node:
        if name not in self._built:
            own = self._types[name]
            node = self._built[name] = Node("a mapping", _PLAIN, name=name, fields={}, native=self._native)
            node.open = own.get("open", False)
            node.deprecated = frozenset(own.get("deprecated", ()))
            node.condition = CONDITIONS.get(name) if self._native else None
            node.fields = {key: self.node(one) for key, one in own["fields"].items()}
            node.required = tuple(own.get("required", ()))
            node.least_one = tuple(tuple(names) for names in own.get("least_one", ()))
            node.most_one = tuple(tuple(names) for names in own.get("most_one", ()))
        return self._built[name]

    def _list(self, written: dict[str, Any]) -> Node:
        keys = written.get("keys")
        bounds: dict[str, Any] = {
            name: written[name] for name in ("min_items", "max_items", "shadowed") if name in written
        }
        parted = None if keys is None else tuple(keys)
        items = self.node(written["items"])
        return Node("a list", _PLAIN, items=items, bounds=bounds, keys=parted, native=self._native)

    def _map(self, written: dict[str, Any]) -> Node:
        form = written.get("key_form")
        required = tuple(written.get("required", ()))
        values = self.node(written["values"])
        return Node("a mapping", _PLAIN, values=values, key_form=FORMS[form] if form else None, required=required)


def _judged(name: str, wanted: str, *others: type) -> Node:
    """Give a node of text that must have a form, beside values of other types that need none."""
    form = FORMS[name]
    return Node(wanted, _PLAIN | frozenset(others), frozenset({str}), form, is_form=name not in _NO_NAMES)


def _scalars() -> dict[str, Node]:
    """Give the nodes of single values, by the names that the files call them."""
    simple: dict[str, tuple[str, tuple[type, ...]]] = {
        "object": ("a mapping", (dict,)),
        "string": ("text", (str,)),
        "time": ("text", (str,)),
        "boolean": ("true or false", (bool,)),
        "number": ("a number", (int, float)),
        "int-or-string": ("a whole number or text", (int, str)),
    }
    found = {name: Node(wanted, _PLAIN | frozenset(types)) for name, (wanted, types) in simple.items()}
    found |= {name: _judged(name, "text") for name in FORMS}
    found["any"] = Node("anything", _ANYTHING)
    found["quantity"] = _judged("quantity", "a quantity", int, float)
    found["number-or-name"] = _judged("number-or-name", "a number, a name or a percentage", int)
    for name, bounds in (("int32", _INT32), ("int64", _INT64)):
        found[name] = Node("a whole number", _PLAIN, frozenset({int}), _between(*bounds))
    return found


def _between(least: float | None, most: float | None) -> Check:
    def check(value: float) -> str | None:
        if least is not None and value < least:
            return f"must be at least {least}"
        return f"must be at most {most}" if most is not None and value > most else None

    return check


def _enum(values: tuple[str, ...], *, strict: bool) -> Node:
    allowed = frozenset(values) | (frozenset() if strict else {""})
    shown = ", ".join(value or "''" for value in values)

    def check(value: str) -> str | None:
        return None if value in allowed else f"which is none of {shown}"

    return Node("text", _PLAIN, frozenset({str}), check, bounds={"enum": values})


def _bounded(written: dict[str, Any]) -> Node:
    base = _SCALARS[written["type"]]
    numbers = _between(written.get("minimum"), written.get("maximum"))
    shortest, longest = written.get("min_length", 0), written.get("max_length")
    pattern = re.compile(written["pattern"]) if "pattern" in written else None

    def check(value: Any) -> str | None:  # noqa: ANN401
        if not isinstance(value, str):
            return numbers(value)
        if len(value) < shortest:
            return "must not be empty" if shortest == 1 else f"must have at least {shortest} characters"
        if longest is not None and len(value) > longest:
            return f"must have at most {longest} characters"
        return None if pattern is None or pattern.search(value) else f"must match {written['pattern']}"

    judged = (base.plain | base.judged) & {str, int, float}
    return Node(base.wanted, base.plain - judged, judged, check)


_SCALARS: Final = _scalars()
