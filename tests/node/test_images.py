"""Images on the real node: where they are pulled from and when, and what runs of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox.cluster import Cluster
from sandbox.images import layers, recipes
from sandbox.images.image import Image
from tests.node.served import STANDIN, Served
from tests.waiting import wait

NOBODYS = "registry.tests.example/nobodys:1"
Build = Callable[[str], Image]


@pytest.fixture
def moved(served: Served, real_cluster: Cluster) -> tuple[str, Build]:
    """Give a tag of its own, and what publishes a build of the stand-in under it, told apart by a variable."""
    reference = f"registry.tests.example/{served.name}:2.0.0"

    def publish(build: str) -> Image:
        known = recipes.service(STANDIN)
        image = Image(
            layers=known.layers,
            entrypoint=known.entrypoint,
            environment={**known.environment, "BUILD": build},
            user=known.user,
            folder=known.folder,
        )
        real_cluster.node.publish({reference: image})
        return image

    return reference, publish


@pytest.mark.parametrize(("policy", "then"), [("IfNotPresent", "first"), ("Always", "second")])
def test_a_tag_that_was_moved_is_taken_anew_under_always_alone(
    served: Served, moved: tuple[str, Build], policy: str, then: str
) -> None:
    reference, publish = moved
    publish("first")
    served.apply(image=reference, imagePullPolicy=policy)
    served.await_answer("build first")
    publish("second")
    served.pods_gone()
    served.await_answer(f"build {then}")


def test_an_image_that_nobody_serves_can_not_be_pulled(served: Served) -> None:
    served.apply_only(image=NOBODYS, imagePullPolicy="Always")
    wait(lambda: waiting_reasons(served) & {"ErrImagePull", "ImagePullBackOff"}, "the pull to fail")
    said = f'Failed to pull image "{NOBODYS}"'
    wait(lambda: said in served.kubectl("get", "events", "-o", "jsonpath={.items[*].message}"), "an event to say so")


def test_an_image_that_is_here_is_still_not_what_always_asks_a_registry_for(
    served: Served, moved: tuple[str, Build], real_cluster: Cluster
) -> None:
    reference, publish = moved
    publish("first")
    served.apply(image=reference)
    host, _, repository = reference.partition("/")
    (real_cluster.node.names / host / repository.replace(":", "/")).unlink()
    served.apply_only(image=reference, imagePullPolicy="Always")
    wait(lambda: waiting_reasons(served) & {"ErrImagePull", "ImagePullBackOff"}, "the pull to fail")


def waiting_reasons(served: Served) -> set[str]:
    return {status["state"]["waiting"]["reason"] for status in served.statuses() if "waiting" in status["state"]}


def test_images_run_as_a_user_without_a_name_to_misuse_on_a_root_that_can_not_be_written(served: Served) -> None:
    served.apply()
    assert served.python("import os; print(os.getuid(), os.getgid())") == "10001 10001"
    tries = "import pathlib\ntry: pathlib.Path('/app/x').touch()\nexcept OSError as error: print(error.strerror)"
    assert served.python(tries) == "Read-only file system"
    assert served.python("import standin, ssl, sqlite3; print(standin.__path__[0])") == "/app/standin"


def test_the_same_sources_make_the_same_image_in_an_empty_cache(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def digest(cache: str) -> str:
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / cache))
        assert not layers.blobs().exists()
        return recipes.service(STANDIN).keep()[0].digest

    # The user's cache has what was made of this machine's libraries when they were older.
    assert digest("one") == digest("another")
