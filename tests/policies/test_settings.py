"""Levels and exemptions do what they say for as long as they say; a mistake in them never passes in silence."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from policies import settings as module
from policies.findings import Level
from policies.judge import NAMES, examine, judge
from policies.purpose import Purpose
from policies.settings import Exemption, Settings, SettingsError, load, merged, parse
from policies.world import World

TODAY = dt.date(2026, 5, 1)
IMAGE = "spec/template/spec/containers/0/image"
WRITTEN = {"rule": "FLT-IMAGE-001", "resource": "Deployment shop/*", "reason": "OPS-7", "expires": "2026-05-01"}


def _parsed(raw: Any) -> Settings:
    return parse(raw, where="settings.yaml", known=NAMES)


def _with(**changes: Any) -> Settings:
    (exemption,) = _parsed({"exemptions": [WRITTEN | changes]}).exemptions
    return Settings(exemptions=(exemption,), today=TODAY)


@pytest.fixture
def stale(stack: Any, put: Any) -> Any:
    """A checkout whose image can move under it."""
    return put(stack, "Deployment checkout", IMAGE, "shop:main")


def _codes(resources: Any, settings: Settings) -> list[str]:
    return [finding.rule.code for finding in judge(resources, settings=settings)]


def test_an_exemption_lets_its_finding_pass_and_says_so(stale: Any) -> None:
    assert _codes(stale, Settings(today=TODAY)) == ["FLT-IMAGE-001"]
    judgement = examine(stale, settings=_with())
    assert judgement.findings == []
    ((finding, exemption),) = judgement.exempted
    assert (finding.rule.code, exemption.reason) == ("FLT-IMAGE-001", "OPS-7")


def test_a_rule_may_be_called_by_its_name(stale: Any) -> None:
    assert _codes(stale, _with(rule="moving-tag-is-pulled-again")) == []


def test_the_day_an_exemption_names_is_its_last(stale: Any) -> None:
    assert _codes(stale, _with(expires="2026-05-01")) == []
    assert _codes(stale, _with(expires="2026-04-30")) == ["FLT-IMAGE-001", "FLT-EXEMPT-001"]


def test_an_expired_exemption_is_found_even_where_nothing_needs_it(stack: Any) -> None:
    assert _codes(stack, _with(expires="2026-04-30")) == ["FLT-EXEMPT-001"]


@pytest.mark.parametrize(
    ("key", "value"),
    [("rule", "FLT-IMAGE-002"), ("resource", "Deployment other/*"), ("container", "proxy"), ("resource", "checkout")],
)
def test_what_an_exemption_does_not_cover_is_found_and_the_exemption_with_it(stale: Any, key: str, value: str) -> None:
    assert _codes(stale, _with(**{key: value})) == ["FLT-IMAGE-001", "FLT-EXEMPT-002"]


def test_an_exemption_holds_for_its_container_only(stale: Any, put: Any) -> None:
    both = put(stale, "Deployment checkout", IMAGE.replace("containers/0", "initContainers/0"), "shop:main")
    assert _codes(both, Settings(today=TODAY)) == ["FLT-IMAGE-001"] * 2
    (left,) = judge(both, settings=_with(container="app"))
    assert "container wait" in left.message


def test_an_exemption_of_one_rule_leaves_the_others_alone(stale: Any, put: Any) -> None:
    broken = put(stale, "Deployment checkout", "spec/template/spec/containers/0/readinessProbe/httpGet/port", "gone")
    assert _codes(broken, _with()) == ["FLT-PORT-001"]


def test_what_could_not_be_judged_cannot_be_exempted(stack: Any, put: Any) -> None:
    from policies.values import UNKNOWN  # noqa: PLC0415

    unknown = put(stack, "Deployment checkout", IMAGE, UNKNOWN)
    assert _codes(unknown, _with(rule="FLT-PLAN-001")) == ["FLT-PLAN-001", "FLT-EXEMPT-002"]


def test_levels_apply_to_exemptions_that_are_not_needed_but_not_to_expired_ones(stack: Any) -> None:
    off = {"FLT-EXEMPT-001": Level.DISABLED, "FLT-EXEMPT-002": Level.DISABLED}
    for expires, codes in (("2026-05-01", []), ("2026-04-30", ["FLT-EXEMPT-001"])):
        settings = _with(expires=expires, resource="Pod nowhere")
        assert _codes(stack, Settings(levels=off, exemptions=settings.exemptions, today=TODAY)) == codes


def test_everything_that_may_be_set_is_read() -> None:
    read = _parsed({"levels": {"FLT-HOST-001": "advisory"}, "purpose": "test", "world": "closed", "exemptions": None})
    assert (read.levels, read.purpose, read.world) == ({"FLT-HOST-001": Level.ADVISORY}, Purpose.TEST, World.CLOSED)
    assert _parsed(None).exemptions == ()


def test_settings_on_top_win_and_exemptions_add_up() -> None:
    below = _parsed({"levels": {"FLT-HOST-001": "advisory", "FLT-PORT-001": "advisory"}, "purpose": "test"})
    above = _parsed({"levels": {"FLT-HOST-001": "disabled"}, "world": "open", "exemptions": [WRITTEN]})
    both = merged(merged(below, above), _with(container="app"))
    assert both.levels == {"FLT-HOST-001": Level.DISABLED, "FLT-PORT-001": Level.ADVISORY}
    assert (both.purpose, both.world, len(both.exemptions)) == (Purpose.TEST, World.OPEN, 2)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (["levels"], "settings.yaml: must be a mapping"),
        ({"level": {}}, "settings.yaml: 'level' is no setting; use one of levels,"),
        ({"levels": ["a"]}, "settings.yaml: levels: must map rules to levels"),
        ({"levels": {"FLT-NONE-001": "advisory"}}, "levels.FLT-NONE-001: no rule is called 'FLT-NONE-001'"),
        ({"levels": {"FLT-HOST-001": "loud"}}, "levels.FLT-HOST-001: 'loud' must be one of mandatory, advisory"),
        ({"purpose": "fun"}, "purpose: 'fun' must be one of production, test, disposable"),
        ({"world": 1}, "world: 1 must be one of auto, open, closed"),
        ({"exemptions": {}}, "exemptions: must be a list"),
        ({"exemptions": ["x"]}, "exemptions[0]: must be a mapping"),
        ({"exemptions": [{**WRITTEN, "rule": "FLT-*"}]}, "exemptions[0].rule: no rule is called 'FLT-*'"),
        ({"exemptions": [{**WRITTEN, "rules": "x"}]}, "exemptions[0].rules: is no key of an exemption"),
        ({"exemptions": [{**WRITTEN, "expires": "soon"}]}, "exemptions[0].expires: 'soon' is no day; write it as 20"),
        ({"exemptions": [{**WRITTEN, "resource": 7}]}, "exemptions[0].resource: 7 must be text"),
        *(
            ({"exemptions": [{**WRITTEN, key: ""}]}, f"exemptions[0].{key}: is missing")
            for key in ("rule", "resource", "reason", "expires")
        ),
    ],
)
def test_a_mistake_names_its_path_value_rule_and_remedy(raw: Any, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        _parsed(raw)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        load(tmp_path / "gone.yaml", known=NAMES)
    (tmp_path / "broken.yaml").write_text("levels: [")
    with pytest.raises(SettingsError, match="is not YAML"):
        load(tmp_path / "broken.yaml", known=NAMES)


def test_dates_are_read_with_and_without_quotes(tmp_path: Path) -> None:
    text = "exemptions: [{rule: FLT-HOST-001, resource: a, reason: b, expires: %s}]"
    for written in ("2026-05-01", "'2026-05-01'"):
        (tmp_path / "settings.yaml").write_text(text % written)
        (exemption,) = load(tmp_path / "settings.yaml", known=NAMES).exemptions
        assert exemption.expires == TODAY


def test_the_file_of_this_repository_can_be_read_and_exempts_nothing() -> None:
    assert load(module.FILE, known=NAMES).exemptions == ()


def test_an_exemption_reads_well() -> None:
    shown = str(Exemption(rule="FLT-A-1", resource="Pod a", reason="why", expires=TODAY, container="c"))
    assert shown == "FLT-A-1 for Pod a container c until 2026-05-01 (why)"
