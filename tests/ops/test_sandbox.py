"""What ``flotilla sandbox`` decides before it touches a cluster."""

from __future__ import annotations

import copy
import dataclasses
import io
import os
import signal
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
import typer
from rich.console import Console

from fleet.errors import FlotillaError
from manifests import fleet as planning
from manifests.plan import Planned
from ops import sandbox_proof, stackfile
from ops.interrupted import INTERRUPTED, interruptible
from ops.sandbox import is_real, planned_here, refuse_findings
from sandbox import places, stripe
from sandbox.node import machine
from sandbox.progress import Progress
from verify.results import Outcome


@pytest.fixture(scope="module")
def resources() -> list[Planned]:
    """Give the plan of stack dev."""
    return list(planning.resources(planning.plan(stackfile.read("dev").fleet())))


def test_the_plan_of_dev_breaks_no_rule(resources: list[Planned]) -> None:
    refuse_findings(resources)


def test_a_broken_port_stops_everything_before_anything_is_applied(resources: list[Planned]) -> None:
    number = next(n for n, each in enumerate(resources) if each.name == "checkout-deployment")
    inputs = copy.deepcopy(dict(resources[number].inputs))
    container = inputs["spec"]["template"]["spec"]["containers"][0]
    container["ports"][0]["containerPort"] += 1
    broken = [*resources]
    broken[number] = dataclasses.replace(resources[number], inputs=inputs)
    with pytest.raises(FlotillaError) as refused:
        refuse_findings(broken)
    *findings, last = str(refused.value).splitlines()
    assert all(line.startswith("FLT-") for line in findings)
    assert any("checkout" in line for line in findings)
    assert last == f"{len(findings)} mandatory findings: nothing was applied"


@pytest.mark.parametrize("real", [True, False])
def test_what_a_sandbox_adds_breaks_no_rule_either(*, real: bool) -> None:
    refuse_findings(planned_here(stackfile.read("dev").fleet(), real=real))


def test_the_double_of_stripe_is_named_under_the_fleets_own_registry_and_by_a_tag_that_never_moves() -> None:
    fleet = stackfile.read("dev").fleet()
    image = stripe.image(dataclasses.replace(fleet, registry="ghcr.io/a/shops"))
    assert image.reference.startswith("ghcr.io/a/shops/stripe_double:sha-")
    assert image.pull_policy == "IfNotPresent"
    planned = {each.name: each.inputs for each in planned_here(fleet, real=False)}
    (container,) = planned["stripe-double-deployment"]["spec"]["template"]["spec"]["containers"]
    assert container["image"] == stripe.image(fleet).reference


@pytest.mark.parametrize(
    ("obstacle", "simulated", "kubeconfig", "real", "said"),
    [
        (None, False, "", True, ""),
        (
            "a real node needs root",
            False,
            "",
            False,
            "a real node needs root: nodes are simulated, and no image runs\n",
        ),
        (None, True, "", False, ""),
        (None, False, "/some/where", False, ""),
    ],
)
def test_the_node_is_real_where_it_can_be_and_otherwise_it_is_said_why_not(
    monkeypatch: pytest.MonkeyPatch, obstacle: str | None, *, simulated: bool, kubeconfig: str, real: bool, said: str
) -> None:
    monkeypatch.setattr(machine, "obstacle", lambda: obstacle)
    monkeypatch.setenv("KUBECONFIG", kubeconfig)
    printed = io.StringIO()
    assert is_real(Progress(Console(file=printed, width=200)), simulated=simulated) is real
    assert printed.getvalue() == said


def test_whoever_called_sudo_can_read_the_report(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(places, "HANDED", tmp_path / "handed")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("SUDO_USER", "alice")
    folders: list[Path] = []
    monkeypatch.setattr(sandbox_proof, "tell", lambda run, formats, folder: folders.append(folder))
    sandbox_proof.show(SimpleNamespace(outcome=Outcome.PASS))  # type: ignore[arg-type]
    assert folders == [tmp_path / "handed" / "reports"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_is_an_exit_code_and_a_line_not_a_traceback(
    number: signal.Signals, capsys: pytest.CaptureFixture[str]
) -> None:
    before = signal.getsignal(signal.SIGTERM)

    def interrupted() -> None:
        with interruptible():
            os.kill(os.getpid(), number)
            time.sleep(10)

    with pytest.raises(typer.Exit) as left:
        interrupted()
    assert left.value.exit_code == INTERRUPTED
    assert "run the same command again" in capsys.readouterr().err
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.parametrize(
    ("kubeconfig", "why"),
    [("", "as root on Linux the node is real"), ("/some/where", "`flotilla verify dev` once they resolve")],
)
def test_a_proof_that_was_asked_for_and_not_made_is_no_pass(
    monkeypatch: pytest.MonkeyPatch, kubeconfig: str, why: str
) -> None:
    monkeypatch.setenv("KUBECONFIG", kubeconfig)
    printed = io.StringIO()
    with pytest.raises(typer.Exit) as left:
        sandbox_proof.not_run("dev", Console(file=printed, width=200))
    assert left.value.exit_code == 3
    assert printed.getvalue().startswith("verify: not run, ")
    assert why in printed.getvalue()
