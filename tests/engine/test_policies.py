"""The policy pack stands before preview and up; what it cannot judge does not pass."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ops.stack import PACK
from ops.stackfile import PROJECT as CHECKOUT

if TYPE_CHECKING:
    from tests.engine.conftest import Room, Shop

SABOTAGE = """
import runpy, sys
import pulumi

def wrong_port(args):
    if args.type_ == "kubernetes:core/v1:Service":
        for port in args.props["spec"]["ports"]:
            port["targetPort"] = 9999
    return pulumi.ResourceTransformResult(args.props, args.opts)

pulumi.runtime.register_stack_transform(wrong_port)
sys.path.insert(0, {checkout!r})
runpy.run_path({checkout!r} + "/__main__.py", run_name="__main__")
"""
RULE = """
import os
from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy

def rule(args, report):
    if args.resource_type == "kubernetes:core/v1:Secret":
        {body}

PolicyPack("broken", policies=[ResourceValidationPolicy("rule", "a rule", rule, EnforcementLevel.MANDATORY)])
"""


@pytest.fixture(scope="module")
def broken(room: Room, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Give a stack whose program points every Service at a port that no pod has."""
    program = tmp_path_factory.mktemp("program")
    (program / "__main__.py").write_text(SABOTAGE.format(checkout=str(CHECKOUT)))
    return room.shop("broken", program=program)


def pack(folder: Path, body: str) -> Path:
    """Write a pack of one rule for Secrets."""
    folder.mkdir()
    shutil.copy(PACK / "PulumiPolicy.yaml", folder)
    (folder / "__main__.py").write_text(RULE.format(body=body))
    return folder


def test_a_port_that_no_pod_has_passes_pulumi_alone_and_is_refused_with_the_pack(broken: Shop) -> None:
    alone = broken.pulumi("preview")
    assert alone.returncode == 0, alone.stdout + alone.stderr
    outcome = broken.preview(record="refused-preview")
    assert any("9999" in refusal and "checkout-service" in refusal for refusal in outcome.refusals)


def test_up_with_a_broken_rule_ends_in_the_findings_and_makes_nothing(broken: Shop) -> None:
    answer = broken.flotilla("up", "--yes")
    assert answer.returncode == 1
    lines = answer.stderr.splitlines()
    assert lines
    assert all(line.startswith("flotilla: ") for line in lines)
    assert any("9999" in line for line in lines)
    assert broken.stack.state()["deployment"].get("resources") in (None, [])


def test_a_rule_that_meets_an_unknown_value_counts_as_failed(room: Room, tmp_path: Path) -> None:
    fresh = room.shop("unknown")
    fresh.pack = pack(tmp_path / "pack", 'args.props["stringData"].get("password")')
    alone = fresh.pulumi("preview", "--policy-pack", str(fresh.pack))
    assert alone.returncode == 0, alone.stdout + alone.stderr
    outcome = fresh.preview(record="unknown-preview")
    assert any("can't run policy" in refusal for refusal in outcome.refusals)


@pytest.mark.parametrize(
    ("body", "said", "record"),
    [
        ('raise ValueError("a defect")', "a defect", "crashed-rule-preview"),
        ("os._exit(3)", "failed to run policy", "crashed-pack-preview"),
    ],
)
def test_a_pack_that_crashes_counts_as_failed(shop: Shop, tmp_path: Path, body: str, said: str, record: str) -> None:
    before = shop.pack
    shop.pack = pack(tmp_path / "pack", body)
    try:
        outcome = shop.preview(record=record)
    finally:
        shop.pack = before
    assert any(said in refusal for refusal in outcome.refusals)
