"""Request parameters as Stripe reads them: a form with brackets, held strictly against what an endpoint takes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request

from stripe_double.problems import Problem

Check = Callable[[Any, str], Any]
"""Takes a raw value and the name of its parameter; gives the typed value or raises Problem."""


def decode(form: str) -> dict[str, Any]:
    """Turn ``a[b][0]=c`` into nested dictionaries; lists stay dictionaries keyed by their index."""
    tree: dict[str, Any] = {}
    for name, value in parse_qsl(form, keep_blank_values=True):
        path = re.findall(r"[^\[\]]+|(?<=\[)(?=\])", name)
        at = tree
        for step in path[:-1]:
            at = at.setdefault(step, {})
            if not isinstance(at, dict):
                raise Problem(f"Invalid object: {name}", param=name)
        at[str(len(at)) if path[-1] == "" else path[-1]] = value
    return tree


async def flat(request: Request) -> dict[str, str]:
    """Give the fields of a form that a browser sent."""
    return dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))


def text(value: Any, name: str) -> str:  # noqa: ANN401
    """Take a string of at most 5000 characters that is not empty."""
    if not isinstance(value, str):
        raise Problem(f"Invalid string: {name}", param=name)
    if not value:
        raise Problem(
            f"You passed an empty string for '{name}'. We assume empty values are an attempt to unset a parameter; "
            f"however '{name}' cannot be unset. You should remove '{name}' from your request or supply a non-empty "
            "value.",
            code="parameter_invalid_empty",
            param=name,
        )
    if len(value) > 5000:
        raise Problem(f"Invalid string: {name} must be at most 5000 characters", param=name)
    return value


def url(value: Any, name: str) -> str:  # noqa: ANN401
    """Take an absolute http or https address."""
    if not re.match(r"https?://[^/\s]+", text(value, name)):
        raise Problem("Not a valid URL", code="url_invalid", param=name)
    return str(value)


def integer(minimum: int = 0, maximum: int = 2**53) -> Check:
    """Take a whole number within bounds."""

    def check(value: Any, name: str) -> int:  # noqa: ANN401
        if not isinstance(value, str) or not re.fullmatch(r"-?\d+", value):
            raise Problem(f"Invalid integer: {value}", code="parameter_invalid_integer", param=name)
        if not minimum <= int(value) <= maximum:
            raise Problem(f"Invalid integer: {name} must be between {minimum} and {maximum}", param=name)
        return int(value)

    return check


def boolean(value: Any, name: str) -> bool:  # noqa: ANN401
    """Take ``true`` or ``false``."""
    if value not in ("true", "false"):
        raise Problem(f"Invalid boolean: {value}", param=name)
    return bool(value == "true")


def one_of(*words: str) -> Check:
    """Take one of these words."""

    def check(value: Any, name: str) -> str:  # noqa: ANN401
        if value not in words:
            last = name.rsplit("[", 1)[-1].rstrip("]")
            raise Problem(f"Invalid {last}: must be one of {', '.join(words)}", param=name)
        return str(value)

    return check


def array(of: Check) -> Check:
    """Take a list whose elements pass ``of``."""

    def check(value: Any, name: str) -> list[Any]:  # noqa: ANN401
        if not isinstance(value, dict) or not all(key.isdigit() for key in value):
            raise Problem("Invalid array", param=name)
        return [of(value[key], f"{name}[{key}]") for key in sorted(value, key=int)]

    return check


def metadata(value: Any, name: str) -> dict[str, str]:  # noqa: ANN401
    """Take up to 50 pairs: keys of at most 40 characters without brackets, values of at most 500 (Stripe, Metadata)."""
    if not isinstance(value, dict):
        raise Problem("Invalid metadata: must be a hash", param=name)
    if len(value) > 50:
        raise Problem("Metadata can have up to 50 keys", param=name)
    for key, content in value.items():
        if not isinstance(content, str) or len(key) > 40 or len(content) > 500:
            raise Problem(f"Invalid metadata: '{key}' is too long or no string", param=f"{name}[{key}]")
    return value


@dataclass(frozen=True)
class Fields:
    """An object: what it may hold, and what of it must be there. Called like any other check."""

    may: Mapping[str, Check]
    must: tuple[str, ...] = field(default=())

    def __call__(self, value: Any, name: str = "") -> dict[str, Any]:  # noqa: ANN401
        """Give the typed fields; raises Problem on the first that is unknown, missing or wrong."""
        if not isinstance(value, dict):
            raise Problem("Invalid object", param=name)
        for key in value:
            if key not in self.may:
                path = _inside(name, key)
                raise Problem(f"Received unknown parameter: {path}", code="parameter_unknown", param=path)
        for key in self.must:
            if key not in value:
                path = _inside(name, key)
                raise Problem(f"Missing required param: {path}.", code="parameter_missing", param=path)
        return {key: self.may[key](raw, _inside(name, key)) for key, raw in value.items()}


def _inside(name: str, key: str) -> str:
    return f"{name}[{key}]" if name else key


EXPAND: Mapping[str, Check] = {"expand": array(text)}
_BOUND = integer()


def period(value: Any, name: str) -> dict[str, int]:  # noqa: ANN401
    """Take a moment, or an interval of moments (seconds since 1970)."""
    if isinstance(value, str):
        moment = _BOUND(value, name)
        return {"gte": moment, "lte": moment}
    return Fields(dict.fromkeys(("gt", "gte", "lt", "lte"), _BOUND))(value, name)


LISTED: Mapping[str, Check] = {
    **EXPAND,
    "limit": integer(1, 100),
    "starting_after": text,
    "ending_before": text,
    "created": period,
}
"""What every list takes."""
