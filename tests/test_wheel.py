"""What an installation without this repository has: all that the sandbox builds its tools and images from."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest

from sandbox import crds
from sandbox.images import recipes
from sandbox.tools import NODE_TOOLS, TOOLS

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Give the names in a wheel built of this tree."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def sources(folders: Iterable[Path]) -> set[str]:
    files = {file for folder in folders for file in folder.rglob("*") if file.is_file()}
    return {str(file.relative_to(ROOT)) for file in files if "__pycache__" not in file.parts}


def test_every_tool_can_be_built(shipped: set[str]) -> None:
    wanted = sources({crds.MODULE, *(tool.folder for tool in (*TOOLS, *NODE_TOOLS))})
    assert {"sandbox/tools/registry/main.go", "sandbox/tools/kubernetes/go.sum"} <= wanted
    assert wanted - shipped == set()


def test_every_image_can_be_made(shipped: set[str]) -> None:
    wanted = sources([recipes.POSTGRES, *(entry.parent for entry in recipes.WORKLOADS.glob("*/__main__.py"))])
    assert {"sandbox/images/postgres/entrypoint.sh", "workloads/checkout/__main__.py"} <= wanted
    assert wanted - shipped == set()
