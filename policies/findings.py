"""What a rule is and what it finds: records only, so that docs, JSON and SARIF can be made from them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from policies.resources import Resource
from policies.values import Path


class Level(StrEnum):
    """What a finding does: stop the deployment, advise, or (for a rule that is switched off) nothing."""

    MANDATORY = "mandatory"
    ADVISORY = "advisory"
    DISABLED = "disabled"


class Scope(StrEnum):
    """What a rule looks at: one resource by itself, or all resources of a stack."""

    RESOURCE = "resource"
    STACK = "stack"


@dataclass(frozen=True, slots=True)
class Violation:
    """What a rule function yields: the resource at fault, the field, and what is wrong with it in one line.

    ``undecided`` marks the third answer: the rule could not run, because ``path`` is not known yet.
    """

    resource: Resource
    path: Path
    message: str
    undecided: bool = False


Judge = Callable[[Any], Iterator[Violation]]
"""A rule function: a Resource, or for stack rules Objects, in; what is wrong out."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rule:
    """The record of a rule. ``why`` says what happens otherwise, ``source`` is the public address that says so.

    ``kinds`` (kind to groups) are the Kubernetes kinds that a resource rule looks at; None: every resource.
    A ``general`` rule knows a field's form and not what it is for: where another rule finds fault with the same field,
    it is silent. Two records are equal only if they are one. A bad and a good example stand in
    ``policies/examples/<code>/``.
    """

    code: str
    name: str
    title: str
    why: str
    source: str
    remediation: str
    scope: Scope
    judge: Judge
    level: Level = Level.MANDATORY
    kinds: Mapping[str, frozenset[str]] | None = None
    general: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """A violation under its rule and level; ``crashed`` when it is the rule itself that failed."""

    rule: Rule
    level: Level
    resource: Resource
    path: Path = ()
    message: str = field(kw_only=True)
    crashed: bool = field(default=False, kw_only=True)

    @property
    def sort_key(self) -> tuple[str, ...]:
        """The order of output, which does not depend on the order of input."""
        return self.resource.title, self.resource.name, self.rule.code, str(self.path), self.message

    @property
    def remediation(self) -> str:
        """What to change."""
        return self.rule.remediation
