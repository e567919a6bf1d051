"""``flotilla sandbox`` as a user runs it: a process, in a cache of its own that shares only the built tools."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ops import stackfile
from sandbox import places

COMMAND = (sys.executable, "-c", "from ops.cli import main; main()", "sandbox")
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def environment(tools: None, tmp_path: Path) -> Iterator[dict[str, str]]:
    """Give an environment whose cache has nothing but the tools, and take down what was started in it."""
    home = tmp_path / "flotilla"
    home.mkdir()
    for shared in ("tools", "crds"):
        (home / shared).symlink_to(places.cache() / shared)
    chosen = {name: value for name, value in os.environ.items() if name != "KUBECONFIG"}
    chosen |= {"XDG_CACHE_HOME": str(tmp_path), "COLUMNS": "200"}
    yield chosen
    subprocess.run([*COMMAND, "down"], env=chosen, check=True, capture_output=True, timeout=60)


@pytest.fixture
def run(environment: dict[str, str]) -> Run:
    """Give what runs a verb of the sandbox to its end."""

    def to_the_end(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, *arguments, *(["--simulated"] if arguments[0] == "up" else [])],
            env=environment | more,
            check=False,
            text=True,
            capture_output=True,
            timeout=200,
            cwd=stackfile.PROJECT,
        )

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
    again = run("up", "dev")
    assert again.returncode == 0, again.stderr
    assert "nothing changed" in again.stdout
    status = run("status")
    assert status.returncode == 0
    assert "fleet clearwatch-dev: " in status.stdout
    assert run("down").returncode == 0
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
        [*COMMAND, *up, "--simulated"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
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
        private_cluster.kubectl.run("delete", "namespace", "elsewhere", "--timeout=60s")


def test_a_cluster_that_lacks_definitions_is_refused_with_the_command_that_brings_them(
    run: Run, small_stack: Path, private_cluster: Any
) -> None:
    kubectl = private_cluster.kubectl
    definition = kubectl.run("get", "crd", "servicemonitors.monitoring.coreos.com", "-o", "json")
    kubectl.run("delete", "crd", "servicemonitors.monitoring.coreos.com")
    refused = run("up", "small", "--config", str(small_stack), KUBECONFIG=str(private_cluster.kubeconfig))
    assert refused.returncode == 3
    assert "CRDs servicemonitors.monitoring.coreos.com are missing; run: kubectl apply --server-side" in refused.stderr
    command = refused.stderr.partition("run: kubectl ")[2].split()
    kubectl.run(*command)
    kubectl.run("wait", "--for=condition=Established", "crd/servicemonitors.monitoring.coreos.com")
    assert definition


def test_a_kubeconfig_that_leads_nowhere_is_a_problem_of_the_place(run: Run, small_stack: Path, tmp_path: Path) -> None:
    refused = run("up", "small", "--config", str(small_stack), KUBECONFIG=str(tmp_path / "none"))
    assert refused.returncode == 3
    assert len(refused.stderr.splitlines()) == 1
