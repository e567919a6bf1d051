"""An object says what it is, and is written down once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from policies.files import read_all
from policies.judge import judge
from policies.values import UNKNOWN

SAID, ONCE, COPIED = (f"FLT-API-00{number}" for number in (5, 7, 8))
OWN = {SAID, ONCE, COPIED}


def _found(path: Path) -> list[tuple[str, str, int | None]]:
    reading = read_all([str(path)])
    findings = [one for one in judge(reading.resources) if one.rule.code in OWN]
    return [(one.rule.code, one.resource.title, reading.line(one)) for one in findings]


@pytest.fixture
def check(tmp_path: Path) -> Any:
    def run(text: str) -> list[tuple[str, str, int | None]]:
        (tmp_path / "a.yaml").write_text(text)
        return _found(tmp_path)

    return run


MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {region: eu}\n"


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("kind: Deployment\nmetadata: {name: a}\nspec: {}\n", "Deployment a"),
        ("apiVersion: apps/v1\nmetadata: {name: a}\nspec: {}\n", "object a"),
        ("apiVersion: v1\nKind: ConfigMap\nmetadata: {name: a}\n", "object a"),
        ("apiversion: v1\nkind: ConfigMap\nmetadata: {name: a}\n", "ConfigMap a"),
        ("apiVersion: 1\nkind: ConfigMap\nmetadata: {name: a}\n", "ConfigMap a"),
        ("apiVersion:\nkind: ConfigMap\nmetadata: {name: a}\n", "ConfigMap a"),
        ("apiVersion: v1\nkind: ConfigMap\nmetadata: {labels: {a: b}}\n", "ConfigMap "),
        ("apiVersion: v1\nkind: ConfigMap\n", "ConfigMap "),
        ("apiVersion: traefik.io/v1alpha1\nkind: Middleware\nspec: {}\n", "Middleware "),
        ("kind: List\napiVersion: v1\nitems:\n- kind: ConfigMap\n  metadata: {name: a}\n", "ConfigMap a"),
    ],
)
def test_an_object_that_does_not_say_what_it_is_is_found(check: Any, text: str, title: str) -> None:
    assert [(code, shown) for code, shown, _ in check(text)] == [(SAID, title)]


def test_an_object_without_both_is_found_twice(check: Any) -> None:
    assert [code for code, _, _ in check("metadata: {name: a}\nspec: {replicas: 1}\n")] == [SAID, SAID]


@pytest.mark.parametrize(
    "text",
    [
        MAP,
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: a-}\n",
        "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
        "resources: [a.yaml]\nnamePrefix: x-\n",
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: []\n",
        "services: {web: {image: a}}\nversion: '3'\n",
        "on: push\njobs: {test: {steps: []}}\n",
        "image: {tag: '1'}\nmetadata: {labels: {a: b}}\nspec: x\n",
        "metadata: {name: my-values}\nspec: {a: 1}\nimage: {tag: '1'}\n",
        "kind: pipeline\nname: default\nsteps: []\n",
        "apiVersion: v1\nkind: Config\nclusters: []\n",
        "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n",
        "apiVersion: example.com/v1\nkind: Anything\nspec: {}\n",
        "apiVersion: authorization.k8s.io/v1\nkind: SelfSubjectAccessReview\nspec: {}\n",
        "openapi: 3.0.0\ninfo: {title: a}\npaths: {}\n",
    ],
)
def test_files_of_other_programs_and_unnamed_requests_are_left_alone(check: Any, text: str) -> None:
    assert check(text) == []


def test_pulumi_names_what_has_no_name(found: Any) -> None:
    entry = {"type": "kubernetes:core/v1:ConfigMap", "name": "settings", "inputs": {"data": {"a": "b"}}, "opts": {}}
    assert found([entry]) == set()
    assert found([entry | {"inputs": {"metadata": {"name": UNKNOWN}}}]) == set()


def test_two_objects_of_one_name_are_found_at_the_second(check: Any) -> None:
    other = MAP.replace("eu", "us")
    assert check(f"{MAP}---\n{MAP.replace('settings', 'prices')}") == []
    assert check(f"{MAP}---\n{other}") == [(ONCE, "ConfigMap settings", 8)]
    assert check(f"{MAP}---\n{MAP}") == [(COPIED, "ConfigMap settings", 8)]


@pytest.mark.parametrize(
    "second",
    [
        MAP.replace("name: settings", "name: settings, namespace: other"),
        MAP.replace("ConfigMap", "Secret"),
        MAP.replace("name: settings", "generateName: settings"),
        MAP.replace("name: settings", "name: settings, annotations: {helm.sh/hook: pre-install}"),
        "apiVersion: serving.knative.dev/v1\nkind: ConfigMap\nmetadata: {name: settings}\n",
    ],
)
def test_another_object_is_no_second_one(check: Any, second: str) -> None:
    assert check(f"{MAP}---\n{second}") == []


def test_a_copy_in_another_file_of_the_folder_is_advice_and_in_another_folder_none(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml", "prod/a.yaml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(MAP.replace("eu", name.replace("/", "-")))
    assert [code for code, _, _ in _found(tmp_path)] == [COPIED]
    (tmp_path / "b.yaml").unlink()
    assert _found(tmp_path) == []


def test_one_object_in_two_clusters_is_two(found: Any) -> None:
    entry = {"type": "kubernetes:core/v1:ConfigMap", "opts": {}}
    east, west = (
        entry
        | {"name": place, "provider": f"urn::{place}", "inputs": {"metadata": {"name": "a"}, "data": {"a": place}}}
        for place in ("east", "west")
    )
    assert found([east, west]) == set()
    assert found([east, west | {"provider": east["provider"]}]) == {(ONCE, "ConfigMap a")}
