"""``flotilla verify``: prove that a live fleet is what its stack says, and that every shop sells."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from fleet.errors import PlaceError, UsageError
from ops.verify_target import Options, find
from sandbox import browser
from sandbox.progress import Progress, Stage
from verify import chromium as known
from verify.report import formats
from verify.report.formats import Format
from verify.report.text import line
from verify.results import Outcome, Result, Run
from verify.run import verify as run_checks
from verify.target import Target
from verify.web import context as certificates

EXIT = {Outcome.PASS: 0, Outcome.FAIL: 1, Outcome.UNKNOWN: 3}
"""Could not tell is never a pass (DESIGN, Interfaces that stay stable)."""
INTERRUPTED = 130


def verify(  # noqa: PLR0913  (a command's options)
    target: Annotated[str, typer.Argument(help="A stack, as in Pulumi.<stack>.yaml, or a shop's https address.")],
    *,
    config: Annotated[Path | None, typer.Option(help="A stack file other than Pulumi.<stack>.yaml.")] = None,
    output: Annotated[str, typer.Option("--format", help="text, json, junit, html; several with commas.")] = "text",
    out: Annotated[Path | None, typer.Option(metavar="FILE|DIR", help="Where reports are written.")] = None,
    shop: Annotated[list[str] | None, typer.Option(help="This shop only; may be repeated.")] = None,
    purchase: Annotated[bool, typer.Option(help="Buy the test product from every shop, in a real browser.")] = True,
    cluster: Annotated[bool, typer.Option(help="Ask the cluster too; kubectl reads it.")] = True,
    gate: Annotated[
        int | None, typer.Option(min=0, max=100, help="The score to reach; 85 in production, else 70.")
    ] = None,
    checkout: Annotated[
        str | None, typer.Option(metavar="URL", help="The checkout of a shop given by address.")
    ] = None,
    token_file: Annotated[Path | None, typer.Option(help="The token that opens test orders.")] = None,
    ca: Annotated[Path | None, typer.Option(help="Certificates to trust beside the system's.")] = None,
    resolve: Annotated[
        list[str] | None, typer.Option(metavar="HOST=ADDRESS", help="Where DNS does not know yet.")
    ] = None,
    kubeconfig: Annotated[Path | None, typer.Option(help="A kubeconfig other than kubectl's own choice.")] = None,
    context: Annotated[str | None, typer.Option(help="A context other than the stack's.")] = None,
) -> None:
    """Prove that a live fleet sells: it reads everything, and buys one marked test product from every shop.

    In the sandbox it finds cluster, authority and token by itself; elsewhere the token is in FLOTILLA_VERIFY_TOKEN,
    --token-file or Secret verify. Exit code 0: all mandatory checks hold and the score reaches the gate; 1: not so;
    2: the arguments can't be read; 3: it could not be told, which is never a pass.
    """
    chosen = _formats(output, out)
    options = Options(
        config=config,
        shops=tuple(shop or ()),
        checkout=checkout,
        token_file=token_file,
        ca=ca,
        kubeconfig=kubeconfig,
        context=context,
        cluster=cluster,
        resolve=tuple(resolve or ()),
    )
    found = find(target, options)
    _trusted(found)
    if purchase:
        provide_browser()
    try:
        run = prove(found, buy=purchase, needed=gate)
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    tell(run, chosen, out)
    raise typer.Exit(EXIT[run.outcome])


def provide_browser() -> None:
    """See that there is a Chromium, fetched into the cache if need be; where none can be had, the checks say so."""
    try:
        found = browser.chromium(Progress(Console(stderr=True)))
    except PlaceError as error:
        if os.environ.get(known.VARIABLE):
            raise UsageError(str(error)) from None
        typer.echo(f"flotilla: {error}", err=True)
        return
    os.environ.update({**found.environment, known.VARIABLE: str(found.program)})


def prove(target: Target, *, buy: bool, needed: int | None) -> Run:
    """Run the checks with live progress: each failure at once, and how many have been made.

    With ``buy`` a browser buys from every shop; ``needed`` is the score to reach, the purpose's own gate without it.
    """
    progress = Progress(Console(stderr=True, highlight=False))
    shops = f"{len(target.shops)} shop{'' if len(target.shops) == 1 else 's'}"
    with progress.stage(f"verify {target.name}, {shops}{', buying from each' if buy else ''}") as stage:
        return asyncio.run(run_checks(target, buy=buy, needed=needed, on_result=_teller(stage)))


def _teller(stage: Stage) -> Callable[[Result], None]:
    """Give what tells of a result as it comes."""
    counts = dict.fromkeys(Outcome, 0)

    def tell(result: Result) -> None:
        counts[result.outcome] += 1
        if result.outcome is Outcome.FAIL:
            stage.note(line(result))
        told = ", ".join(f"{count} {outcome.value}" for outcome, count in counts.items() if count)
        stage.update(f"{told}; {result.subject} {result.check}")

    return tell


def _formats(text: str, out: Path | None) -> list[Format]:
    """Read --format; raises UsageError for an unknown one, and for several that have nowhere to go."""
    try:
        chosen = list(dict.fromkeys(Format(word.strip()) for word in text.split(",")))
    except ValueError:
        raise UsageError(f"--format {text}: is none of {', '.join(Format)}; several are divided by commas") from None
    if out is None and len(chosen) > 1:
        raise UsageError(f"--format {text}: several reports need a folder; name it with --out DIR")
    return chosen


def _trusted(target: Target) -> None:
    try:
        certificates(target.trust)
    except OSError as error:
        raise UsageError(f"{target.trust}: holds no certificates to trust: {error}; name a file in PEM") from None


def tell(run: Run, chosen: Sequence[Format], out: Path | None) -> None:
    """Write the reports; the terminal gets the text, unless one format was asked for and no place to put it."""
    if out is None:
        typer.echo(formats.render(run, chosen[0]), nl=False)
        return
    try:
        files = formats.write(run, chosen, out)
    except OSError as error:
        raise UsageError(f"--out {out}: can't be written: {error.strerror}; name another place") from None
    typer.echo(formats.render(run, Format.TEXT), nl=False)
    for file in files:
        typer.echo(f"report: {file}")
