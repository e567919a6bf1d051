from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.verify.results import FAIL, PASS, UNKNOWN, result, run
from verify.catalog import CHECKS, PARTS
from verify.results import Outcome
from verify.score import advice, score

ALL = [(check.id, subject) for check in CHECKS for subject in ("hero", "brutal")]


def test_everything_passed_is_a_hundred_and_a_pass() -> None:
    found = run(*(result(identity, PASS, subject) for identity, subject in ALL))
    assert (found.score.points, found.score.advice, found.outcome, found.reason) == (100, "deploy", PASS, "")


def test_a_mandatory_check_that_fails_for_one_shop_fails_the_run_whatever_the_score() -> None:
    results = [result(one, PASS, subject) for one, subject in ALL if (one, subject) != ("marker", "hero")]
    found = run(*results, result("marker", FAIL, message="variant is brutal, expected hero"))
    assert found.score.points >= 95
    assert found.outcome is FAIL
    assert found.reason == "1 mandatory check failed, first marker of hero: variant is brutal, expected hero"


def test_the_reason_is_a_failure_that_no_other_explains() -> None:
    follows = result("live", FAIL, message="no answer", cause="follows from route of hero: no pod")
    found = run(follows, result("route", FAIL, message="answers 404"))
    assert found.reason == "2 mandatory checks failed, first route of hero: answers 404"


def test_a_check_that_is_not_mandatory_costs_points_alone() -> None:
    found = run(result("headers", FAIL), result("marker", PASS), needed=70)
    assert (found.score.points, found.outcome) == (72, PASS)  # 8 of the weights 3 and 8


def test_a_gate_that_is_missed_fails_and_says_by_how_much() -> None:
    found = run(result("headers", FAIL), result("marker", PASS), needed=85)
    assert (found.outcome, found.reason) == (FAIL, "the score is 72, needed is 85")


def test_what_could_not_be_told_earns_nothing_and_is_no_pass() -> None:
    found = run(result("headers", UNKNOWN, message="no answer"), result("marker", PASS))
    assert (found.score.points, found.outcome) == (72, UNKNOWN)
    assert found.reason == "1 check could not be told, first headers of hero: no answer"


def test_the_untold_alone_never_turn_a_missed_gate_into_a_failure() -> None:
    assert run(result("headers", UNKNOWN), result("marker", PASS), needed=85).outcome is UNKNOWN
    worse = run(result("headers", UNKNOWN), result("metrics-private", FAIL), needed=85)
    assert worse.outcome is FAIL, "with all the untold passed it would still be missed"


def test_what_can_t_be_told_here_by_nature_weighs_nothing_and_stays_in_the_results() -> None:
    found = run(result("network-policy", UNKNOWN, elsewhere=True), result("nodes", PASS), result("marker", PASS))
    assert (found.score.points, found.outcome) == (100, PASS)
    assert [one.check for one in found.results if one.elsewhere] == ["network-policy"]


def test_a_failure_beats_the_untold() -> None:
    assert run(result("route", FAIL), result("marker", UNKNOWN)).outcome is FAIL


def test_nothing_checked_is_no_pass() -> None:
    assert run(result("network-policy", UNKNOWN, elsewhere=True), needed=0).outcome is UNKNOWN
    assert run(needed=0).outcome is UNKNOWN


@pytest.mark.parametrize(
    ("points", "sentence"),
    [(100, "deploy"), (95, "deploy"), (94, "deploy and watch"), (85, "deploy and watch"), (84, "staging only"),
     (70, "staging only"), (69, "stop"), (0, "stop")],
)  # fmt: skip
def test_the_gates_are_system_c_s(points: int, sentence: str) -> None:
    assert advice(points) == sentence


def test_the_parts_make_a_hundred_and_each_has_checks() -> None:
    assert sum(PARTS.values()) == 100
    assert {check.part for check in CHECKS} == set(PARTS)


@given(st.lists(st.tuples(st.sampled_from(ALL), st.sampled_from(list(Outcome))), unique_by=lambda one: one[0]))
def test_the_score_is_within_its_bounds_and_no_failure_raises_it(chosen: list[tuple[tuple[str, str], Outcome]]) -> None:
    results = [result(identity, ended, subject) for (identity, subject), ended in chosen]
    before = score(results, 70).points
    assert 0 <= before <= 100
    for position, one in enumerate(results):
        worse = [*results[:position], result(one.check, FAIL, one.subject), *results[position + 1 :]]
        assert score(worse, 70).points <= before


@given(st.lists(st.tuples(st.sampled_from(ALL), st.sampled_from(list(Outcome))), unique_by=lambda one: one[0]))
def test_a_run_with_anything_untold_never_passes(chosen: list[tuple[tuple[str, str], Outcome]]) -> None:
    found = run(*(result(identity, ended, subject) for (identity, subject), ended in chosen), needed=0)
    if any(ended is UNKNOWN for _, ended in chosen):
        assert found.outcome is not PASS
