"""Our one label match selects what the API server itself selects."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from typing import Any

import pytest

from policies.labels import selects
from sandbox.kubectl import Kubectl, as_list

NAMESPACE = "selectors-oracle"
KEYS, VALUES = ("app", "track", "shop.example/tier"), ("a", "b", "")
OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist")
ROUNDS = 120


@pytest.fixture(scope="module")
def labelled(private_kubectl: Kubectl) -> Iterator[dict[str, dict[str, str]]]:
    """Make an object for every way of labelling, and give the labels by name."""
    choices = [(None, *VALUES)] * len(KEYS)
    found: dict[str, dict[str, str]] = {}
    for number, values in enumerate(itertools.product(*choices)):
        labels = {key: value for key, value in zip(KEYS, values, strict=True) if value is not None}
        found[f"object-{number}"] = labels
    place = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
    objects = [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": NAMESPACE, "labels": labels}}
        for name, labels in found.items()
    ]
    for batch in ([place], objects):
        private_kubectl.run("apply", "--server-side", "-f", "-", stdin=as_list(batch))
    yield found
    private_kubectl.run("delete", "namespace", NAMESPACE, "--wait=false")


def _selector(draw: random.Random) -> dict[str, Any]:
    selector: dict[str, Any] = {}
    if draw.random() < 0.6:
        selector["matchLabels"] = {key: draw.choice(VALUES) for key in draw.sample(KEYS, draw.randint(1, 2))}
    expressions = []
    for _ in range(draw.randint(0, 2)):
        operator = draw.choice(OPERATORS)
        expression: dict[str, Any] = {"key": draw.choice(KEYS), "operator": operator}
        if operator in {"In", "NotIn"}:
            expression["values"] = draw.sample(VALUES, draw.randint(1, 3))
        expressions.append(expression)
    return selector | ({"matchExpressions": expressions} if expressions else {})


def _written(selector: dict[str, Any]) -> str:
    """Write a selector in the form that the API takes in a query (Labels and Selectors, "API")."""
    parts = [f"{key} in ({value})" for key, value in selector.get("matchLabels", {}).items()]
    for one in selector.get("matchExpressions", ()):
        key, values = one["key"], ",".join(one.get("values", ()))
        forms = {"In": f"{key} in ({values})", "NotIn": f"{key} notin ({values})", "Exists": key}
        parts.append(forms.get(one["operator"], f"!{key}"))
    return ",".join(parts)


def test_what_a_selector_selects_is_what_the_api_server_gives(
    private_kubectl: Kubectl, labelled: dict[str, dict[str, str]]
) -> None:
    draw = random.Random(20_261_126)
    counts = set()
    for _ in range(ROUNDS):
        selector = _selector(draw)
        ours = {name for name, labels in labelled.items() if selects(selector, labels) is True}
        query = ["--selector", _written(selector)] if selector else []
        listed = private_kubectl.run("get", "configmaps", "-n", NAMESPACE, "-o", "name", *query)
        theirs = {line.partition("/")[2] for line in listed.split()} & set(labelled)
        assert ours == theirs, selector
        counts.add(len(ours))
    assert len(counts) > 10, "the selectors should tell many objects apart"
