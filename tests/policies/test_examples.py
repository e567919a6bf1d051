"""Every rule has a bad example that it finds, and a good one in which nothing is found."""

from __future__ import annotations

import pytest

from policies.examples import FOLDER, example
from policies.files import read_all
from policies.findings import Level, Rule
from policies.judge import judge
from policies.rules import RULES
from policies.rules.exempted import RULES as ABOUT_EXEMPTIONS
from policies.settings import Settings
from policies.world import World

JUDGED = [rule for rule in RULES if rule not in ABOUT_EXEMPTIONS]


def _found(rule: Rule, which: str) -> tuple[set[str], set[str]]:
    """Give the codes at any level, and the mandatory ones."""
    one = example(rule.code, which)
    assert one is not None, f"policies/examples/{rule.code} has no {which}.yaml or {which}.json"
    reading = read_all([str(one.path)])
    assert not reading.problems
    assert reading.resources, one.path
    findings = judge(reading.resources, settings=Settings(world=World.AUTO))
    mandatory = {finding.rule.code for finding in findings if finding.level is Level.MANDATORY}
    return {finding.rule.code for finding in findings}, mandatory


@pytest.mark.parametrize("rule", JUDGED, ids=lambda rule: rule.code)
def test_the_bad_example_is_found_by_its_rule_and_no_other_mandatory_one(rule: Rule) -> None:
    found, mandatory = _found(rule, "bad")
    assert rule.code in found
    assert mandatory <= {rule.code}


@pytest.mark.parametrize("rule", JUDGED, ids=lambda rule: rule.code)
def test_the_good_example_has_no_finding_of_its_rule_and_no_mandatory_one(rule: Rule) -> None:
    found, mandatory = _found(rule, "good")
    assert rule.code not in found
    assert not mandatory


def test_no_example_is_left_of_a_rule_that_is_gone() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {rule.code for rule in JUDGED}
