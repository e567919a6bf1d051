"""``flotilla sandbox`` as a user runs it: a process, in a cache of its own that shares only the built tools."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ops import stackfile
from sandbox import crds, places
from sandbox.progress import Progress
from tests.abandoned import own_cache
from tests.command import SANDBOX, Answer, Run, environment_in, sandbox

MONITORS = "servicemonitors.monitoring.coreos.com"


@pytest.fixture
def environment(tools: None) -> Iterator[dict[str, str]]:
    """Give an environment whose cache has nothing but the tools, and take down what was started in it."""
    cache = own_cache("command")
    (cache / "flotilla").mkdir()
    for shared in ("tools", "crds"):
        (cache / "flotilla" / shared).symlink_to(places.cache() / shared)
    chosen = environment_in(cache)
    yield chosen
    down = sandbox(chosen, "down")
    assert down.returncode == 0, down.stderr
    shutil.rmtree(cache)


@pytest.fixture
def run(environment: dict[str, str]) -> Run:
    """Give what runs a verb of the sandbox to its end, with simulated nodes."""

    def to_the_end(*arguments: str, **more: str) -> Answer:
        return sandbox(environment | more, *arguments, *(["--simulated"] if arguments[0] == "up" else []))

    return to_the_end


@pytest.fixture
def small_stack(tmp_path: Path) -> Path:
    """Write a stack file of one shop, whose Stripe and database are elsewhere: no claim waits for storage."""
    content = yaml.safe_load((Path(stackfile.PROJECT) / "Pulumi.dev.yaml").read_text())
    fleet = content["config"]["flotilla:fleet"]
    fleet |= {"variants": ["brutal"], "namespace": "elsewhere"}
    fleet["database"] = {"external": {"host": "db.example.com", "user": "shop", "database": "shop"}}
    del fleet["checkout"]["stripeApi"]
    path = tmp_path / "Pulumi.small.yaml"
    path.write_text(yaml.safe_dump(content))
    return path


def test_up_shows_the_shops_and_again_says_that_nothing_changed_and_down_leaves_nothing(
    run: Run, environment: dict[str, str]
) -> None:
    assert run("status").returncode == 3
    first = run("up")
    assert first.returncode == 0, first.stderr
    assert "brutal.clearwatch.localhost" in first.stdout
    assert "90 %" in first.stdout
    assert "0 changed, 0 unchanged, 0 pruned" in first.stdout
    status = run("status")
    assert status.returncode == 0
    assert "fleet clearwatch-dev: " in status.stdout
    (exported,) = [line for line in status.stdout.splitlines() if line.startswith("export KUBECONFIG=")]
    followed = {"KUBECONFIG": exported.partition("=")[2]}
    again = run("up", "dev", **followed)
    assert again.returncode == 0, again.stderr
    assert "nothing changed" in again.stdout
    assert "is used" not in again.stdout
    down = run("down", **followed)
    assert (down.returncode, len(down.stdout.splitlines())) == (0, 1)
    left = [path for path in Path(environment["XDG_CACHE_HOME"]).rglob("*") if path.is_file()]
    assert {path.parent.name for path in left} == {"locks", "authority"}
    assert run("down").stdout == "nothing was running\n"


@pytest.mark.parametrize(
    ("at", "what"),
    [
        ("start the control plane", signal.SIGTERM),
        ("start the control plane", signal.SIGKILL),
        ("apply ", signal.SIGINT),
        ("apply ", signal.SIGKILL),
    ],
)
def test_up_that_was_stopped_anywhere_is_completed_by_the_next(
    run: Run, environment: dict[str, str], small_stack: Path, at: str, what: signal.Signals
) -> None:
    up = ("up", "small", "--config", str(small_stack))
    begun = subprocess.Popen(
        [*SANDBOX, *up, "--simulated"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert begun.stdout is not None
    for line in begun.stdout:
        if line.startswith(at):
            break
    time.sleep(1.5)
    begun.send_signal(what)
    _, complaint = begun.communicate(timeout=60)
    if what is signal.SIGKILL:
        assert begun.returncode == -signal.SIGKILL
    else:
        assert begun.returncode == 130
        assert "interrupted; run the same command again" in complaint
    healed = run(*up)
    assert healed.returncode == 0, healed.stderr
    assert "nothing changed" in run(*up).stdout


def test_a_stack_file_that_is_wrong_starts_nothing(run: Run, small_stack: Path) -> None:
    small_stack.write_text(small_stack.read_text().replace("brutal", "Brutal!"))
    refused = run("up", "small", "--config", str(small_stack))
    assert refused.returncode == 2
    assert "Brutal!" in refused.stderr
    assert run("status").returncode == 3


def test_with_kubeconfig_that_cluster_is_used_and_nothing_is_started(
    run: Run, small_stack: Path, private_cluster: Any
) -> None:
    named = {"KUBECONFIG": str(private_cluster.kubeconfig)}
    up = run("up", "small", "--config", str(small_stack), **named)
    assert up.returncode == 0, up.stderr
    assert f"context {private_cluster.context} is used, nothing is started" in up.stdout
    assert private_cluster.kubectl.json("get", "namespace", "elsewhere")
    assert run("status").returncode == 3
    down = run("down", **named)
    assert "the cluster that KUBECONFIG names was left as it is" in down.stdout
    assert private_cluster.control_plane.is_healthy()


def test_a_fleet_that_pulumi_runs_in_that_cluster_is_refused(run: Run, small_stack: Path, private_cluster: Any) -> None:
    pulumis = '{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"elsewhere","labels":{"of":"pulumi"}}}'
    manager = "--field-manager=pulumi-kubernetes-1a2b3c4d"
    private_cluster.kubectl.run("apply", "--server-side", manager, "-f", "-", stdin=pulumis)
    try:
        refused = run("up", "small", "--config", str(small_stack), KUBECONFIG=str(private_cluster.kubeconfig))
        assert refused.returncode == 1
        assert "Namespace elsewhere belongs to a Pulumi stack; use `flotilla up` there" in refused.stderr
    finally:
        private_cluster.kubectl.run("delete", "namespace", "elsewhere", "--timeout=240s")


def test_a_cluster_that_lacks_definitions_is_refused_with_the_command_that_brings_them(
    run: Run, small_stack: Path, private_cluster: Any
) -> None:
    kubectl = private_cluster.kubectl
    before = kubectl.json("get", "crd", MONITORS)
    try:
        kubectl.run("delete", "crd", MONITORS)
        refused = run("up", "small", "--config", str(small_stack), KUBECONFIG=str(private_cluster.kubeconfig))
        assert refused.returncode == 3
        assert f"CRDs {MONITORS} are missing; run: kubectl apply --server-side" in refused.stderr
        kubectl.run(*refused.stderr.partition("run: kubectl ")[2].split())
        kubectl.run("wait", "--for=condition=Established", f"crd/{MONITORS}", "--timeout=120s")
        assert kubectl.json("get", "crd", MONITORS)["spec"] == before["spec"]
    finally:
        crds.install(kubectl, crds.files(Progress()))


def test_a_kubeconfig_that_leads_nowhere_is_a_problem_of_the_place(run: Run, small_stack: Path, tmp_path: Path) -> None:
    refused = run("up", "small", "--config", str(small_stack), KUBECONFIG=str(tmp_path / "none"))
    assert refused.returncode == 3
    assert len(refused.stderr.splitlines()) == 1
