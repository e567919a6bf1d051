"""Go's regular expressions: which patterns compile, and which texts they match.

Traefik compiles every pattern with Go's regexp package, whose language is RE2's (github.com/google/re2/wiki/Syntax):
no lookaround, no back-references, no doubled repetition. Matching runs all threads at once, so no pattern takes long.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from policies.re2_nodes import Alternation, Anchor, Chars, Concat, Node, Repeat
from policies.re2_parser import PatternError, parse_pattern

__all__ = ["Pattern", "PatternError", "compile_pattern"]

_MOST: Final = 5_000
"""More instructions than any pattern for hosts has; past it a pattern compiles but matches nothing that we can say."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern that Go compiles."""

    text: str
    tree: Node
    program: tuple[tuple[object, ...], ...]

    @property
    def is_comparable(self) -> bool:
        """Whether we can tell what it matches; Unicode classes and huge repetitions we leave alone."""
        return bool(self.program)

    def found_in(self, text: str) -> bool:
        """Say whether the pattern matches anywhere in ``text``, as Go's MatchString does."""
        threads: set[int] = set()
        for position in range(len(text) + 1):
            threads = _closure(self.program, threads | {0}, text, position)
            if len(self.program) in threads:
                return True
            if position < len(text):
                threads = {at + 1 for at in threads if _takes(self.program[at], text[position])}
        return False


@lru_cache(maxsize=4096)
def compile_pattern(text: str) -> Pattern:
    """Compile a pattern. Raises PatternError for what Go would refuse."""
    tree = parse_pattern(text)
    program: list[tuple[object, ...]] = []
    try:
        _emit(tree, program)
    except OverflowError:
        program = []
    return Pattern(text, tree, tuple(program))


def _emit(node: Node, program: list[tuple[object, ...]]) -> None:
    """Append a node's instructions: ``chars``, ``anchor``, ``split`` (to these) or ``jump``."""
    if len(program) > _MOST:
        raise OverflowError
    match node:
        case Chars(known=False):
            raise OverflowError
        case Chars():
            program.append(("chars", node))
        case Anchor(kind=kind):
            program.append(("anchor", kind))
        case Concat(parts=parts):
            for part in parts:
                _emit(part, program)
        case Alternation(options=options):
            _emit_alternation(options, program)
        case Repeat():
            _emit_repeat(node, program)


def _emit_alternation(options: tuple[Node, ...], program: list[tuple[object, ...]]) -> None:
    jumps: list[int] = []
    for option in options[:-1]:
        fork = len(program)
        program.append(())
        _emit(option, program)
        jumps.append(len(program))
        program.append(())
        program[fork] = ("split", fork + 1, len(program))
    _emit(options[-1], program)
    for jump in jumps:
        program[jump] = ("split", len(program))


def _emit_repeat(node: Repeat, program: list[tuple[object, ...]]) -> None:
    for _ in range(node.least):
        _emit(node.item, program)
    if node.most is None:
        fork = len(program)
        program.append(())
        _emit(node.item, program)
        program.append(("split", fork))
        program[fork] = ("split", fork + 1, len(program))
    else:
        forks: list[int] = []
        for _ in range(node.most - node.least):
            forks.append(len(program))
            program.append(())
            _emit(node.item, program)
        for fork in forks:
            program[fork] = ("split", fork + 1, len(program))


def _closure(program: tuple[tuple[object, ...], ...], starts: set[int], text: str, position: int) -> set[int]:
    reached: set[int] = set()
    waiting = list(starts)
    while waiting:
        at = waiting.pop()
        if at in reached:
            continue
        reached.add(at)
        match program[at] if at < len(program) else ():
            case ("split", *targets):
                waiting.extend(target for target in targets if isinstance(target, int))
            case ("anchor", str(kind)) if _holds(kind, text, position):
                waiting.append(at + 1)
    return reached


def _holds(kind: str, text: str, position: int) -> bool:
    if kind == "start":
        return position == 0
    if kind == "end":
        return position == len(text)
    if kind in {"line start", "line end"}:
        beside = text[position - 1 : position] if kind == "line start" else text[position : position + 1]
        return beside in {"", "\n"}
    inside = _is_word(text[position : position + 1]) != _is_word(text[:position][-1:])
    return inside is (kind == "word boundary")


def _is_word(char: str) -> bool:
    return char == "_" or (char.isascii() and char.isalnum())


def _takes(instruction: tuple[object, ...], char: str) -> bool:
    match instruction:
        case ("chars", Chars() as chars):
            return chars.has(char)
    return False
