"""What an incident is: how it is made, and what a status check, verify and the rules must say of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.incidents.museum.manifests import Manifests

if TYPE_CHECKING:
    from tests.incidents.fleet import Fleet

Config = dict[str, Any]
SHOP = "hero"
"""The shop to which everything happens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What must be said of an incident.

    ``status`` is what the shop's first page answers and ``buttons`` whether it has a button to buy: all that ClearWatch
    looked at. Verify must fail ``check`` of ``subject`` with a ``cause`` that holds these words, and blame ``resource``
    (without the fleet's namespace; a pod's name without what Kubernetes added). ``rules`` are the mandatory findings of
    `flotilla check`; none where no manifest shows it.
    """

    check: str
    cause: str
    resource: str
    rules: tuple[str, ...]
    status: int = 200
    buttons: bool = True
    subject: str = SHOP


def nothing(_: Any) -> None:
    """Change nothing."""


def by_applying(fleet: Fleet, manifests: Manifests) -> None:
    """Have it happen as most of it did: somebody applies the manifests, and all the shop's pods are ready."""
    fleet.apply(manifests)
    fleet.rolled_out(manifests)


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One failure.

    ``room`` is ClearWatch's own number for it (systems.md A). ``release`` changes the fleet's configuration, where the
    plan itself is what goes wrong; ``change`` the manifests that are applied; ``happens`` has the rest of it.
    ``mend`` undoes what applying the plan again can't. ``buys`` says that it takes a purchase to see it. ``story`` is
    what happened; ``lesson`` what stops it now.
    """

    room: int
    name: str
    title: str
    story: str
    lesson: str
    expected: Expected
    release: Callable[[Config], None] = nothing
    change: Callable[[Manifests], None] = nothing
    happens: Callable[[Fleet, Manifests], None] = by_applying
    mend: Callable[[Fleet], None] = nothing
    buys: bool = False
