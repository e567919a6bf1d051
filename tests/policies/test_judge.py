"""The judge runs every rule over every resource, whatever their order, form and names."""

from __future__ import annotations

import dataclasses
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from policies import judge as judging
from policies.findings import Level, Rule, Scope, Violation
from policies.judge import judge
from policies.resources import from_document
from policies.rules import RULES
from policies.settings import Settings

HOST = "FLT-HOST-001"


@pytest.fixture
def broken(stack: Any, put: Any, make_route: Any) -> Any:
    """A stack with several violations in several objects."""
    stack = put(stack, "Service checkout", "spec/ports/3/targetPort", 3001)
    stack = put(stack, "Deployment checkout", "spec/template/spec/containers/0/image", "shop:main")
    return [*stack, make_route("rival", "Host(`checkout.shop.example`)", {"name": "checkout", "port": 1})]


def _said(findings: Any) -> list[tuple[str, str, str]]:
    return [(finding.rule.code, finding.resource.title, finding.message) for finding in findings]


def test_the_order_of_resources_changes_nothing(broken: Any) -> None:
    expected = _said(judge(broken))
    assert len({code for code, _, _ in expected}) == 4
    for seed in range(20):
        random.Random(seed).shuffle(broken)
        assert _said(judge(broken)) == expected


def test_consistent_renaming_changes_only_the_names(broken: Any) -> None:
    renamed = json.loads(
        json.dumps(broken).replace("checkout", "kasse").replace("3001", "4001").replace("3000", "4000")
    )
    expected = {tuple(part.replace("checkout", "kasse") for part in said[:2]) for said in _said(judge(broken))}
    assert {said[:2] for said in _said(judge(renamed))} == expected


def _entries(manifests: Any) -> list[dict[str, Any]]:
    return [
        {
            "type": f"kubernetes:{one['apiVersion'] if '/' in one['apiVersion'] else 'core/v1'}:{one['kind']}",
            "name": f"logical-{number}",
            "parent": None,
            "inputs": one,
            "opts": {"protect": False, "retainOnDelete": False},
        }
        for number, one in enumerate(manifests)
    ]


def _states(manifests: Any) -> list[dict[str, Any]]:
    urn = "urn:pulumi:dev::flotilla::{}::{}"
    return [entry | {"urn": urn.format(entry["type"], entry["name"]), "opts": None} for entry in _entries(manifests)]


def test_every_form_of_the_same_objects_gives_the_same_findings(broken: Any) -> None:
    states = _states(broken)
    gone = states[0] | {"delete": True, "urn": "urn:pulumi:dev::flotilla::kubernetes:apps/v1:Deployment::gone"}
    steps = [{"op": "create", "urn": state["urn"], "newState": state} for state in states]
    steps.insert(0, {"op": "create-replacement", "urn": states[1]["urn"], "newState": states[1]})
    steps.append({"op": "delete", "urn": gone["urn"], "oldState": gone})
    forms = [
        {"apiVersion": "v1", "kind": "List", "items": broken},
        _entries(broken),
        {"steps": steps, "changeSummary": {"create": 9}},
        {"version": 3, "deployment": {"resources": [*states, gone]}},
    ]
    expected = _said(judge(broken))
    for form in forms:
        assert _said(judge(from_document(form))) == expected


def test_a_typed_list_gives_its_items_their_kind(broken: Any) -> None:
    items = [{key: value for key, value in one.items() if key not in {"kind", "apiVersion"}} for one in broken]
    typed = {"apiVersion": "apps/v1", "kind": "DeploymentList", "items": items[:1]}
    assert [resource.title for resource in from_document(typed)] == ["Deployment shop/checkout"]


def test_a_patch_is_a_part_and_not_judged_as_a_whole(broken: Any) -> None:
    entry = _entries(broken)[0]
    assert judge([entry]) != []
    assert judge([entry | {"type": "kubernetes:apps/v1:DeploymentPatch"}]) == []


def test_a_level_by_code_or_name_is_kept(broken: Any) -> None:
    levels = {HOST: Level.ADVISORY, "moving-tag-is-pulled-again": Level.DISABLED}
    found = {finding.rule.code: finding.level for finding in judge(broken, settings=Settings(levels=levels))}
    assert found == {HOST: Level.ADVISORY, "FLT-PORT-002": Level.MANDATORY, "FLT-PORT-003": Level.MANDATORY}


def test_what_could_not_be_judged_cannot_be_switched_off(stack: Any, put: Any) -> None:
    from policies.values import UNKNOWN  # noqa: PLC0415

    unknown = put(stack, "Service checkout", "spec/ports/0/port", UNKNOWN)
    findings = judge(unknown, settings=Settings(levels={"FLT-PLAN-001": Level.DISABLED}))
    assert [finding.level for finding in findings] == [Level.MANDATORY]


def test_a_general_rule_is_silent_where_another_speaks_of_the_same_field(stack: Any, put: Any) -> None:
    policy = "spec/template/spec/containers/0/imagePullPolicy"
    broken = judge(put(stack, "Deployment checkout", policy, "Sometimes"))
    assert [finding.rule.code for finding in broken] == ["FLT-IMAGE-003"]
    disabled = Settings(levels={"FLT-IMAGE-003": Level.DISABLED})
    alone = judge(put(stack, "Deployment checkout", policy, "Sometimes"), settings=disabled)
    assert [finding.rule.code for finding in alone] == ["FLT-FIELD-004"]


@pytest.mark.parametrize("scope", list(Scope))
def test_a_rule_that_crashes_is_a_mandatory_finding(stack: Any, monkeypatch: Any, scope: Scope) -> None:
    def crash(_: Any) -> Iterator[Violation]:
        raise KeyError("sk_live_do_not_show")
        yield

    template: Rule = RULES[0]
    broken_rule = dataclasses.replace(template, code="FLT-TEST-001", scope=scope, judge=crash, level=Level.ADVISORY)
    monkeypatch.setattr(judging, "_resource_rules", lambda *_: (broken_rule,) if scope is Scope.RESOURCE else ())
    monkeypatch.setattr(judging, "_STACK_RULES", (broken_rule,) if scope is Scope.STACK else ())
    findings = judge(stack[:1])
    assert [(finding.rule.code, finding.level) for finding in findings] == [("FLT-TEST-001", Level.MANDATORY)]
    assert "KeyError" in findings[0].message
    assert "sk_live" not in findings[0].message


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*path, key)
        yield from _paths(item, (*path, key))


@pytest.mark.parametrize("junk", [None, 7, -1.5, True, "text", "", [], [1], {}, {"a": None}, [{"x": [None]}]])
def test_whatever_shape_a_field_has_no_rule_crashes(stack: Any, junk: Any) -> None:
    tried = 0
    for index, manifest in enumerate(stack):
        for path in _paths(manifest):
            changed = [*stack[:index], json.loads(json.dumps(manifest)), *stack[index + 1 :]]
            target = changed[index]
            for step in path[:-1]:
                target = target[step]
            target[path[-1]] = junk
            assert not [one.message for one in judge(changed) if "crashed" in one.message], path
            tried += 1
    assert tried > 150


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_every_rule_has_a_whole_record(rule: Rule) -> None:
    assert rule.remediation.endswith(".")
    assert rule.why.endswith(".")
    assert not rule.title.endswith(".")
    assert rule.source.startswith("https://")
    assert rule.name == rule.name.lower()


def test_codes_and_names_are_unique() -> None:
    assert len({rule.code for rule in RULES}) == len({rule.name for rule in RULES}) == len(RULES)
