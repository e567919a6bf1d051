"""What the world can reach: the proxy alone, and never a database."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from policies.findings import Level, Rule, Scope, Violation
from policies.resources import Resource
from policies.services import SERVICE_KINDS, Service
from policies.values import UNKNOWN, at, scalar

_PROXIES: Final = re.compile(
    r"traefik|ingress|gateway|envoy|haproxy|nginx|istio|contour|kong|proxy|load-?balancer", re.IGNORECASE
)
_STORES: Final = {
    5432: "Postgres",
    6432: "PgBouncer",
    3306: "MySQL",
    33060: "MySQL",
    1433: "SQL Server",
    1521: "Oracle",
    6379: "Redis",
    6380: "Redis",
    11211: "memcached",
    27017: "MongoDB",
    9042: "Cassandra",
    5984: "CouchDB",
    9200: "Elasticsearch",
    9300: "Elasticsearch",
    2379: "etcd",
    2380: "etcd",
    5672: "RabbitMQ",
    8123: "ClickHouse",
}
_INTERNAL: Final = (
    "service.beta.kubernetes.io/aws-load-balancer-internal",
    "service.beta.kubernetes.io/aws-load-balancer-scheme",
    "service.beta.kubernetes.io/azure-load-balancer-internal",
    "cloud.google.com/load-balancer-type",
    "networking.gke.io/load-balancer-type",
    "service.beta.kubernetes.io/openstack-internal-load-balancer",
    "service.beta.kubernetes.io/oci-load-balancer-internal",
    "load-balancer.hetzner.cloud/disable-public-network",
    "metallb.universe.tf/address-pool",
    "metallb.io/address-pool",
)
_INTERNAL_VALUES: Final = re.compile(r"true|internal|0\.0\.0\.0/0|.*(?:internal|private|lan).*", re.IGNORECASE)
_EVERYBODY: Final = frozenset({"0.0.0.0/0", "::/0"})


def _judge_exposed(resource: Resource) -> Iterator[Violation]:
    addresses = at(resource.inputs, "spec", "externalIPs")
    if isinstance(addresses, list) and addresses:
        shown = ", ".join(str(one) for one in addresses)
        yield Violation(
            resource, ("spec", "externalIPs"), f"takes traffic for {shown}, whoever that address belongs to"
        )
    kind = scalar(resource.inputs, "spec", "type")
    if kind == "NodePort" or (kind == "LoadBalancer" and _is_public(resource)):
        for port in Service(resource).ports:
            store = _STORES.get(port.number) or _STORES.get(port.target)
            if store:
                message = f"opens {store} (port {port.number}) to the world by a Service of type {kind}"
                yield Violation(resource, port.path, message)


def _is_public(resource: Resource) -> bool:
    ranges = at(resource.inputs, "spec", "loadBalancerSourceRanges")
    limited = ranges is UNKNOWN or (isinstance(ranges, list) and bool(ranges) and not _EVERYBODY & _texts(ranges))
    notes = resource.annotations
    inside = any(key in notes and _INTERNAL_VALUES.fullmatch(str(notes[key])) for key in _INTERNAL)
    return not (limited or inside or at(resource.inputs, "spec", "loadBalancerClass") == "tailscale")


def _texts(values: list[Any]) -> set[str]:
    return {value for value in values if isinstance(value, str)}


EXPOSED = Rule(
    code="FLT-SECURITY-016",
    name="stores-stay-inside",
    title="No Service opens a store to the world or takes an address of the network for itself",
    why="Open stores are found within hours; an externalIP takes the traffic of any address in the cluster's network.",
    source="https://github.com/kubernetes/kubernetes/issues/97076",
    remediation="Use type ClusterIP, and kubectl port-forward or a route with access control for people.",
    scope=Scope.RESOURCE,
    judge=_judge_exposed,
    kinds=SERVICE_KINDS,
)


def _judge_node_ports(resource: Resource) -> Iterator[Violation]:
    if scalar(resource.inputs, "spec", "type") != "NodePort" or _PROXIES.search(str(resource.physical_name)):
        return
    selector = at(resource.inputs, "spec", "selector")
    told = " ".join(str(value) for value in selector.values()) if isinstance(selector, dict) else ""
    stores = any(port.number in _STORES or port.target in _STORES for port in Service(resource).ports)
    if not (_PROXIES.search(told) or stores):
        yield Violation(resource, ("spec", "type"), "opens a port on every node, past the proxy and its rules")


NODE_PORTS = Rule(
    code="FLT-SECURITY-017",
    name="the-proxy-is-the-door",
    title="Only the proxy opens ports on nodes",
    why="A NodePort is reached on every node without TLS, without middlewares and mostly without a firewall.",
    source="https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport",
    remediation="Use type ClusterIP and a route.",
    scope=Scope.RESOURCE,
    judge=_judge_node_ports,
    level=Level.ADVISORY,
    kinds=SERVICE_KINDS,
)

RULES = (EXPOSED, NODE_PORTS)
