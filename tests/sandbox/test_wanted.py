"""Which images a plan asks for, and how they get into clusters of kind and k3d: by recorded doubles of both."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from fleet.errors import PlaceError, UsageError
from sandbox.images import recipes, wanted
from sandbox.images.image import Image
from sandbox.images.layers import layer
from sandbox.progress import Progress

OURS = "registry.example/shops/shop:1.2.0"
PUSHED = "registry.shops.dev/shops/stripe_double:sha-0123456"
POSTGRES = "docker.io/library/postgres:17.6"
THEIRS = "docker.io/library/redis:7"
Script = Callable[[str, str], Path]


@pytest.fixture(autouse=True)
def _recipe(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make one image ours, an empty one."""

    def made(reference: str, *, anywhere: bool = False) -> Image | None:
        ours = reference in {OURS, PUSHED} or anywhere
        return Image(layers=[layer("empty", "1", lambda _: None)], entrypoint=["/x"]) if ours else None

    monkeypatch.setattr(recipes, "image_for", made)


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
    said = r'kind load image-archive .*--name demo: ERROR: no nodes found for cluster "demo"; see that kind-demo runs'
    with pytest.raises(PlaceError, match=said):
        wanted.hand_over("kind-demo", [OURS], progress)


def test_where_the_loader_is_missing_it_is_said_what_does_its_work(
    progress: Progress, printed: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    wanted.hand_over("kind-demo", [OURS], progress)
    said = "images are not brought into kind-demo: kind is not on PATH; `flotilla sandbox images STACK --out DIR`"
    assert said in printed.getvalue()


def test_a_cluster_elsewhere_gets_its_registry_pushed_to_once(
    loader: Callable[..., Path], progress: Progress, printed: io.StringIO, cache: Path, tmp_path: Path
) -> None:
    calls = loader("crane", f"case $1 in push) touch {tmp_path}/pushed;; esac; [ -e {tmp_path}/pushed ]")
    wanted.hand_over("gke_shops_europe", [PUSHED, THEIRS], progress)
    archive = cache / "images" / "archives" / "registry.shops.dev-shops-stripe-double-sha-0123456.tar"
    asked, pushed, *listed = calls.read_text().splitlines()
    assert asked.endswith(f"/crane digest {PUSHED}")
    assert pushed.endswith(f"/crane push {archive} {PUSHED}")
    assert "manifest.json" in listed
    assert not archive.exists()
    wanted.hand_over("gke_shops_europe", [PUSHED], progress)
    assert calls.read_text().count("crane push") == 1
    assert "is there already, and no tag is moved" in printed.getvalue()


def test_a_push_that_is_refused_is_one_line_with_the_way_in(loader: Callable[..., Path], progress: Progress) -> None:
    loader("crane", "echo 'Error: UNAUTHORIZED: who are you' >&2; exit 1")
    with pytest.raises(PlaceError) as refused:
        wanted.hand_over("gke_shops_europe", [PUSHED], progress)
    assert str(refused.value) == (
        f"push {PUSHED}: Error: UNAUTHORIZED: who are you; sign in with `docker login registry.shops.dev`, "
        "and see that you may push there"
    )


def test_a_registry_that_can_not_exist_is_not_pushed_to(
    loader: Callable[..., Path], progress: Progress, printed: io.StringIO
) -> None:
    calls = loader("crane")
    wanted.hand_over("gke_shops_europe", [OURS, POSTGRES], progress)
    assert not calls.exists()
    assert "make" not in printed.getvalue()
    said = f"images are not brought to gke_shops_europe: {OURS}: no such registry can exist; set registry.prefix"
    assert said in printed.getvalue()


def test_who_asks_for_a_push_to_a_registry_that_can_not_exist_has_made_a_mistake(progress: Progress) -> None:
    with pytest.raises(UsageError, match=r"images are not brought to dev: .*: no such registry can exist"):
        wanted.send("dev", [OURS], progress, anywhere=True)


def test_every_container_of_a_plan_counts_once() -> None:
    pod = {"containers": [{"image": "b"}], "initContainers": [{"image": "a"}]}
    job = {"jobTemplate": {"spec": {"template": {"spec": {"containers": [{"image": "b"}, {"image": "c"}]}}}}}
    plan: list[dict[str, object]] = [
        {"kind": "Deployment", "spec": {"template": {"spec": pod}}},
        {"kind": "CronJob", "spec": job},
        {"kind": "X"},
    ]
    assert wanted.references(plan) == ["a", "b", "c"]
