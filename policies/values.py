"""Plain values: what rules may look into without surprise.

CrossGuard hands over proxies that raise on an unknown, floats for every number and signature maps for secrets; YAML
hands over dates and integer keys. Everything is copied once into what JSON can say plus one explicit ``UNKNOWN``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, final

Path = tuple[str | int, ...]
"""Where a field stands in a resource: keys and list positions from the top."""


@final
class Unknown:
    """A value that nobody knows before the apply; the type of ``UNKNOWN``."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()

SENTINELS: Final = frozenset(
    {
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
"""What stands for an unknown on the wire; pulumi-policy 1.21.0, ``pulumi_policy.proxy.UNKNOWN_*_VALUE``."""

_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105  (a signature: pulumi-policy 1.21.0, deserialize.py)
_OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
_HIDDEN: Final = "[secret]"
"""What the CLI shows in a secret's place."""
_STAND_INS: Final = SENTINELS | {_HIDDEN}
_HOLDERS: Final = (dict, list)
_PLAIN_HOLDERS: Final = (dict, list, tuple)
_SIMPLE: Final = (bool, int, Unknown)
_MAPPINGS: Final = (dict, Mapping)
_LISTS: Final = (list, Sequence)
"""Groups of types, made once and not at every question; what an abstract class takes is asked last, at some cost."""


def plain(value: Any) -> Any:  # noqa: ANN401  (anything a resource can hold)
    """Copy ``value`` into dicts, lists, strings, numbers, booleans, None and ``UNKNOWN``.

    Whole floats become integers, keys become strings, proxies and secrets are unwrapped; a secret that only its
    ciphertext or ``[secret]`` stands for is ``UNKNOWN``.
    """
    if isinstance(value, str):
        return UNKNOWN if value in _STAND_INS else value
    if value is None or isinstance(value, _SIMPLE):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, _MAPPINGS):
        return _plain_mapping(_unwrapped(value))
    if isinstance(value, _LISTS):
        return [plain(item) for item in _unwrapped(value)]
    return _other(value)


def _other(value: Any) -> Any:  # noqa: ANN401
    if type(value).__name__ == "Secret" and hasattr(value, "value"):  # pulumi_policy.secret, while remediating
        return plain(value.value)
    return str(value) if hasattr(value, "isoformat") else f"<{type(value).__name__}>"


def _unwrapped(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, _PLAIN_HOLDERS):
        return value
    try:
        return value["__target"]
    except (KeyError, TypeError):
        return value


def _plain_mapping(value: Mapping[Any, Any]) -> Any:  # noqa: ANN401
    if _SIGNATURE in value and value[_SIGNATURE] in (_SECRET, _OUTPUT):
        if "plaintext" in value:
            return plain(json.loads(value["plaintext"]))
        return plain(value["value"]) if "value" in value else UNKNOWN
    return {key if key.__class__ is str else _key(key): plain(item) for key, item in value.items()}


def _key(key: Any) -> str:  # noqa: ANN401
    if isinstance(key, str):
        return key
    return {True: "true", False: "false", None: "null"}.get(key, str(key)) if isinstance(key, bool | None) else str(key)


def at(value: Any, *path: str | int) -> Any:  # noqa: ANN401
    """Give what stands at ``path``: None when nothing does, ``UNKNOWN`` when a step of the way is unknown."""
    for step in path:
        if value.__class__ is dict:  # the plain class first: this is asked a hundred times for each resource
            value = value.get(step)
        elif value is None:
            return None
        elif isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int):
            value = value[step] if 0 <= step < len(value) else None
        else:
            return UNKNOWN if value is UNKNOWN else None
    return value


def each(value: Any, *path: str | int) -> Iterator[tuple[Path, dict[str, Any]]]:  # noqa: ANN401
    """Give the mappings in the list at ``path``, each with its own path; whatever is no mapping is passed over."""
    items = at(value, *path)
    if isinstance(items, list):
        for position, item in enumerate(items):
            if isinstance(item, dict):
                yield (*path, position), item


def mapping(value: Any, *path: str | int) -> dict[str, Any]:  # noqa: ANN401
    """Give the mapping at ``path``, an empty one when there is none."""
    for step in path:
        value = value.get(step) if value.__class__ is dict else at(value, step)
    return value if isinstance(value, dict) else {}


def scalar(value: Any, *path: str | int) -> Any:  # noqa: ANN401  (a string, number, boolean, None or UNKNOWN)
    """Give the single value at ``path``; None where a list or mapping stands instead."""
    for step in path:
        value = value.get(step) if value.__class__ is dict else at(value, step)
    return None if isinstance(value, _HOLDERS) else value


def has_unknown(value: Any) -> bool:  # noqa: ANN401
    """Say whether anything in ``value`` is unknown; most resources have nothing, and need no further look."""
    if value is UNKNOWN:
        return True
    left = [value]
    while left:
        holder = left.pop()
        for item in holder.values() if isinstance(holder, dict) else holder if isinstance(holder, list) else ():
            if item is UNKNOWN:
                return True
            if item.__class__ is not str:
                left.append(item)
    return False


def unknowns(value: Any, pattern: Path, path: Path = ()) -> Iterator[Path]:  # noqa: ANN401
    """Give the paths of the unknowns met on the way along ``pattern``, where ``*`` stands for every key or item."""
    if value is UNKNOWN:
        yield path
    elif pattern:
        step, rest = pattern[0], pattern[1:]
        if step == "*":
            items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
            for key, item in items:
                yield from unknowns(item, rest, (*path, key))
        elif isinstance(value, dict) and step in value:
            yield from unknowns(value[step], rest, (*path, step))


def dotted(path: Path) -> str:
    """Write a path the way people do: ``spec.ports[0].port``."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")
