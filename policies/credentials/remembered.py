"""What was found in a text, kept: thousands of objects of a fleet hold the same few values, and each is read once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache, wraps
from typing import Final, ParamSpec, TypeVar, cast

_KEPT: Final = 65_536
_Asked = ParamSpec("_Asked")
_Found = TypeVar("_Found")


def remembered(find: Callable[_Asked, Iterator[_Found]]) -> Callable[_Asked, Iterator[_Found]]:
    """Make a search through texts answer from memory when it is asked the same again."""

    def whole(*args: _Asked.args, **kwargs: _Asked.kwargs) -> tuple[_Found, ...]:
        return tuple(find(*args, **kwargs))

    kept = cast("Callable[_Asked, tuple[_Found, ...]]", lru_cache(maxsize=_KEPT)(whole))

    @wraps(find)
    def search(*args: _Asked.args, **kwargs: _Asked.kwargs) -> Iterator[_Found]:
        return iter(kept(*args, **kwargs))

    return search
