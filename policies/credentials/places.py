"""A credential and the place where a process or a reader sees it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from policies.credentials.commands import in_words
from policies.credentials.found import Credential
from policies.credentials.literals import is_random
from policies.credentials.named import header
from policies.credentials.remembered import remembered
from policies.credentials.shapes import shapes
from policies.credentials.texts import in_file
from policies.credentials.urls import in_addresses
from policies.values import Path


@dataclass(frozen=True, slots=True)
class Place:
    """A credential and the field in which it stands; ``where`` says so in words."""

    path: Path
    where: str
    found: Credential

    @property
    def shown(self) -> str:
        """Where the credential stands, in words that hold nothing of it."""
        name = self.found.name
        hidden = not re.fullmatch(r"-{0,2}[A-Za-z_][\w./-]{0,60}", name) or is_random(name) or name in self.where
        return self.where if hidden else f"{self.where} ({name})"


def in_command(words: list[tuple[Path, str]], where: str) -> Iterator[Place]:
    """Give the credentials in a command that is cut into words, each word with its path."""
    seen: dict[int, list[str]] = {}
    alone = ((number, found) for number, (_, text) in enumerate(words) for found in _alone(text))
    together = in_words([(number, text) for number, (_, text) in enumerate(words)])
    for number, found in (*alone, *together):
        values = seen.setdefault(number, [])
        if not any(found.value in known or known in found.value for known in values):
            values.append(found.value)
            yield Place(words[number][0], where, found)


@remembered
def _alone(text: str) -> Iterator[Credential]:
    for shape in shapes(text):
        yield Credential(shape.noun, value=shape.value)
    yield from in_addresses(text)
    if "\n" in text or text[:1] == "{":
        yield from in_file("script.sh" if text[:1] != "{" else "", text)


def in_header(name: str, value: str) -> Credential | None:
    """Judge one header by its value and its name."""
    for shape in shapes(value):
        return Credential(shape.noun, name, shape.value)
    return header(name, value) if name.lower() != "cookie" else None


def texts(value: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401
    """Give the keys of a mapping under which texts or numbers stand, and those as text."""
    if isinstance(value, dict):
        for key, item in value.items():
            if (text := as_text(item)) is not None:
                yield key, text


def as_text(value: Any) -> str | None:  # noqa: ANN401
    """Give text, or a number as text; what is true or false, a list, or unknown is no credential."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None
