"""Traefik's rule language is parsed the way Traefik parses it."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.claims import Alternative, alternatives
from policies.traefik import And, Matcher, Not, Or, Rule, RuleError, parse

NAMES = ("Host", "Path", "Header")
MATCHERS = st.one_of(
    st.builds(Matcher, st.just("Host"), st.tuples(st.sampled_from(["a.b", "c.d", "a-b"]))),
    st.builds(Matcher, st.just("Path"), st.tuples(st.sampled_from(["/x", "/y", "/&&"]))),
    st.builds(
        Matcher, st.just("Header"), st.tuples(st.sampled_from(["k", "||"]), st.sampled_from([")", '"', "(", "!"]))
    ),
)
RULES = st.recursive(
    MATCHERS, lambda one: st.builds(Not, one) | st.builds(And, one, one) | st.builds(Or, one, one), max_leaves=7
)


def _holds(rule: Rule, request: dict[Matcher, bool]) -> bool:
    if isinstance(rule, Matcher):
        return request[rule]
    if isinstance(rule, Not):
        return not _holds(rule.rule, request)
    left, right = _holds(rule.left, request), _holds(rule.right, request)
    return left and right if isinstance(rule, And) else left or right


def _matchers(rule: Rule) -> set[Matcher]:
    if isinstance(rule, Matcher):
        return {rule}
    return _matchers(rule.rule) if isinstance(rule, Not) else _matchers(rule.left) | _matchers(rule.right)


def _always_equal(one: Rule, other: Rule) -> bool:
    known = sorted(_matchers(one) | _matchers(other), key=str)
    requests = (dict(zip(known, values, strict=True)) for values in product([False, True], repeat=len(known)))
    return all(_holds(one, request) == _holds(other, request) for request in requests)


@settings(deadline=None)
@given(RULES)
def test_a_rule_that_is_written_out_parses_to_the_same_meaning(rule: Rule) -> None:
    parsed = parse(str(rule))
    assert _matchers(parsed) == _matchers(rule)
    assert _always_equal(parsed, rule)


@given(st.text('Host(`a.b`)&|! \n",', max_size=25))
def test_whatever_is_written_is_a_rule_or_an_error(text: str) -> None:
    try:
        parsed = parse(text)
    except RuleError:
        return
    assert parse(str(parsed)) == parsed or _always_equal(parse(str(parsed)), parsed)


def test_and_binds_tighter_than_or_and_not_tightest() -> None:
    a, b, c = (Matcher("Path", (f"/{name}",)) for name in "abc")
    assert parse("Path(`/a`) || Path(`/b`) && !Path(`/c`)") == Or(a, And(b, Not(c)))
    assert parse("(Path(`/a`) || Path(`/b`)) && Path(`/c`)") == And(Or(a, b), c)


# Both tables were made with Go's own go/parser, which Traefik calls.
@pytest.mark.parametrize(
    "text",
    [
        "Host(`a`) &&\nPath(`/`)",
        "Host(`a`)\n",
        "\n Host(`a`)",
        "Host(`a`,)",
        "Host(`a`) /* x */ && Path(`/`)",
        "!!Host(`a`)",
        "Host (`a`)",
        "!\nHost(`a`)",
        "Host(`a`,\n)",
        'Host("a\\\\.b")',
        "Host(`a`) // c",
        "HOST(`a`)",
        "Pathprefix(`/a`)",
    ],
)
def test_what_go_accepts_is_accepted(text: str) -> None:
    assert parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "Host(`a`)\n&& Path(`/`)",
        "(Host(`a`)\n|| Host(`b`))",
        "Host(`a`\n)",
        'Host("a\\.b")',
        "(Host(`a`) && Path(`/b`)\n)",
        "Host\n(`a`)",
        "Host(a)",
        "Host('a')",
        "hOST(`a`)",
        "Host(`a`",
        "Host(`a`))",
        "Host(`a`) Path(`/`)",
        "&& Host(`a`)",
        "Host(`a`) and Path(`/`)",
        "`a`",
        "",
        " ",
        "!",
        "Header(`a`)",
        "Host()",
        "Host(`ä`)",
        "PathPrefix(`a`)",
        "(" * 200 + "Host(`a`)" + ")" * 200,
    ],
)
def test_what_traefik_refuses_is_refused(text: str) -> None:
    with pytest.raises(RuleError):
        parse(text)


def test_an_error_says_where() -> None:
    with pytest.raises(RuleError, match="character 13, found &&"):
        parse("Host(`a`)&& && Path(`/`)")


def test_alternatives_keep_hosts_paths_and_the_rest_apart() -> None:
    rule = parse("(Host(`A.b`) || Host(`c.d`)) && PathPrefix(`/x`) && !Header(`k`, `v`)")
    assert set(alternatives(rule)) == {
        Alternative(frozenset({host}), frozenset({("prefix", "/x")}), frozenset({"!Header(`K`, `v`)"}))
        for host in ("a.b", "c.d")
    }


def test_a_rule_that_no_request_can_meet_claims_nothing() -> None:
    assert alternatives(parse("Host(`a.b`) && Host(`c.d`)")) == []
