"""The ``flotilla`` command: which verbs there are, and how their failures reach a terminal.

A verb is imported only when it is called: ``flotilla render`` must not pay for the engine, nor ``--help`` for anything.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from typing import Annotated

import typer

from fleet.errors import FlotillaError

VERBS = {
    "render": ("ops.render", "Write what a stack plans, as files."),
    "check": ("ops.check", "Hold manifests against the rules."),
    "rules": ("ops.rules", "List the rules, or explain one with examples."),
    "preview": ("ops.up", "Show what up would change, with the policy pack on."),
    "up": ("ops.up", "Bring a stack to what its file says, through the Pulumi engine."),
    "sandbox": ("ops.sandbox", "Run a whole fleet on this machine: up, down, status, logs, shell, images."),
    "verify": ("ops.verify", "Prove that a live fleet sells: check it, and buy from every shop."),
    "adopt": ("ops.adopt", "Show what a stack would take over in its cluster."),
    "doctor": ("ops.doctor", "Say what this machine or this cluster lacks."),
}
"""Each verb, the module with a function or a Typer of that name, and its line in the help."""
_HELP = """Many small storefronts, one shared checkout: plan, judge and run a fleet.

Exit codes: 0 done; 1 failed or refused; 2 bad input; 3 this machine or cluster can't."""


def _version(wanted: bool) -> None:  # noqa: FBT001  (typer's callback)
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415  (only this option needs it)

        typer.echo(f"flotilla {version('flotilla')}")
        raise typer.Exit


def _flotilla(
    *, version: Annotated[bool, typer.Option("--version", callback=_version, help="Show the version.")] = False
) -> None:
    """Stand where options of the command itself are declared; each verb does its own work."""


def application(verb: str | None) -> typer.Typer:
    """Give the command with ``verb`` loaded; the others are there with their line of help only."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True, help=_HELP)
    app.callback(help=_HELP)(_flotilla)
    for name, (module, summary) in VERBS.items():
        found = getattr(importlib.import_module(module), name) if name == verb else _unloaded
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=name, help=summary)
        else:
            _add(app, name, found, summary)
    return app


def _add(app: typer.Typer, name: str, function: Callable[..., None], summary: str) -> None:
    app.command(name, help=summary if function is _unloaded else None, short_help=summary)(function)


def _unloaded() -> None:
    raise AssertionError("only the verb that was called is loaded")


def main() -> None:
    """Run the command and leave the process with its exit code (fleet/errors.py)."""
    called = next((argument for argument in sys.argv[1:] if not argument.startswith("-")), None)
    try:
        application(called)()
    except FlotillaError as error:
        for line in str(error).splitlines():
            typer.echo(f"flotilla: {line}", err=True)
        sys.exit(error.exit_code)
