"""What a cluster's state folder says about it: written when the cluster is whole, and not before.

A start that was interrupted leaves no record, so the next one begins again instead of trusting half a cluster.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from sandbox.tools import NODE_TOOLS, TOOLS

FILE = "record.json"


def tools_digest() -> str:
    """Give what changes when any tool does: a cluster of other tools is made anew."""
    return hashlib.sha256("\n".join(str(tool.path) for tool in (*TOOLS, *NODE_TOOLS)).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A cluster that was started whole: its ports by component, since when (ISO 8601, UTC), and by which tools.

    ``real`` says whether its pods run on this machine, or are played by kwok.
    """

    ports: dict[str, int]
    started: str
    tools: str
    real: bool = False

    @classmethod
    def now(cls, ports: dict[str, int], *, real: bool = False) -> Record:
        """Give the record of a cluster that has just become ready."""
        started = datetime.now(UTC).isoformat(timespec="seconds")
        return cls(ports=ports, started=started, tools=tools_digest(), real=real)

    def write(self, folder: Path) -> None:
        """Write the record in one step."""
        partial = folder / f"{FILE}.partial"
        partial.write_text(json.dumps(asdict(self), indent=2), encoding="utf-8")
        partial.rename(folder / FILE)


def read(folder: Path) -> Record | None:
    """Give the record of the cluster in ``folder``, None when there is no whole cluster."""
    try:
        return Record(**json.loads((folder / FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
