"""The walk of a resource along the tree of its kind: every field that the API server would refuse or drop."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from policies.forms import is_placeholder
from policies.fragments import is_fragment
from policies.issues import Issue, Problem
from policies.nearest import home, nearest
from policies.resources import Resource
from policies.trees import Node, tree
from policies.values import UNKNOWN, Path, dotted

_SECRET: Final = frozenset({"Secret"})
_SHOWN: Final = 40
_PULUMI: Final = "__"
"""How the keys start that Pulumi's provider adds to an object for itself."""
_WORDS: Final[dict[type, str]] = {
    str: "text",
    bool: "true or false",
    int: "a number",
    float: "a number",
    dict: "a mapping",
    list: "a list",
    type(None): "nothing",
}


def issues(resource: Resource) -> tuple[Issue, ...]:
    """Give everything in a resource that its kind's tree does not allow; the same answer to every rule that asks."""
    if "issues" not in resource.derived:
        resource.derived["issues"] = _issues(resource)
    found: tuple[Issue, ...] = resource.derived["issues"]
    return found


def _issues(resource: Resource) -> tuple[Issue, ...]:
    node = tree(*resource.api)
    if node is None:
        return ()
    walk = _Walk(node, secret=resource.kind in _SECRET)
    walk.visit(node, resource.inputs, ())
    missing = [issue.path for issue in walk.found if issue.problem is Problem.MISSING]
    if missing and is_fragment(resource, missing):
        return tuple(_as_part(issue) for issue in walk.found)
    return tuple(walk.found)


def _as_part(issue: Issue) -> Issue:
    return replace(issue, problem=Problem.FRAGMENT) if issue.problem is Problem.MISSING else issue


