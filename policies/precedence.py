"""Which claims go before which: Traefik's order of priorities, looked up instead of compared pair by pair."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Final

from policies.notes import Notes
from policies.patterns import PatternError, compile_pattern
from policies.routes import CONNECTION, EVERY_HOST, EXACT, PREFIX, Claim

_MOST_CONDITIONS: Final = 5
"""A claim with more conditions is only compared with those that have none or the same."""
_MOST_MATCHES: Final = 50_000
"""More matches of a pattern against a host than this would take seconds."""
NOT_COMPARED: Final = "not compared with every host pattern of the input, because there are too many"

Door = tuple[str | None, str | None, str]
Bucket = dict[Door, Claim]
"""The claim of highest priority at each door, among claims that take the same."""
HostKey = tuple[str, frozenset[str]]
PathKey = tuple[str, str]


class Precedence:
    """The claims of which Traefik's order is known, by what they take."""

    def __init__(self, claims: Iterable[Claim], notes: Notes) -> None:
        self._notes = notes
        self._left = _MOST_MATCHES
        self._buckets: dict[HostKey, dict[PathKey, dict[frozenset[str], Bucket]]] = defaultdict(
            lambda: defaultdict(lambda: defaultdict(dict))
        )
        self._matching: dict[str, list[HostKey]] = {}
        for claim in claims:
            if claim.effective is not None and claim.match != CONNECTION:
                bucket = self._buckets[_host_key(claim)][claim.match, claim.url_path][claim.narrowing]
                for door in _doors(claim):
                    if door not in bucket or _rank(claim) > _rank(bucket[door]):
                        bucket[door] = claim
        self._patterned = [key for key in self._buckets if key[1] and key[0] == EVERY_HOST]

    def broader(self, claim: Claim) -> list[Claim]:
        """Give what takes all of ``claim`` and more and goes first, or may; nothing unless it does at every door."""
        found: dict[Door, Claim] = {}
        doors = _doors(claim)
        for bucket in self._broader_buckets(claim):
            _note(found, bucket, doors, claim, least=claim.effective or 0)
            if len(found) == len(doors):
                return list(found.values())
        return []

    def equal(self, claim: Claim) -> list[Claim]:
        """Give what goes before ``claim`` and takes the same, by a priority that one of them sets."""
        by_path = self._buckets[_host_key(claim)]
        found: dict[Door, Claim] = {}
        _note(
            found,
            by_path[claim.match, claim.url_path][claim.narrowing],
            _doors(claim),
            claim,
            least=(claim.effective or 0) + 1,
        )
        decided = [one for one in found.values() if one.priority != claim.priority]
        return decided if len(decided) == len(_doors(claim)) else []

    def _broader_buckets(self, claim: Claim) -> Iterator[Bucket]:
        own = _host_key(claim), (claim.match, claim.url_path), claim.narrowing
        for host in self._broader_hosts(claim):
            by_path = self._buckets.get(host)
            for path in _broader_paths(claim) if by_path else ():
                by_narrowing = by_path.get(path) if by_path else None
                for narrowing in _broader_conditions(claim.narrowing) if by_narrowing else ():
                    bucket = by_narrowing.get(narrowing) if by_narrowing else None
                    if bucket and (host, path, narrowing) != own:
                        yield bucket

    def _broader_hosts(self, claim: Claim) -> list[HostKey]:
        everything: HostKey = (EVERY_HOST, frozenset())
        if claim.host == EVERY_HOST:
            return [_host_key(claim), everything] if claim.patterns else [everything]
        if claim.host not in self._matching:
            self._matching[claim.host] = self._patterns_matching(claim)
        return [(claim.host, frozenset()), everything, *self._matching[claim.host]]

    def _patterns_matching(self, claim: Claim) -> list[HostKey]:
        self._left -= len(self._patterned)
        if self._left < 0:
            self._notes.add(NOT_COMPARED, claim.owner.title)
            return []
        return [key for key in self._patterned if all(_matches(pattern, claim.host) for pattern in key[1])]


def _rank(claim: Claim) -> tuple[int, str]:
    return claim.effective or 0, claim.owner.title


def _note(found: dict[Door, Claim], bucket: Bucket, doors: Iterable[Door], claim: Claim, *, least: int) -> None:
    """Note at each door a claim whose priority is ``least`` or more; another version of the same object is none."""
    for door in doors:
        for own in (door, (door[0], None, door[2])):
            before = bucket.get(own)
            if before is None or door in found or (before.effective or 0) < least:
                continue
            if before.owner is claim.owner or before.owner.identity != claim.owner.identity:
                found[door] = before


def _doors(claim: Claim) -> list[Door]:
    return [(claim.place.proxy, point, protocol) for point, protocol in claim.place.doors]


def _host_key(claim: Claim) -> HostKey:
    return claim.host, claim.patterns


def _broader_paths(claim: Claim) -> Iterator[PathKey]:
    """Give the path itself and every prefix of it; Traefik's prefixes count characters, not segments."""
    if claim.match in {PREFIX, EXACT}:
        for length in range(1, len(claim.url_path) + 1):
            yield PREFIX, claim.url_path[:length]
    if claim.match != PREFIX:
        yield claim.match, claim.url_path


def _broader_conditions(narrowing: frozenset[str]) -> Iterator[frozenset[str]]:
    if len(narrowing) > _MOST_CONDITIONS:
        yield from (frozenset(), narrowing)
        return
    for size in range(len(narrowing) + 1):
        yield from map(frozenset, combinations(sorted(narrowing), size))


def _matches(pattern: str, host: str) -> bool:
    try:
        compiled = compile_pattern(pattern)
    except PatternError:
        return False
    return compiled.is_comparable and compiled.found_in(host)
