"""What ``flotilla sandbox logs`` and ``shell`` answer to names, and where nothing runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fleet.errors import UsageError
from ops.sandbox_pods import called
from sandbox.kubectl import Kubectl
from tests.command import environment_in, sandbox


class Pods(Kubectl):
    """A cluster of two fleets with a shop of the same name; in one it has two pods, of which one has ended."""

    def items(self, *arguments: str, stdin: str | None = None) -> list[dict[str, Any]]:
        return [
            pod("brutal-1", "brutal", "Succeeded"),
            pod("brutal-2", "brutal"),
            pod("hero-1", "hero"),
            pod("trust-1", "trust"),
            pod("trust-2", "trust", namespace="b"),
            pod("database-0", "database"),
            pod("database-0", "database", namespace="b"),
        ]


def pod(name: str, shop: str, phase: str = "Running", *, namespace: str = "a") -> dict[str, Any]:
    meta = {"name": name, "namespace": namespace, "labels": {"app.kubernetes.io/instance": shop}}
    return {"metadata": meta, "status": {"phase": phase}}


def names(wanted: str) -> list[str]:
    return [each["metadata"]["name"] for each in called(Pods(path=Path("kubectl")), wanted)]


def test_a_shop_is_all_its_pods_and_those_that_run_come_first() -> None:
    assert names("brutal") == ["brutal-2", "brutal-1"]


def test_a_pod_is_itself() -> None:
    assert names("hero-1") == ["hero-1"]


@pytest.mark.parametrize(
    ("name", "pods"), [("b/trust", ["trust-2"]), ("a/trust-1", ["trust-1"]), ("b/database-0", ["database-0"])]
)
def test_a_namespace_says_of_which_fleet(name: str, pods: list[str]) -> None:
    assert names(name) == pods


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("herro", "herro: no shop or pod is called so; did you mean hero?"),
        ("brutal-3", "brutal-3: no shop or pod is called so; did you mean brutal-2?"),
        ("x", "x: no shop or pod is called so; there are brutal, database, hero, trust"),
        ("b/hero", "b/hero: no shop or pod is called so; there are database, trust"),
        ("c/hero", "c/hero: no shop or pod is called so; there are none"),
        ("trust", "trust: is in a and b; say which: a/trust"),
        ("database-0", "database-0: is in a and b; say which: a/database-0"),
    ],
)
def test_a_name_that_nothing_has_is_answered_by_what_may_have_been_meant(name: str, said: str) -> None:
    with pytest.raises(UsageError) as refused:
        names(name)
    assert str(refused.value) == said


@pytest.mark.parametrize("words", [("logs", "brutal"), ("shell", "brutal"), ("status",)])
def test_without_a_sandbox_one_line_says_so_and_exit_code_3(words: tuple[str, ...], tmp_path: Path) -> None:
    answer = sandbox(environment_in(tmp_path), *words)
    assert answer.returncode == 3
    (line,) = (answer.stdout + answer.stderr).splitlines()
    assert line.removeprefix("flotilla: ") == "no sandbox runs here; `flotilla sandbox up` starts one"
