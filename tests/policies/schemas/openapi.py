"""Kubernetes' own field trees, from the OpenAPI document of a release and the enumerations of its generated Go."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.policies.schemas import corrections

Tree = dict[str, Any]
Enums = dict[tuple[str, str], list[str]]

SWAGGER = "api/openapi-spec/swagger.json"
GENERATED = "pkg/generated/openapi/zz_generated.openapi.go"
_PREFIX = "#/definitions/"
_SCALARS = {
    ("string", None): "string",
    ("string", "byte"): "bytes",
    ("string", "date-time"): "time",
    ("integer", "int32"): "int32",
    ("integer", "int64"): "int64",
    ("integer", None): "int64",
    ("boolean", None): "boolean",
    ("number", "double"): "number",
    ("object", None): "any",
    (None, None): "any",
}
_WHOLE = {
    "io.k8s.apimachinery.pkg.api.resource.Quantity": "quantity",
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": "number-or-name",
    "io.k8s.apimachinery.pkg.apis.meta.v1.Time": "time",
    "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime": "time",
    "io.k8s.apimachinery.pkg.apis.meta.v1.Duration": "string",
    "io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1": "any",
    "io.k8s.apimachinery.pkg.runtime.RawExtension": "any",
}
"""Types that are written as something else than their definition says."""
_FOREIGN = re.compile(r"DeleteOptions|WatchEvent|Status|APIGroup|APIVersions|APIResource|\w+List")
"""Kinds that are answers or options and never objects of a manifest."""
_LOOSE = {"status", "managedFields"}
"""Fields that the server fills: legal wherever an exported object has them, and judged by nobody."""


class Definitions:
    """The definitions of a release and the kinds that are made of them."""

    def __init__(self, module: Path) -> None:
        self.document = json.loads((module / SWAGGER).read_text(encoding="utf-8"))
        self.definitions = self.document["definitions"]
        self.enums = enums((module / GENERATED).read_text(encoding="utf-8"))
        self.types: dict[str, Tree] = {}

    def kinds(self) -> Iterator[tuple[str, str]]:
        """Give each kind as ``group/version/Kind`` and the name of its definition."""
        served = {path.split("/")[2] for path in self.document["paths"] if path.startswith("/api")}
        served |= {"/".join(path.split("/")[2:4]) for path in self.document["paths"] if path.startswith("/apis/")}
        for name, definition in sorted(self.definitions.items()):
            for one in definition.get("x-kubernetes-group-version-kind", []):
                written = "/".join(part for part in (one["group"], one["version"]) if part)
                if written in served and not _FOREIGN.fullmatch(one["kind"]):
                    yield f"{written}/{one['kind']}", name

    def tree(self) -> Tree:
        """Give everything: kinds, and the types that they need."""
        kinds = {kind: self._reference(name) for kind, name in self.kinds()}
        for copy, (origin, fields) in corrections.COPIES.items():
            own = self.types[origin]
            required = corrections.required(copy, own.get("required", []))
            tree = {"fields": own["fields"] | fields} | ({"required": required} if required else {})
            self.types[copy] = tree | corrections.unions(copy, ())
        return {"kinds": kinds, "types": self.types}

    def _reference(self, name: str) -> str:
        if name in _WHOLE:
            return _WHOLE[name]
        definition = self.definitions[name]
        if "properties" not in definition:
            return "any" if name.rpartition(".")[2].startswith("JSON") else self._alias(definition)
        short = short_name(name)
        if short not in self.types:
            self.types[short] = {}
            self.types[short].update(self._object(short, definition))
        return f"#{short}"

    def _alias(self, definition: Tree) -> str:
        return _SCALARS[definition.get("type"), definition.get("format")]

    def _object(self, short: str, definition: Tree) -> Tree:
        fields = {}
        for name, schema in sorted(definition["properties"].items()):
            fields[name] = "any" if name in _LOOSE else corrections.node(short, name, self._node(short, name, schema))
        required = corrections.required(short, definition.get("required", []))
        tree: Tree = {"fields": fields}
        if required:
            tree["required"] = required
        return tree | corrections.unions(short, fields)

    def _node(self, owner: str, field: str, schema: Tree) -> Any:
        if "$ref" in schema:
            return self._reference(schema["$ref"].removeprefix(_PREFIX))
        values = self.enums.get((owner, field))
        if schema.get("type") == "array":
            items = self._node(owner, field, schema["items"])
            keys = schema.get("x-kubernetes-list-map-keys")
            return {"items": items} | ({"keys": keys} if keys else {})
        if "additionalProperties" in schema:
            return {"values": self._node("", "", schema["additionalProperties"])}
        if values:
            return {"enum": values}
        return _SCALARS[schema.get("type"), schema.get("format")]


def short_name(name: str) -> str:
    """Shorten ``io.k8s.api.core.v1.Container`` to ``core.v1.Container``."""
    return re.sub(r"^io\.k8s\.(api|[\w-]+\.pkg\.apis|apimachinery\.pkg\.apis)\.", "", name)


_FUNCTION = re.compile(r"^func schema_(\w+)\(ref .*?^}", re.MULTILINE | re.DOTALL)
_FIELD = re.compile(r'^\t{5}"(\w+)": \{(.*?)^\t{5}\}', re.MULTILINE | re.DOTALL)
_ENUM = re.compile(r"Enum:\s+\[\]interface\{\}\{(.*?)\}")


def enums(text: str) -> Enums:
    """Give the enumerations by type and field; the released OpenAPI document leaves them out."""
    found: Enums = {}
    for function in _FUNCTION.finditer(text):
        parts = re.match(r"k8sio_api_(\w+?)_(v\w+?)_(\w+)$", function[1])
        if parts is None:
            continue
        owner = ".".join(parts.groups())
        for field in _FIELD.finditer(function[0]):
            if values := _ENUM.search(field[2]):
                found[owner, field[1]] = json.loads(f"[{values[1]}]")
    return found
