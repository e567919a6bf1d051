"""What the clauses of the Pod Security Standards look at, and what they say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from policies.pods import Container, Pods
from policies.values import Path, mapping, scalar

CONTEXT = "securityContext"


@dataclass(frozen=True, slots=True)
class Breach:
    """A broken clause: at ``path``, of one container or (None) of the whole pod.

    ``wanted`` is set where nothing is written wrongly, only something left out that the clause wants: what to write.
    ``check`` is the clause's name in Kubernetes, filled in by whoever runs the clauses.
    """

    path: Path
    message: str
    container: Container | None = None
    wanted: str = ""
    check: str = ""


@dataclass(frozen=True)
class Subject:
    """The pod under judgement, and the minor version of Kubernetes whose text counts."""

    pods: Pods
    minor: int

    @cached_property
    def spec(self) -> dict[str, Any]:
        """The pod's spec."""
        return mapping(self.pods.template, "spec")

    @property
    def path(self) -> Path:
        """Where the pod's spec stands."""
        return (*self.pods.path, "spec")

    @property
    def is_windows(self) -> bool:
        """Whether the pod says that it runs on Windows, where Linux's clauses have no meaning (since 1.25)."""
        return self.minor >= 25 and scalar(self.spec, "os", "name") == "windows"

    @property
    def has_own_users(self) -> bool:
        """Whether root inside is nobody outside: a user namespace (``hostUsers: false``, since 1.35)."""
        return self.minor >= 35 and self.spec.get("hostUsers") is False

    @cached_property
    def _contexts(self) -> list[tuple[Path, dict[str, Any], Container | None]]:
        places: list[tuple[Path, dict[str, Any], Container | None]] = [(self.path, self.spec, None)]
        places += [(container.path, container.spec, container) for container in self.pods.containers]
        return [((*path, CONTEXT), mapping(spec, CONTEXT), container) for path, spec, container in places]

    def contexts(self, *field: str) -> Iterator[tuple[Path, dict[str, Any], Container | None]]:
        """Give the security contexts, the pod's first, that have a mapping at ``field``: its path, it, and whose."""
        for path, context, container in self._contexts:
            found = context
            for step in field:
                inner = found.get(step)
                if not isinstance(inner, dict):
                    break
                found = inner
            else:
                yield (*path, *field), found, container


def whose(container: Container | None) -> str:
    """Say whose a field is: ``container app`` or ``the pod``."""
    return f"container {container.name}" if container else "the pod"


Judge = Callable[[Subject], Iterator[Breach]]


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause: the name of its check in Kubernetes, the minor version it begins with, and what it replaces."""

    check: str
    since: int
    judge: Judge
    overrides: str = ""
