"""What the API server refused, as one line for each object: what, which field, and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from manifests.plan import Manifest
from sandbox.kubectl import LiveObject
from sandbox.rollouts import title

UNCHANGEABLE = re.compile(r"immutable|Forbidden: updates to|may not be (changed|updated)")
"""How the API server's validation says that a field counts only when its object is made."""
OBJECT = re.compile(r'(?:The )?(?P<kind>\w+)[\w.]* "(?P<name>[^"]+)" is invalid')
SHOWN = 3
"""How many changed fields a line names; more would bury the first."""


def refusals(output: str, manifests: Sequence[Manifest], before: Mapping[str, LiveObject]) -> str:
    """Give kubectl's stderr as a line for each refusal.

    ``manifests`` are what was applied and ``before`` what was there: together they tell which field a refusal is about,
    where the API server names only those that may be changed.
    """
    lines = [line.strip() for line in output.splitlines() if line.strip() and not line.startswith("Warning:")]
    said = [line for line in dict.fromkeys(lines) if not line.startswith(("*", "+", "-"))]
    return "\n".join(refusal(line, manifests, before) for line in said) or "; ".join(lines)


def refusal(line: str, manifests: Sequence[Manifest], before: Mapping[str, LiveObject]) -> str:
    """Give one refusal, with the fields at fault and the remedy when they can't be changed."""
    text = re.sub(r"^(error|Error from server( \([A-Za-z]+\))?): ", "", line)
    if not UNCHANGEABLE.search(text):
        return text
    changed = [path for manifest in refused(text, manifests) for path in differences(manifest, before)]
    named = f" (the plan changes {', '.join(changed[:SHOWN])})" if changed else ""
    return f"{text}{named}; give the object another name, or delete it first and lose what it holds"


def refused(text: str, manifests: Sequence[Manifest]) -> Iterator[Manifest]:
    """Give the manifest that a refusal names."""
    if found := OBJECT.search(text):
        for manifest in manifests:
            if (manifest["kind"], manifest["metadata"]["name"]) == (found["kind"], found["name"]):
                yield manifest


def differences(manifest: Manifest, before: Mapping[str, LiveObject]) -> Iterator[str]:
    """Give the paths of the planned fields whose live value is another."""
    live = before.get(title(manifest))
    if live is not None:
        parts = {name: part for name, part in manifest.items() if name != "metadata"}
        yield from paths(parts, live, ())


def paths(planned: Any, live: Any, path: tuple[str, ...]) -> Iterator[str]:  # noqa: ANN401  (any part of an object)
    """Give the paths under ``path`` where a planned value is not the live one; what is defaulted is not planned."""
    if isinstance(planned, Mapping):
        for name, part in planned.items():
            yield from paths(part, live.get(name) if isinstance(live, Mapping) else None, (*path, name))
    elif isinstance(planned, Sequence) and not isinstance(planned, str):
        others = live if isinstance(live, Sequence) and len(live) == len(planned) else [None] * len(planned)
        for number, (part, other) in enumerate(zip(planned, others, strict=True)):
            yield from paths(part, other, (*path, str(number)))
    elif planned != live:
        yield ".".join(path)
