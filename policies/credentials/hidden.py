"""Messages of any rule, with whatever in them may be a credential taken out."""

from __future__ import annotations

import re
from typing import Any, Final

from policies.credentials.names import meaning
from policies.credentials.shapes import shapes
from policies.values import Path, at

HIDDEN: Final = "[hidden]"
_USER: Final = re.compile(
    r"(?<=//)[^\s/@'\"<>`]{1,500}@|"
    r"\b[\w.%+-]{1,100}:(?!(?:sha\d{3}|md5):)[^\s/@'\"<>`]{1,300}@(?!sha\d{3}:)(?=[\w\[])"
)
_MATCHER: Final = re.compile(
    r"(?P<start>(?:Header|Query)\w*\(\s*[`\"](?P<name>[^`\"]*)[`\"]\s*,\s*)(?P<quote>[`\"])[^`\"]*[`\"]"
)
_HEADERS: Final = ("authorization", "cookie")


def safe(message: str, inputs: dict[str, Any], path: Path) -> str:
    """Take every credential out of a message about the field at ``path``: by its shape, its form and its name."""
    value = at(inputs, *path)
    name = at(inputs, *path[:-1], "name") if path[-1:] == ("value",) else path[-1] if path else ""
    if isinstance(value, str | int) and len(str(value)) > 2 and isinstance(name, str) and meaning(name):
        message = message.replace(str(value), HIDDEN)
    return hide(message)


def hide(message: str) -> str:
    """Take out tokens, the user and password of addresses, and what a route asks of a secret header or parameter."""
    for shape in shapes(message):
        message = message.replace(shape.value, HIDDEN)
    if "@" in message:
        message = _USER.sub(f"{HIDDEN}@", message)
    return _MATCHER.sub(_hidden_matcher, message) if "(" in message else message


def _hidden_matcher(match: re.Match[str]) -> str:
    if not (meaning(match["name"]) or match["name"].lower().endswith(_HEADERS)):
        return match[0]
    return f"{match['start']}{match['quote']}{HIDDEN}{match['quote']}"
