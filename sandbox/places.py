"""Where the sandbox keeps what it makes: everything lies in one folder of the user's cache.

Tools stay there for the next start; a cluster's state goes with the cluster. Nothing is written anywhere else.
"""

from __future__ import annotations

import os
from pathlib import Path


def cache() -> Path:
    """Give Flotilla's folder in the user's cache (XDG Base Directory Specification: XDG_CACHE_HOME, else ~/.cache).

    Links are followed, because the kernel and containerd name files and mounts without them.
    """
    home = os.environ.get("XDG_CACHE_HOME", "")
    base = Path(home) if Path(home).is_absolute() else Path.home() / ".cache"
    return (base / "flotilla").resolve()


def state(cluster: str) -> Path:
    """Give the folder that holds everything of one cluster."""
    return cache() / "sandbox" / cluster
