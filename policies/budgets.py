"""PodDisruptionBudgets: which pods they watch over, and how many of them they let go at a time."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from policies.resources import Resource
from policies.values import UNKNOWN, Path, at

BUDGET_KINDS: Final = {"PodDisruptionBudget": frozenset({"policy"})}
MIN_AVAILABLE: Final[Path] = ("spec", "minAvailable")
MAX_UNAVAILABLE: Final[Path] = ("spec", "maxUnavailable")
_PERCENT: Final = re.compile(r"[0-9]{1,9}%", re.ASCII)


@dataclass(frozen=True)
class Budget:
    """A PodDisruptionBudget."""

    resource: Resource

    @property
    def selector(self) -> Any:  # noqa: ANN401  (may be unknown)
        """The label selector; an empty one selects every pod of the namespace, none at all selects none."""
        return at(self.resource.inputs, "spec", "selector")

    @property
    def path(self) -> Path:
        """Where the bound stands."""
        return MAX_UNAVAILABLE if at(self.resource.inputs, *MAX_UNAVAILABLE) is not None else MIN_AVAILABLE

    @property
    def bound(self) -> Any:  # noqa: ANN401  (a number, a percentage, None or UNKNOWN)
        """The bound as it is written."""
        return at(self.resource.inputs, *self.path)

    def spares(self, pods: int) -> int | None:
        """Say how many of so many healthy pods may be evicted; None when the bound does not say.

        The controller rounds a percentage of either bound up.
        """
        amount = scaled(self.bound, pods)
        if amount is None:
            return None
        return amount if self.path == MAX_UNAVAILABLE else pods - amount

    @property
    def blocks_always(self) -> bool:
        """Whether no number of pods is enough for one to go."""
        if self.path == MAX_UNAVAILABLE:
            return not isinstance(self.bound, bool) and self.bound in (0, "0%")
        return bool(self.bound == "100%")


def percentage(value: Any) -> int | None:  # noqa: ANN401
    """Read ``25%``; None for anything else."""
    return int(value[:-1]) if isinstance(value, str) and _PERCENT.fullmatch(value) else None


def scaled(value: Any, total: int) -> int | None:  # noqa: ANN401
    """Give what a number or percentage of ``total`` comes to, rounded up; None when it is neither."""
    if value is UNKNOWN or isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    share = percentage(value)
    return None if share is None else math.ceil(Fraction(share * total, 100))
