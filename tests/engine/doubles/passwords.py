"""The random provider's double: RandomPassword, with the provider's own rules.

Every input replaces when it changes, ``keepers`` included, and the result is secret (terraform-provider-random,
``random_password``: each attribute carries RequiresReplace).
"""

from __future__ import annotations

import secrets
import string

from tests.engine.doubles.faults import RefusedError
from tests.engine.doubles.provider import Change, Double, Kind, Plain, kind_of
from tests.engine.doubles.values import Secret, bare

PASSWORD = "random:index/randomPassword:RandomPassword"
DEFAULTS: Plain = {"lower": True, "upper": True, "number": True, "numeric": True, "special": True}
MINIMA = ("minLower", "minUpper", "minNumeric", "minSpecial")
SPECIAL = "!@#$%&*()-_=+[]{}<>:?"
KNOWN = frozenset({*DEFAULTS, *MINIMA, "keepers", "length", "overrideSpecial"})


class Passwords(Double):
    """RandomPassword and nothing else; other types are refused rather than imitated."""

    def check(self, urn: str, old: Plain, new: Plain) -> tuple[Plain, list[str]]:
        if kind_of(urn) != PASSWORD:
            raise RefusedError(f"this double knows {PASSWORD}, not {kind_of(urn)}")
        plain = bare(new)
        failures = [f"Invalid or unknown key: {key}" for key in sorted(plain.keys() - KNOWN - {"__defaults"})]
        length = plain.get("length")
        if not isinstance(length, int) or length < max(1, sum(plain.get(minimum, 0) for minimum in MINIMA)):
            failures.append(f"length: {length!r} is no number of at least 1 and of all minima together")
        return new, failures

    def diff(self, urn: str, state: Plain, new: Plain) -> Change:
        old, plain = bare(state), bare(new)
        keys = [key for key in sorted(KNOWN) if key in plain and plain[key] != old.get(key, DEFAULTS.get(key))]
        keys += [key for key in ("keepers", "overrideSpecial") if key in old and key not in plain and old[key]]
        return Change(kinds=dict.fromkeys(keys, Kind.UPDATE_REPLACE), replaces=tuple(keys))

    def create(self, urn: str, inputs: Plain, *, preview: bool, timeout: float) -> tuple[str, Plain]:
        state = {**DEFAULTS, **inputs}
        if preview:
            return "", state
        alphabet = _alphabet(bare(state))
        result = "".join(secrets.choice(alphabet) for _ in range(bare(state)["length"]))
        return "none", {**state, "result": Secret(result), "bcryptHash": Secret(f"$2a$10${result[:4]}")}

    def read(self, urn: str, identity: str, state: Plain, inputs: Plain) -> tuple[Plain, Plain] | None:
        return state, inputs

    def delete(self, urn: str, identity: str, state: Plain, *, timeout: float) -> None:
        """Forget it: a password exists in the state alone."""


def _alphabet(state: Plain) -> str:
    groups = {
        "lower": string.ascii_lowercase,
        "upper": string.ascii_uppercase,
        "numeric": string.digits,
        "special": state.get("overrideSpecial", SPECIAL),
    }
    return "".join(letters for key, letters in groups.items() if state[key])
