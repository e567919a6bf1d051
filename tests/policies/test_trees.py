"""Trees are built of the files in policies/schemas, each once, and every kind of every file can be."""

from __future__ import annotations

import json
import re

import pytest

from policies import schemas
from policies.trees import tree

FILES = sorted(path.stem for path in schemas.FOLDER.glob("*.json") if path.stem != "apis")


@pytest.mark.parametrize("file", FILES)
def test_every_kind_has_a_tree_with_its_usual_fields(file: str) -> None:
    for key in schemas.load(file)["kinds"]:
        *group, version, kind = key.split("/")
        node = tree("/".join(group), version, kind)
        assert node is not None
        assert node.fields is not None
        assert {"apiVersion", "kind"} <= set(node.fields)


@pytest.mark.parametrize("file", FILES)
def test_every_file_says_where_it_comes_from(file: str) -> None:
    content = schemas.load(file)
    assert re.fullmatch(r"v\d+\.\d+\.\d+", content["version"])
    assert "/" in content["source"]


def test_a_kind_is_known_only_in_its_own_group_and_version() -> None:
    assert tree("apps", "v1", "Deployment") is tree("apps", "v1", "Deployment")
    assert tree("apps", "v2", "Deployment") is None
    assert tree("example.com", "v1", "Deployment") is None
    assert tree("", "", "") is None


def test_a_type_that_holds_itself_ends() -> None:
    node = tree("apiextensions.k8s.io", "v1", "CustomResourceDefinition")
    for name in ("spec", "versions", "schema", "openAPIV3Schema", "properties", "properties"):
        assert node is not None
        inner = node.items or node.values or node
        node = (inner.fields or {})[name]
    assert node is not None


def test_the_files_together_stay_small() -> None:
    assert sum(path.stat().st_size for path in schemas.FOLDER.glob("*.json")) < 600_000
    assert json.dumps(schemas.load("apis"))
