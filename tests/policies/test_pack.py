"""The pack as the engine runs it: a process of its own, over gRPC."""

from __future__ import annotations

import os
import shutil
import site
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc  # type: ignore[import-untyped, unused-ignore]
import pytest
from google.protobuf import empty_pb2, json_format, struct_pb2  # type: ignore[import-untyped, unused-ignore]
from pulumi.runtime import proto
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from policies import pack
from policies.judge import judge
from policies.rules import RULES
from policies.values import SENTINELS
from tests.waiting import LIMIT_SECONDS

PACK = Path(pack.__file__).parent
UNKNOWN_STRING = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"


class Running:
    """A pack that serves, and the stub to ask it."""

    def __init__(self, folder: Path) -> None:
        packages = next(path for path in site.getsitepackages() if Path(path, "pulumi_policy").is_dir())
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PULUMI")}
        environment |= {"PYTHONPATH": packages}
        # -S keeps out the .pth file of the editable install: only the pack's own folder can give the package policies.
        command = [sys.executable, "-S", "-u", "-m", "pulumi.policy", "127.0.0.1:1", str(folder)]
        self.process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.channel = grpc.insecure_channel(f"127.0.0.1:{int(self.process.stdout.readline())}")
        self.stub = analyzer_pb2_grpc.AnalyzerStub(self.channel)  # type: ignore[no-untyped-call, unused-ignore]

    def stop(self) -> None:
        self.channel.close()
        self.process.terminate()
        self.process.wait(timeout=LIMIT_SECONDS)
        if self.process.stdout:
            self.process.stdout.close()

    def configure(self, levels: dict[str, str] | None = None, *, own: Any = None, **enforcement: Any) -> None:
        request = analyzer_pb2.ConfigureAnalyzerRequest()
        for policy in self.stub.GetAnalyzerInfo(empty_pb2.Empty(), timeout=LIMIT_SECONDS).policies:
            config = request.policyConfig[policy.name]
            config.enforcementLevel = enforcement.get(policy.name.replace("-", "_"), policy.enforcementLevel)
            settings = {"levels": levels, **(own or {})} if levels else own
            if settings and policy.HasField("configSchema"):
                config.properties.update(settings)
        self.stub.Configure(request, timeout=LIMIT_SECONDS)

    def resource(self, entry: dict[str, Any]) -> list[Any]:
        request = analyzer_pb2.AnalyzeRequest(
            type=entry["type"], name=entry["name"], urn=_urn(entry), properties=_struct(entry["inputs"])
        )
        return list(self.stub.Analyze(request, timeout=LIMIT_SECONDS).diagnostics)

    def remediate(self, entry: dict[str, Any]) -> list[Any]:
        request = analyzer_pb2.AnalyzeRequest(
            type=entry["type"], name=entry["name"], urn=_urn(entry), properties=_struct(entry["inputs"])
        )
        return list(self.stub.Remediate(request, timeout=LIMIT_SECONDS).remediations)

    def stack(self, entries: list[dict[str, Any]]) -> list[Any]:
        resources = [
            analyzer_pb2.AnalyzerResource(
                type=entry["type"], name=entry["name"], urn=_urn(entry), properties=_struct(entry["inputs"])
            )
            for entry in entries
        ]
        return list(
            self.stub.AnalyzeStack(
                analyzer_pb2.AnalyzeStackRequest(resources=resources), timeout=LIMIT_SECONDS
            ).diagnostics
        )

    def everything(self, entries: list[dict[str, Any]]) -> list[Any]:
        return [one for entry in entries for one in self.resource(entry)] + self.stack(entries)


def _urn(entry: dict[str, Any]) -> str:
    return f"urn:pulumi:dev::flotilla::{entry['type']}::{entry['name']}"


def _struct(value: dict[str, Any]) -> struct_pb2.Struct:
    struct = struct_pb2.Struct()
    struct.update(value)
    return struct


