"""Programs of others that fail, hang or are not there: one line with the reason and the remedy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fleet.errors import PlaceError
from sandbox import programs


def refusal(command: list[str | Path], **more: Any) -> str:
    with pytest.raises(PlaceError) as refused:
        programs.run(command, remedy="mend it", **more)
    return str(refused.value)


def test_what_a_program_prints_is_given(script: Any) -> None:
    assert programs.run([script("loader", "echo done; echo noise >&2")], remedy="mend it") == "done\n"


@pytest.mark.parametrize(
    ("body", "said"),
    [("echo first >&2; echo '  second ' >&2; echo >&2; exit 1", "second"), ("exit 1", "no message")],
)
def test_one_that_fails_is_named_with_its_last_words(script: Any, body: str, said: str) -> None:
    assert refusal([script("loader", body)]) == f"loader: {said}; mend it"


def test_one_that_hangs_is_given_up(script: Any) -> None:
    hanging = script("loader", "exec sleep 60")
    assert refusal([hanging], limit_seconds=0.2, subject="load it") == "load it: not done after 0 s; mend it"


def test_one_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert refusal([tmp_path / "loader"]) == (
        f"loader: {tmp_path}/loader can't be run: No such file or directory; mend it"
    )
