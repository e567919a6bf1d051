"""``flotilla check`` reads what people have, says what is wrong with it, and exits as it promised."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import typer
from typer.testing import CliRunner

from fleet.errors import UsageError
from ops.check import check
from policies.rules import RULES

CLEAN = """apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      automountServiceAccountToken: false
      securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
      containers:
        - name: app
          image: shop/web:1.0.0
          ports: [{name: http, containerPort: 3000}]
          readinessProbe: {httpGet: {path: /ready, port: http}}
          livenessProbe: {httpGet: {path: /live, port: http}}
          resources: {requests: {cpu: 100m, memory: 64Mi}, limits: {memory: 64Mi}}
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities: {drop: [ALL]}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec:
  selector: {app: web}
  ports: [{port: 80, targetPort: http}]
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web, namespace: shop}
spec:
  maxUnavailable: 1
  selector: {matchLabels: {app: web}}
"""
BROKEN = CLEAN.replace("shop/web:1.0.0", "shop/web:main").replace("targetPort: http", "targetPort: web")

Run = Callable[..., Any]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the verb in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    app = typer.Typer()
    app.command()(check)
    return lambda *arguments, stdin=None: CliRunner().invoke(app, list(arguments), input=stdin)


def test_clean_input_exits_0_and_says_how_much_was_judged(run: Run) -> None:
    result = run("-", stdin=CLEAN)
    assert (result.exit_code, result.stdout) == (0, "3 resources judged, 0 mandatory findings\n")


def test_findings_exit_1_with_the_place_and_the_fix(run: Run) -> None:
    Path("a.yaml").write_text(BROKEN)
    result = run("a.yaml")
    assert result.exit_code == 1
    assert "Deployment shop/web\n  FLT-IMAGE-001 a.yaml:14 " in result.stdout
    assert "Service shop/web\n  FLT-PORT-002 a.yaml:29 " in result.stdout
    assert result.stdout.count("fix: ") == 2
    assert "3 resources judged, 2 mandatory findings" in result.stdout


def test_json_keeps_its_contract(run: Run) -> None:
    Path("folder").mkdir()
    Path("folder/a.yaml").write_text("# a comment\n" + BROKEN)
    result = run("folder", "--format", "json")
    report = json.loads(result.stdout)
    assert list(report) == ["findings"]
    keys = ["rule", "level", "resource", "message", "remediation", "file", "line"]
    assert [list(finding) for finding in report["findings"]] == [keys] * 2
    places = [(one["rule"], one["level"], one["file"], one["line"]) for one in report["findings"]]
    assert places == [
        ("FLT-IMAGE-001", "mandatory", "folder/a.yaml", 15),
        ("FLT-PORT-002", "mandatory", "folder/a.yaml", 30),
    ]


def test_broken_input_exits_2_with_its_place_and_the_rest_is_judged(run: Run) -> None:
    Path("a.yaml").write_text("kind: [\n---\n" + BROKEN)
    result = run("a.yaml", "gone.yaml", "--format", "json")
    assert result.exit_code == 2
    report = json.loads(result.stdout)
    assert [(one["rule"], one["line"]) for one in report["findings"]] == [("FLT-IMAGE-001", 16), ("FLT-PORT-002", 31)]
    assert [(one["file"], one["line"]) for one in report["problems"]] == [("a.yaml", 1), ("gone.yaml", 1)]
    assert "flotilla: a.yaml:1 is not YAML" in result.stderr
    assert "flotilla: gone.yaml:1 no such file or folder" in result.stderr


def test_broken_input_in_text_is_told_apart_from_findings(run: Run) -> None:
    result = run("-", stdin="a: [")
    assert result.exit_code == 2
    assert "cannot be read <stdin>:1 is not YAML" in result.stderr
    assert "1 input not read" in result.stdout


def test_what_is_no_resource_is_left_alone(run: Run) -> None:
    Path("values.yaml").write_text("replicas: 3\n---\n- a\n---\njust text\n")
    Path("crd.yaml").write_text("apiVersion: example.com/v1\nkind: Whatever\nmetadata: {name: x}\nspec: [1]\n")
    result = run(".")
    assert (result.exit_code, result.stdout) == (0, "1 resource judged, 0 mandatory findings\n")


@pytest.mark.parametrize("text", ["", "\n", "---\n---\n", "# only a comment\n", "\ufeff"])
def test_empty_input_is_clean(run: Run, text: str) -> None:
    assert run("-", stdin=text).exit_code == 0


def test_the_engines_forms_are_read_with_lines_too(run: Run) -> None:
    inputs = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}}
    inputs |= {"spec": {"containers": [{"name": "c", "image": "a", "imagePullPolicy": "Never"}]}}
    entry = {"type": "kubernetes:core/v1:Pod", "name": "p", "urn": "urn:pulumi:a::b::t::p", "inputs": inputs}
    forms = {
        "resources.json": [entry | {"parent": None, "opts": {"protect": True, "retainOnDelete": False}}],
        "preview.json": {"steps": [{"op": "create", "urn": entry["urn"], "newState": entry}]},
        "state.json": {"version": 3, "deployment": {"resources": [entry]}},
    }
    for name, form in forms.items():
        text = json.dumps(form, indent=2)
        Path(name).write_text(text)
        (finding,) = [
            one for one in json.loads(run(name, "--format", "json").stdout)["findings"] if one["level"] == "mandatory"
        ]
        assert (finding["rule"], finding["resource"], finding["file"]) == ("FLT-IMAGE-001", "Pod p", name)
        assert "imagePullPolicy" in text.splitlines()[finding["line"] - 1]


def test_sarif_names_every_rule_and_place(run: Run) -> None:
    Path("my file.yaml").write_text("kind: [\n---\n" + BROKEN)
    result = run("my file.yaml", "--format", "sarif")
    log = json.loads(result.stdout)
    assert (log["version"], len(log["runs"])) == ("2.1.0", 1)
    (one,) = log["runs"]
    rules = one["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [rule.code for rule in RULES]
    assert not one["invocations"][0]["executionSuccessful"]
    for found, line in zip(one["results"], [16, 31], strict=True):
        assert rules[found["ruleIndex"]]["id"] == found["ruleId"]
        assert found["level"] == "error"
        place = found["locations"][0]["physicalLocation"]
        assert place == {"artifactLocation": {"uri": "my%20file.yaml"}, "region": {"startLine": line}}


def test_junit_has_a_case_per_rule_and_a_failure_per_finding(run: Run) -> None:
    result = run("-", "--format", "junit", stdin=BROKEN.replace("name: app", 'name: "<a\\x01&b>"'))
    suite = ET.fromstring(result.stdout)
    assert (suite.get("failures"), suite.get("errors")) == ("2", "0")
    assert {case.get("classname") for case in suite.iter("testcase")} == {rule.code for rule in RULES}
    assert len(list(suite.iter("failure"))) == 2
    assert suite.get("tests") == str(len(list(suite.iter("testcase"))))


def test_colour_and_markup_in_names_are_only_text(run: Run) -> None:
    result = run("-", stdin=BROKEN.replace("name: web,", 'name: "[red]web[/red]",'))
    assert "Deployment shop/[red]web[/red]" in result.stdout


def test_thousands_of_objects_and_of_findings_are_all_counted(run: Run) -> None:
    Path("many.yaml").write_text("---\n".join(CLEAN.replace("web", f"web-{number}") for number in range(1000)))
    assert "3000 resources judged, 0 mandatory findings" in run("many.yaml").stdout
    Path("many.yaml").write_text("---\n".join(BROKEN.replace("web", f"web-{number}") for number in range(500)))
    assert len(json.loads(run("many.yaml", "--format", "json").stdout)["findings"]) == 1000


EXEMPTING = """
exemptions:
  - {rule: FLT-IMAGE-001, resource: Deployment shop/*, reason: OPS-7, expires: 2999-01-01}
  - {rule: FLT-PORT-002, resource: Service shop/web, reason: OPS-8, expires: 2020-01-01}
"""


def test_settings_exempt_until_their_day_and_every_format_says_so(run: Run) -> None:
    Path("a.yaml").write_text(BROKEN)
    Path("own.yaml").write_text(EXEMPTING)
    text = run("a.yaml", "--settings", "own.yaml")
    assert text.exit_code == 1
    assert "exempted FLT-IMAGE-001 Deployment shop/web: " in text.stdout
    assert "FLT-EXEMPT-001" in text.stdout
    assert "1 exempted" in text.stdout
    report = json.loads(run("a.yaml", "--settings", "own.yaml", "--format", "json").stdout)
    assert {one["rule"] for one in report["findings"] if one["level"] == "mandatory"} == {
        "FLT-PORT-002",
        "FLT-EXEMPT-001",
    }
    assert [(one["rule"], one["reason"], one["expires"]) for one in report["exempted"]] == [
        ("FLT-IMAGE-001", "OPS-7", "2999-01-01")
    ]
    results = json.loads(run("a.yaml", "--settings", "own.yaml", "--format", "sarif").stdout)["runs"][0]["results"]
    (dismissed,) = [one for one in results if "suppressions" in one]
    assert dismissed["ruleId"] == "FLT-IMAGE-001"
    assert dismissed["suppressions"][0]["justification"].startswith("OPS-7")


@pytest.mark.parametrize("text", ["levels: [", "levels: {FLT-NONE-001: advisory}"])
def test_settings_that_cannot_be_read_judge_nothing(run: Run, text: str) -> None:
    Path("own.yaml").write_text(text)
    result = run("-", "--settings", "own.yaml", stdin=BROKEN)
    assert isinstance(result.exception, UsageError)
    assert result.stdout == ""


def test_a_level_decides_the_exit_code(run: Run) -> None:
    Path("own.yaml").write_text("levels: {FLT-IMAGE-001: advisory, FLT-PORT-002: disabled}")
    result = run("-", "--settings", "own.yaml", stdin=BROKEN)
    assert result.exit_code == 0
    assert "advice: container app takes" in result.stdout


def test_a_finding_keeps_its_fingerprint_when_lines_above_it_change(run: Run) -> None:
    def prints(text: str) -> list[str]:
        log = json.loads(run("-", "--format", "sarif", stdin=text).stdout)
        return [one["partialFingerprints"]["flotillaFinding/v1"] for one in log["runs"][0]["results"]]

    assert prints(BROKEN) == prints("# a comment\n\n" + BROKEN)
    assert len(set(prints(BROKEN))) == len(prints(BROKEN))


def test_no_control_character_of_a_file_reaches_the_terminal(run: Run) -> None:
    result = run("-", stdin=BROKEN.replace("name: web,", 'name: "web\\e[31m\\a",'))
    assert result.exit_code == 1
    assert "\x1b" not in result.stdout
    assert "\x07" not in result.stdout


def test_odd_files_neither_hang_nor_crash(run: Run) -> None:
    Path("folder").mkdir()
    os.mkfifo("folder/kustomization.yaml")
    os.mkfifo("folder/pipe.yaml")
    Path("folder/a.yaml").write_text(CLEAN.replace("\n", "\r"))
    Path("folder/b.yaml").write_text(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {a: " + "1" * 5000 + "}"
    )
    result = run("folder")
    assert result.exit_code in {0, 1}, result.output
    assert "4 resources judged" in result.stdout
