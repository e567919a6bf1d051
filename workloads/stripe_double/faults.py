"""The faults that can be switched on: for the next N calls or deliveries, or for a share of them."""

from __future__ import annotations

import random
from dataclasses import asdict, dataclass, field
from typing import Any

API_FAULTS = {
    "api_down": "answers 503 as a proxy without a backend does; nothing happens at Stripe",
    "api_error": "answers 500 before anything happened; the Idempotency-Key replays it",
    "api_error_after_commit": "does what was asked, then answers 500",
    "api_timeout": "does what was asked, then says nothing for `seconds`",
}
WEBHOOK_FAULTS = {
    "drop": "every attempt to deliver is lost; the event stays undelivered",
    "swallow": "the delivery is lost and yet counts as answered",
    "duplicate": "the event arrives twice at once",
    "reorder": "the event arrives after the one that follows it",
    "delay": "the event arrives `seconds` later",
    "bad_signature": "the first attempt is signed with a wrong secret",
}
KNOWN = API_FAULTS | WEBHOOK_FAULTS


@dataclass
class Rule:
    """One fault: for the ``next`` N that match, or else for a ``rate`` (0 to 1) of them; ``types`` are event types."""

    fault: str
    next: int | None = None
    rate: float = 1.0
    types: list[str] = field(default_factory=list)
    seconds: float = 1.0

    def __post_init__(self) -> None:
        """Refuse what could never strike; raises ValueError with the words that are known."""
        if self.fault not in KNOWN:
            raise ValueError(f"fault: {self.fault!r} is unknown; one of {', '.join(KNOWN)}")
        if not 0 < self.rate <= 1 or (self.next is not None and self.next < 1) or self.seconds < 0:
            raise ValueError("rate must be above 0 and at most 1, next at least 1, seconds not negative")


class Faults:
    """The rules in force; what is drawn is counted."""

    def __init__(self, seed: int = 0) -> None:
        self._random = random.Random(seed)  # noqa: S311  (repeatable faults, no secret)
        self._rules: list[Rule] = []
        self.struck: dict[str, int] = {}

    def add(self, rule: Rule) -> None:
        """Switch a fault on."""
        self._rules.append(rule)

    def clear(self) -> None:
        """Switch all faults off, and count anew."""
        self._rules.clear()
        self.struck.clear()

    def draw(self, kinds: dict[str, str], event_type: str = "") -> Rule | None:
        """Give the fault that strikes now, if one of ``kinds`` does."""
        for rule in self._rules:
            if rule.fault not in kinds or (rule.types and event_type not in rule.types):
                continue
            if rule.next is None and self._random.random() >= rule.rate:
                continue
            if rule.next is not None:
                rule.next -= 1
                if rule.next == 0:
                    self._rules.remove(rule)
            self.struck[rule.fault] = self.struck.get(rule.fault, 0) + 1
            return rule
        return None

    def view(self) -> dict[str, Any]:
        """Say what is switched on and what has struck."""
        return {"rules": [asdict(rule) for rule in self._rules], "struck": dict(self.struck)}
