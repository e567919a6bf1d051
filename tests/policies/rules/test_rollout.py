"""How a workload moves from one version to the next."""

from __future__ import annotations

from typing import Any

import pytest

from policies.values import UNKNOWN

TITLE = "Deployment shop/checkout"
APP = "spec/template/spec/containers/0"


def _rolling(**bounds: Any) -> Any:
    return {"type": "RollingUpdate", "rollingUpdate": bounds}


def _workload(stack: Any, kind: str, strategy: Any) -> Any:
    field = "strategy" if kind == "Deployment" else "updateStrategy"
    stack[0] |= {"kind": kind}
    stack[0]["spec"][field] = strategy
    return stack


@pytest.mark.parametrize(
    ("kind", "strategy"),
    [
        ("Deployment", _rolling(maxSurge=0, maxUnavailable=0)),
        ("Deployment", _rolling(maxSurge="0%", maxUnavailable="0%")),
        ("Deployment", _rolling(maxUnavailable="101%")),
        ("Deployment", _rolling(maxUnavailable="one")),
        ("Deployment", _rolling(maxUnavailable="1")),
        ("Deployment", _rolling(maxSurge=-1)),
        ("Deployment", _rolling(maxSurge=True)),
        ("Deployment", {"type": "Rolling"}),
        ("Deployment", {"type": "OnDelete"}),
        ("Deployment", {"type": "Recreate", "rollingUpdate": {"maxSurge": 1}}),
        ("StatefulSet", {"type": "Recreate"}),
        ("StatefulSet", {"type": "OnDelete", "rollingUpdate": {"partition": 1}}),
        ("StatefulSet", _rolling(maxUnavailable=0)),
        ("DaemonSet", _rolling(maxUnavailable=0)),
        ("DaemonSet", _rolling(maxUnavailable=0, maxSurge=0)),
        ("DaemonSet", _rolling(maxSurge=1)),
        ("DaemonSet", _rolling(maxSurge=1, maxUnavailable=1)),
    ],
)
def test_a_strategy_that_is_refused(stack: Any, found: Any, kind: str, strategy: Any) -> None:
    assert found(_workload(stack, kind, strategy)) == {("FLT-SCALE-014", f"{kind} shop/checkout")}


@pytest.mark.parametrize(
    ("kind", "strategy"),
    [
        ("Deployment", {}),
        ("Deployment", _rolling(maxUnavailable=0)),
        ("Deployment", _rolling(maxSurge=0)),
        ("Deployment", _rolling(maxSurge="300%", maxUnavailable=0)),
        ("Deployment", _rolling(maxSurge=UNKNOWN, maxUnavailable=0)),
        ("Deployment", {"rollingUpdate": {"maxSurge": 1}}),
        ("Deployment", {"type": "Recreate", "rollingUpdate": None}),
        ("StatefulSet", {"type": "OnDelete"}),
        ("StatefulSet", _rolling(partition=1)),
        ("DaemonSet", _rolling(maxSurge=1, maxUnavailable=0)),
        ("DaemonSet", _rolling(maxUnavailable="10%")),
        ("DaemonSet", {"type": "OnDelete"}),
    ],
)
def test_a_strategy_that_is_taken(stack: Any, found: Any, kind: str, strategy: Any) -> None:
    assert found(_workload(stack, kind, strategy)) - {("FLT-SCALE-017", TITLE)} == set()


def test_fewer_than_no_replicas(stack: Any, put: Any, found: Any) -> None:
    assert found(put(stack, "Deployment checkout", "spec/replicas", -1)) == {("FLT-SCALE-014", TITLE)}
    assert found(put(stack, "Deployment checkout", "spec/replicas", 0)) == set()


@pytest.mark.parametrize(
    ("kind", "policy", "is_taken"),
    [
        ("Deployment", "OnFailure", False),
        ("StatefulSet", "Never", False),
        ("DaemonSet", "never", False),
        ("ReplicaSet", "Never", False),
        ("Deployment", "Always", True),
        ("Deployment", None, True),
        ("Deployment", UNKNOWN, True),
        ("Job", "Always", False),
        ("Job", None, False),
        ("Job", "Never", True),
        ("Job", "OnFailure", True),
        ("Pod", "OnFailure", True),
        ("Pod", "Sometimes", False),
        ("Pod", None, True),
    ],
)
def test_the_restart_policy_fits_the_kind(stack: Any, found: Any, kind: str, policy: Any, is_taken: bool) -> None:  # noqa: FBT001
    workload = stack[0] | {"kind": kind}
    spec = workload["spec"]["template"]["spec"]
    spec |= {"restartPolicy": policy}
    workload |= {"Job": {"apiVersion": "batch/v1"}, "Pod": {"apiVersion": "v1", "spec": spec}}.get(kind, {})
    assert found([workload]) == (set() if is_taken else {("FLT-SCALE-015", f"{kind} shop/checkout")})


def test_a_cron_job_restarts_as_a_job_does(stack: Any, found: Any) -> None:
    template = stack[0]["spec"]["template"]
    spec = {"schedule": "@daily", "jobTemplate": {"spec": {"template": template}}}
    cron = {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "x", "namespace": "shop"}, "spec": spec}
    assert found([cron]) == {("FLT-SCALE-015", "CronJob shop/x")}
    template["spec"]["restartPolicy"] = "Never"
    assert found([cron]) == set()


def _timed(stack: Any, put: Any, deadline: Any, steady: int, delay: int) -> Any:
    mutated = put(stack, "Deployment checkout", "spec/minReadySeconds", steady)
    mutated = put(mutated, "Deployment checkout", f"{APP}/readinessProbe/initialDelaySeconds", delay)
    return (
        mutated if deadline is None else put(mutated, "Deployment checkout", "spec/progressDeadlineSeconds", deadline)
    )


@pytest.mark.parametrize("times", [(None, 600, 0), (60, 60, 0), (60, 0, 60), (60, 30, 30), (None, 0, 600)])
def test_pods_that_are_never_ready_before_the_deadline(stack: Any, put: Any, found: Any, times: Any) -> None:
    assert found(_timed(stack, put, *times)) == {("FLT-SCALE-016", TITLE)}


@pytest.mark.parametrize("times", [(None, 599, 0), (60, 29, 30), (900, 0, 600), (UNKNOWN, 900, 0)])
def test_pods_that_are_ready_before_the_deadline(stack: Any, put: Any, found: Any, times: Any) -> None:
    assert found(_timed(stack, put, *times)) == set()


DARK = {("FLT-SCALE-017", TITLE)}


@pytest.mark.parametrize(
    "strategy",
    [{"type": "Recreate"}, _rolling(maxUnavailable="100%"), _rolling(maxUnavailable=4), _rolling(maxUnavailable=9)],
)
def test_a_roll_out_that_stops_everything(stack: Any, put: Any, found: Any, strategy: Any) -> None:
    several = put(stack, "Deployment checkout", "spec/replicas", 4)
    dark = put(several, "Deployment checkout", "spec/strategy", strategy)
    assert found(dark) == DARK
    assert found(put(dark, "Deployment checkout", "spec/replicas", 1)) == set()
    assert found([one for one in dark if one["kind"] != "Service"]) == set()


@pytest.mark.parametrize("bound", [3, "99%", "25%", UNKNOWN, ...])
def test_a_roll_out_that_leaves_some(stack: Any, put: Any, found: Any, bound: Any) -> None:
    several = put(stack, "Deployment checkout", "spec/replicas", 4)
    strategy = _rolling() if bound is ... else _rolling(maxUnavailable=bound)
    assert found(put(several, "Deployment checkout", "spec/strategy", strategy)) == set()
