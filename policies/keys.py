"""The keys of ConfigMaps and Secrets, as far as they are known without their values."""

from __future__ import annotations

from typing import Any, Final

from policies.resources import Resource
from policies.values import UNKNOWN, at, each, mapping, scalar

KEYS: Final = "flotilla.dev/keys"
"""The annotation by which a Secret without data says which keys it will have."""
_CERTIFICATE: Final = frozenset({"tls.crt", "tls.key", "ca.crt"})


def keys_of(resource: Resource) -> frozenset[str] | None:
    """Give the keys of what a resource is or makes; None where they are not known."""
    if resource.kind == "ConfigMap":
        return _joined(resource.inputs, "data", "binaryData")
    if resource.kind == "Secret":
        listed = resource.annotations.get(KEYS)
        promised = frozenset(key.strip() for key in listed.split(",")) if isinstance(listed, str) else frozenset()
        return _joined(resource.inputs, "data", "stringData", promised=promised - {""})
    if resource.kind == "SealedSecret":
        sealed = _joined(mapping(resource.inputs, "spec"), "encryptedData")
        return sealed and sealed | mapping(resource.inputs, "spec", "template", "data").keys()
    if resource.kind == "ExternalSecret":
        return _fetched(resource)
    if resource.kind == "Certificate":
        more = {"keystores", "additionalOutputFormats"} & mapping(resource.inputs, "spec").keys()
        return None if more else _CERTIFICATE
    return None


def _joined(holder: dict[str, Any], *fields: str, promised: frozenset[str] = frozenset()) -> frozenset[str] | None:
    """Give the keys of all fields; None where there is none, for then somebody else fills them in."""
    found = [holder.get(field) for field in fields]
    if UNKNOWN in found:
        return None
    keys = promised.union(*(one for one in found if isinstance(one, dict)))
    return keys or None


def _fetched(resource: Resource) -> frozenset[str] | None:
    spec = mapping(resource.inputs, "spec")
    template = mapping(spec, "target", "template")
    if "templateFrom" in template or "dataFrom" in spec or scalar(spec, "target", "creationPolicy") == "Merge":
        return None
    keys = {scalar(one, "secretKey") for _, one in each(spec, "data")}
    if made := mapping(template, "data"):
        keys = set(made) | (keys if at(template, "mergePolicy") == "Merge" else set())
    return frozenset(key for key in keys if isinstance(key, str)) if keys and UNKNOWN not in keys else None
