from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from verify.catalog import CHECKS, check
from verify.checks.jobs import SCHEDULED
from verify.purchase.journey import STEPS
from verify.report import table

SOURCES = Path(__file__).parents[2] / "verify"
IDS = {one.id for one in CHECKS}


def test_every_id_stands_once() -> None:
    assert len(IDS) == len(CHECKS)


def test_what_a_check_requires_is_a_check_that_comes_before_it() -> None:
    seen: set[str] = set()
    later = {"pods", "ready", "cors.allowed"}
    for one in CHECKS:
        assert set(one.requires) <= seen | later, one.id
        assert set(one.requires) <= IDS
        seen.add(one.id)


def test_nothing_explains_itself_in_a_circle() -> None:
    TopologicalSorter({one.id: one.requires for one in CHECKS}).prepare()


def test_every_check_of_the_catalogue_is_made_somewhere() -> None:
    asked = {
        node.args[0].value
        for file in SOURCES.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "check"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }
    elsewhere = {"latency.page", "latency.api", "live", "ready", *SCHEDULED, *(step.check for step in STEPS)}
    assert asked | elsewhere == IDS


def test_every_step_of_the_purchase_is_in_the_catalogue() -> None:
    assert {step.check for step in STEPS} == {identity for identity in IDS if identity.startswith("purchase.")}


def test_the_smoke_tests_of_the_five_systems_are_all_there() -> None:
    """Systems A to E of the project's brief; A's five mistakes each by its number."""
    stands_for = {word for one in CHECKS for word in one.stands_for.split()}
    assert stands_for >= {"A", "A1", "A2", "A3", "A4", "A5", "B", "C", "D", "E"}
    # E: health live, ready, full; API schema, query; CORS, auth, CSRF; performance; database.
    twelve = (
        "live ready health api.schema api.query cors.allowed cors.foreign auth csrf latency.page latency.api database"
    )
    assert set(twelve.split()) <= {one.id for one in CHECKS if "E" in one.stands_for.split()}
    # D: GET /health, exact origins, signed webhooks, jobs by cron, the backup, custom domains, P95, D1 and R2.
    edge = (
        "health cors.allowed cors.foreign webhook reconcile-job backup dns certificate https-redirect latency.api"
        " secrets edge"
    )
    assert set(edge.split()) <= {one.id for one in CHECKS if "D" in one.stands_for.split()}


def test_a_check_that_is_not_in_the_catalogue_has_no_result() -> None:
    with pytest.raises(KeyError, match=r"purchase\.nothing"):
        check("purchase.nothing")


def test_the_documented_table_is_the_catalogue() -> None:
    document = table.DOCUMENT.read_text()
    assert table.renewed(document) == document, "renew it: python -m verify.report.table"
