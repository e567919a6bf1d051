"""What kubectl says is read, and what it refuses is kept."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import sys
from pathlib import Path
from typing import Any

from verify import cluster
from verify.target import ClusterAccess

Raw = dict[str, Any]
SPACE = "clearwatch-dev"
KUBECTL = """\
import json, sys
words = sys.argv[1:]
answers = json.load(open({answers!r}))
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
