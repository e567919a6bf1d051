"""A push with the real crane into a real registry: what arrives is the image, and a tag is never moved."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import builder
from sandbox.images import wanted
from sandbox.images.image import Image
from sandbox.images.layers import layer
from sandbox.progress import Progress
from sandbox.tools import CRANE
from tests.promised import skipping


@pytest.fixture(scope="module")
def crane() -> Path:
    """Give the pinned crane, built in the user's cache."""
    with skipping("push"):
        builder.build(Progress(), [CRANE])
    return CRANE.path


@pytest.fixture
def registry(crane: Path) -> Iterator[str]:
    """Give the address of an empty registry on loopback."""
    served = subprocess.Popen(
        [crane, "registry", "serve", "--address", "127.0.0.1:0"], stderr=subprocess.PIPE, text=True
    )
    assert served.stderr is not None
    try:
        found = next(filter(None, (re.search(r"serving on port (\d+)", line) for line in served.stderr)))
        yield f"127.0.0.1:{found[1]}"
    finally:
        served.kill()
        served.communicate()


def shop(version: str) -> Image:
    def fill(root: Path) -> None:
        (root / "version").write_text(version)

    return Image(layers=[layer("shop", version, fill)], entrypoint=["/shop"], environment={"VERSION": version})


@pytest.mark.usefixtures("cache")
def test_what_was_pushed_is_the_image_and_its_tag_stays(
    crane: Path, registry: str, progress: Progress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{crane.parent}{os.pathsep}{os.environ['PATH']}")
    reference = f"{registry}/shops/shop:1.2.0"
    wanted.push({reference: shop("1")}, progress)
    wanted.push({reference: shop("2")}, progress)
    config = json.loads(subprocess.run([crane, "config", reference], check=True, capture_output=True).stdout)
    assert (config["config"]["Entrypoint"], config["config"]["Env"]) == (["/shop"], ["VERSION=1"])
    exported = subprocess.run([crane, "export", reference, "-"], check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(exported)) as files:
        content = files.extractfile("version")
        assert content is not None
        assert content.read() == b"1"
