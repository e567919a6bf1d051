"""``flotilla sandbox up --verify``: buy from every shop that was brought up, and show what came of it."""

from __future__ import annotations

from pathlib import Path

import typer
from rich.console import Console

from ops.verify import EXIT, prove, provide_browser, tell
from ops.verify_target import Options, find
from sandbox import foreign, places
from sandbox.cluster import Cluster
from verify.report.formats import Format
from verify.results import Outcome, Run

UNTOLD = EXIT[Outcome.UNKNOWN]
REPORTS = "reports"
"""In the sandbox's own folder, so that `down` takes it along."""


def proof(stack: str, config: Path | None) -> Run:
    """Verify the stack that was just brought up, and buy from each of its shops."""
    provide_browser()
    return prove(find(stack, Options(config=config)), buy=True, needed=None)


def not_run(stack: str, console: Console) -> None:
    """Say why nothing is bought where the node is not ours, and what to do; raises typer.Exit: that is no pass."""
    why = "nothing can be bought where no image runs; as root on Linux the node is real"
    if foreign.is_named():
        why = f"where KUBECONFIG's cluster serves its hosts is not known; `flotilla verify {stack}` once they resolve"
    console.print(
        f"verify: not run, {why} (exit code {UNTOLD}: the fleet is up, and nobody has bought)", soft_wrap=True
    )
    raise typer.Exit(UNTOLD)


def show(run: Run) -> None:
    """Print the result and where the report is; raises typer.Exit with verify's code unless all is well."""
    tell(run, [Format.HTML], places.handed(Cluster().control_plane.folder / REPORTS))
    if code := EXIT[run.outcome]:
        raise typer.Exit(code)
