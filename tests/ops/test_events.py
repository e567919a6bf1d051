"""What the engine said, read from logs that the real engine wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ops import events

if TYPE_CHECKING:
    from tests.ops.conftest import Recorded

PASSES = ("first-preview", "first-up", "second-up", "image-up", "step-up", "edge-up")
REFUSALS = {
    "refused-preview": "9999",
    "unknown-preview": "can't run policy 'rule'",
    "crashed-rule-preview": "failed to run policy: Exception calling application: a defect",
    "crashed-pack-preview": "failed to run policy: error reading from server: EOF",
    "failed-up": "refused on demand after 20 creations",
}


@pytest.mark.parametrize("name", PASSES)
def test_a_run_that_went_well_has_no_refusal_and_names_the_pack(recorded: Recorded, name: str) -> None:
    outcome = events.read(recorded(name))
    assert outcome.refusals == ()
    assert outcome.packs == ("flotilla",)
    assert outcome.finished
    assert outcome.succeeded


@pytest.mark.parametrize(("name", "said"), REFUSALS.items())
def test_a_run_that_must_not_be_followed_says_why_in_single_lines(recorded: Recorded, name: str, said: str) -> None:
    outcome = events.read(recorded(name))
    assert any(said in refusal for refusal in outcome.refusals)
    assert all("\n" not in refusal for refusal in outcome.refusals)


@pytest.mark.parametrize("name", [*PASSES, *REFUSALS])
def test_a_log_that_breaks_off_is_a_refusal_wherever_it_breaks(recorded: Recorded, name: str) -> None:
    log = recorded(name)
    summary = next(at for at, event in enumerate(log) if "summaryEvent" in event)
    for end in {0, 1, summary // 2, summary}:
        assert events.read(log[:end]).refusals != ()


def test_the_program_s_traceback_after_a_failure_is_not_told(recorded: Recorded) -> None:
    log = recorded("refused-preview")
    assert any("Traceback" in event.get("diagnosticEvent", {}).get("message", "") for event in log)
    assert not any("Traceback" in refusal for refusal in events.read(log).refusals)


def test_counts_of_a_first_up_are_creations_and_of_a_second_nothing_at_all(recorded: Recorded) -> None:
    first, second = events.read(recorded("first-up")), events.read(recorded("second-up"))
    assert set(first.changes) == {"create"}
    assert second.changes == {}
    assert second.counts == {"same": first.counts["create"]}


def test_a_changed_image_is_one_step_on_one_deployment_with_the_fields_that_changed(recorded: Recorded) -> None:
    outcome = events.read(recorded("image-up"))
    steps = [step for step in outcome.steps if step.op == "update" and step.type.startswith("kubernetes:")]
    assert [step.type for step in steps] == ["kubernetes:apps/v1:Deployment"]
    assert "spec.template.spec.containers[0].image" in steps[0].changed


def test_a_failed_creation_is_a_failed_step(recorded: Recorded) -> None:
    failed = [step for step in events.read(recorded("failed-up")).steps if step.state == "failed"]
    assert failed
    assert {step.op for step in failed} == {"create"}


def test_a_run_without_the_pack_is_refused(recorded: Recorded) -> None:
    log: list[Any] = recorded("first-preview")
    without = [
        {**event, "summaryEvent": {**event["summaryEvent"], "PolicyPacks": {}}} if "summaryEvent" in event else event
        for event in log
    ]
    assert events.read(without).refusals == ("the policy pack did not run",)


def test_an_advisory_finding_is_told_and_does_not_block() -> None:
    told = {"policyName": "p", "enforcementLevel": "advisory", "resourceUrn": "", "message": "about p\nmind the gap\n"}
    summary = {"result": "succeeded", "resourceChanges": {}, "PolicyPacks": {"flotilla|local|x": "1"}}
    outcome = events.read([{"policyEvent": told}, {"policyEvent": told}, {"summaryEvent": summary}])
    assert [finding.line for finding in outcome.findings] == ["stack: mind the gap (p)"]
    assert outcome.refusals == ()


def test_an_event_of_a_kind_that_is_not_known_yet_is_passed_over(recorded: Recorded) -> None:
    log = recorded("second-up")
    assert events.read([{"newerEvent": {}}, *log]) == events.read(log)