def _entry(manifest: dict[str, Any]) -> dict[str, Any]:
    api = manifest["apiVersion"]
    token = f"kubernetes:{api if '/' in api else 'core/' + api}:{manifest['kind']}"
    return {"type": token, "name": manifest["metadata"]["name"], "inputs": manifest}


@pytest.fixture(scope="module", params=["policies", "rules of the house"])
def running(request: Any, tmp_path_factory: Any) -> Iterator[Running]:
    folder = PACK
    if request.param != PACK.name:
        folder = tmp_path_factory.mktemp("elsewhere") / request.param
        shutil.copytree(PACK, folder, ignore=shutil.ignore_patterns("__pycache__"))
    running = Running(folder)
    yield running
    running.stop()


@pytest.fixture
def broken(stack: Any, put: Any, make_route: Any) -> list[dict[str, Any]]:
    changed = put(stack, "Service checkout", "spec/ports/3/targetPort", 3001)
    changed = put(changed, "Deployment checkout", "spec/template/spec/containers/0/image", "shop:main")
    changed = put(changed, "Deployment checkout", "spec/template/spec/containers/0/livenessProbe/tcpSocket/port", "no")
    rival = make_route("rival", "Host(`checkout.shop.example`)", {"name": "checkout", "port": 1})
    return [_entry(one) for one in [*changed, rival]]


def test_every_policy_is_explicit_about_its_level(running: Running) -> None:
    info = running.stub.GetAnalyzerInfo(empty_pb2.Empty(), timeout=LIMIT_SECONDS)
    levels = {policy.name: policy.enforcementLevel for policy in info.policies}
    assert levels == {
        "flotilla-remediations": proto.DISABLED,
        "flotilla-resources": proto.MANDATORY,
        "flotilla-resources-advice": proto.ADVISORY,
        "flotilla-stack": proto.MANDATORY,
        "flotilla-stack-advice": proto.ADVISORY,
    }
    assert all(policy.enforcement_level is not None for policy in pack.POLICIES)


def test_a_clean_stack_passes(running: Running, stack: Any) -> None:
    running.configure()
    assert running.everything([_entry(one) for one in stack]) == []


def test_the_findings_are_those_of_the_same_objects_in_a_file(running: Running, broken: list[dict[str, Any]]) -> None:
    running.configure()
    said = running.everything(broken)
    expected = {pack.message(finding) for finding in judge(broken)}
    assert len(expected) == 6
    assert {one.message.partition("\n")[2] for one in said} == expected
    assert {one.enforcementLevel for one in said} == {proto.MANDATORY}
    assert not [one for one in said if "8080.0" in one.message or "3001.0" in one.message]


def test_after_an_update_it_is_judged_what_was_asked_for_and_not_what_controllers_made_of_it(
    running: Running, stack: Any
) -> None:
    running.configure()
    (deployment,) = [one for one in stack if (one["kind"], one["metadata"]["name"]) == ("Deployment", "checkout")]
    scaler = {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {**deployment["metadata"], "labels": {}},
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "checkout"},
            "minReplicas": 2,
            "maxReplicas": 6,
        },
    }
    others = [_entry(one) for one in [*stack, scaler] if one is not deployment]
    asked = {**deployment, "spec": {name: value for name, value in deployment["spec"].items() if name != "replicas"}}
    live = {**asked, "spec": {**asked["spec"], "replicas": 5}}
    assert any("FLT-SCALE-001" in one.message for one in running.stack([*others, _entry(live)])), "what was asked for"
    running.resource(_entry(asked))
    assert not any("FLT-SCALE-001" in one.message for one in running.stack([*others, _entry(live)]))


def test_a_stack_finding_names_its_resource(running: Running, broken: list[dict[str, Any]]) -> None:
    running.configure()
    urns = {_urn(entry) for entry in broken}
    assert {one.urn for one in running.stack(broken)} < urns


