"""The one walk over pods: every kind that makes them, every list of containers in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from policies import programs
from policies.port_names import as_port, as_protocol, is_own_listener, is_side
from policies.resources import Resource
from policies.values import UNKNOWN, Path, at, each, mapping, scalar

_APPS = frozenset({"apps", "extensions"})
_CORE = frozenset({""})
_BATCH = frozenset({"batch"})
POD_KINDS: Final = {
    "Deployment": _APPS,
    "StatefulSet": _APPS,
    "DaemonSet": _APPS,
    "ReplicaSet": _APPS,
    "ReplicationController": _CORE,
    "Pod": _CORE,
    "PodTemplate": _CORE,
    "Job": _BATCH,
    "CronJob": _BATCH,
}
_TEMPLATES: Final[dict[str, Path]] = {
    "Pod": (),
    "PodTemplate": ("template",),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
}
_SERVING: Final = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Pod"})
PROBES: Final = ("startupProbe", "readinessProbe", "livenessProbe")
LISTS: Final = ("containers", "initContainers", "ephemeralContainers")
_LOCAL = r"(?:(?:https?|tcp)://)?(?:|0\.0\.0\.0|127\.0\.0\.1|localhost|\[::1?\]|\*|\+)"


@dataclass(frozen=True, slots=True)
class Port:
    """A declared container port."""

    name: Any
    number: Any
    protocol: Any
    path: Path

    def __str__(self) -> str:
        return f"{self.number} ({self.name})" if self.name else f"{self.number}"

    @property
    def serves(self) -> bool:
        """Whether the application's own traffic can arrive here, as far as the name says."""
        return not is_side(self.name)


@dataclass(frozen=True)
class Container:
    """A container of any list; ``runs`` says whether it stays beside the application (so no plain init container)."""

    pod: Resource
    path: Path
    spec: dict[str, Any]
    runs: bool

    @property
    def name(self) -> str:
        """The container's name as it is shown."""
        return str(self.spec.get("name", self.path[-1]))

    @cached_property
    def ports(self) -> tuple[Port, ...]:
        """The declared ports; an undeclared protocol is TCP (Kubernetes API reference, ContainerPort)."""
        return tuple(
            Port(
                scalar(port, "name"),
                as_port(scalar(port, "containerPort")),
                as_protocol(scalar(port, "protocol")),
                (*self.path, *path),
            )
            for path, port in each(self.spec, "ports")
        )

    @property
    def probes(self) -> Iterator[tuple[Path, str, dict[str, Any]]]:
        """The probe handlers with a port: path, one of httpGet, tcpSocket and grpc, and the handler."""
        for probe in PROBES:
            for kind in ("httpGet", "tcpSocket", "grpc"):
                if handler := mapping(self.spec, probe, kind):
                    yield (*self.path, probe, kind), kind, handler

    @cached_property
    def _spelled(self) -> str:
        """Command, arguments and address-like variables: where a container can be told which port to listen on."""
        words = [str(word) for key in ("command", "args") for word in _words(at(self.spec, key))]
        words += [
            str(item.get("value"))
            for _, item in each(self.spec, "env")
            if is_own_listener(item.get("name")) and item.get("value") is not UNKNOWN
        ]
        return " ".join(words)

    def spells(self, number: int) -> bool:
        """Say whether the container is told ``number`` as a port of its own, as in ``:8081``, or has it by itself."""
        started = at(self.spec, "command") or at(self.spec, "args")
        if number in programs.listeners(scalar(self.spec, "image"), started):
            return True
        return bool(re.search(rf"(?:^|[\s=,;'\"]){_LOCAL}:?{number}(?![\w.:])", self._spelled))


@dataclass(frozen=True)
class Pods:
    """The pods that one resource makes."""

    resource: Resource
    path: Path
    template: dict[str, Any]

    @property
    def labels(self) -> Any:  # noqa: ANN401  (may be unknown)
        """The labels of each pod."""
        return at(self.template, "metadata", "labels")

    @property
    def serves(self) -> bool:
        """Whether these pods are there to be reached: no Job's, and no hook's, which may carry a Service's labels."""
        return self.resource.kind in _SERVING and not any(key.startswith("helm.sh/hook") for key in self._annotations)

    @property
    def _annotations(self) -> dict[str, Any]:
        return self.resource.annotations | mapping(self.template, "metadata", "annotations")

    @cached_property
    def containers(self) -> tuple[Container, ...]:
        """All containers: the application's, init containers with native sidecars, and ephemeral ones."""
        return tuple(
            Container(self.resource, (*self.path, *path), spec, name != "initContainers" or _is_sidecar(spec))
            for name in LISTS
            for path, spec in each(self.template, "spec", name)
        )

    @cached_property
    def running(self) -> tuple[Container, ...]:
        """The containers that run beside each other and so share the pod's ports."""
        return tuple(container for container in self.containers if container.runs)

    @cached_property
    def ports(self) -> tuple[Port, ...]:
        """The declared ports of the running containers."""
        return tuple(port for container in self.running for port in container.ports)

    @property
    def has_unknown_ports(self) -> bool:
        """Whether some container's list of ports is not known."""
        return any(at(container.spec, "ports") is UNKNOWN for container in self.running)

    @cached_property
    def _has_proxy(self) -> bool:
        """Whether a proxy runs in the pod that does not declare where it listens, or learns it from routes."""
        images = [(scalar(container.spec, "image"), container.ports) for container in self.running]
        return any(programs.is_gateway(image) or (not ports and programs.is_proxy(image)) for image, ports in images)

    @property
    def offer(self) -> str:
        """The declared ports in words: ``3000 (http), 9090``."""
        return ", ".join(dict.fromkeys(map(str, self.ports))) or "no port"

    def may_listen(self, number: int, protocol: str = "TCP") -> bool:
        """Say whether anything speaks for ``number``: declared, told to a container, or known to a proxy alone."""
        declared = any(port.number in {number, UNKNOWN} for port in self.ports)
        return declared or self._has_proxy or self.listens(number, protocol) is True

    def listens(self, number: int, protocol: str = "TCP") -> bool | None:
        """Say whether something in the pod listens on ``number``; None when the declarations do not tell.

        ``containerPort`` is informational: only where a pod declares what it serves does the list say what it does not
        serve, and a number that a container is told as its own port counts as declared.
        """
        if any(port.number == number and port.protocol == protocol for port in self.ports):
            return True
        if any(container.spells(number) for container in self.running):
            return True
        beside = any(port.number in {number, UNKNOWN} for port in self.ports) or self._has_proxy
        served = any(port.protocol == protocol and port.serves for port in self.ports)
        return False if served and not beside else None


def _words(value: Any) -> list[Any]:  # noqa: ANN401
    return [word for word in value if word is not UNKNOWN] if isinstance(value, list) else []


def _is_sidecar(spec: dict[str, Any]) -> bool:
    return spec.get("restartPolicy") == "Always"


def template_path(resource: Resource) -> Path | None:
    """Give where the pod template stands in a resource; None for a resource that makes no pods."""
    return _TEMPLATES.get(resource.kind, ("spec", "template")) if resource.is_a(POD_KINDS) else None


def pods_of(resource: Resource) -> Pods | None:
    """Give the pods that a resource makes, if it makes any; the same answer to every rule that asks."""
    if "pods" not in resource.derived:
        resource.derived["pods"] = _pods_of(resource)
    found: Pods | None = resource.derived["pods"]
    return found


def _pods_of(resource: Resource) -> Pods | None:
    path = template_path(resource)
    if path is None:
        return None
    template = mapping(resource.inputs, *path)
    return Pods(resource, path, template) if template else None