class _Walk:
    """One walk; only what is there is looked at, and a path is made only where it leads on."""

    def __init__(self, root: Node, *, secret: bool) -> None:
        self.root = root
        self.secret = secret
        self.found: list[Issue] = []

    def visit(self, node: Node, value: Any, path: Path) -> None:  # noqa: ANN401
        kind = type(value)
        if kind in node.plain or (kind is str and is_placeholder(value)):
            return
        if kind is dict and node.fields is not None:
            self._fields(node, node.fields, value, path)
        elif kind is list and node.items is not None:
            self._items(node, node.items, value, path)
        elif kind is dict and node.values is not None:
            self._values(node, node.values, value, path)
        elif kind in node.judged and node.check is not None:
            self._single(node, value, path)
        else:
            given = _WORDS.get(kind, "something else")
            self._say(Problem.TYPE, path, f"gives {dotted(path)} as {given}, where {node.wanted} belongs")

    def _fields(self, node: Node, fields: dict[str, Node], value: dict[str, Any], path: Path) -> None:
        meant: set[str] = set()
        for key, item in value.items():
            child = fields.get(key)
            if child is None:
                if not node.open and (path or not key.startswith(_PULUMI)):
                    meant.add(self._unknown(node, key, item, path))
            elif not child.takes(item):
                self.visit(child, item, (*path, key))
        for key in node.deprecated & value.keys() if node.deprecated else ():
            self._say(Problem.DEPRECATED, (*path, key), f"has {dotted((*path, key))}, which is deprecated")
        for key in node.required:
            if ((item := value.get(key)) is None or (item == "" and node.native)) and key not in meant:
                self._say(Problem.MISSING, (*path, key), f"lacks {dotted((*path, key))}")
        if node.least_one or node.most_one:
            self._unions(node, value, path, meant)
        for problem, fault, message in node.condition(value) if node.condition else ():
            where = (*path, *fault)
            verb = "lacks" if problem is Problem.MISSING else "has"
            self._say(problem, where, f"{verb} {dotted(where)}, which {message}")

    def _unions(self, node: Node, value: dict[str, Any], path: Path, meant: set[str]) -> None:
        for names in node.least_one:
            if meant.isdisjoint(names) and all(value.get(name) is None for name in names):
                self._say(Problem.MISSING, (*path, names[0]), f"lacks one of {', '.join(names)} in {dotted(path)}")
        for names in node.most_one:
            written = [name for name in names if value.get(name) not in (None, "")]
            if len(written) > 1:
                both = " and ".join(written)
                self._say(
                    Problem.VALUE, (*path, written[1]), f"gives {dotted(path)} both {both}, of which it takes one"
                )

    def _items(self, node: Node, child: Node, value: list[Any], path: Path) -> None:
        for position, item in enumerate(value):
            if not child.takes(item):
                self.visit(child, item, (*path, position))
            elif item is None and (child.required or child.least_one or not node.native):
                self._say(Problem.MISSING, (*path, position), f"has an empty entry in {dotted(path)}, at {position}")
        if node.keys is not None and len(value) > 1:
            self._repeated(node, node.keys, value, path)
        if node.bounds:
            self._count(node.bounds, len(value), path)

    def _values(self, node: Node, child: Node, value: dict[str, Any], path: Path) -> None:
        for key, item in value.items():
            if not child.takes(item):
                self.visit(child, item, (*path, key))
            if node.key_form is not None and (problem := node.key_form(key)) and not is_placeholder(key):
                self._say(
                    Problem.FORM, (*path, key), f"has the key {key[:_SHOWN]!r} in {dotted(path)}, which {problem}"
                )

        for key in node.required:
            if value.get(key) is None:
                self._say(Problem.MISSING, (*path, key), f"lacks {dotted((*path, key))}")

    def _single(self, node: Node, value: Any, path: Path) -> None:  # noqa: ANN401
        problem = node.check(value) if node.check else None
        if problem is None or (value == "" and node.is_form):
            return
        where = dotted(path)
        if "enum" in node.bounds:
            shown = "a value" if self.secret or len(str(value)) > _SHOWN else f"{value!r},"
            self._say(Problem.CHOICE, path, f"sets {where} to {shown} {problem}")
        else:
            kind = Problem.FORM if node.is_form else Problem.VALUE
            self._say(kind, path, f"sets {where} to a value that {problem}")

    def _unknown(self, node: Node, key: str, item: Any, path: Path) -> str:  # noqa: ANN401
        """Say that a field does not exist, and give the one that was probably meant."""
        where = (*path, key)
        near = nearest(key, node.fields or {})
        if near is not None:
            rest = f"; did you mean {near}?"
        elif (place := home(self.root, key, item, path)) is not None:
            rest = f" there; it belongs to {place}"
        else:
            rest = ""
        self._say(Problem.UNKNOWN, where, f"has {dotted(where)}, which is no field{rest}")
        return near or key

    def _count(self, bounds: dict[str, Any], count: int, path: Path) -> None:
        least, most = bounds.get("min_items", 0), bounds.get("max_items")
        if count < least:
            self._say(Problem.VALUE, path, f"has {count} entries in {dotted(path)}, which needs at least {least}")
        elif most is not None and count > most:
            self._say(Problem.VALUE, path, f"has {count} entries in {dotted(path)}, which takes at most {most}")

    def _repeated(self, node: Node, keys: tuple[str, ...], value: list[Any], path: Path) -> None:
        problem = Problem.SHADOWED if node.bounds.get("shadowed") else Problem.REPEATED
        seen: dict[Any, int] = {}
        for position, item in enumerate(value):
            identity = _identity(keys, item)
            if identity is None:
                continue
            first = seen.setdefault(identity, position)
            if first != position:
                named = ", ".join(f"{key} {part}" for key, part in zip(keys, identity, strict=False)) or "that value"
                message = f"has two entries with {named} in {dotted(path)}, at {first} and {position}"
                self._say(problem, (*path, position), message)

    def _say(self, problem: Problem, path: Path, message: str) -> None:
        self.found.append(Issue(problem, path, message))


def _identity(keys: tuple[str, ...], item: Any) -> tuple[Any, ...] | None:  # noqa: ANN401
    """Give what must differ between entries; None where it is absent, unknown or no single value."""
    parts = tuple(item.get(key) for key in keys) if isinstance(item, dict) else () if keys else (item,)
    if not parts or any(part is UNKNOWN or isinstance(part, dict | list) for part in parts) or parts[0] is None:
        return None
    return parts
