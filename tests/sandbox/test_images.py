"""Images as files: the same bytes from the same content, and an archive that says what it holds."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
import tarfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fleet.errors import PlaceError
from sandbox import places, postgres, unused
from sandbox.images import layers, recipes
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
    (saved,) = json.loads(files["manifest.json"])
    assert saved["RepoTags"] == [REFERENCE]
    assert saved["Config"] == f"blobs/{manifest['config']['digest'].replace(':', '/')}"
    assert saved["Layers"] == [f"blobs/{each['digest'].replace(':', '/')}" for each in manifest["layers"]]
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
    ("written", "asked"), [("docker.io/postgres:17", "library/postgres"), ("docker.io/a/postgres:17", "a/postgres")]
)
def test_a_short_name_of_docker_hub_is_published_where_a_runtime_asks_for_it(
    image: Image, tmp_path: Path, written: str, asked: str
) -> None:
    image.publish(written, tmp_path)
    assert (tmp_path / "docker.io" / asked / "17").exists()
    image.write(written, tmp_path / "archive.tar")
    with tarfile.open(tmp_path / "archive.tar") as archive:
        file = archive.extractfile("index.json")
        assert file is not None
        (entry,) = json.loads(file.read())["manifests"]
    assert entry["annotations"]["io.containerd.image.name"] == f"docker.io/{asked}:17"


@pytest.mark.parametrize(
    "reference",
    [
        "docker.io/library/redis:7",
        "quay.io/prometheus/prometheus:v3",
        "ghcr.io/a/checkout:1",
        "localhost/shops/checkout:1",
        "localhost:5000/shops/checkout:1.4.2",
        "k3d-registry.localhost:5000/shops/checkout:1.4.2",
        "docker.io/library/postgres:16.2",
        "docker.io/library/postgres:170",
        "docker.io/library/postgres:latest",
        f"docker.io/library/postgres@sha256:{'a' * 64}",
        f"docker.io/library/postgres:17.6@sha256:{'a' * 64}",
    ],
)
def test_an_image_of_a_real_registry_is_not_made_here(reference: str) -> None:
    assert recipes.image_for(reference) is None


@pytest.mark.parametrize("registry", ["registry.clearwatch.example/shops", "flotilla.invalid", "reg.test"])
def test_an_image_that_only_we_can_make_and_that_has_no_sources_is_refused(registry: str) -> None:
    with pytest.raises(PlaceError, match=f"image {registry}/nobodys:1: .* there is no workloads/nobodys to make it of"):
        recipes.image_for(f"{registry}/nobodys:1")


def test_an_image_that_only_we_can_make_can_not_be_named_by_a_digest() -> None:
    with pytest.raises(PlaceError, match=r"checkout@sha256:a+: is made here, and a digest .*; name it by a tag"):
        recipes.image_for(f"registry.clearwatch.example/shops/checkout@sha256:{'a' * 64}")


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Give the folders of which services would have been made."""
    folders: list[Path] = []
    monkeypatch.setattr(recipes, "service", folders.append)
    return folders


def test_the_double_is_made_under_whatever_registry(made: list[Path]) -> None:
    recipes.image_for(f"ghcr.io/a/{recipes.double()}")
    assert made == [recipes.WORKLOADS / recipes.DOUBLE]
    assert recipes.image_for(f"ghcr.io/a/{recipes.DOUBLE}:1") is None


def test_what_workloads_has_is_made_for_a_real_registry_where_that_was_asked_for(made: list[Path]) -> None:
    recipes.image_for("ghcr.io/a/checkout:1.4.2", anywhere=True)
    recipes.image_for("ghcr.io/a/nobodys:1", anywhere=True)
    assert made == [recipes.WORKLOADS / "checkout"]


@pytest.mark.parametrize(
    ("tag", "served"),
    [("17", True), ("17.6", True), ("17-alpine", True), ("16.2", False), ("170", False), ("latest", False)],
)
@pytest.mark.parametrize("name", recipes.POSTGRES_NAMES)
def test_the_postgres_made_here_serves_its_own_major_version_alone(name: str, tag: str, *, served: bool) -> None:
    assert recipes.serves_postgres(f"{name}:{tag}") is served


def test_the_image_of_postgres_and_the_server_of_the_tests_have_one_list_of_pins_for_both_architectures() -> None:
    pins = (recipes.POSTGRES / "requirements.txt").read_text()
    assert postgres.PINS.samefile(recipes.POSTGRES / "requirements.txt")
    assert len(set(re.findall(r"--hash=sha256:[0-9a-f]{64}", pins))) == 2
    assert f"=={postgres.VERSION} " in pins


@pytest.mark.parametrize("changed", [(recipes, "code", lambda: "another"), (sys, "version", "another")])
def test_a_service_is_made_anew_when_python_or_how_it_is_made_changes(
    changed: tuple[Any, str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    inputs: list[str] = []
    monkeypatch.setattr(recipes, "layer", lambda name, given, fill: inputs.append(f"{name} {given}"))
    recipes.service(tmp_path / "shop")
    monkeypatch.setattr(*changed)
    recipes.service(tmp_path / "shop")
    before, after = (each for each in inputs if each.startswith("shop "))
    assert before != after


def test_how_layers_are_filled_stands_in_two_modules_and_either_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipes, "digest_of", lambda files: " ".join(sorted(path.name for path in files)))
    assert recipes.code() == "recipes.py rootfs.py"


@pytest.mark.usefixtures("cache")
def test_what_a_killed_start_left_of_a_layer_goes_with_the_next() -> None:
    layer("small", "1", filled)
    folder = places.cache() / "images" / "layers"
    for name in (".making-small-abc", ".making-other-abc"):
        (folder / name / "root").mkdir(parents=True)
    layer("small", "2", filled)
    assert [path.name for path in folder.glob(".making-*")] == [".making-other-abc"]


def aged(*files: Path) -> None:
    for file in files:
        os.utime(file, (time.time() - unused.AFTER_SECONDS - 60,) * 2)


def test_what_nothing_has_used_for_a_month_goes_and_what_is_used_or_served_stays(image: Image, cache: Path) -> None:
    old, served = layer("old", "1", lambda root: (root / "a").mkdir()), Image(layers=image.layers, entrypoint=["/b"])
    served.publish(REFERENCE, cache / "sandbox" / "flotilla" / "node" / "registry")
    folder = cache / "images"
    everything = [path for path in folder.rglob("*") if path.is_file()]
    (abandoned := folder / "archives" / "shop.tar").parent.mkdir()
    abandoned.touch()
    aged(*everything, abandoned)
    layer("old", "1", lambda _: None)
    layers.prune()
    assert {path for path in folder.rglob("*") if path.is_file()} == {
        old.path,
        *(blob.path for blob in (*served.keep(), *image.layers)),
        *folder.glob("layers/old-*"),
    }
    aged(old.path, *folder.glob("layers/old-*"))
    layers.prune()
    assert not old.path.exists()
