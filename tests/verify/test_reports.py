from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.verify.results import FAIL, PASS, UNKNOWN, result, run
from verify.report import formats, json_, junit, story, text
from verify.report.formats import FILES, Format
from verify.results import UNBOUGHT, Run


@pytest.fixture
def mixed() -> Run:
    """Give a run with everything in it: a cause, what follows from it, the untold of both kinds, odd characters."""
    return run(
        result("route", PASS, seconds=0.25),
        result("marker", PASS),
        result("purchase.page", FAIL, message="script says \x1b[31m<boom> & \x00", requires=()),
        result("health", FAIL, "checkout", "stripe: AuthenticationError", cause="Stripe refuses the key",
               resource="Secret/clearwatch-dev/stripe", remedy="put the right key in"),
        result("purchase.click", FAIL, "hero", "Buy leads nowhere", cause="follows from health of checkout: Stripe"),
        result("purchase.click", FAIL, "trust", "Buy leads nowhere", cause="follows from health of checkout: Stripe"),
        result("reconciliation", UNKNOWN, "checkout", "not asked: no token"),
        result("network-policy", UNKNOWN, "cluster", "5 policies are there", elsewhere=True),
    )  # fmt: skip


def test_text_puts_causes_before_what_follows_from_them(mixed: Run) -> None:
    written = text.render(mixed)
    assert written.startswith("dev (test), 2026-11-26 07:00:00 UTC, 12.5 s\n")
    follows = "hero, trust: purchase.click follows from health of checkout"
    assert written.index("checkout health: stripe: AuthenticationError") < written.index(follows)
    assert (
        "    cause: Stripe refuses the key\n    resource: Secret/clearwatch-dev/stripe\n    remedy: put the right"
        in written
    )
    assert "could not tell: 1\n  checkout reconciliation: not asked: no token" in written
    assert "can't be told in this place, and is no pass: 1\n  cluster network-policy: 5 policies are there" in written
    assert "2 of 8 checks passed" in written
    assert written.splitlines()[-1].startswith("FAIL: 4 mandatory checks failed, first purchase.page of hero")


def test_every_format_says_what_was_left_out() -> None:
    part = replace(run(result("route", PASS)), left_out=("13 of 14 shops", UNBOUGHT))
    assert f"\nleft out: 13 of 14 shops; {UNBOUGHT}\n" in text.render(part)
    assert json.loads(json_.render(part))["left_out"] == ["13 of 14 shops", UNBOUGHT]
    assert f"Left out: 13 of 14 shops; {UNBOUGHT}." in formats.render(part, Format.HTML)
    root = ET.fromstring(junit.render(part))
    assert (root.get("tests"), root.get("errors"), root.get("skipped")) == ("3", "1", "1")
    kinds = {case.get("name"): [one.tag for one in case] for case in root.iter("testcase")}
    assert kinds == {"route": [], "13 of 14 shops": ["skipped"], UNBOUGHT: ["error"]}
    assert "left out" not in text.render(run(result("route", PASS)))


def test_text_obeys_nothing_that_a_page_says(mixed: Run) -> None:
    assert "\x1b" not in text.render(mixed)
    assert "\x1b" not in text.line(mixed.results[2])


def test_text_of_a_pass_is_short() -> None:
    written = text.render(run(result("route", PASS), result("marker", PASS)))
    assert written.splitlines()[-2:] == [
        "score 100 (deploy; needed 70): infrastructure 100, content 100, testing not checked",
        "PASS",
    ]


def test_text_names_many_shops_that_say_the_same_in_one_line() -> None:
    shops = [f"shop-{number}" for number in range(14)]
    written = text.render(
        run(*(result("route", FAIL, name, f"{name} answers 404", cause="no route") for name in shops))
    )
    assert written.count("cause: no route") == 3
    assert "route: the same of shop-11, shop-12, shop-13, shop-2" in written


def test_each_cause_is_told_once_whatever_stands_between() -> None:
    """Subjects stand in their order, so that the same cause need not stand together."""
    failed = [
        result("route", FAIL, name, "404", cause=cause) for name, cause in (("a", "gone"), ("b", "shut"), ("c", "gone"))
    ]
    untold = [result("body", UNKNOWN, name, said) for name, said in (("a", "x"), ("b", "y"), ("c", "x"))]
    mixed = run(*failed, *untold, result("dns", UNKNOWN, "a", "x", elsewhere=True))
    assert [[one.subject for one in told.results] for told in story.failures(mixed)] == [["a", "c"], ["b"]]
    assert [[one.subject for one in told.results] for told in story.untold(mixed, elsewhere=False)] == [
        ["a", "c"],
        ["b"],
    ]
    here = [result("dns", UNKNOWN, name, said, elsewhere=True) for name, said in (("a", "x"), ("b", "y"), ("c", "x"))]
    assert "  a, c dns: x\n  b dns: y\n" in text.render(run(*here))


