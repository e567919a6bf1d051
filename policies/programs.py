"""Where well-known programs listen by themselves: ports that their usual manifests use but do not declare.

``containerPort`` is informational, and the manifests of these programs take that at its word. Each entry is the default
of the program's own documentation; a program that declares what it uses needs none.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Final

from policies.images import parse

_NONE: Final[frozenset[int]] = frozenset()
_COLLECTOR: Final = frozenset({4317, 4318, 8888, 13133})
_ENVOY: Final = frozenset({9901, 15000, 15001, 15006, 15020, 15021, 15090})
LISTENERS: Final = MappingProxyType(
    {
        "alloy": frozenset({12345}),
        "all-in-one": frozenset({14269, 16686}),  # Jaeger
        "aws-load-balancer-controller": frozenset({8080, 9443, 61779}),
        "cert-manager-controller": frozenset({9402, 9403}),
        "cert-manager-webhook": frozenset({6080, 9402, 10250}),
        "cloud-sql-proxy": frozenset({9090, 9091, 9801}),
        "cluster-autoscaler": frozenset({8085}),
        "coredns": frozenset({53, 8080, 8181, 9153}),
        "envoy": _ENVOY,
        "etcd": frozenset({2379, 2380, 2381}),
        "external-dns": frozenset({7979}),
        "fluent-bit": frozenset({2020}),
        "gce-proxy": frozenset({8090, 9090}),
        "ingress-nginx": frozenset({10254}),
        "k8s-dns-node-cache": frozenset({53, 8080, 9253, 9353}),
        "keycloak": frozenset({8080, 8443, 9000}),
        "kong": frozenset({8000, 8001, 8100, 8443, 8444}),
        "kube-state-metrics": frozenset({8080, 8081}),
        "metrics-server": frozenset({4443, 10250}),
        "minio": frozenset({9000, 9001}),
        "nats": frozenset({4222, 6222, 8222}),
        "nginx-ingress-controller": frozenset({10254}),
        "opentelemetry-collector": _COLLECTOR,
        "opentelemetry-collector-contrib": _COLLECTOR,
        "opentelemetry-collector-k8s": _COLLECTOR,
        "pilot": frozenset({8080, 15010, 15012, 15014, 15017}),
        "proxyv2": _ENVOY,
        "rabbitmq": frozenset({5672, 15672, 15692}),
        "spire-server": frozenset({8080, 8081, 8443}),
        "traefik": frozenset({8080, 9000}),
        "vault": frozenset({8200, 8201}),
        "zookeeper": frozenset({2181, 2888, 3888, 8080}),
        "ztunnel": frozenset({15020, 15021}),
    }
)
"""By the last part of the image's path, or the one before it."""
_GATEWAYS: Final = frozenset({"auto", "proxyv2"})
_CONTROLLER: Final = re.compile(r"--?(?:leader-elect|enable-leader-election|zap-|health-probe|metrics-(?:bind-)?addr)")
_PROXY: Final = re.compile(
    r"(?:.*[-_])?(?:nginx|envoy|haproxy|caddy|httpd|apache|traefik|varnish|squid|pgbouncer|pgpool|openresty|proxy\w*)(?:[-_].*)?"
)


def listeners(image: object, command: object) -> frozenset[int]:
    """Give the ports on which a program listens though nobody declares them: by its image, or by what is started."""
    names = [*_names(image), *_started(command)]
    return next((LISTENERS[name] for name in names if name in LISTENERS), _NONE)


def _names(image: object) -> list[str]:
    parsed = parse(image) if isinstance(image, str) else None
    return parsed.path.split("/")[-2:][::-1] if parsed else []


def _started(command: object) -> list[str]:
    return (
        [word.rpartition("/")[2] for word in command[:1] if isinstance(word, str)] if isinstance(command, list) else []
    )


def is_gateway(image: object) -> bool:
    """Say whether an image is Istio's gateway (``auto``: filled in by Istio), which listens where routes tell it to."""
    return bool(_GATEWAYS.intersection(_names(image)[:1]))


def is_controller(*commands: object) -> bool:
    """Say whether arguments are those of a controller built on controller-runtime, which answers probes on 8081."""
    words = [word for command in commands if isinstance(command, list) for word in command]
    return any(isinstance(word, str) and _CONTROLLER.match(word) for word in words)


def is_proxy(image: object) -> bool:
    """Say whether an image is a proxy by its name: it stands before its neighbours, on ports its configuration says."""
    parsed = parse(image) if isinstance(image, str) else None
    return parsed is not None and _PROXY.fullmatch(parsed.path.rpartition("/")[2]) is not None
