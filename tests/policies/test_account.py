"""The rules about storage and the edge stand any shape and any order of what they are given."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from typing import Any

import pytest

from policies.account import Account
from policies.examples import FOLDER
from policies.files import read_all
from policies.judge import judge
from policies.objects import Objects
from policies.purpose import Purpose
from policies.resources import Resource
from policies.rules import RULES
from policies.settings import Settings
from policies.values import UNKNOWN
from policies.world import World
from tests.policies.edge import bucket, database, entry, script

OURS = [rule for rule in RULES if rule.code.startswith(("FLT-STORAGE-", "FLT-EDGE-"))]
JUNK: list[Any] = [None, True, 0, -1.5, "", "x", [], [None, [1], {"a": 1}], {}, {"a": {"b": []}}, UNKNOWN]


def _resources(code: str, which: str = "bad") -> list[Resource]:
    path = next(FOLDER.glob(f"{code}/{which}.*"))
    return read_all([str(path)]).resources


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from _places(item, (*path, key))


def _changed(inputs: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    changed: Any = copy.deepcopy(inputs)
    target = changed
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = value
    return dict(changed)


@pytest.mark.parametrize("code", [rule.code for rule in OURS])
def test_no_junk_anywhere_crashes_a_rule(code: str) -> None:
    resources = _resources(code)
    settings = Settings(purpose=Purpose.PRODUCTION, world=World.CLOSED)
    for index, resource in enumerate(resources):
        for number, path in enumerate(_places(resource.inputs)):
            for junk in JUNK[number % 3 :: 3]:
                inputs = _changed(resource.inputs, path, junk)
                changed = [*resources[:index], _with(resource, inputs), *resources[index + 1 :]]
                crashed = [one.message for one in judge(changed, settings=settings) if one.crashed]
                assert crashed == [], (path, junk)


def _with(resource: Resource, inputs: dict[str, Any]) -> Resource:
    return Resource(
        type=resource.type,
        name=resource.name,
        inputs=inputs,
        seen=resource.seen,
        leaving=resource.leaving,
        reasons=resource.reasons,
        dependencies=resource.dependencies,
        urn=resource.urn,
    )


@pytest.mark.parametrize("code", [rule.code for rule in OURS])
def test_the_order_of_resources_changes_nothing(code: str) -> None:
    resources = _resources(code)
    expected = [(one.rule.code, one.resource.title, one.message) for one in judge(resources)]
    for seed in range(5):
        random.Random(seed).shuffle(resources)
        assert [(one.rule.code, one.resource.title, one.message) for one in judge(resources)] == expected


def test_what_is_asked_for_twice_is_worked_out_once() -> None:
    account = Account(Objects([]).resources)
    assert account.known(("cloudflare:index/queue:Queue",)) is account.known(("cloudflare:index/queue:Queue",))


def test_an_old_type_is_found_under_its_new_one() -> None:
    items = [script("new"), entry("WorkerScript", "old", name="old"), bucket(), database()]
    resources = [Resource(type=one["type"], name=one["name"], inputs=one["inputs"]) for one in items]
    account = Account(resources)
    assert [one.name for one in account.of(script()["type"])] == ["new", "old"]
    assert account.known((script()["type"],)).names == {"new", "old"}
