"""The command: every verb is offered, only the one that is called is loaded, and failures are lines and exit codes."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys

import pytest
import typer
from typer.testing import CliRunner

from fleet.errors import FlotillaError, PlaceError, UsageError
from ops import cli

EXIT_CODES = ((FlotillaError, 1), (UsageError, 2), (PlaceError, 3))


def plain(text: str) -> str:
    """Take colours and frames away, which depend on the terminal."""
    return re.sub(r"\x1b\[[0-9;]*m|[│╭╮╰╯─]", "", text)


def test_help_lists_every_verb_with_its_line() -> None:
    done = CliRunner().invoke(cli.application(None), ["--help"], env={"COLUMNS": "200"})
    assert done.exit_code == 0
    for verb, (_, summary) in cli.VERBS.items():
        assert re.search(rf"^\s*{verb}\s+{re.escape(summary)}\s*$", plain(done.stdout), re.MULTILINE), verb


def test_help_says_what_exit_codes_mean() -> None:
    said = plain(CliRunner().invoke(cli.application(None), ["--help"], env={"COLUMNS": "200"}).stdout)
    assert "Exit codes: 0 done; 1 failed or refused; 2 bad input; 3 this machine or cluster can't." in said


@pytest.mark.parametrize("verb", cli.VERBS)
def test_every_verb_is_there_and_explains_itself(verb: str) -> None:
    module, _ = cli.VERBS[verb]
    found = getattr(importlib.import_module(module), verb)
    assert callable(found)
    assert isinstance(found, typer.Typer) or found.__doc__
    done = CliRunner().invoke(cli.application(verb), [verb, "--help"])
    assert done.exit_code == 0, done.output
    assert "Usage: " in plain(done.stdout)


def test_help_imports_no_verb() -> None:
    probe = (
        "import sys\nfrom ops import cli\nsys.argv = ['flotilla', '--help']\n"
        "heavy = {'pulumi', 'pydantic', 'sandbox', 'yaml'}\n"
        "try: cli.main()\n"
        "finally: print([name for name in sys.modules if name.split('.')[0] in heavy"
        " or name.startswith('ops.') and name != 'ops.cli'])"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(("kind", "code"), EXIT_CODES, ids=lambda one: getattr(one, "__name__", str(one)))
def test_a_failure_is_a_line_each_and_its_exit_code(
    kind: type[FlotillaError], code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise kind("first: is wrong; mend it\nsecond: is wrong; mend it")

    app = typer.Typer()
    app.command()(fail)
    monkeypatch.setattr(cli, "application", lambda verb: app)
    monkeypatch.setattr(sys, "argv", ["flotilla"])
    with pytest.raises(SystemExit) as left:
        cli.main()
    said = capsys.readouterr()
    assert left.value.code == code
    assert (said.out, said.err) == (
        "",
        "flotilla: first: is wrong; mend it\nflotilla: second: is wrong; mend it\n",
    )


def test_a_defect_of_ours_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise ValueError("a defect")

    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(fail)
    monkeypatch.setattr(cli, "application", lambda verb: app)
    monkeypatch.setattr(sys, "argv", ["flotilla"])
    with pytest.raises(ValueError, match="a defect"):
        cli.main()


@pytest.mark.parametrize(
    "arguments", [["frobnicate"], ["render"], ["render", "dev"], ["render", "dev", "--out"], ["--colour"]]
)
def test_a_wrong_argument_is_bad_input(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["flotilla", *arguments])
    with pytest.raises(SystemExit) as left:
        cli.main()
    assert left.value.code == 2
    assert "Error" in plain(capsys.readouterr().err)


def test_the_version_is_the_packages() -> None:
    done = CliRunner().invoke(cli.application(None), ["--version"])
    assert re.fullmatch(r"flotilla \d+\.\d+\.\d+\n", done.stdout)
