"""Images as files: the same bytes from the same content, and an archive that says what it holds."""

from __future__ import annotations

import hashlib
import json
import os
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from fleet.errors import PlaceError
from sandbox.images import recipes
from sandbox.images.image import Image
from sandbox.images.layers import Blob, layer

REFERENCE = "registry.example/shops/shop:1.2.0"
Fill = Callable[[Path], None]


def filled(root: Path) -> None:
    (root / "bin").mkdir()
    (root / "bin" / "shop").write_text("#!/bin/sh\n")
    (root / "bin" / "shop").chmod(0o700)
    (root / "bin" / "other").symlink_to("shop")
    (root / "notes").write_text("kept\n")


@pytest.fixture
def image(cache: Path) -> Image:
    """Give a small image."""
    return Image(layers=[layer("small", "1", filled)], entrypoint=["/bin/shop"], environment={"B": "2", "A": "1"})


def members(blob: Blob) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(blob.path) as archive:
        return {member.name: member for member in archive.getmembers()}


@pytest.mark.usefixtures("cache")
def test_a_layer_has_the_same_bytes_whoever_makes_it_and_when() -> None:
    def by_another(root: Path) -> None:
        before = os.umask(0o077)
        filled(root)
        os.umask(before)
        (root / "notes").chmod(0o640)
        os.utime(root / "notes", (1, 1))

    one, other = layer("one", "1", filled), layer("other", "1", by_another)
    assert one.digest == other.digest
    assert {name: oct(member.mode) for name, member in members(one).items()} == {
        "bin": "0o755",
        "bin/other": "0o777",
        "bin/shop": "0o755",
        "notes": "0o644",
    }
    assert {(member.uid, member.mtime) for member in members(one).values()} == {(0, 0)}


@pytest.mark.usefixtures("cache")
def test_a_layer_is_made_once_for_the_same_inputs_and_again_for_others() -> None:
    made: list[Path] = []

    def counted(root: Path) -> None:
        made.append(root)
        (root / "number").write_text(str(len(made)))

    first = layer("counted", "1", counted)
    assert layer("counted", "1", counted) == first
    assert layer("counted", "2", counted) != first
    first.path.unlink()
    assert layer("counted", "1", counted).path.exists()
    assert len(made) == 3


@pytest.mark.usefixtures("cache")
def test_a_layer_whose_making_fails_is_not_there() -> None:
    def failing(root: Path) -> None:
        filled(root)
        raise PlaceError("no")

    with pytest.raises(PlaceError):
        layer("small", "1", failing)
    assert "notes" in members(layer("small", "1", filled))


def test_an_archive_names_the_image_and_every_blob_is_what_its_name_says(image: Image, tmp_path: Path) -> None:
    target = tmp_path / "out" / "shop.tar"
    image.write(REFERENCE, target)
    with tarfile.open(target) as archive:
        content = {member.name: archive.extractfile(member) for member in archive.getmembers()}
        files = {name: file.read() for name, file in content.items() if file is not None}
    index = json.loads(files["index.json"])
    (entry,) = index["manifests"]
    assert entry["annotations"]["io.containerd.image.name"] == REFERENCE
    for name, text in files.items():
        if name.startswith("blobs/"):
            assert name == f"blobs/sha256/{hashlib.sha256(text).hexdigest()}"
    manifest = json.loads(files[f"blobs/{entry['digest'].replace(':', '/')}"])
    config = json.loads(files[f"blobs/{manifest['config']['digest'].replace(':', '/')}"])
    assert config["config"]["Env"] == ["A=1", "B=2"]
    assert config["rootfs"]["diff_ids"] == [each["digest"] for each in manifest["layers"]]
    assert [path.name for path in target.parent.iterdir()] == ["shop.tar"]


def test_an_image_says_who_it_runs_as_and_what_stops_it_where_that_is_not_the_usual(image: Image) -> None:
    assert {"User", "StopSignal"}.isdisjoint(image.configuration()["config"])
    said = replace(image, user="999:999", stop_signal="SIGINT").configuration()["config"]
    assert (said["User"], said["StopSignal"]) == ("999:999", "SIGINT")


def test_publishing_moves_a_tag(image: Image, tmp_path: Path) -> None:
    image.publish(REFERENCE, tmp_path)
    first = (tmp_path / "registry.example/shops/shop/1.2.0").read_text()
    other = Image(layers=image.layers, entrypoint=["/bin/other"])
    other.publish(REFERENCE, tmp_path)
    assert (tmp_path / "registry.example/shops/shop/1.2.0").read_text() == other.keep()[0].digest != first


@pytest.mark.parametrize(
    "reference", ["docker.io/library/redis:7", "quay.io/prometheus/prometheus:v3", "ghcr.io/a/checkout:1"]
)
def test_an_image_of_a_real_registry_is_not_made_here(reference: str) -> None:
    assert recipes.image_for(reference) is None


@pytest.mark.parametrize(
    "registry", ["registry.clearwatch.example/shops", "flotilla.invalid", "localhost:5000", "reg.test"]
)
def test_an_image_that_only_we_can_make_and_that_has_no_sources_is_refused(registry: str) -> None:
    with pytest.raises(PlaceError, match=f"image {registry}/nobodys:1: .* there is no workloads/nobodys to make it of"):
        recipes.image_for(f"{registry}/nobodys:1")
