"""Which class registers a type token; each is imported when the first resource of its kind is registered.

Importing a provider's SDK is most of a program's start (field-guide/pulumi.md, section 6): a stack without an edge
must never import pulumi_cloudflare.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from functools import cache
from typing import Any

import pulumi

from manifests.plan import KUBERNETES_TYPE
from manifests.providers import PROVIDER_TYPE, RANDOM_PASSWORD

_MODULES = {
    "apps/v1": "pulumi_kubernetes.apps.v1",
    "autoscaling/v2": "pulumi_kubernetes.autoscaling.v2",
    "batch/v1": "pulumi_kubernetes.batch.v1",
    "core/v1": "pulumi_kubernetes.core.v1",
    "networking.k8s.io/v1": "pulumi_kubernetes.networking.v1",
    "policy/v1": "pulumi_kubernetes.policy.v1",
}
_OTHERS = {
    RANDOM_PASSWORD: ("pulumi_random", "RandomPassword"),
    "cloudflare:index/d1Database:D1Database": ("pulumi_cloudflare", "D1Database"),
    "cloudflare:index/r2Bucket:R2Bucket": ("pulumi_cloudflare", "R2Bucket"),
}
# What the typed classes call differently; the API version and the kind they know themselves.
_OWN = ("apiVersion", "kind")
_CUSTOM = "pulumi_kubernetes.apiextensions"


def create(token: str, name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions) -> pulumi.CustomResource:
    """Register one resource with the class of its type token; a kind without a class becomes a CustomResource."""
    if token.startswith(KUBERNETES_TYPE):
        return _kubernetes(token, name, inputs, opts)
    module, class_name = _OTHERS.get(token) or (f"pulumi_{token.removeprefix(PROVIDER_TYPE)}", "Provider")
    made: pulumi.CustomResource = _class(module, class_name)(name, **_keywords(inputs), opts=opts)
    return made


def _kubernetes(
    token: str, name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions
) -> pulumi.CustomResource:
    _, group, kind = token.split(":")
    made: pulumi.CustomResource
    if group in _MODULES:
        body = {key: value for key, value in inputs.items() if key not in _OWN}
        made = _class(_MODULES[group], kind)(name, **_keywords(body), opts=opts)
    else:
        made = _class(_CUSTOM, "CustomResource")(
            name,
            api_version=inputs["apiVersion"],
            kind=kind,
            metadata=inputs["metadata"],
            spec=inputs["spec"],
            opts=opts,
        )
    return made


@cache
def _class(module: str, name: str) -> Any:  # noqa: ANN401  (any resource class)
    return getattr(importlib.import_module(module), name)


def _keywords(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {_snake(key): value for key, value in inputs.items()}


@cache
def _snake(key: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in key)
