"""The double of Stripe that a sandbox runs beside a fleet which asks for one: its pod, its state, its payment pages.

It is part of the place and not of the plan, as Stripe itself is. Its panel of faults is at its public address.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from fleet import images, naming
from fleet.model import FleetSpec, Resources
from manifests import pods, secrets
from manifests.assumed import TLS_TYPE
from manifests.canary import TRAEFIK_API
from manifests.objects import NAMESPACE, Identity, logical_name, metadata, planned
from manifests.plan import Planned
from manifests.volumes import claim
from sandbox import authority
from sandbox.images import recipes

NAME = "stripe-double"
OWNER = Identity(NAME, NAME, "payments")
_AMOUNTS = Resources(cpu_request="25m", memory_request="64Mi", cpu_limit="1", memory_limit="192Mi")
_STATE = "/var/lib/stripe"
_AUTHORITY = "ca.crt"
_EVENTS = "*"


def wanted(fleet: FleetSpec) -> bool:
    """Say whether the fleet's Stripe is this double: its address names it."""
    return urlsplit(fleet.checkout.stripe_api or "").hostname == NAME


def host(fleet: FleetSpec) -> str:
    """Give where buyers find its payment pages."""
    return naming.host(NAME, fleet.domain)


def image(fleet: FleetSpec) -> images.Image:
    """Give its image: beside the fleet's own, so that a cluster which pulls can be given it by a push."""
    return images.parse(recipes.double(), fleet.registry)


def double(fleet: FleetSpec, *, outside: bool) -> Iterator[Planned]:
    """Plan the double, if the fleet wants it.

    Its webhooks take the public way that Stripe's take where pods can go ``outside``; elsewhere nobody knows the
    fleet's hosts, and they go to the Service.
    """
    if not wanted(fleet):
        return
    config = _config_map(fleet)
    yield config
    yield claim(fleet, OWNER, NAME, size="256Mi", storage_class=None)
    yield _certificate(fleet)
    yield _deployment(fleet, config.inputs["metadata"]["name"], outside=outside)
    yield _service(fleet)
    yield _policy(fleet)
    yield _route(fleet)


def _port(fleet: FleetSpec) -> int:
    return urlsplit(fleet.checkout.stripe_api or "").port or naming.SERVICE_PORT


def _config_map(fleet: FleetSpec) -> Planned:
    authority.ensure()
    data = {_AUTHORITY: authority.path().read_text(encoding="ascii")}
    meta = metadata(fleet, naming.config_map(NAME, data), OWNER)
    return planned("v1", "ConfigMap", meta, {"immutable": True, "data": data})


def _certificate(fleet: FleetSpec) -> Planned:
    annotations = {naming.KEYS: "tls.crt,tls.key", naming.GENERATION: "1", naming.HOSTS: host(fleet)}
    meta = metadata(fleet, naming.tls_secret(NAME), OWNER, annotations=annotations)
    return planned("v1", "Secret", meta, {"type": TLS_TYPE})


def _deployment(fleet: FleetSpec, config_map: str, *, outside: bool) -> Planned:
    keys = secrets.stripe(fleet)
    meta = metadata(fleet, NAME, OWNER, labels={"app.kubernetes.io/version": image(fleet).version})
    pod = pods.Pod(
        labels=meta["labels"] | {naming.COMPARTMENT: naming.CHECKOUT},
        annotations=keys.annotations,
        service_account=naming.CHECKOUT,
        containers=[_container(fleet, keys, outside=outside)],
        volumes=[
            {"name": "config", "configMap": {"name": config_map}},
            {"name": "state", "persistentVolumeClaim": {"claimName": NAME}},
            keys.volume,
        ],
    )
    body = {
        "spec": {
            "replicas": 1,
            # Two of them would each remember half of what was paid.
            "strategy": {"type": "Recreate"},
            "selector": {"matchLabels": _selector()},
            "template": pod.template(),
        }
    }
    needs = (
        NAMESPACE,
        logical_name(naming.CHECKOUT, "ServiceAccount"),
        logical_name(config_map, "ConfigMap"),
        logical_name(NAME, "PersistentVolumeClaim"),
        keys.logical_name,
    )
    return planned("apps/v1", "Deployment", meta, body, needs=needs)