def test_text_says_in_one_line_what_follows_from_the_same_for_many_shops() -> None:
    checks, shops = ("purchase.click", "purchase.payment"), ("hero", "trust")
    failed = [result("purchase.page", FAIL, name, "404", cause="no route") for name in shops]
    follow = [
        result(check, FAIL, name, "not reached", cause=f"follows from purchase.page of {name}: no route")
        for check in checks
        for name in shops
    ]
    written = text.render(run(*failed, *follow))
    assert "  hero, trust: purchase.click, purchase.payment follow from purchase.page\n" in written
    assert written.count("follow") == 1


def test_json_has_every_result(mixed: Run) -> None:
    value = json.loads(json_.render(mixed))
    assert (value["outcome"], value["target"], value["shops"]) == ("fail", "dev", {"hero": "https://hero.shops.test"})
    assert set(value["score"]) == {"points", "advice", "needed", "parts"}
    assert len(value["results"]) == len(mixed.results)
    assert value["results"][3] == {
        "check": "health",
        "part": "infrastructure",
        "subject": "checkout",
        "outcome": "fail",
        "message": "stripe: AuthenticationError",
        "cause": "Stripe refuses the key",
        "resource": "Secret/clearwatch-dev/stripe",
        "remedy": "put the right key in",
        "seconds": 0.0,
        "elsewhere": False,
    }


def test_junit_counts_what_could_not_be_told_as_an_error_and_never_as_good(mixed: Run) -> None:
    root = ET.fromstring(junit.render(mixed))
    assert {name: root.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "8", "failures": "4", "errors": "1", "skipped": "1",
    }  # fmt: skip
    cases = {(case.get("classname"), case.get("name")): case for case in root.iter("testcase")}
    assert cases["hero.infrastructure", "route"].get("time") == "0.250"
    assert list(cases["hero.infrastructure", "route"]) == []
    (failure,) = cases["checkout.infrastructure", "health"]
    assert (failure.tag, failure.get("message")) == ("failure", "stripe: AuthenticationError")
    assert (
        failure.text
        == "cause: Stripe refuses the key\nresource: Secret/clearwatch-dev/stripe\nremedy: put the right key in"
    )
    assert cases["checkout.testing", "reconciliation"][0].tag == "error"
    assert cases["cluster.infrastructure", "network-policy"][0].tag == "skipped"
    assert sum(int(suite.get("tests", 0)) for suite in root.iter("testsuite")) == 8


@pytest.mark.parametrize(
    ("chosen", "name", "files"),
    [
        ([Format.JSON], "one.json", ["one.json"]),
        ([Format.JSON], "folder", ["folder/report.json"]),
        ([Format.TEXT, Format.JSON, Format.JUNIT], "new/folder",
         ["new/folder/junit.xml", "new/folder/report.json", "new/folder/report.txt"]),
        ([Format.TEXT, Format.JSON], "dotted.d", ["dotted.d/report.json", "dotted.d/report.txt"]),
    ],
)  # fmt: skip
def test_one_format_goes_into_a_file_and_several_into_a_folder(
    mixed: Run, tmp_path: Path, chosen: list[Format], name: str, files: list[str]
) -> None:
    written = formats.write(mixed, chosen, tmp_path / name)
    found = sorted(str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*") if file.is_file())
    assert found == files == sorted(str(file.relative_to(tmp_path)) for file in written)
    for one, file in zip(chosen, written, strict=True):
        assert file.read_text() == formats.render(mixed, one)


def test_every_format_has_a_file_name() -> None:
    assert set(FILES) == set(Format)


def test_a_message_is_one_line_wherever_it_comes_from(mixed: Run) -> None:
    odd = replace(mixed.results[0], message="two\nlines")
    assert "\n" not in text.line(odd)


def test_the_document_names_every_field_of_the_json() -> None:
    document = (Path(__file__).parents[2] / "docs" / "verifying.md").read_text(encoding="utf-8")
    value = json_.as_value(replace(run(result("route", PASS)), left_out=(UNBOUGHT,)))
    fields = {
        *value,
        *(f"score.{name}" for name in value["score"]),
        *(f"results[].{name}" for name in value["results"][0]),
    }
    assert fields - {"score", "results"} == set(re.findall(r"^\| `([a-z_.\[\]]+)` \|", document, re.MULTILINE))
