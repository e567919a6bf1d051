from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sandbox.kubectl import Kubectl
from sandbox.rollouts import failure, unready, warning

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


class Events(Kubectl):
    """A cluster in which everything has a warning; the later, the further down the list."""

    def items(self, *arguments: str, stdin: str | None = None) -> list[dict[str, Any]]:
        names = ["checkout", "checkout-7d9c5bf6c4", "checkout-7d9c5bf6c4-x2x7k", "checkout-canary-5f6b9c7d8-zb4vq"]
        about = [*names, "database-0", "database-backup-29384-abcde", "verify-q8hgz", "verify-later-q8hgz"]
        return [
            {"involvedObject": {"kind": "Pod", "name": name}, "reason": "R", "message": "m", "lastTimestamp": f"{n:02}"}
            for n, name in enumerate(about)
        ]


@pytest.mark.parametrize(
    ("kind", "name", "blamed"),
    [
        ("Deployment", "checkout", "checkout-7d9c5bf6c4-x2x7k"),
        ("Deployment", "checkout-canary", "checkout-canary-5f6b9c7d8-zb4vq"),
        ("StatefulSet", "database", "database-0"),
        ("Job", "verify", "verify-q8hgz"),
        ("PersistentVolumeClaim", "checkout", "checkout"),
    ],
)
def test_what_is_stuck_is_told_with_the_last_warning_of_its_own_pods(kind: str, name: str, blamed: str) -> None:
    stuck = {"kind": kind, "metadata": {"name": name, "namespace": "n"}}
    assert warning(Events(path=Path("kubectl")), stuck) == f"; Pod {blamed}: R: m"


class Refused(Kubectl):
    """A pod that could not be made at first, because its namespace was too new, and then not be placed."""

    def items(self, *arguments: str, stdin: str | None = None) -> list[dict[str, Any]]:
        return [
            {
                "involvedObject": {"kind": "ReplicaSet", "name": "checkout-7d9c5bf6c4"},
                "reason": "FailedCreate",
                "message": "no service account",
                "lastTimestamp": "2026-11-26T12:00:01Z",
            },
            {
                "involvedObject": {"kind": "Pod", "name": "checkout-7d9c5bf6c4-x2x7k"},
                "reason": "FailedScheduling",
                "message": "no node",
                "lastTimestamp": None,
                "eventTime": "2026-11-26T12:00:01.250000Z",
            },
        ]


def test_of_two_warnings_of_one_second_the_later_one_is_told() -> None:
    stuck = {"kind": "Deployment", "metadata": {"name": "checkout", "namespace": "n"}}
    told = warning(Refused(path=Path("kubectl")), stuck)
    assert told == "; Pod checkout-7d9c5bf6c4-x2x7k: FailedScheduling: no node"


def test_a_job_that_failed_and_a_deployment_past_its_deadline_are_not_waited_for() -> None:
    failed = {"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "message": "too often"}
    assert failure(live("Job", {}, {"conditions": [failed]})) == "BackoffLimitExceeded: too often"
    late = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "late"}
    assert failure(live("Deployment", {}, {"conditions": [late]})) == "ProgressDeadlineExceeded: late"
    paused = late | {"status": "True"}
    assert failure(live("Deployment", {}, {"conditions": [paused]})) is None
