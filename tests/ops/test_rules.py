"""``flotilla rules`` lists every rule and explains each; the page of the docs is made of the same records."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from typer.testing import CliRunner

from fleet.errors import UsageError
from ops.rules import rules
from policies import catalogue
from policies.rules import RULES

ROOT = Path(__file__).resolve().parents[2]
Run = Callable[..., Any]


@pytest.fixture
def run() -> Run:
    """Run the verb in a terminal wide enough for any line."""
    app = typer.Typer()
    app.command()(rules)
    return lambda *arguments: CliRunner(env={"COLUMNS": "400"}).invoke(app, list(arguments))


def test_every_rule_is_listed_under_its_family(run: Run) -> None:
    said = run().stdout
    for rule in RULES:
        assert rule.code in said
        assert rule.title in said
    assert all(catalogue.family(rule) in catalogue.FAMILIES for rule in RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_every_rule_is_explained_by_code_and_by_name(run: Run, rule: Any) -> None:
    said = run(rule.code.lower()).stdout
    for part in (rule.code, rule.title, rule.name, rule.why, rule.remediation, rule.source):
        assert part in said
    assert run(rule.name).stdout == said


def test_an_explained_rule_shows_both_examples(run: Run) -> None:
    said = run("FLT-PORT-002").stdout
    assert "bad" in said
    assert "good" in said
    assert said.count("targetPort") >= 2


def test_json_has_every_record_and_its_examples(run: Run) -> None:
    listed = json.loads(run("--format", "json").stdout)["rules"]
    assert {entry["code"] for entry in listed} == {rule.code for rule in RULES}
    keys = {"code", "name", "title", "why", "source", "remediation", "level", "scope", "examples"}
    assert all(set(entry) == keys for entry in listed)


def test_a_rule_that_does_not_exist_is_a_usage_error_that_helps() -> None:
    with pytest.raises(UsageError, match="did you mean FLT-PORT-002"):
        rules("FLT-PROT-002")


def test_the_page_of_the_docs_is_current() -> None:
    assert (ROOT / "docs/rules.md").read_text() == catalogue.as_markdown(), (
        "flotilla rules --format markdown > docs/rules.md"
    )


def test_the_workflow_checks_every_stack_and_the_hook_runs_the_command() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/rules.yml").read_text())
    stacks = sorted(path.name.split(".")[1] for path in ROOT.glob("Pulumi.*.yaml"))
    assert workflow["jobs"]["check"]["strategy"]["matrix"]["stack"] == stacks
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert hook["entry"].split()[:2] == ["flotilla", "check"]
