"""Whatever shape a field has, no rule crashes: every field of every example, and of kinds that the examples lack."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from policies.examples import FOLDER
from policies.files import read_all
from policies.judge import judge
from policies.resources import Resource
from policies.values import UNKNOWN

_JUNK: list[Any] = [None, 7, -1.5, True, "text", "", [], [1], {}, {"a": None}, [{"x": [None]}], [[1]], UNKNOWN]
_JUNK += [[UNKNOWN], {"a": UNKNOWN}, ["*"]]
_HEADER = "Access-Control-Allow-Origin"
_TRAEFIK, _CLOUDFLARE = "kubernetes:traefik.io/v1alpha1", "cloudflare:index/x"
_POD: dict[str, Any] = {
    "os": {"name": "linux"},
    "hostUsers": True,
    "securityContext": {
        "sysctls": [{"name": "kernel.shm_rmid_forced"}],
        "seLinuxOptions": {"type": "container_t"},
        "windowsOptions": {"hostProcess": False},
        "appArmorProfile": {"type": "RuntimeDefault"},
    },
    "containers": [
        {
            "name": "c",
            "command": ["shop"],
            "args": ["--port", "3000"],
            "env": [{"name": "CORS_ORIGINS", "value": "https://shop.example"}],
            "lifecycle": {"preStop": {"httpGet": {"host": ""}}},
            "securityContext": {"procMount": "Default", "capabilities": {"add": ["CHOWN"], "drop": ["ALL"]}},
        }
    ],
    "volumes": [{"name": "v", "nfs": {}}],
}
_MORE: list[tuple[str, dict[str, Any]]] = [
    ("kubernetes:core/v1:Pod", {"metadata": {"name": "x"}, "spec": _POD}),
    ("kubernetes:core/v1:ServiceAccount", {"metadata": {"name": "default"}, "automountServiceAccountToken": True}),
    (
        "kubernetes:gateway.networking.k8s.io/v1:HTTPRoute",
        {
            "spec": {
                "rules": [
                    {
                        "filters": [{"cors": {"allowOrigins": ["*"], "allowMethods": ["GET"]}}],
                        "backendRefs": [{"filters": [{"responseHeaderModifier": {"set": [{"name": _HEADER}]}}]}],
                    }
                ]
            }
        },
    ),
    (
        f"{_TRAEFIK}:Middleware",
        {
            "metadata": {"name": "guard"},
            "spec": {
                "chain": {"middlewares": [{"name": "guard"}]},
                "ipAllowList": {"sourceRange": ["10.0.0.0/8"]},
                "headers": {
                    "customResponseHeaders": {_HEADER: "https://shop.example"},
                    "accessControlAllowOriginListRegex": [r"^https://shop\.example$"],
                },
            },
        },
    ),
    (
        f"{_CLOUDFLARE}:PagesProject",
        {"deploymentConfigs": {"production": {"envVars": {"CORS_ORIGIN": {"value": "*"}}}}},
    ),
    (f"{_CLOUDFLARE}:Ruleset", {"rules": [{"actionParameters": {"headers": {_HEADER: {"value": "*"}}}}]}),
    (f"{_CLOUDFLARE}:Ruleset", {"rules": [{"actionParameters": {"headers": [{"name": _HEADER, "value": "*"}]}}]}),
    (f"{_CLOUDFLARE}:ZeroTrustAccessApplication", {"corsHeaders": {"allowedOrigins": ["*"]}}),
]


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*path, key)
        yield from _paths(item, (*path, key))


def _places() -> dict[Any, tuple[str, dict[str, Any], tuple[Any, ...]]]:
    """Give each field of each kind once, however many examples have it."""
    reading = read_all([str(FOLDER)])
    found: dict[Any, tuple[str, dict[str, Any], tuple[Any, ...]]] = {}
    for kind, inputs in [*((one.type, one.inputs) for one in reading.resources), *_MORE]:
        for path in _paths(inputs):
            general = tuple("#" if isinstance(step, int) else step for step in path)
            found.setdefault((kind, general), (kind, inputs, path))
    return found


@pytest.mark.parametrize("junk", _JUNK, ids=repr)
def test_whatever_shape_a_field_has_no_rule_crashes(junk: Any) -> None:
    places = _places()
    assert len(places) > 300
    for kind, inputs, path in places.values():
        changed = copy.deepcopy(inputs)
        target: Any = changed
        for step in path[:-1]:
            target = target[step]
        target[path[-1]] = junk
        findings = judge([Resource(type=kind, name="x", inputs=changed)])
        assert not [one.message for one in findings if one.crashed], (kind, path)
