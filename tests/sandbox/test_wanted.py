"""Which images a plan asks for, and how they get into clusters of kind and k3d: by recorded doubles of both."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from fleet.errors import PlaceError
from sandbox.images import wanted
from sandbox.images.image import Image
from sandbox.images.layers import layer
from sandbox.progress import Progress

OURS = "registry.example/shops/shop:1.2.0"
THEIRS = "docker.io/library/redis:7"
Script = Callable[[str, str], Path]


@pytest.fixture(autouse=True)
def _recipe(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make one image ours, an empty one."""

    def made(reference: str) -> Image | None:
        return Image(layers=[layer("empty", "1", lambda _: None)], entrypoint=["/x"]) if reference == OURS else None

    monkeypatch.setattr(wanted, "image_for", made)


@pytest.fixture
def loader(script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], Path]:
    """Give what puts a loader on PATH that writes down how it was called and lists the archive it was given."""

    def on_path(name: str, ending: str = "") -> Path:
        calls = tmp_path / "calls"
        body = f'echo "$0 $@" >> {calls}\nfor word; do case $word in *.tar) tar tf "$word" >> {calls};; esac; done\n'
        folder = script(name, f"{body}{ending}").parent
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
        return calls

    return on_path


@pytest.mark.parametrize(
    ("context", "program", "words"),
    [
        ("kind-demo", "kind", "load image-archive {archive} --name demo"),
        ("k3d-demo-2", "k3d", "image import {archive} --cluster demo-2"),
    ],
)
def test_our_images_are_loaded_as_the_cluster_wants_them_and_no_others(
    loader: Callable[..., Path], progress: Progress, cache: Path, context: str, program: str, words: str
) -> None:
    calls = loader(program)
    wanted.hand_over(context, [OURS, THEIRS], progress)
    archive = cache / "images" / "archives" / "registry.example-shops-shop-1.2.0.tar"
    command, *listed = calls.read_text().splitlines()
    assert command.endswith(f"/{program} {words.format(archive=archive)}")
    assert {"oci-layout", "index.json"} <= set(listed)
    assert not archive.exists()


def test_a_loader_that_fails_is_named_with_its_last_words(loader: Callable[..., Path], progress: Progress) -> None:
    loader("kind", "echo 'ERROR: no nodes found for cluster \"demo\"' >&2\nexit 1")
    with pytest.raises(
        PlaceError, match=r'kind load image-archive .*--name demo: ERROR: no nodes found for cluster "demo"'
    ):
        wanted.hand_over("kind-demo", [OURS], progress)


@pytest.mark.parametrize("context", ["gke_shops_europe", "kind-demo"])
def test_where_nothing_loads_images_it_is_said_what_does(
    progress: Progress, printed: io.StringIO, monkeypatch: pytest.MonkeyPatch, context: str
) -> None:
    monkeypatch.setenv("PATH", "")
    wanted.hand_over(context, [OURS], progress)
    assert f"images are not brought into {context}: `flotilla sandbox images STACK --out DIR`" in printed.getvalue()


def test_every_container_of_a_plan_counts_once() -> None:
    pod = {"containers": [{"image": "b"}], "initContainers": [{"image": "a"}]}
    job = {"jobTemplate": {"spec": {"template": {"spec": {"containers": [{"image": "b"}, {"image": "c"}]}}}}}
    plan: list[dict[str, object]] = [
        {"kind": "Deployment", "spec": {"template": {"spec": pod}}},
        {"kind": "CronJob", "spec": job},
        {"kind": "X"},
    ]
    assert wanted.references(plan) == ["a", "b", "c"]
