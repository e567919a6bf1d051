from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fleet.errors import FlotillaError, PlaceError
from sandbox.kubectl import Kubectl, KubectlError, as_list, find_kubectl
from sandbox.tools import KUBECTL


def test_every_call_names_its_cluster_and_its_own_discovery_cache(script: Any, tmp_path: Path) -> None:
    told = Kubectl(
        path=script("kubectl", 'echo "$@"'), kubeconfig=tmp_path / "k", context="c", cache_dir=tmp_path / "d"
    )
    assert told.run("get", "pods") == f"--kubeconfig={tmp_path}/k --context=c --cache-dir={tmp_path}/d get pods\n"
    assert Kubectl(path=told.path).run("get", "pods") == "get pods\n"


@pytest.mark.parametrize(
    "said",
    [
        "Unable to connect to the server: dial tcp: lookup nowhere: no such host",
        "The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?",
        "error: current-context is not set",
        'error: context "prod" does not exist',
        "error: You must be logged in to the server (Unauthorized)",
    ],
)
def test_a_cluster_that_can_not_be_asked_is_a_problem_of_the_place(script: Any, said: str) -> None:
    with pytest.raises(PlaceError, match="context prod: can't be reached: "):
        Kubectl(path=script("kubectl", f"echo '{said}' >&2; exit 1"), context="prod").run("get", "pods")


def test_a_refusal_ends_in_kubectls_own_last_line_and_keeps_the_rest(script: Any) -> None:
    refusing = Kubectl(path=script("kubectl", "echo 'Warning: old' >&2; echo one >&2; echo two >&2; exit 1"))
    with pytest.raises(KubectlError) as refused:
        refusing.run("get", "pods")
    assert str(refused.value) == "two"
    assert refused.value.output == "Warning: old\none\ntwo\n"
    assert isinstance(refused.value, FlotillaError)


def test_a_silent_server_is_given_up(script: Any) -> None:
    with pytest.raises(PlaceError, match=r"no answer to `kubectl get` in 0 s"):
        Kubectl(path=script("kubectl", "exec sleep 30")).run("get", timeout_seconds=0.2)


def test_a_kubectl_that_is_gone_is_named(tmp_path: Path) -> None:
    with pytest.raises(PlaceError, match="none can't be run: No such file"):
        Kubectl(path=tmp_path / "none").run("get")


@pytest.mark.parametrize(
    ("answer", "names"),
    [
        ({"kind": "List", "items": [{"kind": "Pod", "n": 1}, {"kind": "Pod", "n": 2}]}, [1, 2]),
        ({"kind": "PodList", "items": []}, []),
        ({"kind": "Pod", "n": 3}, [3]),
        (None, []),
    ],
)
def test_objects_come_one_by_one_however_kubectl_wraps_them(script: Any, answer: Any, names: list[int]) -> None:
    text = "" if answer is None else json.dumps(answer)
    found = Kubectl(path=script("kubectl", f"echo '{text}'")).items("get", "pods")
    assert [each["n"] for each in found] == names


def test_asking_for_nothing_asks_nobody(tmp_path: Path) -> None:
    assert Kubectl(path=tmp_path / "none").live([]) == []


def test_manifests_travel_as_one_list() -> None:
    assert json.loads(as_list([{"kind": "A"}, {"kind": "B"}]))["items"] == [{"kind": "A"}, {"kind": "B"}]


def test_the_built_kubectl_comes_before_the_one_on_path(cache: Path, script: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("PATH", str(tmp := script("kubectl", "").parent))
    assert find_kubectl() == tmp / "kubectl"
    KUBECTL.path.parent.mkdir(parents=True)
    KUBECTL.path.touch()
    assert find_kubectl() == KUBECTL.path


def test_no_kubectl_at_all_is_a_problem_of_the_place_with_its_remedy(cache: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("PATH", str(cache))
    with pytest.raises(PlaceError, match="install kubectl"):
        find_kubectl()
