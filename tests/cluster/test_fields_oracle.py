"""The API server itself says whether an object can be: what we call broken it refuses, and what it refuses we find.

Objects that it accepts are changed field by field: removed, misspelt, emptied, doubled, given another type or value.
Each is offered to a real API server with ``fieldValidation=Strict`` as a dry run, and both answers are compared.
"""

from __future__ import annotations

import copy
import http.client
import json
import re
import ssl
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from policies.conformity import issues
from policies.documents import documents
from policies.findings import Level
from policies.resources import Resource, from_manifest
from policies.rules import api_versions, fields, identity, object_names
from sandbox.cluster import Cluster
from tests.policies.schemas import generate

VALID = Path(generate.__file__).with_name("valid.yaml")
RULES = [
    *api_versions.RULES,
    identity.SAID,
    *object_names.RULES,
    *fields.RULES,
]
MANDATORY = [rule for rule in RULES if rule.level is Level.MANDATORY or rule is fields.WHOLE]
"""The rules that say that the server refuses an object; the one for fragments does too, if the object stands alone."""
GATEWAY_KINDS = ("gateways", "httproutes")
Manifest = dict[str, Any]
Step = tuple[str | int, ...]

LEFT = {
    "A name of something that stands elsewhere; the rules on references follow it": (
        r"Not found",
        r"does not match template",
        r"can only use volume source type",
        r"must be spec\.names\.plural",
        r"APIService.*metadata\.name: Invalid",
    ),
    "A selector that selects everything; the rules on references say so": (r"empty selector",),
    "Ports; they have rules of their own": (r"spec\.ports\[\d\]\.name: Required", r"endPort"),
    "Probes; they have rules of their own": (r"must specify a handler type", r"exec\.command: Required"),
    "Names and sums of resources; they have rules of their own": (
        r"must be a standard resource type",
        r"must be less than or equal to \w+ limit",
        r"(min|default request) value .* is greater than",
        r"must be an integer",
    ),
    "A Job's pods that restart always; the rules on roll-outs say so": (r"restartPolicy: Required",),
    "The source and target of a metric; the rules on autoscalers say so": (
        r"must populate information",
        r"must (set either|specify a positive) ",
    ),
    "The schema inside a definition; only its author can be at fault": (r"openAPIV3Schema", r"subresources\.status"),
    "An expression in CEL; no tree says it": (
        r"evaluating rule",
        r"\.type$",
        r"must be specified for",
        r"Must have port",
    ),
    "Fields that go with each other in kinds that hardly anybody writes": (
        r"nodePublishSecretRef",
        r"resourceFieldRef\.containerName",
        r"parameters: Required",
        r"insecureSkipTLSVerify",
        r"serviceAccount is required when",
        r"not cluster scoped",
        r"spec\.limited",
        r"data (is mandatory|must be a valid JSON object)",
        r"resourceRules: Required",
        r"cel: Required",
        r"Local volume requires node affinity",
        r"externalTrafficPolicy: Invalid",
        r"Duplicate value: \"\"",
    ),
}
"""What the server refuses, after a field went or took another type, and this family of rules leaves: why, and which."""


class Mutation(NamedTuple):
    """A changed object, what was changed, and whether the shape was, or only a value."""

    what: str
    manifest: Manifest
    is_shape: bool


class Api:
    """The API server, asked over one connection; the answer to a question is kept."""

    def __init__(self, kubeconfig: Path) -> None:
        content = yaml.safe_load(kubeconfig.read_text(encoding="utf-8"))
        cluster, user = content["clusters"][0]["cluster"], content["users"][0]["user"]
        trust = ssl.create_default_context(cafile=cluster["certificate-authority"])
        trust.load_cert_chain(user["client-certificate"], user["client-key"])
        server = cluster["server"].partition("//")[2]
        self.connection = http.client.HTTPSConnection(server, context=trust, timeout=60)
        self.path = cache(self._path)
        self.known: dict[str, str | None] = {}

    def ask(self, method: str, path: str, body: str | None = None) -> tuple[int, Manifest]:
        self.connection.request(method, path, body, {"Content-Type": "application/json"})
        answer = self.connection.getresponse()
        content = answer.read()
        return answer.status, json.loads(content) if content.startswith(b"{") else {}

    def refusal(self, manifest: Manifest) -> str | None:
        """Give why the server would not take an object; None when it would."""
        body = json.dumps(manifest)
        if body not in self.known:
            path = self.path(manifest["apiVersion"], manifest["kind"])
            status, answer = self.ask("POST", f"{path}?dryRun=All&fieldValidation=Strict", body)
            self.known[body] = None if status == http.client.CREATED else str(answer.get("message"))
        return self.known[body]

    def _path(self, version: str, kind: str) -> str:
        base = f"/apis/{version}" if "/" in version else f"/api/{version}"
        served = self.ask("GET", base)[1]["resources"]
        one = next(one for one in served if one["kind"] == kind and "/" not in one["name"])
        return f"{base}{'/namespaces/default' if one['namespaced'] else ''}/{one['name']}"


