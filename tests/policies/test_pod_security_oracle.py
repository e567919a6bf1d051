"""Our reading of the Pod Security Standards and Kubernetes' own, over its own fixtures and over pods made at random.

The other side is the code that the API server runs (k8s.io/pod-security-admission), built from ``tests/oracles_psa``.
"""

from __future__ import annotations

import json
import random
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from policies import pss
from policies.pods import pods_of
from policies.resources import from_manifest
from sandbox.go import environment, find, required_version
from sandbox.progress import Progress
from tests.promised import skipping

FOLDER = Path(__file__).parents[1] / "oracles_psa"
MINORS = (22, 23, 24, 25, 27, 29, 31, 32, 34, 35, 36)
Answer = dict[str, list[str]]
Go = Callable[..., str]


@pytest.fixture(scope="module")
def go() -> Go:
    """Give what runs a go command among the oracle's modules and gives what it printed."""
    with skipping("pod security oracle"):
        compiler = find(required_version([FOLDER / "go.mod"]), Progress())

    def run(*arguments: str) -> str:
        command, where = [str(compiler), *arguments], environment()
        ran = subprocess.run(command, cwd=FOLDER, env=where, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout.strip()

    return run


@pytest.fixture(scope="module")
def kubernetes(go: Go, tmp_path_factory: pytest.TempPathFactory) -> Callable[[list[Any]], list[Answer]]:
    """Ask Kubernetes' own evaluator which checks refuse each pod."""
    program = tmp_path_factory.mktemp("oracle") / "oracle"
    go("build", "-o", str(program), ".")

    def ask(pods: list[Any]) -> list[Answer]:
        lines = "\n".join(json.dumps(pod) for pod in pods) + "\n"
        command = [str(program), *(str(minor) for minor in MINORS)]
        ran = subprocess.run(command, input=lines, capture_output=True, text=True, check=True)
        return [json.loads(line) for line in ran.stdout.splitlines()]

    return ask


def _ours(pod: Any) -> Answer:
    pods = pods_of(from_manifest(pod))
    assert pods is not None
    return {
        f"{level}/{minor}": sorted({breach.check for breach in pss.breaches(pods, level, minor)})
        for minor in MINORS
        for level in ("baseline", "restricted")
    }


def test_kubernetes_own_fixtures_are_judged_as_it_judges_them(go: Go, kubernetes: Any) -> None:
    data = Path(go("list", "-m", "-f", "{{.Dir}}", "k8s.io/pod-security-admission")) / "test" / "testdata"
    files = sorted(path for minor in (25, 29, 34, 35) for path in data.glob(f"*/v1.{minor}/*/*.yaml"))
    pods = [yaml.load(path.read_bytes(), yaml.CSafeLoader) for path in files]
    assert len(files) > 400
    for path, pod, theirs in zip(files, pods, kubernetes(pods), strict=True):
        ours = _ours(pod)
        assert ours == theirs, path
        level, version, verdict, _ = path.parts[-4:]
        refused = bool(ours[f"{level}/{version.removeprefix('v1.')}"])
        assert refused is (verdict == "fail"), path


_TYPES = ["RuntimeDefault", "Localhost", "Unconfined", "", "runtime/default"]
_BOOLEANS = [True, False]
_VALUES: dict[str, list[Any]] = {
    "privileged": _BOOLEANS,
    "allowPrivilegeEscalation": [False, False, True],
    "runAsNonRoot": [True, True, False],
    "runAsUser": [0, 1, 10001],
    "procMount": ["Default", "Unmasked", ""],
    "capabilities": [
        {},
        {"drop": ["ALL"]},
        {"drop": ["all"]},
        {"drop": ["NET_RAW", "ALL"], "add": ["CHOWN"]},
        {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]},
        {"add": ["SYS_ADMIN", "KILL"]},
        {"add": ["CAP_CHOWN"]},
    ],
    "seccompProfile": [{"type": kind} for kind in _TYPES] + [{}],
    "appArmorProfile": [{"type": kind} for kind in _TYPES] + [{}],
    "seLinuxOptions": [{}, {"type": "container_engine_t"}, {"type": "spc_t"}, {"user": "u"}, {"role": "r", "type": ""}],
    "windowsOptions": [{"hostProcess": True}, {"hostProcess": False}, {}],
}
_POD_ONLY = {
    "sysctls": [[{"name": name, "value": "1"}] for name in ("kernel.shm_rmid_forced", "net.ipv4.tcp_rmem", "vm.max")]
}
_FOR_PODS = {key: _VALUES[key] for key in _VALUES if key not in {"privileged", "allowPrivilegeEscalation", "procMount"}}
_HANDLERS = [{"httpGet": {"port": 80, "host": host}} for host in ("", "a.example")] + [{"tcpSocket": {"port": 80}}]
_SOURCES = ["configMap", "emptyDir", "hostPath", "nfs", "csi", "image", "gitRepo", "ephemeral"]


