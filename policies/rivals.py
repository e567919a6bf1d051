"""Which claims are rivals of which, looked up instead of compared pair by pair."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from itertools import islice
from typing import Final

from policies.routes import Claim, rivals

_ANY: Final = "(any)"
_LONGEST: Final = 50
"""How far a list is searched for rivals: beyond it there are only more of the same object."""


class Rivals:
    """Claims of one key, by where they hold and what decides between them."""

    def __init__(self, claims: Iterable[Claim]) -> None:
        found: dict[Hashable, list[Claim]] = defaultdict(list)
        for claim in claims:
            for key in _kept_under(claim):
                found[key].append(claim)
        self._claims = {key: sorted(listed, key=_order) for key, listed in found.items()}

    def of(self, claim: Claim) -> Iterator[Claim]:
        """Give rivals of a claim, the first few of each place where it has some."""
        for key in _looked_up_under(claim):
            listed = self._claims.get(key, [])
            yield from islice((other for other in listed[:_LONGEST] if rivals(claim, other)), 5)


def _order(claim: Claim) -> tuple[str, str]:
    return claim.owner.title, f"{claim.path}"


def _tokens(claim: Claim) -> list[tuple[str, int | None]]:
    """Give what may decide between claims, as rivals() compares it."""
    return [("set", claim.priority), *([("effective", claim.effective)] if claim.effective is not None else [])]


def _kept_under(claim: Claim) -> Iterator[Hashable]:
    for point, protocol in claim.place.doors:
        for token in _tokens(claim):
            for proxy in (claim.place.proxy, _ANY):
                yield proxy, point, protocol, token
                yield proxy, _ANY, protocol, token


def _looked_up_under(claim: Claim) -> Iterator[Hashable]:
    for point, protocol in sorted(claim.place.doors, key=str):
        for token in _tokens(claim):
            for proxy in (claim.place.proxy, None) if claim.place.proxy else (_ANY,):
                for where in (point, None) if point else (_ANY,):
                    yield proxy, where, protocol, token
