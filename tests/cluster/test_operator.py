"""doctor and adopt against a real API server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from fleet.errors import FlotillaError, PlaceError
from manifests.fleet import plan, resources
from ops import stackfile
from ops.adopt import adopt
from ops.doctor import doctor
from sandbox.cluster import Cluster
from sandbox.kubectl import as_list

ROOT = Path(__file__).resolve().parents[2]
StackFile = Callable[..., Path]


@pytest.fixture
def stack_file(private_cluster: Cluster, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[StackFile]:
    """Write a stack file for the private cluster, in a namespace of its own that is removed afterwards."""
    monkeypatch.setenv("KUBECONFIG", str(private_cluster.kubeconfig))
    context = private_cluster.kubectl.run("config", "current-context").strip()

    def write(**changes: Any) -> Path:
        content = yaml.safe_load((ROOT / "Pulumi.dev.yaml").read_text())
        fleet = content["config"]["flotilla:fleet"]
        fleet |= {"namespace": "operator", "variants": ["brutal"], "cluster": {"context": context}, **changes}
        path = tmp_path / "Pulumi.operator.yaml"
        path.write_text(yaml.safe_dump(content))
        return path

    yield write
    # Its pods may take as long to end as they were promised, and that twice.
    private_cluster.kubectl.run("delete", "namespace", "operator", "--ignore-not-found", "--timeout=240s")


def objects(path: Path) -> dict[str, Any]:
    fleet = stackfile.read("operator", path).fleet()
    return {resource.name: resource.inputs for resource in resources(plan(fleet)) if resource.is_kubernetes}


def test_doctor_names_what_the_cluster_lacks_and_the_line_that_fixes_it(
    stack_file: StackFile, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(PlaceError, match=r"missing: .*Traefik.*Secret shops-tls"):
        doctor("operator", stack_file())
    lines = capsys.readouterr().out.splitlines()
    assert "ok CRD ingressroutes.traefik.io: there" in lines
    assert any(line.startswith("x  Traefik: 0 pods in traefik; install Traefik: ") for line in lines)
    wanted = "create Secret shops-tls (kubernetes.io/tls) in namespace operator"
    assert f"x  Secret shops-tls: missing; {wanted}" in lines


def test_doctor_is_content_once_the_secret_is_there(
    stack_file: StackFile, private_cluster: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    path = stack_file()
    private_cluster.kubectl.run("create", "namespace", "operator")
    private_cluster.kubectl.run("create", "secret", "generic", "shops-tls", "-n", "operator")
    with pytest.raises(PlaceError):
        doctor("operator", path)
    assert "ok Secret shops-tls: there" in capsys.readouterr().out.splitlines()


def test_doctor_says_which_cluster_it_could_not_reach(
    stack_file: StackFile, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(PlaceError, match="missing: cluster"):
        doctor("operator", stack_file(cluster={"context": "nowhere"}))
    assert "x  cluster: context nowhere: can't be reached: " in capsys.readouterr().out


def test_nothing_is_there_to_adopt_in_an_empty_cluster(
    stack_file: StackFile, capsys: pytest.CaptureFixture[str]
) -> None:
    adopt("operator", stack_file())
    assert "operator: nothing of its " in capsys.readouterr().out


def test_adopt_lists_what_exists_and_who_wrote_it(
    stack_file: StackFile, private_cluster: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    path = stack_file()
    planned = objects(path)
    wanted = [planned["namespace"], planned["storefront-brutal-deployment"]]
    for manifest in wanted:
        private_cluster.kubectl.run("create", "--field-manager=somebody", "-f", "-", stdin=as_list([manifest]))
    adopt("operator", path)
    printed = capsys.readouterr().out.splitlines()
    deployment = next(line for line in printed if " Deployment storefront-brutal: " in line)
    assert deployment.startswith("yes")
    assert "somebody" in deployment
    assert printed[-1].startswith("2 of ")


def test_adopt_refuses_what_can_only_be_replaced(stack_file: StackFile, private_cluster: Cluster) -> None:
    path = stack_file()
    planned = objects(path)
    other = {"app": "brutal"}
    deployment = planned["storefront-brutal-deployment"]
    deployment["spec"]["selector"]["matchLabels"].update(other)
    deployment["spec"]["template"]["metadata"]["labels"].update(other)
    for manifest in (planned["namespace"], deployment):
        private_cluster.kubectl.run("create", "-f", "-", stdin=as_list([manifest]))
    with pytest.raises(FlotillaError, match=r"Deployment storefront-brutal: spec\.selector differs"):
        adopt("operator", path)
