"""The engine's side of ``flotilla up`` as far as it can be seen without a CLI: a CLI that is missing, or that says what
we want it to say."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fleet.errors import FlotillaError, PlaceError
from ops import stackfile
from ops.locks import LockedError
from ops.stack import Stack

if TYPE_CHECKING:
    from collections.abc import Callable

SPEAKER = """#!/bin/sh
for word in "$@"; do
  case "$word" in
    version) echo v3.260.0; exit 0;;
    --show-name) exit 0;;
    --event-log) log=next;;
    *) [ "$log" = next ] && log="$word";;
  esac
done
{body}
"""


@pytest.fixture
def speaking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Stack]:
    """Give a stack whose CLI is a shell script that runs ``body``, with the event log's path in $log."""

    def make(body: str) -> Stack:
        command = tmp_path / "pulumi"
        command.write_text(SPEAKER.format(body=body))
        command.chmod(command.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
        return Stack(stackfile.read("dev"))

    return make


def test_a_missing_cli_is_told_with_where_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(PlaceError, match=r"pulumi: not on PATH; install it") as told:
        Stack(stackfile.read("dev"))
    assert told.value.exit_code == 3


def test_a_cli_that_fails_before_the_engine_starts_gives_its_last_error_line(
    speaking: Callable[[str], Stack],
) -> None:
    stack = speaking("echo 'warning: w' >&2; echo 'error: no passphrase' >&2; echo 'more' >&2; exit 255")
    with pytest.raises(FlotillaError, match=r"^no passphrase$"):
        stack.preview()


def test_a_locked_stack_is_told_apart_from_other_failures(speaking: Callable[[str], Stack]) -> None:
    stack = speaking(
        "echo 'error: the stack is currently locked by 1 lock(s).' >&2; "
        "echo '  file:///l: created by a@b (pid 1) at 2026-01-01T00:00:00Z' >&2; exit 255"
    )
    with pytest.raises(LockedError, match=r"a@b \(pid 1\)"):
        stack.up()


def test_events_are_heard_as_they_come_and_a_line_cut_short_by_a_kill_is_left_out(
    speaking: Callable[[str], Stack],
) -> None:
    events = ('{"preludeEvent":{}}', '{"diagnosticEvent":{"severity":"error","message":"m"}}', '{"cut')
    log = "\\n".join(events)
    stack = speaking(f"""printf '{log}' >> "$log"; exit 137""")
    heard: list[object] = []
    outcome = stack.up(heard.append)
    assert len(heard) == 2
    assert outcome.refusals == ("m", "the policy pack did not run", "the engine stopped before it was done")


def test_every_run_carries_the_pack(speaking: Callable[[str], Stack], tmp_path: Path) -> None:
    stack = speaking(f'echo "$@" >> {tmp_path}/said')
    stack.preview()
    stack.up()
    said = (tmp_path / "said").read_text().splitlines()
    assert len(said) == 2
    assert all(f"--policy-pack {stack.pack}" in line for line in said)
