"""``flotilla render``: the plan of a stack as files, without Pulumi, a cluster or a credential."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fleet.errors import PlaceError
from manifests.fleet import plan
from manifests.render import render as write
from ops import stackfile


def render(
    stack: Annotated[str, typer.Argument(help="The stack, as in Pulumi.<stack>.yaml.")],
    out: Annotated[Path, typer.Option(help="The folder to write to; its earlier render is replaced.")],
    config: Annotated[Path | None, typer.Option(help="A stack file other than Pulumi.<stack>.yaml.")] = None,
) -> None:
    """Write what a stack plans: kubernetes/*.yaml, edge/* and resources.json."""
    fleet = stackfile.read(stack, config).fleet()
    try:
        count = write(plan(fleet), out)
    except OSError as error:
        raise PlaceError(f"{out}: can't be written: {error.strerror}; choose another folder with --out") from None
    typer.echo(f"{stack}: {count} resources in {out}")
