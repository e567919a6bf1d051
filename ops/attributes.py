"""What a killed engine may leave beside a checkpoint in a folder: attributes that were cut short.

A backend in a folder keeps each file's content type and checksum in a second file, ``.attrs``. It writes that one in
place, before it puts the file itself there in one step (gocloud.dev/blob/fileblob, ``setAttrs``). An engine killed in
between leaves the checkpoint whole, and the CLI refuses it from then on: ``failed to load checkpoint: EOF``. Without
attributes the file is read as ever (``getAttrs``).
"""

from __future__ import annotations

import json
from pathlib import Path

FOLDER = "file://"
"""How the address of a backend in a folder begins (pulumi/pulumi, ``pkg/backend/diy``)."""
SUFFIX = ".attrs"
CUT_SHORT = "EOF"
"""How the CLI's last word ends when it met such attributes: Go's io.EOF or io.ErrUnexpectedEOF."""


def mend(backend: str) -> list[Path]:
    """Remove what is cut short of the attributes of stacks, and give it; ``backend`` is the backend's address.

    A backend that is no folder has none.
    """
    if not backend.startswith(FOLDER):
        return []
    root = Path(backend.removeprefix(FOLDER).partition("?")[0]).expanduser()
    cut = [file for file in sorted((root / ".pulumi" / "stacks").rglob(f"*{SUFFIX}")) if not _is_whole(file)]
    for file in cut:
        file.unlink(missing_ok=True)
    return cut


def _is_whole(file: Path) -> bool:
    try:
        json.loads(file.read_bytes())
    except FileNotFoundError:
        return True
    except ValueError:
        return False
    return True