@pytest.mark.parametrize("sentinel", sorted(SENTINELS))
def test_an_unknown_in_a_planned_field_blocks(running: Running, stack: Any, put: Any, sentinel: str) -> None:
    running.configure()
    entries = [_entry(one) for one in put(stack, "Service checkout", "spec/ports/0/targetPort", sentinel)]
    (only,) = running.everything(entries)
    assert "FLT-PLAN-001 Service shop/checkout: spec.ports[0].targetPort" in only.message
    assert only.enforcementLevel == proto.MANDATORY


def test_an_unknown_elsewhere_neither_blocks_nor_hides(running: Running, stack: Any, put: Any) -> None:
    running.configure()
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "data": UNKNOWN_STRING}
    worker = {"type": "cloudflare:index/workersScript:WorkersScript", "name": "w", "inputs": {"id": UNKNOWN_STRING}}
    changed = put(stack, "Deployment checkout", "metadata/annotations", {"made": UNKNOWN_STRING})
    entries = [*(_entry(one) for one in changed), _entry(secret), worker]
    assert running.everything(entries) == []
    broken = put(changed, "Deployment checkout", "spec/template/spec/containers/0/image", "shop:main")
    assert len(running.everything([*(_entry(one) for one in broken), _entry(secret), worker])) == 1


def test_no_message_shows_a_secret(running: Running, stack: Any, put: Any) -> None:
    running.configure()
    hidden = {SIGNATURE: SECRET, "value": "sk_live_hidden"}
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "stringData": {"key": hidden}}
    path = "spec/template/spec/containers/0/env"
    changed = put(
        stack, "Deployment checkout", path, [{"name": "KEY", "value": hidden}, {"name": "PORT", "value": "1"}]
    )
    said = running.everything([*(_entry(one) for one in changed), _entry(secret)])
    assert ["FLT-PORT-004" in one.message for one in said] == [True]
    assert not [one for one in said if "sk_live" in one.message]


def test_a_secret_port_is_read_like_any_other(running: Running, stack: Any, put: Any) -> None:
    running.configure()
    right = put(stack, "Service checkout", "spec/ports/1/targetPort", {SIGNATURE: SECRET, "value": 3000.0})
    wrong = put(stack, "Service checkout", "spec/ports/3/targetPort", {SIGNATURE: SECRET, "value": 3001.0})
    assert running.everything([_entry(one) for one in right]) == []
    assert len(running.everything([_entry(one) for one in wrong])) == 1


def test_a_level_is_set_per_rule(running: Running, broken: list[dict[str, Any]]) -> None:
    advisory = {"FLT-IMAGE-001": "advisory", "one-owner-per-host-and-path": "advisory", "FLT-PORT-002": "disabled"}
    running.configure(advisory)
    said = {
        (one.message.partition("\n")[2].partition(" ")[0], one.enforcementLevel) for one in running.everything(broken)
    }
    assert said == {
        ("FLT-PORT-001", proto.MANDATORY),
        ("FLT-PORT-003", proto.MANDATORY),
        ("FLT-IMAGE-001", proto.ADVISORY),
        ("FLT-HOST-001", proto.ADVISORY),
    }


@pytest.mark.parametrize("levels", [{"FLT-NONE-001": "advisory"}, {"FLT-PORT-001": "loud"}])
def test_a_config_that_cannot_be_read_blocks(running: Running, stack: Any, levels: dict[str, str]) -> None:
    running.configure(levels)
    (said,) = running.resource(_entry(stack[0]))
    assert said.enforcementLevel == proto.MANDATORY
    assert "the pack's config: levels.FLT-" in said.message


def test_an_exemption_in_the_packs_config_lets_its_finding_pass_until_it_ends(
    running: Running, broken: list[dict[str, Any]]
) -> None:
    exemption = {"rule": "FLT-IMAGE-001", "resource": "Deployment shop/*", "reason": "T-1", "expires": "2999-01-01"}
    running.configure()
    assert "FLT-IMAGE-001" in str(running.everything(broken))
    running.configure(own={"exemptions": [exemption]})
    assert "FLT-IMAGE-001" not in str(running.everything(broken))
    running.configure(own={"exemptions": [exemption | {"expires": "2020-01-01"}]})
    said = str(running.everything(broken))
    assert "FLT-IMAGE-001 Deployment shop/checkout" in said
    assert "FLT-EXEMPT-001" in said


