"""``flotilla`` as a user runs it: a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from ops import stackfile

COMMAND = (sys.executable, "-c", "from ops.cli import main; main()")
SANDBOX = (*COMMAND, "sandbox")
LIMIT_SECONDS = 600.0
Answer = subprocess.CompletedProcess[str]
Run = Callable[..., Answer]


def environment_in(cache: Path) -> dict[str, str]:
    """Give this environment with another cache than the user's, no cluster of the user's, and wide lines."""
    ours = {name: value for name, value in os.environ.items() if name != "KUBECONFIG"}
    return ours | {"XDG_CACHE_HOME": str(cache), "COLUMNS": "200"}


def sandbox(environment: Mapping[str, str], *arguments: str, stdin: str = "") -> Answer:
    """Run a verb of the sandbox to its end, in the checkout."""
    return subprocess.run(
        [*SANDBOX, *arguments],
        env=dict(environment),
        cwd=stackfile.PROJECT,
        input=stdin,
        text=True,
        capture_output=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )
