"""No message of any rule, in any format, repeats what stands where secrets stand."""

from __future__ import annotations

import base64
import copy
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.credentials.hidden import hide
from policies.documents import Document, DocumentError, documents
from policies.judge import examine, judge
from policies.reports import Located, Report, as_json, as_junit, as_sarif

MARKERS = [
    "hunter2-Xq7Zk",
    "Zq8kPw3LmN5rT7vX9yB2",
    "sk_" + "live_Zq8kPw3LmN5rT7vX9yB2",
    "glpat-" + "Zq8kPw3LmN5rT7vX9yB2",
    "correct horse battery",
    "7349158620",
]
FORMS = [
    "{}",
    "Bearer {}",
    "postgres://app:{}@database/shop",
    "--password={}",
    "https://x.example/?token={}",
    "a={}\nb={}",
]


def _stack() -> list[Any]:
    """Give objects of the kinds in which secrets stand, each with every place that can hold one."""
    container = {
        "name": "app",
        "image": "registry.example/app:1.0.0",
        "command": ["sh", "-c", "@"],
        "args": ["--token", "@", "-p@", "@"],
        "env": [
            {"name": name, "value": "@" if name != "PORT" else "@!"}
            for name in ("DB_PASSWORD", "API_TOKEN", "DATABASE_URL", "GREETING", "PORT", "JAVA_OPTS")
        ],
        "ports": [{"containerPort": 3000}],
        "livenessProbe": {
            "httpGet": {"path": "/@", "port": 3000, "httpHeaders": [{"name": "Authorization", "value": "@"}]},
        },
        "readinessProbe": {"exec": {"command": ["check", "--password", "@"]}},
        "lifecycle": {"preStop": {"exec": {"command": ["stop", "@"]}}},
    }
    place = {"name": "x", "namespace": "shop"}
    annotations = {"example.com/password": "@", "example.com/note": "@"}
    template = {"metadata": {"labels": {"app": "x"}, "annotations": annotations}, "spec": {"containers": [container]}}
    match = "Host(`shop.example`) && Header(`X-Api-Key`, `@`)"
    route = {"match": match, "kind": "Rule", "services": [{"name": "x", "port": 80}]}
    headers = {"customRequestHeaders": {"Authorization": "@", "X-Api-Key": "@"}}
    traefik = {"apiVersion": "traefik.io/v1alpha1"}
    worker = {"bindings": [{"type": kind, "name": "API_TOKEN", "text": "@"} for kind in ("plain_text", "secret_text")]}
    purpose = {"flotilla.dev/purpose": "production"}
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": purpose}},
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": place | {"annotations": annotations},
            "spec": {"template": template},
        },
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": place,
            "data": {"password": "@", "app.env": "DB_PASSWORD=@\n", "x": "@"},
        },
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": place,
            "stringData": {"password": "@"},
            "data": {"key": "@"},
        },
        traefik | {"kind": "IngressRoute", "metadata": place, "spec": {"routes": [route]}},
        traefik | {"kind": "IngressRoute", "metadata": place | {"name": "y"}, "spec": {"routes": [route]}},
        traefik
        | {"kind": "Middleware", "metadata": place, "spec": {"headers": headers, "plugin": {"auth": {"secret": "@"}}}},
        {
            "type": "cloudflare:index/workersScript:WorkersScript",
            "name": "edge",
            "inputs": worker | {"content": "let t = '@'"},
        },
    ]


def _filled(value: Any, text: str) -> Any:
    if isinstance(value, dict):
        return {key: _filled(item, text) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, text) for item in value]
    return value.replace("@", text) if isinstance(value, str) else value


def _said(items: Any) -> str:
    judgement = examine(items)
    report = Report(
        judgement=judgement, located=[Located(one, 1) for one in judgement.findings], problems=[], judged=len(items)
    )
    reports = [as_json(report), as_sarif(report), as_junit(report)]
    return "\n".join([*reports, *judgement.notes, *(repr(one.message) for one in judgement.findings)])


def _pieces(marker: str) -> Iterator[str]:
    yield marker
    yield base64.b64encode(marker.encode()).decode()
    yield from (marker[start : start + 8] for start in range(len(marker) - 7) if not marker.startswith("correct"))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("marker", MARKERS)
def test_no_report_repeats_a_marker_from_any_place(marker: str, form: str) -> None:
    items = _filled(_stack(), form.replace("{}", marker))
    assert {"FLT-SECRET-001", "FLT-SECRET-002"} & {
        one.rule.code for one in judge(items)
    } or marker == "correct horse battery"
    said = _said(items)
    assert not [piece for piece in _pieces(marker) if piece in said]


JUNK = st.recursive(
    st.none() | st.booleans() | st.sampled_from([*MARKERS, "@", 7349158620]),
    lambda one: (
        st.lists(one, max_size=3) | st.dictionaries(st.sampled_from(["name", "value", "key", "text"]), one, max_size=3)
    ),
    max_leaves=6,
)


@given(st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_no_message_repeats_a_marker_that_stands_in_a_shape_nobody_expects(data: st.DataObject) -> None:
    items = copy.deepcopy(_stack())
    holders = [
        (items[1]["spec"]["template"]["spec"]["containers"][0], key) for key in ("env", "args", "command", "lifecycle")
    ]
    holders += [(items[2], "data"), (items[3], "data"), (items[3], "stringData"), (items[6]["spec"], "headers")]
    holders += [(items[7]["inputs"], "bindings"), (items[1]["metadata"], "annotations")]
    holder, key = data.draw(st.sampled_from(holders))
    holder[key] = data.draw(JUNK)
    said = _said(items)
    assert not [marker for marker in MARKERS if marker in said]


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("has image 'app:hunter2@registry.example/app'", "has image '[hidden]@registry.example/app'"),
        ("has image 'https://app:hunter2@registry.example/app'", "has image 'https://[hidden]@registry.example/app'"),
        ("runs shop:1.2@sha256:" + "0" * 64, "runs shop:1.2@sha256:" + "0" * 64),
        ("claims a.b where Header(`X-Api-Key`, `hunter2`)", "claims a.b where Header(`X-Api-Key`, `[hidden]`)"),
        ("claims a.b where Header(`X-Canary`, `yes`)", "claims a.b where Header(`X-Canary`, `yes`)"),
        ("asks for glpat-" + "Zq8kPw3LmN5rT7vX9yB2", "asks for [hidden]"),
        ("sends 80 to TCP port 3000", "sends 80 to TCP port 3000"),
    ],
)
def test_a_message_of_any_rule_loses_what_may_be_a_credential(message: str, expected: str) -> None:
    assert hide(message) == expected


@pytest.mark.parametrize(
    "text", ["password: *{}", "password: !{} x", "{}: [", "? [a]\n: {}", "a: '{}", "a: @{}", "&{} : *{}x"]
)
def test_a_file_that_cannot_be_read_is_not_quoted(text: str) -> None:
    marker = "Zq8kPw3LmN5rT7vX9yB2"
    said = [_problem(document) for document in documents("file.yaml", text.replace("{}", marker))]
    assert not any(marker in problem for problem in said)


def _problem(document: Document) -> str:
    try:
        document.parse()
    except DocumentError as error:
        return str(error)
    return ""
