"""``flotilla sandbox`` as a user runs it, on the real node: a shop with its checkout, database and Stripe's double."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from ops import stackfile
from sandbox.cluster import Cluster
from sandbox.images import recipes
from tests.command import Answer, Run, environment_in, sandbox
from tests.killing import kill
from tests.node.served import answers, get, remove_namespace
from tests.waiting import wait

SHOP = "brutal.clearwatch.localhost"


@pytest.fixture(scope="module")
def run(own_cache: Path) -> Run:
    """Give what runs a verb of the sandbox to its end, in the cache of these tests."""
    environment = environment_in(own_cache)
    return lambda *arguments, stdin="": sandbox(environment, *arguments, stdin=stdin)


@pytest.fixture(scope="module")
def stack(own_cache: Path) -> tuple[str, ...]:
    """Write a stack file of one shop without a canary, and give how a verb is told of it."""
    content = yaml.safe_load((Path(stackfile.PROJECT) / "Pulumi.dev.yaml").read_text())
    fleet = content["config"]["flotilla:fleet"]
    fleet["variants"] = ["brutal"]
    fleet["checkout"]["replicas"] = 1
    del fleet["canary"]
    path = own_cache / "Pulumi.small.yaml"
    path.write_text(yaml.safe_dump(content))
    return "small", "--config", str(path)


@pytest.fixture(scope="module")
def shop(real_cluster: Cluster, run: Run, stack: tuple[str, ...]) -> Iterator[Answer]:
    """Give what the first ``up`` of the small stack said."""
    yield run("up", *stack)
    name, _, path = stack
    remove_namespace(real_cluster, stackfile.read(name, Path(path)).fleet().namespace)


def await_shop() -> None:
    """Wait for a visitor to be served: Traefik takes what is new two seconds later."""
    wait(lambda: answers(SHOP), f"{SHOP} to answer 200")


@pytest.mark.usefixtures("real_cluster")
def test_up_serves_the_shop_where_it_says_and_again_changes_nothing(
    shop: Answer, run: Run, stack: tuple[str, ...]
) -> None:
    assert shop.returncode == 0, shop.stderr
    assert f" https://{SHOP}/ " in shop.stdout
    assert "&& certutil -d sql:" in shop.stdout
    await_shop()
    status, page = get(SHOP)
    assert (status, "<title>" in page) == (200, True)
    again = run("up", *stack)
    assert again.returncode == 0, again.stderr
    assert "nothing changed" in again.stdout


@pytest.mark.usefixtures("shop")
def test_status_says_what_runs_and_what_died_and_up_heals_it(
    run: Run, real_cluster: Cluster, stack: tuple[str, ...]
) -> None:
    healthy = run("status")
    assert healthy.returncode == 0, healthy.stderr
    assert "a real node" in healthy.stdout
    assert re.search(rf"^ +brutal +storefront:\S+ +1/1 +0 +https://{SHOP}/ *$", healthy.stdout, re.MULTILINE)
    kill(real_cluster, "traefik")
    sick = run("status")
    assert sick.returncode == 1
    assert "not running: traefik; `flotilla sandbox up` heals it" in sick.stdout
    assert run("up", *stack).returncode == 0
    assert run("status").returncode == 0
    await_shop()


@pytest.mark.usefixtures("shop")
def test_logs_of_a_shop_of_a_pod_and_of_a_component(run: Run, real_cluster: Cluster) -> None:
    await_shop()
    of_shop = run("logs", "brutal", "--lines", "3")
    assert of_shop.returncode == 0, of_shop.stderr
    assert '"message": "request"' in of_shop.stdout
    pods = real_cluster.kubectl.run("get", "pods", "-A", "-o", "name").splitlines()
    pod = next(name.partition("/")[2] for name in pods if "database" in name)
    wait(lambda: run("logs", pod, "--lines", "1").stdout.startswith(f"[pod/{pod}/"), "a word of the pod")
    of_component = run("logs", "traefik", "--lines", "1")
    assert len(of_component.stdout.splitlines()) == 1
    assert of_component.returncode == 0


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("logs", "brutall"), "brutall: no shop, pod or component is called so; did you mean brutal?"),
        (("shell", "kubelet"), "kubelet: no shop or pod is called so; there are brutal, checkout, "),
    ],
)
def test_a_name_that_nothing_has_is_answered_by_what_may_have_been_meant(
    run: Run, words: tuple[str, ...], said: str
) -> None:
    refused = run(*words)
    assert refused.returncode == 2
    (line,) = refused.stderr.splitlines()
    assert line.startswith(f"flotilla: {said}")


@pytest.mark.usefixtures("shop")
def test_a_shell_runs_in_the_shop_as_a_user_who_can_write_nothing(run: Run) -> None:
    asked = run("shell", "brutal", stdin="id -u; echo > /app/x; echo $TRACK; exit 7\n")
    assert asked.stdout.split() == ["10001", "stable"]
    assert "Read-only file system" in asked.stderr
    assert asked.returncode == 7


@pytest.mark.usefixtures("real_cluster")
def test_images_are_written_as_archives(run: Run, stack: tuple[str, ...], tmp_path: Path) -> None:
    written = run("images", *stack, "--out", str(tmp_path))
    assert written.returncode == 0, written.stderr
    archives = sorted(path.name for path in tmp_path.iterdir())
    assert [name.partition("-shops-")[2] for name in archives if "-shops-" in name] == [
        "checkout-1.4.2.tar", "storefront-2.3.0.tar", f"{re.sub('[_:]', '-', recipes.double())}.tar",
    ]  # fmt: skip
    for name in archives:
        assert f"{tmp_path / name}" in written.stdout
