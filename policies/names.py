"""Names that look like another one: what a misspelling differs from the right name by, found without all pairs."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Iterator
from enum import IntEnum
from functools import lru_cache
from typing import Final

_APART: Final = re.compile(r"[-._]+")
_HASH: Final = re.compile(r"(?=.*\d[a-z])[a-z0-9]{5,10}")
_VERSION: Final = re.compile(r"v?\d+")
_MOST: Final = 100
"""Names to compare with at most; past it a misspelling is found by the fixed forms only."""
_FILLERS: Final = (
    frozenset({"svc", "service", "srv"}),
    frozenset({"config", "configmap", "cm", "conf", "cfg", "configuration", "settings"}),
    frozenset({"secret", "secrets", "credentials", "creds", "credential"}),
    frozenset({"sa", "serviceaccount", "account"}),
    frozenset({"pvc", "claim", "volume"}),
    frozenset({"deployment", "deploy"}),
    frozenset({"certificate", "cert", "certs", "tls"}),
)
"""Words that say what kind of object a name is of: people add, drop and exchange them."""
_FILLING: Final = frozenset().union(*_FILLERS[:-1])
"""The words that can be left out: a Secret and the same with ``-tls`` are two Secrets."""


class Likeness(IntEnum):
    """How alike two names are: one differs by a slip of the finger, or by a word that means nothing."""

    RELATED = 1
    MISSPELT = 2


Tokens = tuple[str, ...]


@lru_cache(maxsize=65536)
def _tokens(name: str) -> Tokens:
    return tuple(_APART.split(name.lower()))


class Names:
    """Names of one kind of object, to look up what a name that is none of them may have been meant for."""

    def __init__(self) -> None:
        self._forms: dict[object, dict[str, None]] = defaultdict(dict)

    def add(self, name: str) -> None:
        """Remember a name under every form in which a misspelling can be recognised."""
        tokens = _tokens(name)
        forms: list[object] = ["".join(tokens), tokens, *_blanked(tokens), *_shortened(tokens)]
        for form in forms:
            self._forms[form].setdefault(name)

    def like(self, name: str) -> Iterator[tuple[str, Likeness]]:
        """Give the names that resemble ``name``, without itself; one may come twice."""
        tokens = _tokens(name)
        for other in self._under("".join(tokens)):
            yield other, Likeness.MISSPELT
        for blanked in _blanked(tokens):
            for other in self._under(blanked):
                if likeness := _likeness(tokens, _tokens(other)):
                    yield other, likeness
        for position, form in enumerate(_shortened(tokens)):
            if _is_extra(tokens, position):
                yield from ((other, Likeness.RELATED) for other in self._under(form[1]) if other != name)
        for other in self._under(("shortened", tokens)):
            longer = _tokens(other)
            if any(_is_extra(longer, at) for at in range(len(longer)) if longer[:at] + longer[at + 1 :] == tokens):
                yield other, Likeness.RELATED

    def _under(self, form: object) -> list[str]:
        return list(itertools.islice(self._forms.get(form, ()), _MOST))


def _blanked(tokens: Tokens) -> list[Tokens]:
    return [(*tokens[:at], "*", *tokens[at + 1 :]) for at in range(len(tokens))]


def _shortened(tokens: Tokens) -> list[tuple[str, Tokens]]:
    places = range(len(tokens)) if len(tokens) > 1 else ()
    return [("shortened", tokens[:at] + tokens[at + 1 :]) for at in places]


def _is_extra(tokens: Tokens, position: int) -> bool:
    """Say whether a word can be left out of a name: one of the kind, a prefix, or a version or hash at the end."""
    token, last = tokens[position], position == len(tokens) - 1
    return (
        token in _FILLING
        or (position == 0 and len(tokens) > 2)
        or (last and bool(_HASH.fullmatch(token) or _VERSION.fullmatch(token)))
    )


def _likeness(tokens: Tokens, other: Tokens) -> Likeness | None:
    """Compare two names that differ in one word at most."""
    pairs = [(one, two) for one, two in zip(tokens, other, strict=True) if one != two]
    if len(pairs) != 1:
        return None
    one, two = pairs[0]
    if is_misspelt(one, two):
        return Likeness.MISSPELT
    same_word = any(one in words and two in words for words in _FILLERS)
    shorter = min(len(one), len(two))
    prefixed = shorter >= 4 and (one + two).isalpha() and (one.startswith(two) or two.startswith(one))
    hashed = shorter >= 6 and bool(_HASH.fullmatch(one) and _HASH.fullmatch(two))
    return Likeness.RELATED if same_word or prefixed or hashed else None


def is_misspelt(one: str, other: str) -> bool:
    """Say whether two words differ by a slip: one letter, two in a long word, never a digit or a short word."""
    shorter = min(len(one), len(other))
    if one == other or shorter < 4 or any(character.isdigit() for character in one + other):
        return False
    if one[0] != other[0] and len(one) == len(other):  # internal and external, reader and leader
        return False
    return abs(len(one) - len(other)) <= 2 and _distance(one, other) <= (2 if shorter >= 7 else 1)


def _distance(one: str, other: str) -> int:
    """Count insertions, deletions, substitutions and swaps of neighbours (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, left in enumerate(one, 1):
        now = [i]
        for j, right in enumerate(other, 1):
            best = min(row[j] + 1, now[j - 1] + 1, row[j - 1] + (left != right))
            if i > 1 and j > 1 and left == other[j - 2] and one[i - 2] == right:
                best = min(best, before[j - 2] + 1)
            now.append(best)
        before, row = row, now
    return row[-1]
