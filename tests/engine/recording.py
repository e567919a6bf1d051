"""Recorded event logs: what the engine said, without resources' bodies, debug lines and this machine's paths."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ops.events import Event

CHECKOUT = Path(__file__).resolve().parents[2]
RECORDS = CHECKOUT / "tests" / "ops" / "events"
BODIES = frozenset({"old", "new", "config"})
ABSOLUTE = re.compile(r"(?<![\w.:/])/(?:[\w.@+-]+/)+(?=[\w.@+-])")


def write(name: str, heard: Sequence[Event], folder: Path) -> None:
    """Write the log of one run; ``folder`` is where it ran."""
    places = {str(folder): "ROOM", str(CHECKOUT): "CHECKOUT"}
    lines = []
    for event in heard:
        if event.get("diagnosticEvent", {}).get("severity") == "debug":
            continue
        text = json.dumps(_bare({**event, "timestamp": 0}))
        for place, called in places.items():
            text = text.replace(place, called)
        lines.append(ABSOLUTE.sub("", text))
    (RECORDS / f"{name}.jsonl").write_text("\n".join(lines) + "\n")


def _bare(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: {} if key in BODIES and entry else _bare(entry) for key, entry in value.items()}
    return [_bare(entry) for entry in value] if isinstance(value, list) else value
