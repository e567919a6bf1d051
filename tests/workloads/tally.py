"""The numbers that count: what Stripe was paid for, and what became of it here."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass

TOTALS: Counter[str] = Counter()
"""What all tests together put through the faults."""


@dataclass(frozen=True)
class Tally:
    """What became of orders: by Stripe's word how many were paid, by ours how many of these are lost or doubled."""

    paid: int
    lost: int
    doubled: int
    wrong: int

    @property
    def flawless(self) -> bool:
        return self.lost == self.doubled == self.wrong == 0


def record_totals(tally: Tally) -> None:
    """Add to the numbers that the run ends with."""
    TOTALS.update(asdict(tally))
