"""What is missing depends on how much of a cluster the input is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from policies.judge import examine
from policies.resources import from_manifest
from policies.settings import Settings
from policies.world import World

ROUTE = ("FLT-REF-002", "IngressRoute shop/checkout-cart")


def _judged(manifests: Any, files: Any = None, world: World = World.AUTO) -> tuple[set[tuple[str, str]], list[str]]:
    """Judge manifests that stand in the files which ``files`` gives by kind."""
    file = files or (lambda _: "app.yaml")
    resources = [from_manifest(one, file=file(one)) for one in manifests]
    judgement = examine(resources, settings=Settings(world=world))
    codes = {(one.rule.code, one.resource.title) for one in judgement.findings if one.rule.code.startswith("FLT-REF")}
    return codes, judgement.notes


def _bare(manifests: Any) -> Any:
    for one in manifests:
        one["metadata"].pop("namespace", None)
    return manifests


@pytest.fixture
def wrong(stack: Any, put: Any) -> Any:
    return put(stack, "IngressRoute checkout-cart", "spec/routes/0/services/0/name", "gone")


def test_a_file_that_holds_an_application_is_complete(stack: Any, wrong: Any) -> None:
    assert _judged(stack)[0] == set()
    assert _judged(wrong)[0] == {ROUTE}


def test_without_any_namespace_all_objects_share_one(stack: Any, wrong: Any) -> None:
    assert _judged(_bare(stack))[0] == set()
    assert _judged(_bare(wrong))[0] == {("FLT-REF-002", "IngressRoute checkout-cart")}


@pytest.mark.parametrize("folder", ["app/{}.yaml", "app/{}/all.yaml"])
def test_a_folder_with_one_kind_a_file_is_complete(stack: Any, wrong: Any, folder: str) -> None:
    def by_kind(one: Any) -> str:
        return folder.format(one["kind"].lower())

    assert _judged(stack, by_kind)[0] == set()
    assert _judged(wrong, by_kind)[0] == {ROUTE}


def test_every_object_alone_misses_nothing_and_says_so(stack: Any) -> None:
    for one in stack:
        assert _judged([one])[0] == set()
    route = [one for one in stack if one["metadata"]["name"] == "checkout-cart"]
    notes = _judged(route)[1]
    assert any("--world closed" in line and "Service shop/checkout" in line for line in notes)
    assert _judged(route, world=World.CLOSED)[0] >= {ROUTE}
    assert _judged(route, world=World.OPEN)[0] == set()


def test_a_folder_of_alternatives_is_no_application(stack: Any, wrong: Any) -> None:
    routes = [one for one in _bare(wrong) if one["kind"] == "IngressRoute"]
    rest = [one for one in _bare(stack) if one["kind"] != "IngressRoute"]

    def apart(one: Any) -> str:
        return "examples/routes.yaml" if one in routes else "examples/rest.yaml"

    assert _judged([*rest, *routes], apart)[0] == {("FLT-REF-002", "IngressRoute checkout-cart")}
    twin = from_manifest(rest[0], file="examples/other.yaml")
    resources = [from_manifest(one, file=apart(one)) for one in [*rest, *routes]]
    found = examine([*resources, twin], settings=Settings()).findings
    assert not [one for one in found if one.rule.code == "FLT-REF-002"]


def test_where_more_names_dangle_than_resolve_the_rest_is_elsewhere(stack: Any, put: Any) -> None:
    routes = [one for one in stack if one["kind"] in {"IngressRoute", "Ingress", "TraefikService"}]
    for number, one in enumerate(routes):
        text = json.dumps(one["spec"]).replace('"name": "checkout"', f'"name": "other-{number}"')
        one["spec"] = json.loads(text)
    assert "FLT-REF-002" not in {code for code, _ in _judged(stack)[0]}


def test_a_namespace_of_which_nothing_is_here_misses_nothing(stack: Any, put: Any) -> None:
    elsewhere = {"name": "pay", "namespace": "payment", "port": 80}
    changed = put(stack, "IngressRoute checkout-cart", "spec/routes/0/services/0", elsewhere)
    assert {code for code, _ in _judged(changed)[0]} == {"FLT-REF-018"}


def test_a_mixture_of_explicit_and_no_namespace_agrees(stack: Any) -> None:
    for position, one in enumerate(stack):
        if position % 2:
            one["metadata"].pop("namespace")
    assert _judged(stack)[0] == set()
