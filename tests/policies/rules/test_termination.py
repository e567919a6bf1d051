"""The last seconds of a pod."""

from __future__ import annotations

from typing import Any

import pytest

from policies.values import UNKNOWN

TITLE = "Deployment shop/checkout"
GRACE = "spec/template/spec/terminationGracePeriodSeconds"
HOOK = "spec/template/spec/containers/0/lifecycle"
CUT, KILLED = {("FLT-DRAIN-005", TITLE)}, {("FLT-DRAIN-006", TITLE)}


def sleep(seconds: Any) -> Any:
    return {"preStop": {"sleep": {"seconds": seconds}}}


def command(*words: Any) -> Any:
    return {"preStop": {"exec": {"command": list(words)}}}


def _with(put: Any, stack: Any, hook: Any, grace: Any = None) -> Any:
    mutated = put(stack, "Deployment checkout", HOOK, hook)
    return mutated if grace is None else put(mutated, "Deployment checkout", GRACE, grace)


@pytest.mark.parametrize(
    ("hook", "grace"),
    [
        (sleep(31), None),
        (sleep(30), None),
        (sleep(20), 10),
        (command("sleep", "60"), None),
        (command("/bin/sleep", "30s"), None),
        (command("sh", "-c", "nginx -s quit; sleep 45"), 40),
        (command("sh", "-c", "sleep 45 && kill 1"), 45),
        (sleep(5), -1),
    ],
)
def test_a_hook_that_outlasts_the_grace_period(stack: Any, put: Any, found: Any, hook: Any, grace: Any) -> None:
    assert found(stack) == set()
    assert found(_with(put, stack, hook, grace)) == CUT


@pytest.mark.parametrize(
    ("hook", "grace"),
    [
        (sleep(5), None),
        (sleep(60), 90),
        (sleep(UNKNOWN), None),
        (sleep(60), UNKNOWN),
        (sleep(0), 10),
        (command("sleep", "10"), None),
        (command("sh", "-c", "while busy; do sleep 1; done"), None),
        (command("sh", "-c", "sleep 0.5"), None),
        (command("sh", "-c", "if slow; then sleep 20; else sleep 15; fi"), None),
        (command("sh", "-c", "sleep 1m"), 90),
        (command("app", "--sleep", "60"), None),
        (command("sleep", UNKNOWN), None),
        ({"preStop": {"httpGet": {"port": 3000}}}, None),
        ({"postStart": {"exec": {"command": ["sleep", "60"]}}}, None),
    ],
)
def test_a_hook_that_leaves_time(stack: Any, put: Any, found: Any, hook: Any, grace: Any) -> None:
    assert found(_with(put, stack, hook, grace)) == set()


def test_no_time_at_all(stack: Any, put: Any, found: Any) -> None:
    assert found(put(stack, "Deployment checkout", GRACE, 0)) == KILLED
    assert found(put(stack, "Deployment checkout", GRACE, 1)) == set()
    assert found(put(stack, "Deployment checkout", GRACE, UNKNOWN)) == set()
    assert found(_with(put, stack, sleep(5), 0)) == CUT | KILLED