def test_an_exemption_that_nothing_needed_is_advice_at_the_end(running: Running, stack: Any) -> None:
    exemption = {"rule": "FLT-IMAGE-001", "resource": "Pod nowhere", "reason": "T-1", "expires": "2999-01-01"}
    running.configure(own={"exemptions": [exemption]})
    (said,) = running.everything([_entry(one) for one in stack])
    assert (said.enforcementLevel, "FLT-EXEMPT-002" in said.message) == (proto.ADVISORY, True)


def test_nothing_is_remediated_unless_someone_asked_for_it(running: Running, broken: list[dict[str, Any]]) -> None:
    running.configure()
    assert not [one for entry in broken for one in running.remediate(entry)]


def test_what_is_remediated_is_right_and_the_rest_is_as_it_was(running: Running, stack: Any, put: Any) -> None:
    running.configure(flotilla_remediations=proto.REMEDIATE)
    assert not [one for entry in stack for one in running.remediate(_entry(entry))]
    path = "spec/template/spec/containers/0"
    hidden = {SIGNATURE: SECRET, "value": "sk_live_hidden"}
    changed = put(stack, "Deployment checkout", f"{path}/image", "shop:main")
    changed = put(changed, "Deployment checkout", f"{path}/env/0", {"name": "KEY", "value": hidden})
    changed = put(changed, "Deployment checkout", "metadata/annotations", {"made": UNKNOWN_STRING})
    (fixed,) = running.remediate(_entry(changed[0]))
    properties = json_format.MessageToDict(fixed.properties)
    container = properties["spec"]["template"]["spec"]["containers"][0]
    assert container.pop("imagePullPolicy") == "Always"
    assert properties == json_format.MessageToDict(_struct(changed[0]))


def test_a_dead_traefik_group_is_remediated(running: Running, make_route: Any) -> None:
    running.configure(flotilla_remediations=proto.REMEDIATE)
    route = make_route("one", "Host(`a.b`)", {"name": "web", "port": 80}) | {
        "apiVersion": "traefik.containo.us/v1alpha1"
    }
    (fixed,) = running.remediate(_entry(route))
    assert fixed.properties["apiVersion"] == "traefik.io/v1alpha1"
    nobody_knows = route | {"kind": "Unheard"}
    assert running.remediate(_entry(nobody_knows)) == []


def test_the_folder_it_lies_in_is_the_one_it_runs(tmp_path: Path) -> None:
    folder = tmp_path / "other"
    shutil.copytree(PACK, folder, ignore=shutil.ignore_patterns("__pycache__"))
    source = (folder / "pack.py").read_text()
    (folder / "pack.py").write_text(source.replace('NAME = "flotilla"', 'NAME = "unpacked"'))
    running = Running(folder)
    try:
        assert running.stub.GetAnalyzerInfo(empty_pb2.Empty(), timeout=LIMIT_SECONDS).name == "unpacked"
    finally:
        running.stop()


def test_a_name_at_the_packs_top_shadows_no_module_of_others() -> None:
    own = {path.stem for path in PACK.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    own -= {"__init__", "__main__"}
    packages = Path(next(path for path in site.getsitepackages() if Path(path, "pulumi_policy").is_dir()))
    assert own & {"judge", "rules", "pack"} == {"judge", "rules", "pack"}
    assert not own & (sys.stdlib_module_names | {path.stem for path in packages.iterdir()})


def test_the_config_schema_knows_every_rule() -> None:
    for policy in pack.POLICIES:
        if policy.config_schema is not None:
            known = policy.config_schema.properties["levels"]["properties"]
            assert set(known) == {key for rule in RULES for key in (rule.code, rule.name)}
