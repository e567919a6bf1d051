"""Canary plans: which weights a release climbs through, and what each weight asks of replicas."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

FULL_WEIGHT = 100
"""Weights are integers that sum to this."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A named sequence of canary weights; the last is always 100, where the canary becomes the stable release."""

    name: str
    weights: tuple[int, ...]

    def weight(self, step: int) -> int:
        """Give the canary's weight at ``step``: 0 is a canary that runs without traffic, ``last_step`` is all of it."""
        return 0 if step == 0 else self.weights[step - 1]

    @property
    def last_step(self) -> int:
        """The step at which the release is complete and no canary is left over."""
        return len(self.weights)


PLANS: Mapping[str, Plan] = MappingProxyType(
    {
        plan.name: plan
        for plan in (
            # systems.md C (OPAL): a progressive release, each step gated by a health score of 90, 92, 95.
            Plan("progressive", (5, 25, 100)),
            # systems.md E (finance): 48 h at each step.
            Plan("careful", (10, 30, 60, 100)),
        )
    }
)


def share(replicas: int, weight: int) -> int:
    """Give how many of ``replicas`` a release of ``weight`` percent needs: in proportion, rounded up, at least one.

    Rounding up on both sides means that neither release is ever smaller than its traffic; with 10 replicas the plan
    ``careful`` gives finance's 1/9, 3/7, 6/4. A weight of 0 keeps one replica, because one member without endpoints
    breaks the whole weighted route (field-guide/canary.md, section 3).
    """
    return max(1, math.ceil(replicas * weight / FULL_WEIGHT))
