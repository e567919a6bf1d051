"""One resource as rules see it, from whatever it was written in: a manifest, a render, an engine's digest, a state."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from policies import engine
from policies.recognition import is_object
from policies.values import Path, at, mapping, plain, scalar

KUBERNETES = "kubernetes:"
LEGACY_CORE = "core/"
"""How Pulumi writes the group that Kubernetes leaves empty: ``kubernetes:core/v1:Service`` is ``v1``, ``Service``."""
PART = "Patch"
"""How Pulumi ends the type of a part of an object, which is laid over the whole and not judged as one."""
COMPLETED = "completed"
"""What marks, in ``derived``, a resource whose missing fields are added before it is applied."""
CONTRACT = "flotilla.dev/fleet"
"""The label by which an object says that it keeps Flotilla's own conventions, among them to declare its ports."""
DEFAULT_NAMESPACE = "default"


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A resource: its Pulumi ``type`` and logical ``name``, plain ``inputs``, and where it was read.

    ``prefix`` is where the inputs stand in the document they came from, ``document`` its number in the file.
    ``derived`` keeps what is worked out of the inputs once and asked for by many rules, such as the pods.

    ``seen`` names the options that the input shows: a manifest has none, and CrossGuard hides ``retainOnDelete``.
    ``leaving`` is set on what the engine is about to take away, and says by what step; ``reasons`` are the inputs that
    force it. Such a resource is beside the others, never among them, and so is an ``external`` one, which the stack
    reads and does not own. ``dependencies`` is None where nothing tells.
    """

    type: str
    name: str
    inputs: dict[str, Any]
    parent: str | None = None
    protect: bool = False
    retain_on_delete: bool = False
    urn: str | None = None
    file: str | None = None
    line: int | None = None
    document: int = 0
    provider: str | None = None
    prefix: Path = field(default=(), repr=False)
    seen: frozenset[str] = frozenset()
    identifier: str | None = None
    dependencies: frozenset[str] | None = None
    leaving: str = ""
    reasons: tuple[str, ...] = ()
    external: bool = False
    derived: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def api(self) -> tuple[str, str, str]:
        """The group, version and kind; three empty strings for what is no Kubernetes object, or a part of one."""
        if not self.type.startswith(KUBERNETES):
            return "", "", ""
        written, _, kind = self.type.removeprefix(KUBERNETES).rpartition(":")
        if kind.endswith(PART):
            return "", "", ""
        api_version, own_kind = self.inputs.get("apiVersion"), self.inputs.get("kind")
        api_version = api_version if isinstance(api_version, str) else written.removeprefix(LEGACY_CORE)
        group, _, version = api_version.rpartition("/")
        return group, version, own_kind if isinstance(own_kind, str) else kind

    @cached_property
    def kind(self) -> str:
        """The Kubernetes kind."""
        return self.api[2]

    def is_a(self, kinds: Mapping[str, frozenset[str]]) -> bool:
        """Say whether the kind, in its group, is one of ``kinds`` (kind to groups): Knative has a Service too."""
        groups = kinds.get(self.kind)
        return groups is not None and self.api[0] in groups

    @cached_property
    def physical_name(self) -> Any:  # noqa: ANN401  (may be unknown)
        """The name in the cluster, which is not the logical one."""
        return scalar(self.inputs, "metadata", "name")

    @cached_property
    def place(self) -> Any:  # noqa: ANN401  (may be unknown)
        """The namespace that an object names itself; None when it leaves that to whoever applies it."""
        return scalar(self.inputs, "metadata", "namespace") or None

    @property
    def namespace(self) -> Any:  # noqa: ANN401  (may be unknown)
        """The namespace; an object that names none is taken to be in ``default``."""
        return self.place or DEFAULT_NAMESPACE

    @property
    def labels(self) -> dict[str, Any]:
        """The labels."""
        return mapping(self.inputs, "metadata", "labels")

    @property
    def annotations(self) -> dict[str, Any]:
        """The annotations."""
        return mapping(self.inputs, "metadata", "annotations")

    @property
    def keeps_contract(self) -> bool:
        """Whether the object belongs to a fleet, and so declares every port that it serves."""
        return CONTRACT in self.labels

    @cached_property
    def title(self) -> str:
        """The resource as people name it: ``Deployment shop/checkout``, or the type and logical name."""
        if not self.kind:
            return f"object {self.name}" if self.type.startswith(KUBERNETES) else f"{self.type} {self.name}"
        name = self.physical_name
        shown = name if isinstance(name, str) else self.name
        namespace = at(self.inputs, "metadata", "namespace")
        return f"{self.kind} {namespace}/{shown}" if isinstance(namespace, str) else f"{self.kind} {shown}"

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """What makes it this object and no other in a cluster, however often and wherever it is written down."""
        return self.api[0], self.kind, str(self.namespace), self.title


def from_manifest(
    manifest: Mapping[str, Any],
    *,
    file: str | None = None,
    line: int | None = None,
    document: int = 0,
    prefix: Path = (),
) -> Resource:
    """Read a Kubernetes object as it is written in YAML; ``file`` and ``line`` say where."""
    inputs = plain(manifest)
    written = inputs.get("apiVersion"), inputs.get("kind")
    api_version, kind = (one if isinstance(one, str) else "" for one in written)
    token = api_version if "/" in api_version else LEGACY_CORE + api_version
    name = at(inputs, "metadata", "name")
    return Resource(
        type=f"{KUBERNETES}{token}:{kind}",
        name=name if isinstance(name, str) else "",
        inputs=inputs,
        file=file,
        line=line,
        document=document,
        prefix=prefix,
    )


def from_entry(
    entry: Mapping[str, Any],
    *,
    file: str | None = None,
    prefix: Path = (),
    leaving: str = "",
    reasons: tuple[str, ...] = (),
) -> Resource:
    """Read an entry of ``resources.json``, of ``pulumi stack export`` or a state of ``pulumi preview --json``."""
    opts = entry.get("opts") or entry
    urn = entry.get("urn")
    name = entry.get("name") or (urn.rpartition("::")[2] if isinstance(urn, str) else "")
    inputs = plain(entry.get("inputs") or {})
    identifier = entry.get("id")
    return Resource(
        type=str(entry.get("type", "")),
        name=str(name),
        inputs=inputs if isinstance(inputs, dict) else {},
        parent=entry.get("parent"),
        protect=bool(opts.get("protect")),
        retain_on_delete=bool(opts.get("retainOnDelete")),
        urn=urn,
        file=file,
        provider=provider if isinstance(provider := entry.get("provider"), str) else None,
        prefix=(*prefix, "inputs"),
        seen=engine.options_seen(entry),
        identifier=identifier if isinstance(identifier, str) and identifier else None,
        dependencies=engine.dependencies(entry),
        leaving=leaving,
        reasons=reasons,
        external=bool(entry.get("external")),
    )


def read(item: Resource | Mapping[str, Any]) -> Resource:
    """Read a resource in either plain form; one that is read already is given back."""
    if isinstance(item, Resource):
        return item
    return from_entry(item) if "type" in item and "inputs" in item else from_manifest(item)


def from_document(value: Any, *, file: str | None = None, document: int = 0) -> Iterator[Resource]:  # noqa: ANN401
    """Give the resources of one parsed document, whichever of the five forms it has; nothing for any other document.

    The forms: a Kubernetes object or List, the array of ``resources.json``, the digest of ``pulumi preview --json``
    (its steps) and the deployment of ``pulumi stack export``.
    """
    if isinstance(value, list):
        yield from _entries(value, file, ())
    elif not isinstance(value, Mapping):
        return
    elif isinstance(value.get("steps"), list):
        yield from _steps(value["steps"], file)
    elif isinstance(at(value, "deployment", "resources"), list):
        yield from _entries(value["deployment"]["resources"], file, ("deployment", "resources"))
    else:
        yield from _objects(value, file, document, ())


def _objects(value: Mapping[str, Any], file: str | None, document: int, prefix: Path) -> Iterator[Resource]:
    api_version, kind = value.get("apiVersion"), value.get("kind")
    if not is_object(value):
        return
    if (
        isinstance(kind, str)
        and isinstance(api_version, str)
        and kind.endswith("List")
        and isinstance(value.get("items"), list)
    ):
        item_defaults = {"apiVersion": api_version, "kind": kind.removesuffix("List")} if kind != "List" else {}
        for position, item in enumerate(value["items"]):
            if isinstance(item, Mapping):
                yield from _objects(item_defaults | dict(item), file, document, (*prefix, "items", position))
    else:
        yield from_manifest(value, file=file, document=document, prefix=prefix)


def _entries(entries: Iterable[Any], file: str | None, prefix: Path) -> Iterator[Resource]:
    for position, entry in enumerate(entries):
        if not isinstance(entry, Mapping):
            continue
        place = (*prefix, position)
        if not isinstance(entry.get("type"), str):
            if not entry.get("delete"):
                yield from _objects(entry, file, 0, place)
            continue
        if word := engine.unfinished(entry):
            yield from_entry(entry, file=file, prefix=place, leaving=word)
        if not entry.get("delete"):
            yield from_entry(entry, file=file, prefix=place)


def _steps(steps: list[Any], file: str | None) -> Iterator[Resource]:
    latest: dict[str, Resource] = {}
    leaving: dict[str, Resource] = {}
    for position, step in enumerate(steps):
        state = at(step, "newState")
        if isinstance(state, Mapping) and not str(step.get("op", "")).startswith(("delete", "discard")):
            resource = from_entry(state, file=file, prefix=("steps", position, "newState"))
            latest[resource.urn or f"{position}"] = resource
        departure = engine.departure(step)
        if departure is not None:
            old, shown, word, reasons = departure
            gone = from_entry(old, file=file, prefix=("steps", position, shown), leaving=word, reasons=reasons)
            if reasons or (gone.urn or f"{position}") not in leaving:
                leaving[gone.urn or f"{position}"] = gone
    yield from latest.values()
    yield from leaving.values()
