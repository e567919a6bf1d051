"""The field trees of the kinds we know and the table of API versions: generated, each file with version and source.

Regenerate with ``python -m tests.policies.schemas.generate``; ``policies.trees`` and ``policies.apis`` read them.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).parent


@cache
def load(name: str) -> dict[str, Any]:
    """Give a file by its name without ``.json``, read once and only when something asks."""
    content: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_bytes())
    return content
