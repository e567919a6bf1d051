"""The rules as people look them up: by family, in words and as the page docs/rules.md."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final

from policies.examples import FOLDER, example
from policies.findings import Rule, Scope
from policies.rules import RULES

FAMILIES: Final = {
    "API": "APIs, names and duplicates",
    "FIELD": "Fields and their types",
    "PORT": "Ports, from the application to the route",
    "IMAGE": "Images and how they are pulled",
    "REF": "References between objects",
    "HOST": "Hosts and who owns them",
    "ROUTE": "Routes and Traefik's rules",
    "CANARY": "Canaries and weights",
    "PROBE": "Probes",
    "RESOURCE": "Requests and limits",
    "SCALE": "Replicas and autoscaling",
    "DRAIN": "Disruption and shutdown",
    "SECRET": "Secrets and compartments",
    "SECURITY": "Security of pods, accounts and exposure",
    "CORS": "CORS",
    "STORAGE": "Storage that must not be lost",
    "EDGE": "The edge: Workers, D1, R2",
    "PLAN": "What must be known before the apply",
    "EXEMPT": "Exemptions",
}
"""The middle word of a code, in the order in which families are listed."""

_HEAD: Final = """# Rules

<!-- Made from the rules' own records: flotilla rules --format markdown > docs/rules.md -->

{count} rules. A *mandatory* finding stops a deployment and makes `flotilla check` exit with 1; an *advisory* one is
shown. [Checking](checking.md) tells how to run them, how complete the input is taken to be, and how levels and
exemptions are set. `flotilla rules CODE` shows a rule with a bad and a good example in the terminal.
"""


def family(rule: Rule) -> str:
    """Give the middle word of a rule's code."""
    return rule.code.split("-")[1]


def listed() -> list[tuple[str, list[Rule]]]:
    """Give the families in their order, each with its rules by code."""
    order = list(FAMILIES)
    rules = sorted(RULES, key=lambda rule: (order.index(family(rule)), rule.code))
    return [(FAMILIES[name], list(group)) for name, group in groupby(rules, key=family)]


def find(name: str) -> Rule | None:
    """Give the rule of a code or name, in upper or lower case."""
    wanted = name.lower()
    return next((rule for rule in RULES if wanted in (rule.code.lower(), rule.name)), None)


def subject(rule: Rule) -> str:
    """Say in words what a rule looks at."""
    return "one resource by itself" if rule.scope is Scope.RESOURCE else "all resources together"


def as_markdown() -> str:
    """Write docs/rules.md."""
    lines = [_HEAD.format(count=len(RULES))]
    for title, rules in listed():
        lines += [f"## {title}", "", *_table(rules), ""]
        for rule in rules:
            lines += [*_section(rule), ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _table(rules: Iterable[Rule]) -> Iterator[str]:
    yield "| code | level | what must hold |"
    yield "|---|---|---|"
    for rule in rules:
        yield f"| [{rule.code}](#{rule.code.lower()}) | {rule.level} | {rule.title} |"


def _section(rule: Rule) -> Iterator[str]:
    yield f"### {rule.code}"
    yield ""
    yield f"`{rule.name}`, {rule.level}; looks at {subject(rule)}. {rule.title}."
    yield ""
    yield f"{rule.why} **Fix:** {rule.remediation}"
    yield ""
    links = [f"[{which}]({_link(rule, which)})" for which in ("bad", "good") if example(rule.code, which)]
    yield ", ".join([*links, f"[source]({rule.source})"])


def _link(rule: Rule, which: str) -> str:
    found = example(rule.code, which)
    return f"../policies/{found.path.relative_to(FOLDER.parent).as_posix()}" if found else ""
