"""Whatever stands where a routing object expects something else, no rule crashes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from policies.judge import judge
from policies.values import UNKNOWN

TRAEFIK, GATEWAY = "traefik.io/v1alpha1", "gateway.networking.k8s.io/v1"


def _object(api: str, kind: str, name: str, **spec: Any) -> Any:
    annotations = {"traefik.ingress.kubernetes.io/router.entrypoints": "web", "kubernetes.io/ingress.class": "x"}
    metadata = {"name": name, "namespace": "shop", "annotations": annotations}
    return {"apiVersion": api, "kind": kind, "metadata": metadata, "spec": spec}


SERVICE = {"name": "s", "port": 80}
OBJECTS = [
    _object(
        TRAEFIK,
        "IngressRoute",
        "route",
        entryPoints=["web"],
        parentRefs=[{"name": "p"}],
        routes=[{"kind": "Rule", "match": "Host(`a.b`)", "priority": 1, "syntax": "v3", "services": [SERVICE]}],
        tls={
            "secretName": "c",
            "options": {"name": "o"},
            "certResolver": "r",
            "domains": [{"main": "m", "sans": ["n"]}],
        },
    ),
    _object(
        TRAEFIK,
        "IngressRoute",
        "middle",
        routes=[
            {
                "match": "PathPrefix(`/x`)",
                "services": [SERVICE],
                "middlewares": [{"name": "strip", "namespace": "shop"}],
            }
        ],
    ),
    _object(TRAEFIK, "IngressRouteTCP", "tcp", routes=[{"match": "HostSNI(`a.b`)", "services": [SERVICE]}], tls={}),
    _object(TRAEFIK, "IngressRouteUDP", "udp", entryPoints=["u"], routes=[{"services": [SERVICE]}]),
    _object(TRAEFIK, "Middleware", "strip", stripPrefix={"prefixes": ["/x"]}),
    _object(
        "networking.k8s.io/v1",
        "Ingress",
        "ingress",
        defaultBackend={"service": {"name": "s", "port": {"number": 80}}},
        tls=[{"hosts": ["a.b"], "secretName": "c"}],
        rules=[
            {"host": "a.b", "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": {"service": SERVICE}}]}}
        ],
    ),
    _object(
        "cert-manager.io/v1", "Certificate", "c", secretName="c", dnsNames=["a.b"], commonName="a.b", ipAddresses=["1"]
    ),
    _object(
        GATEWAY,
        "Gateway",
        "public",
        listeners=[
            {
                "name": "web",
                "port": 80,
                "protocol": "HTTP",
                "hostname": "a.b",
                "allowedRoutes": {"namespaces": {"from": "All"}},
                "tls": {"certificateRefs": [{"name": "c", "namespace": "shop", "kind": "Secret"}]},
            }
        ],
    ),
    *(
        _object(
            GATEWAY,
            kind,
            kind.lower(),
            parentRefs=[{"kind": "Gateway", "name": "public", "namespace": "shop", "sectionName": "web", "port": 80}],
            hostnames=["a.b"],
            rules=[
                {
                    "matches": [
                        {
                            "path": {"type": "PathPrefix", "value": "/"},
                            "headers": [{"name": "h", "type": "Exact", "value": "v"}],
                            "queryParams": [{"name": "q", "value": "v"}],
                            "method": method,
                        }
                    ],
                    "filters": [{"type": "RequestRedirect"}],
                    "backendRefs": [SERVICE],
                }
            ],
        )
        for kind, method in (
            ("HTTPRoute", "GET"),
            ("GRPCRoute", {"type": "Exact", "service": "s", "method": "m"}),
            ("TLSRoute", None),
            ("TCPRoute", None),
            ("UDPRoute", None),
        )
    ),
]
JUNK: list[Any] = [None, 7, -1.5, True, "text", "(", "", [], [1], [[]], {}, {"a": None}, [{"x": [None]}], UNKNOWN]


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*path, key)
        yield from _paths(item, (*path, key))


@pytest.mark.parametrize("junk", JUNK, ids=repr)
def test_whatever_shape_a_routing_field_has_no_rule_crashes(junk: Any) -> None:
    for index, manifest in enumerate(OBJECTS):
        for path in _paths(manifest["spec"], ("spec",)):
            changed = [*OBJECTS[:index], json.loads(json.dumps(manifest)), *OBJECTS[index + 1 :]]
            target = changed[index]
            for step in path[:-1]:
                target = target[step]
            target[path[-1]] = junk
            assert not [one.message for one in judge(changed) if one.crashed], (manifest["kind"], path)
