"""Start the pack under CrossGuard, from whatever folder it lies in.

The folder is loaded as the package ``policies`` under any name it has, because the language host puts only the folder
itself on the path, and a published pack is unpacked elsewhere.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def _load() -> None:
    spec = importlib.util.spec_from_file_location(
        "policies", HERE / "__init__.py", submodule_search_locations=[str(HERE)]
    )
    if spec is None or spec.loader is None:
        raise ImportError(f"{HERE} is not a package")
    package = importlib.util.module_from_spec(spec)
    sys.modules["policies"] = package
    spec.loader.exec_module(package)


if __name__ == "__main__":
    _load()
    from policies.pack import start

    start()