def _context(random_: random.Random, values: dict[str, list[Any]], likely: float) -> dict[str, Any]:
    chosen = {key: random_.choice(options) for key, options in values.items() if random_.random() < likely}
    if random_.random() < 0.6:
        hardened = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
        chosen = {key: value for key, value in hardened.items() if key in values} | chosen
    return chosen


def _container(random_: random.Random, name: str) -> dict[str, Any]:
    container: dict[str, Any] = {"name": name, "image": "shop:1.4.2"}
    if random_.random() < 0.9:
        hardened = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
        keep = hardened if random_.random() < 0.7 else {}
        container["securityContext"] = keep | _context(random_, _VALUES, 0.08)
    if random_.random() < 0.1:
        container[random_.choice(["livenessProbe", "readinessProbe", "startupProbe"])] = random_.choice(_HANDLERS)
    if random_.random() < 0.1:
        container["lifecycle"] = {random_.choice(["postStart", "preStop"]): random_.choice(_HANDLERS)}
    if random_.random() < 0.2:
        container["ports"] = [{"containerPort": 80, "hostPort": random_.choice([0, 80])}]
    return container


def _pod(random_: random.Random) -> dict[str, Any]:
    spec: dict[str, Any] = {"containers": [_container(random_, f"c{n}") for n in range(random_.choice([1, 1, 2]))]}
    maybe: list[tuple[float, str, Callable[[], Any]]] = [
        (0.2, "initContainers", lambda: [_container(random_, "init")]),
        (0.2, "ephemeralContainers", lambda: [_container(random_, "debug")]),
        (0.8, "securityContext", lambda: _context(random_, _FOR_PODS | _POD_ONLY, 0.07)),
        *((0.05, key, lambda: random_.choice(_BOOLEANS)) for key in ("hostNetwork", "hostPID", "hostIPC")),
        (0.2, "hostUsers", lambda: random_.choice(_BOOLEANS)),
        (0.15, "os", lambda: {"name": random_.choice(["windows", "linux"])}),
        (0.2, "volumes", lambda: [{"name": "v", random_.choice(_SOURCES): {}}, {"name": "w"}]),
    ]
    spec |= {key: make() for likely, key, make in maybe if random_.random() < likely}
    metadata: dict[str, Any] = {"name": "p", "namespace": "shop"}
    if random_.random() < 0.1:
        profile = random_.choice(["", "runtime/default", "localhost/shop", "unconfined"])
        metadata["annotations"] = {"container.apparmor.security.beta.kubernetes.io/c0": profile}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def test_pods_made_at_random_are_judged_as_kubernetes_judges_them(go: Go, kubernetes: Any) -> None:
    random_ = random.Random(20)
    pods = [_pod(random_) for _ in range(3_000)]
    verdicts = []
    for pod, theirs in zip(pods, kubernetes(pods), strict=True):
        assert _ours(pod) == theirs, json.dumps(pod)
        verdicts.append(bool(theirs["restricted/36"]))
    assert 200 < sum(verdicts) < len(verdicts) - 200