def _container(fleet: FleetSpec, keys: secrets.SecretSpec, *, outside: bool) -> dict[str, object]:
    checkout = fleet.checkout.workload
    inside = f"http://{naming.service_host(checkout.name, fleet.namespace)}"
    port = _port(fleet)
    variables = {
        "PORT": str(port),
        "PUBLIC_URL": naming.url(host(fleet)),
        "STATE_FILE": f"{_STATE}/state.sqlite",
        "STRIPE_SECRET_KEY_FILE": keys.path("stripe-secret-key"),
        "STRIPE_WEBHOOK_SECRET_FILE": keys.path("stripe-webhook-secret"),
        "WEBHOOK_AUTHORITY_FILE": f"{pods.CONFIG_PATH}/{_AUTHORITY}",
        "WEBHOOK_EVENTS": _EVENTS,
        "WEBHOOK_URL": f"{checkout.url if outside else inside}/webhooks/stripe",
    }
    return pods.container(
        NAME,
        image(fleet),
        _AMOUNTS,
        mounts=[pods.mount("config", pods.CONFIG_PATH), pods.mount("state", _STATE, read_only=False), keys.mount],
        ports=[{"name": naming.HTTP_PORT, "containerPort": port, "protocol": "TCP"}],
        env=pods.environment(variables),
        **pods.probes(pods.http_probe("/health/ready"), pods.http_probe("/health/live")),
    )


def _selector() -> dict[str, str]:
    return {"app.kubernetes.io/name": OWNER.app, "app.kubernetes.io/instance": OWNER.instance}


def _service(fleet: FleetSpec) -> Planned:
    port = {"name": naming.HTTP_PORT, "port": _port(fleet), "targetPort": naming.HTTP_PORT, "protocol": "TCP"}
    body = {"spec": {"type": "ClusterIP", "selector": _selector(), "ports": [port]}}
    needs = (logical_name(NAME, "Deployment"),)
    return planned("v1", "Service", metadata(fleet, NAME, OWNER), body, needs=needs)


def _policy(fleet: FleetSpec) -> Planned:
    """Plan who reaches it: buyers through Traefik, the checkout; and that it reaches whoever takes webhooks."""
    traefik = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": fleet.traefik.namespace}}}
    apps = {"key": "app.kubernetes.io/name", "operator": "In", "values": [naming.CHECKOUT, naming.RECONCILE]}
    ports = [{"protocol": "TCP", "port": _port(fleet)}]
    body = {
        "spec": {
            "podSelector": {"matchLabels": {"app.kubernetes.io/name": OWNER.app}},
            "policyTypes": ["Ingress"],
            "ingress": [{"from": [traefik, {"podSelector": {"matchExpressions": [apps]}}], "ports": ports}],
        }
    }
    return planned("networking.k8s.io/v1", "NetworkPolicy", metadata(fleet, NAME, OWNER), body)


def _route(fleet: FleetSpec) -> Planned:
    service = {"kind": "Service", "name": NAME, "port": naming.HTTP_PORT}
    route = {"kind": "Rule", "match": f"Host(`{host(fleet)}`)", "services": [service]}
    tls = {"secretName": naming.tls_secret(NAME)}
    body = {"spec": {"entryPoints": [fleet.traefik.websecure], "routes": [route], "tls": tls}}
    needs = (logical_name(NAME, "Service"), logical_name(naming.tls_secret(NAME), "Secret"))
    return planned(TRAEFIK_API, "IngressRoute", metadata(fleet, NAME, OWNER), body, needs=needs)
