"""What kubectl says is read, and what it refuses is kept."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from verify import cluster
from verify.target import ClusterAccess

Raw = dict[str, Any]
SPACE = "clearwatch-dev"
BUILT_IN = ",".join(cluster.BUILT_IN)
KUBECTL = """\
import json, os, sys
words = sys.argv[1:]
answers = json.load(open({answers!r}))
if "pods,services" in " ".join(words):
    open({answers!r} + ".asked", "a").write("x")
    if os.path.getsize({answers!r} + ".asked") > 1 and os.path.exists({answers!r} + ".then"):
        answers = json.load(open({answers!r} + ".then"))
answer = answers.get(next((word for word in words if word in answers), ""), {{"items": []}})
if isinstance(answer, str):
    sys.exit("Warning: something\\n" + answer)
print(json.dumps(answer))
"""


def _kubectl(folder: Path, answers: Raw) -> ClusterAccess:
    (folder / "answers.json").write_text(json.dumps(answers))
    (folder / "kubectl.py").write_text(KUBECTL.format(answers=str(folder / "answers.json")))
    return ClusterAccess(command=(sys.executable, str(folder / "kubectl.py")), namespace=SPACE)


def test_what_kubectl_says_is_read_and_what_it_refuses_is_kept(tmp_path: Path) -> None:
    secret = {"metadata": {"name": "stripe"}, "data": {"key": base64.b64encode(b"sk_test_1").decode()}}
    node = {"kind": "Node", "metadata": {"name": "one"}}
    usage = {"metadata": {"name": "checkout-0"}, "containers": [{"name": "checkout", "usage": {"memory": "9Mi"}}]}
    metrics = f"/apis/metrics.k8s.io/v1beta1/namespaces/{SPACE}/pods"
    access = _kubectl(
        tmp_path,
        {
            "nodes": {"items": [node]},
            "secrets": {"items": [secret]},
            metrics: {"items": [usage]},
            "ingressroutes.traefik.containo.us": "error: the server doesn't have a resource type",
        },
    )
    seen = asyncio.run(cluster.snapshot(access))
    assert seen.of("Node") == (node,)
    assert seen.secrets == {"Secret stripe, key key": "sk_test_1"}
    assert seen.usage == {"checkout-0": {"checkout": "9Mi"}}
    assert seen.silent == {"routes of the dead group": "error: the server doesn't have a resource type"}
    assert "sk_test_1" not in repr(seen)


def test_a_kubectl_that_is_not_there_says_so(tmp_path: Path) -> None:
    seen = asyncio.run(cluster.snapshot(ClusterAccess(command=(str(tmp_path / "kubectl"),), namespace=SPACE)))
    assert set(seen.silent.values()) == {f"kubectl can't be run: {os.strerror(2)}"}


def _pod(made: datetime, *, ready: bool, **status: Any) -> Raw:
    probe = {"periodSeconds": 2, "failureThreshold": 30}
    return {
        "kind": "Pod",
        "metadata": {"name": "hero-0", "namespace": SPACE, "creationTimestamp": made.isoformat()},
        "spec": {"containers": [{"name": "storefront", "startupProbe": probe}]},
        "status": {"phase": "Running", "containerStatuses": [{"name": "storefront", "ready": ready} | status]},
    }


def _seen(pod: Raw, after: timedelta) -> cluster.Snapshot:
    return cluster.Snapshot(namespace=SPACE, objects={"Pod": (pod,)}, read=MADE + after)


MADE = datetime(2026, 11, 26, 7, 0, tzinfo=UTC)


def test_a_pod_may_still_be_starting_for_as_long_as_its_startup_probe_says() -> None:
    young = _pod(MADE, ready=False)
    assert cluster.starting(_seen(young, timedelta(seconds=20))) == timedelta(seconds=40)
    assert cluster.starting(_seen(young, timedelta(seconds=61))) == timedelta(0)
    assert cluster.starting(_seen(_pod(MADE, ready=True), timedelta(seconds=1))) == timedelta(0)
    made_now = {"waiting": {"reason": "ContainerCreating"}}
    assert cluster.starting(_seen(_pod(MADE, ready=False, state=made_now), timedelta(seconds=59)))
    del young["spec"]["containers"][0]["startupProbe"]
    assert cluster.starting(_seen(young, timedelta(seconds=1))) == timedelta(0), "nothing says that it takes time"
    young["spec"]["containers"][0]["readinessProbe"] = {"initialDelaySeconds": 5}
    assert cluster.starting(_seen(young, timedelta(seconds=5))) == timedelta(seconds=30)


def test_what_will_not_start_is_not_waited_for() -> None:
    loops = _pod(MADE, ready=False, state={"waiting": {"reason": "CrashLoopBackOff"}})
    of_a_job = _pod(MADE, ready=False)
    of_a_job["metadata"]["ownerReferences"] = [{"kind": "Job", "name": "migrate"}]
    for pod in (loops, of_a_job):
        assert cluster.starting(_seen(pod, timedelta(seconds=1))) == timedelta(0)


def test_a_cluster_in_which_pods_are_starting_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "STEP_SECONDS", 0.0)
    made = datetime.now(UTC) + timedelta(hours=1)  # by a clock that is ahead: no machine is too slow for this test
    access = _kubectl(tmp_path, {BUILT_IN: {"items": [_pod(made, ready=False)]}})
    (tmp_path / "answers.json.then").write_text(json.dumps({BUILT_IN: {"items": [_pod(made, ready=True)]}}))
    seen = asyncio.run(cluster.snapshot(access))
    assert [one["ready"] for pod in seen.of("Pod") for one in pod["status"]["containerStatuses"]] == [True]
    assert (tmp_path / "answers.json.asked").read_text() == "xx"


def test_a_cluster_in_which_nothing_is_starting_is_read_once(tmp_path: Path) -> None:
    access = _kubectl(tmp_path, {BUILT_IN: {"items": [_pod(MADE, ready=False)]}})
    asyncio.run(cluster.snapshot(access))
    assert (tmp_path / "answers.json.asked").read_text() == "x"
