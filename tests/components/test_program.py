"""The program, as Pulumi runs it, registers exactly what ``flotilla render`` writes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pulumi
import pytest

from fleet.load import load
from manifests.fleet import plan
from manifests.render import render

ROOT = Path(__file__).resolve().parents[2]
STACKS = ("dev", "staging", "prod", "pr")


def listed(raw: dict[str, Any], stack: str, folder: Path) -> list[dict[str, Any]]:
    render(plan(load(raw, stack=stack)), folder)
    entries: list[dict[str, Any]] = json.loads((folder / "resources.json").read_text())
    return entries


def plain(value: Any) -> Any:
    """Numbers travel as floats, and a provider's inputs as JSON text."""
    return json.loads(json.dumps(value), parse_float=float, parse_int=float)


def comparable(resource: Any) -> tuple[Any, ...]:
    inputs = dict(resource.inputs)
    if resource.type == "kubernetes:core/v1:Secret":
        keys = inputs.pop("stringData")
        assert sorted(inputs["metadata"]["annotations"]["flotilla.dev/keys"].split(",")) == sorted(keys)
    if resource.type.startswith("pulumi:providers:"):
        inputs.pop("apiToken", None)
        inputs.pop("version", None)
        inputs = {key: json.loads(value) if value in ("true", "false") else value for key, value in inputs.items()}
    if resource.type.startswith("random:"):
        inputs = {key: inputs[key] for key in ("length", "special", "keepers")}
    opts = {"protect": resource.protect, "retainOnDelete": resource.retain_on_delete}
    return resource.type, resource.name, resource.parent, plain(inputs), opts


@pytest.mark.parametrize("stack", STACKS)
def test_the_program_registers_what_render_writes(stack: str, run_program: Any, raw_fleet: Any, tmp_path: Path) -> None:
    raw = raw_fleet(stack)
    registered = {
        resource.name + resource.type: comparable(resource) for resource in run_program(raw, stack=stack).resources
    }
    written = {
        entry["name"] + entry["type"]: (
            entry["type"],
            entry["name"],
            entry["parent"],
            plain(entry["inputs"]),
            entry["opts"],
        )
        for entry in listed(raw, stack, tmp_path)
    }
    assert registered.keys() == written.keys()
    for key, entry in written.items():
        assert registered[key] == entry


@pytest.mark.parametrize("stack", STACKS)
def test_every_need_becomes_a_dependency(stack: str, run_program: Any, raw_fleet: Any) -> None:
    raw = raw_fleet(stack)
    registered = {resource.name: resource for resource in run_program(raw, stack=stack).resources}
    components = list(plan(load(raw, stack=stack)))
    for component in components:
        for resource in component.resources:
            assert set(resource.needs) <= set(registered[resource.name].depends_on), resource.name
            assert registered[resource.name].ignore_changes == resource.ignore_changes


@pytest.mark.parametrize("stack", STACKS)
def test_every_resource_names_its_provider_and_no_component_needs_one(
    stack: str, run_program: Any, raw_fleet: Any
) -> None:
    for resource in run_program(raw_fleet(stack), stack=stack).resources:
        package = resource.type.split(":")[0]
        assert resource.provider == ("" if package in {"pulumi", "flotilla"} else package), resource.name


def test_secret_values_are_secret_and_stand_only_in_secrets(run_program: Any, raw_fleet: Any) -> None:
    run = run_program(raw_fleet("prod"), stack="prod")
    secret = {resource.name: resource.secrets for resource in run.resources if resource.secrets}
    assert set(secret) == {
        "cloudflare",
        "stripe-secret",
        "verify-secret",
        "checkout-database-a-secret",
        "checkout-database-b-secret",
        "database-a-secret",
        "database-b-secret",
        "database-backup-bucket-secret",
        "registry-secret",
    }
    for resource in run.resources:
        if resource.name not in secret:
            text = json.dumps(resource.inputs)
            assert "sk_test_of_a_test" not in text
            assert "made by pulumi-random" not in text


@pytest.mark.parametrize("letter", ["a", "b"])
def test_both_compartments_get_the_made_password_of_each_role(run_program: Any, raw_fleet: Any, letter: str) -> None:
    run = run_program(raw_fleet("dev"), stack="dev")
    for name in (f"checkout-database-{letter}-secret", f"database-{letter}-secret"):
        made = f"made by pulumi-random: database-password-{letter}"
        assert run.named(name).inputs["stringData"] == {"password": made}


def test_an_external_database_takes_its_password_from_the_configuration(run_program: Any, raw_fleet: Any) -> None:
    raw = raw_fleet("dev") | {"database": {"external": {"host": "db.example.com"}}}
    run = run_program(raw, stack="dev")
    assert run.named("checkout-database-secret").inputs["stringData"] == {"password": "external"}
    made = [resource.name for resource in run.resources if resource.type.startswith("random:")]
    assert made == ["verify-token"]


def test_the_registry_login_becomes_a_docker_config(run_program: Any, raw_fleet: Any) -> None:
    data = run_program(raw_fleet("staging"), stack="staging").named("registry-secret").inputs["stringData"]
    auths = json.loads(data[".dockerconfigjson"])["auths"]
    assert auths == {
        "registry.clearwatch.example": {"username": "puller", "password": "pulled", "auth": "cHVsbGVyOnB1bGxlZA=="}
    }


def test_a_stack_exports_addresses_weights_and_versions(run_program: Any, raw_fleet: Any) -> None:
    exports = run_program(raw_fleet("prod"), stack="prod").exports
    assert exports["urls"]["brutal"] == "https://brutal.clearwatch.example"
    assert exports["urls"]["checkout"] == "https://checkout.clearwatch.example"
    assert len(exports["hosts"]) == 15
    assert exports["weights"]["checkout"] == {"stable": 70, "canary": 30}
    assert exports["versions"]["checkout"] == {"stable": "1.4.2", "canary": "1.5.0"}
    assert set(exports["edge"]) == {"databaseId", "bucket"}


def test_mistakes_end_the_program_before_anything_is_registered(run_program: Any, raw_fleet: Any) -> None:
    raw = raw_fleet("dev") | {"domain": "no domain", "colour": "blue"}
    with pytest.raises(pulumi.RunError) as caught:
        run_program(raw, stack="dev", secrets={})
    lines = str(caught.value).splitlines()
    assert len(lines) == 4
    assert lines[0].startswith('Pulumi.dev.yaml: flotilla:fleet.domain: "no domain" is not a domain')
    assert lines[1].startswith("Pulumi.dev.yaml: flotilla:fleet.colour: is not a key here; remove it; known keys are ")
    assert lines[2].startswith("Pulumi.dev.yaml: flotilla:stripeSecretKey: is missing: ")
    assert lines[3].endswith("pulumi config set --secret flotilla:stripeWebhookSecret --stack dev")


@pytest.mark.parametrize(("stack", "imported"), [("dev", False), ("prod", True)])
def test_only_a_stack_with_an_edge_imports_cloudflare(stack: str, imported: bool) -> None:  # noqa: FBT001
    probe = (
        "import sys; sys.argv = ['probe']; sys.path[:0] = ['tests/components', '.']\n"
        "import conftest, pytest\n"
        "patch = pytest.MonkeyPatch()\n"
        "run = next(conftest.run_program.__wrapped__(patch))\n"
        f"run(conftest.raw_fleet.__wrapped__()('{stack}'), stack='{stack}')\n"
        "print('pulumi_cloudflare' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(imported)
