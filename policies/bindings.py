"""A Worker's bindings, in version 6's one list and version 5's list for each type."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from policies import cloudflare
from policies.resources import Resource
from policies.values import Path, at, each, scalar

D1: Final = "d1"
R2: Final = "r2_bucket"
KV: Final = "kv_namespace"
QUEUE: Final = "queue"
SERVICE: Final = "service"
DURABLE_OBJECT: Final = "durable_object_namespace"
HYPERDRIVE: Final = "hyperdrive"

REQUIRED: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "ai": (),
    "ai_search": (("instanceName",),),
    "ai_search_namespace": (("namespace",),),
    "analytics_engine": (("dataset",),),
    "artifacts": (),
    "assets": (),
    "browser": (),
    D1: (("databaseId", "id"),),
    "data_blob": (("part",),),
    "dispatch_namespace": (("namespace",),),
    DURABLE_OBJECT: (("className", "namespaceId"),),
    "flagship": (("appId",),),
    HYPERDRIVE: (("id",),),
    "images": (),
    "inherit": (),
    "json": (("json",),),
    "k2": (),
    KV: (("namespaceId",),),
    "media": (),
    "messaging": (),
    "mtls_certificate": (("certificateId",),),
    "pipelines": (("pipeline", "stream"),),
    "plain_text": (("text",),),
    QUEUE: (("queueName",),),
    R2: (("bucketName",),),
    "ratelimit": (("namespaceId",), ("simple",)),
    "secret_key": (("format",), ("usages",)),
    "secret_text": (("text",),),
    "secrets_store_secret": (("storeId",), ("secretName",)),
    "send_email": (),
    SERVICE: (("service",),),
    "text_blob": (("part",),),
    "vectorize": (("indexName",),),
    "version_metadata": (),
    "vpc_network": (("networkId", "tunnelId"),),
    "vpc_service": (("serviceId",),),
    "wasm_module": (("part",),),
    "workflow": (("workflowName",),),
}
"""Each type that pulumi-cloudflare 6.23.1 takes, and what it can't do without: of each group, one field."""

_OLD: Final[dict[str, tuple[str, dict[str, str]]]] = {
    "analyticsEngineBindings": ("analytics_engine", {}),
    "d1DatabaseBindings": (D1, {}),
    "hyperdriveConfigBindings": (HYPERDRIVE, {"binding": "name"}),
    "kvNamespaceBindings": (KV, {}),
    "plainTextBindings": ("plain_text", {}),
    "queueBindings": (QUEUE, {"binding": "name", "queue": "queueName"}),
    "r2BucketBindings": (R2, {}),
    "secretTextBindings": ("secret_text", {}),
    "serviceBindings": (SERVICE, {}),
    "webassemblyBindings": ("wasm_module", {"module": "part"}),
}
"""Version 5's lists: the type of what stands in each, and fields that have another name now."""


@dataclass(frozen=True, slots=True)
class Binding:
    """One binding; ``spec`` has version 6's names, ``names`` leads from them to the written ones."""

    path: Path
    kind: Any
    spec: dict[str, Any]
    names: dict[str, str]

    @property
    def name(self) -> Any:  # noqa: ANN401  (may be unknown)
        """The variable that the Worker's code sees."""
        return scalar(self.spec, "name")

    def place(self, name: str) -> Path:
        """Give the path of a field as it is written."""
        return (*self.path, self.names.get(name, name))

    def first(self, *names: str) -> tuple[Path, Any]:
        """Give the first of some fields that is set: its path and value."""
        name = next((one for one in names if at(self.spec, one) is not None), names[0])
        return self.place(name), at(self.spec, name)


def bindings(resource: Resource) -> Iterator[Binding]:
    """Give a Worker's bindings; nothing for what carries no code."""
    if cloudflare.type_of(resource) not in cloudflare.CODE:
        return
    for path, spec in each(resource.inputs, "bindings"):
        yield Binding(path, _lowered(scalar(spec, "type")), spec, {})
    for key, (kind, renamed) in _OLD.items():
        for path, spec in each(resource.inputs, key):
            names = {new: old for old, new in renamed.items()}
            yield Binding(path, kind, {renamed.get(name, name): value for name, value in spec.items()}, names)


def _lowered(kind: Any) -> Any:  # noqa: ANN401
    """Read a type as the provider does, which takes any case."""
    return kind.lower() if isinstance(kind, str) else kind
