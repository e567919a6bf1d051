"""The fleet as a flat Pulumi program: the objects of ``resources.json`` with their typed classes, and nothing else.

No components, no order, no model: the least that Pulumi can take for these objects. ``flotilla:resources`` names the
file; secrets get values from the same configuration.
"""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pulumi
import pulumi_kubernetes

_MODULES = {"core/v1": "core.v1", "apps/v1": "apps.v1", "batch/v1": "batch.v1", "policy/v1": "policy.v1"}
_MODULES["networking.k8s.io/v1"] = "networking.v1"


@cache
def typed(group: str, kind: str) -> Any:  # noqa: ANN401  (any resource class)
    """Give the class of a kind, None where the SDK has none."""
    module = _MODULES.get(group)
    return module and getattr(importlib.import_module(f"pulumi_kubernetes.{module}"), kind)


@cache
def snake(key: str) -> str:
    """Give a field's name in Python."""
    return re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", key)


def create(entry: Mapping[str, Any], opts: pulumi.ResourceOptions, secret: pulumi.Output[str]) -> None:
    """Make one object; a Secret gets ``secret`` under each of its keys."""
    _, group, kind = entry["type"].split(":")
    body = {snake(key): value for key, value in entry["inputs"].items() if key not in {"apiVersion", "kind"}}
    if kind == "Secret":
        keys = body["metadata"]["annotations"]["flotilla.dev/keys"].split(",")
        body["string_data"] = dict.fromkeys(keys, secret)
    if class_ := typed(group, kind):
        class_(entry["name"], **body, opts=opts)
    else:
        custom = importlib.import_module("pulumi_kubernetes.apiextensions").CustomResource
        custom(entry["name"], api_version=entry["inputs"]["apiVersion"], kind=kind, **body, opts=opts)


config = pulumi.Config("flotilla")
entries = json.loads(Path(config.require("resources")).read_text(encoding="utf-8"))
value = config.require_secret("stripeSecretKey")
inputs = next(entry["inputs"] for entry in entries if entry["type"] == "pulumi:providers:kubernetes")
provider = pulumi_kubernetes.Provider("kubernetes", **{snake(key): given for key, given in inputs.items()})
for found in entries:
    if found["type"].startswith("kubernetes:"):
        create(found, pulumi.ResourceOptions(provider=provider, protect=found["opts"]["protect"] or None), value)
pulumi.export("namespace", inputs["clusterIdentifier"])