@pytest.fixture(scope="module")
def api(private_cluster: Cluster) -> Iterator[Api]:
    source = generate.module("sigs.k8s.io/gateway-api", generate.HERE)
    for kind in GATEWAY_KINDS:
        file = str(source.folder / f"config/crd/experimental/gateway.networking.k8s.io_{kind}.yaml")
        private_cluster.kubectl.run("apply", "--server-side", "-f", file)
        private_cluster.kubectl.run("wait", "--for=condition=Established", "--timeout=120s", "-f", file)
    api = Api(private_cluster.kubeconfig)
    yield api
    api.connection.close()


SEEDS: list[Manifest] = [one.parse() for one in documents(str(VALID), VALID.read_text(encoding="utf-8"))]


def _walk(value: Any, path: Step = ()) -> Iterator[tuple[Step, Any]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*path, key), item
        yield from _walk(item, (*path, key))


def _other_shapes(value: Any) -> list[Any]:
    if isinstance(value, bool):
        return [str(value).lower(), 1, []]
    if isinstance(value, int):
        return [str(value), True, ["a"], value + 0.5]
    if isinstance(value, dict):
        return ["text", [value], 1]
    if isinstance(value, list):
        return [value[0] if value else "x", {"a": "b"}, "text"]
    return [1, True, ["a"], {"a": "b"}]


def _other_values(value: Any) -> list[Any]:
    if isinstance(value, list):
        return [None, [*value, *value]]
    return [None, "", "Bad Value!"] if isinstance(value, str) else [None, -1] if isinstance(value, int) else [None]


def _mutations(seed: Manifest) -> Iterator[Mutation]:
    for path, value in _walk(seed):
        if path in {("apiVersion",), ("kind",)}:
            continue
        name, shown = path[-1], ".".join(map(str, path))
        if isinstance(name, str):
            yield Mutation(f"without {shown}", _changed(seed, path, lambda target, key: target.pop(key)), is_shape=True)
            misspelt = _changed(seed, path, lambda target, key: target.update({f"{key}x": target.pop(key)}))
            yield Mutation(f"{shown} misspelt", misspelt, is_shape=True)
        for is_shape, others in ((True, _other_shapes(value)), (False, _other_values(value))):
            for other in others:
                yield Mutation(f"{shown}: {other!r:.40}", _changed(seed, path, _put(other)), is_shape)


def _put(other: Any) -> Callable[[Any, Any], None]:
    def edit(target: Any, key: Any) -> None:
        target[key] = other

    return edit


def _changed(seed: Manifest, path: Step, edit: Callable[[Any, Any], Any]) -> Manifest:
    changed = copy.deepcopy(seed)
    target: Any = changed
    for step in path[:-1]:
        target = target[step]
    edit(target, path[-1])
    return changed


def _ours(manifest: Manifest) -> list[str]:
    resource: Resource = from_manifest(manifest)
    return [one.message for rule in MANDATORY for one in rule.judge(resource)]


def _reason(what: str, refusal: str) -> str | None:
    said = f"{what} {refusal}"
    return next((why for why, patterns in LEFT.items() if any(re.search(one, said) for one in patterns)), None)


def _name(seed: Manifest) -> str:
    return f"{seed['kind']}-{seed['metadata'].get('name', 'unnamed')}"


@pytest.mark.parametrize("seed", SEEDS, ids=_name)
def test_the_server_and_we_agree_on_every_change_of_an_object(api: Api, seed: Manifest) -> None:
    assert api.refusal(seed) is None
    assert _ours(seed) == []
    assert issues(from_manifest(seed)) == ()
    false_alarms, missed = [], []
    for what, changed, is_shape in _mutations(seed):
        ours, refusal = _ours(changed), api.refusal(changed)
        if ours and refusal is None:
            false_alarms.append((what, ours))
        if is_shape and refusal is not None and not ours and _reason(what, refusal) is None:
            missed.append((what, refusal))
    assert false_alarms == []
    assert missed == []


@pytest.mark.parametrize("path", ["spec.containers", "spec.template.spec.nothing", "data"])
def test_a_field_that_a_kind_does_not_have_is_refused_wherever_it_stands(api: Api, path: str) -> None:
    changed = copy.deepcopy(SEEDS[0])
    target: Any = changed
    *steps, last = path.split(".")
    for step in steps:
        target = target[step]
    target[last] = []
    assert "unknown field" in str(api.refusal(changed))
    assert _ours(changed) != []


def test_names_and_versions_are_refused_alike(api: Api) -> None:
    config = next(seed for seed in SEEDS if seed["kind"] == "ConfigMap")
    for metadata in ({"name": "A"}, {"name": "a_b"}, {"name": "a", "labels": {"a": "b c"}}, {"name": "a" * 254}, {}):
        changed = config | {"metadata": metadata}
        assert api.refusal(changed) is not None, metadata
        assert _ours(changed) != [], metadata
    for version in ("apps/v1beta1", "app/v1", "batch/v2", "extensions/v1beta1"):
        assert api.ask("GET", f"/apis/{version}")[0] == http.client.NOT_FOUND
        assert _ours(SEEDS[0] | {"apiVersion": version}) != []
