from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fleet.errors import PlaceError
from sandbox import crds
from sandbox.crds import SOURCES
from sandbox.kubectl import Kubectl


def test_every_source_is_pinned_and_hashed() -> None:
    pins, hashes = ((crds.MODULE / name).read_text() for name in ("go.mod", "go.sum"))
    for source in SOURCES:
        assert f"\t{source.module} v" in pins
        assert f"{source.module} v" in hashes


def test_the_names_of_definitions_follow_from_the_plan() -> None:
    plan = [
        {"apiVersion": "traefik.io/v1alpha1", "kind": "IngressRoute"},
        {"apiVersion": "apps/v1", "kind": "Deployment"},
        {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy"},
        {"apiVersion": "v1", "kind": "Service"},
        {"apiVersion": "traefik.io/v1alpha1", "kind": "IngressRoute"},
    ]
    assert crds.names(plan) == {"ingressroutes.traefik.io"}


def test_every_definition_that_a_fleet_requires_is_one_that_the_sandbox_has() -> None:
    assert set(crds.REQUIRED) <= {f"{kind}.{source.group}" for source in SOURCES for kind in source.kinds}


@pytest.mark.parametrize(
    ("files", "remedy"),
    [
        (
            [Path("c/traefik.io.yaml"), Path("c/cert-manager.io.yaml")],
            "run: kubectl apply --server-side -f c/traefik.io.yaml",
        ),
        ([], "install Traefik"),
    ],
)
def test_a_missing_definition_is_named_with_what_brings_it(script: Any, files: list[Path], remedy: str) -> None:
    kubectl = Kubectl(
        path=script("kubectl", "echo customresourcedefinition.apiextensions.k8s.io/middlewares.traefik.io")
    )
    with pytest.raises(PlaceError) as refused:
        crds.require(kubectl, ["middlewares.traefik.io", "ingressroutes.traefik.io"], files=files)
    assert str(refused.value) == f"current context: CRDs ingressroutes.traefik.io are missing; {remedy}"


def test_a_module_of_another_hash_than_go_sum_names_is_refused(script: Any) -> None:
    answer = '{"Sum": "h1:wrong=", "Dir": "/"}'
    with pytest.raises(PlaceError, match=r"is h1:wrong=, which go\.sum does not name"):
        crds.module_folder(script("go", f"echo '{answer}'"), SOURCES[0])


def test_a_module_that_can_not_be_had_is_named(script: Any) -> None:
    with pytest.raises(PlaceError) as refused:
        crds.module_folder(script("go", "echo 'no network' >&2; exit 1"), SOURCES[0])
    assert str(refused.value).startswith(f"CRDs of Traefik: {SOURCES[0].module}@v")
    assert "can't be downloaded: no network; " in str(refused.value)


def test_a_module_whose_files_have_moved_leaves_nothing_half_written(tmp_path: Path) -> None:
    with pytest.raises(PlaceError, match=r"its module has no traefik\.io_ingressroutes\.yaml"):
        crds.collect(tmp_path, SOURCES[0], tmp_path / "out.yaml")
    assert list(tmp_path.iterdir()) == []
