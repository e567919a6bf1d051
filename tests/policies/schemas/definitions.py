"""The field trees of custom resources, from the definitions that their projects publish."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

Tree = dict[str, Any]

_GONE = re.compile(r"\bDeprecated:")
"""How a project says of a field that it will go."""
_BOUNDS = {
    "minimum": "minimum",
    "maximum": "maximum",
    "minLength": "min_length",
    "maxLength": "max_length",
    "minItems": "min_items",
    "maxItems": "max_items",
    "pattern": "pattern",
}
_SCALARS = {"string": "string", "integer": "int64", "number": "number", "boolean": "boolean"}
_META = "kubernetes#meta.v1.ObjectMeta"
_ROOT = {"apiVersion": "string", "kind": "string", "metadata": _META, "status": "any"}


class Definitions:
    """The trees of several definitions; types that are alike are written once.

    ``strict`` marks an enumeration in which empty text is no way to leave a field out, as it is in Kubernetes' own.
    """

    def __init__(self, documents: Iterable[Tree]) -> None:
        self.kinds: dict[str, str] = {}
        self.types: dict[str, Tree] = {}
        self._known: dict[str, str] = {}
        for document in documents:
            self._add(document["spec"])

    def tree(self) -> Tree:
        """Give everything: kinds, and the types that they need."""
        return {"kinds": dict(sorted(self.kinds.items())), "types": dict(sorted(self.types.items()))}

    def _add(self, spec: Tree) -> None:
        kind = spec["names"]["kind"]
        for version in spec["versions"]:
            if version["served"]:
                own = self._object(kind, version["schema"]["openAPIV3Schema"])
                own["fields"] |= _ROOT
                self.kinds[f"{spec['group']}/{version['name']}/{kind}"] = self._named(kind, own)

    def _named(self, name: str, tree: Tree) -> str:
        content = json.dumps(tree, sort_keys=True)
        if content not in self._known:
            alike = sum(free.partition("~")[0] == name for free in self.types)
            self._known[content] = f"{name}~{alike + 1}" if alike else name
            self.types[self._known[content]] = tree
        return f"#{self._known[content]}"

    def _node(self, name: str, schema: Tree) -> Any:
        kind = schema.get("type")
        if schema.get("x-kubernetes-int-or-string"):
            found = self._bounded("int-or-string", schema)
        elif schema.get("x-kubernetes-embedded-resource") or kind is None:
            found = "any"
        elif kind == "array":
            found = self._list(name, schema)
        elif kind == "object":
            found = self._mapping(name, schema)
        elif kind == "string" and "enum" in schema:
            found = {"enum": schema["enum"], "strict": True}
        else:
            found = self._bounded(_SCALARS[kind], schema)
        return found

    def _list(self, name: str, schema: Tree) -> Tree:
        found: Tree = {"items": self._node(name, schema["items"])}
        if keys := schema.get("x-kubernetes-list-map-keys"):
            found["keys"] = keys
        if schema.get("x-kubernetes-list-type") == "set":
            found["keys"] = []
        return found | self._bounds(schema)

    def _mapping(self, name: str, schema: Tree) -> Any:
        extra = schema.get("additionalProperties")
        if isinstance(extra, dict):
            return {"values": self._node(name, extra)}
        if "properties" not in schema:
            return "object"
        return self._named(name, self._object(name, schema))

    def _object(self, name: str, schema: Tree) -> Tree:
        properties = {key: one for key, one in schema["properties"].items() if "." in name or key not in _ROOT}
        fields = {field: self._node(f"{name}.{field}", one) for field, one in sorted(properties.items())}
        tree: Tree = {"fields": fields}
        defaulted = {field for field, one in schema["properties"].items() if "default" in one}
        if required := [field for field in schema.get("required", []) if field not in defaulted]:
            tree["required"] = sorted(required)
        if gone := [field for field, one in sorted(properties.items()) if _GONE.search(one.get("description", ""))]:
            tree["deprecated"] = gone
        if schema.get("x-kubernetes-preserve-unknown-fields"):
            tree["open"] = True
        return tree

    def _bounded(self, kind: str, schema: Tree) -> Any:
        bounds = self._bounds(schema)
        return {"type": kind, **bounds} if bounds else kind

    @staticmethod
    def _bounds(schema: Tree) -> Tree:
        found = {short: schema[name] for name, short in _BOUNDS.items() if name in schema}
        return found | ({"pattern": _python(found["pattern"])} if "pattern" in found else {})


def _python(pattern: str) -> str:
    """Write a Go expression as Python's: a flag that holds for the rest stands at the start of the whole."""
    moved = "(?i)" + pattern.replace("(?i)", "") if "(?i)" in pattern[1:] else pattern
    re.compile(moved)
    return moved
