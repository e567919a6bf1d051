from __future__ import annotations

from typing import Any

import pytest

from sandbox.rollouts import failure, unready

SEEN = {"observedGeneration": 2}


def live(kind: str, spec: dict[str, Any], status: dict[str, Any]) -> dict[str, Any]:
    return {"kind": kind, "metadata": {"name": "x", "namespace": "n", "generation": 2}, "spec": spec, "status": status}


@pytest.mark.parametrize(
    ("kind", "spec", "status"),
    [
        ("Deployment", {"replicas": 2}, SEEN | {"replicas": 2, "updatedReplicas": 2, "availableReplicas": 2}),
        ("Deployment", {"replicas": 0}, SEEN),
        ("StatefulSet", {"replicas": 1}, SEEN | {"replicas": 1, "updatedReplicas": 1, "readyReplicas": 1}),
        ("DaemonSet", {}, SEEN | {"desiredNumberScheduled": 1, "updatedNumberScheduled": 1, "numberAvailable": 1}),
        ("Job", {"completions": 1}, {"conditions": [{"type": "Complete", "status": "True"}]}),
        ("Job", {"suspend": True}, {}),
        ("PersistentVolumeClaim", {}, {"phase": "Bound"}),
        ("HorizontalPodAutoscaler", {"minReplicas": 2}, {"currentReplicas": 2}),
    ],
)
def test_what_runs_is_ready(kind: str, spec: dict[str, Any], status: dict[str, Any]) -> None:
    assert unready(live(kind, spec, status)) is None


@pytest.mark.parametrize(
    ("kind", "spec", "status", "reason"),
    [
        ("Deployment", {"replicas": 2}, {}, "its controller has not seen it"),
        ("Deployment", {"replicas": 2}, {"observedGeneration": 1}, "its controller has not seen the change"),
        ("Deployment", {"replicas": 2}, SEEN | {"replicas": 2, "updatedReplicas": 1}, "1 of 2 replicas updated"),
        ("Deployment", {"replicas": 2}, SEEN | {"replicas": 3, "updatedReplicas": 2}, "1 old replicas still run"),
        (
            "Deployment",
            {"replicas": 2},
            SEEN | {"replicas": 2, "updatedReplicas": 2, "availableReplicas": 1},
            "1 of 2 replicas available",
        ),
        ("StatefulSet", {"replicas": 2}, SEEN | {"replicas": 2, "readyReplicas": 1}, "1 of 2 replicas ready"),
        ("StatefulSet", {"replicas": 1}, SEEN | {"replicas": 1, "readyReplicas": 1}, "0 of 1 replicas updated"),
        ("DaemonSet", {}, SEEN | {"desiredNumberScheduled": 2, "updatedNumberScheduled": 1}, "0 of 2 pods available"),
        ("Job", {"completions": 1}, {"active": 1}, "0 of 1 completions, 1 active"),
        ("PersistentVolumeClaim", {}, {"phase": "Pending"}, "it is Pending, not Bound"),
        ("HorizontalPodAutoscaler", {"minReplicas": 3}, {"currentReplicas": 1}, "1 of at least 3 replicas"),
    ],
)
def test_what_does_not_run_yet_says_what_is_missing(
    kind: str, spec: dict[str, Any], status: dict[str, Any], reason: str
) -> None:
    assert unready(live(kind, spec, status)) == reason


def test_what_is_not_there_is_not_ready() -> None:
    assert unready(None) == "it is not there"


def test_a_job_that_failed_and_a_deployment_past_its_deadline_are_not_waited_for() -> None:
    failed = {"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "message": "too often"}
    assert failure(live("Job", {}, {"conditions": [failed]})) == "BackoffLimitExceeded: too often"
    late = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "late"}
    assert failure(live("Deployment", {}, {"conditions": [late]})) == "ProgressDeadlineExceeded: late"
    paused = late | {"status": "True"}
    assert failure(live("Deployment", {}, {"conditions": [paused]})) is None
