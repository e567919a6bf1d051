"""Routes: one host per workload over HTTPS, HTTP sent there, and the Middlewares in between."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fleet import naming
from fleet.model import FleetSpec, WorkloadSpec
from manifests.canary import TRAEFIK_API, backend
from manifests.objects import NAMESPACE, Identity, logical_name, metadata, planned
from manifests.plan import Manifest, Planned
from manifests.workload import identity

_SHARED = Identity("routing", "routing", "route")
_ONE_YEAR = 31_536_000
# OWASP Secure Headers Project; a shop is never framed and never guesses types.
_SECURITY_HEADERS = {
    "stsSeconds": _ONE_YEAR,
    "contentTypeNosniff": True,
    "frameDeny": True,
    "referrerPolicy": "strict-origin-when-cross-origin",
    "permissionsPolicy": "camera=(), geolocation=(), microphone=()",
}


def routing_objects(fleet: FleetSpec) -> Iterator[Planned]:
    """Plan the Middlewares, then the routes of every workload."""
    yield from _shared_middlewares(fleet)
    yield from _checkout_middlewares(fleet)
    yield from _routes(fleet, fleet.checkout.workload, naming.CHECKOUT_CORS, naming.CHECKOUT_RATE_LIMIT)
    for variant in fleet.variants:
        yield from _routes(fleet, variant.workload)


def _shared_middlewares(fleet: FleetSpec) -> Iterator[Planned]:
    """Plan the Middlewares that every route uses."""
    yield _middleware(fleet, naming.SECURITY_HEADERS, _SHARED, {"headers": _SECURITY_HEADERS})
    redirect = {"redirectScheme": {"scheme": "https", "permanent": True}}
    yield _middleware(fleet, naming.REDIRECT_HTTPS, _SHARED, redirect)


def _checkout_middlewares(fleet: FleetSpec) -> Iterator[Planned]:
    """Plan what stands before the checkout alone: exact CORS origins, and a limit on requests."""
    workload = fleet.checkout.workload
    cors = {
        "headers": {
            "accessControlAllowOriginList": [variant.workload.url for variant in fleet.variants],
            "accessControlAllowMethods": ["GET", "POST", "OPTIONS"],
            "accessControlAllowHeaders": ["Content-Type", "Idempotency-Key", "X-Correlation-Id"],
            "accessControlAllowCredentials": True,
            "accessControlMaxAge": 600,
            "addVaryHeader": True,
        }
    }
    limit = fleet.checkout.rate_limit
    yield _middleware(fleet, naming.CHECKOUT_CORS, identity(workload), cors)
    rate = {"rateLimit": {"average": limit.average, "burst": limit.burst}}
    yield _middleware(fleet, naming.CHECKOUT_RATE_LIMIT, identity(workload), rate)


def _routes(fleet: FleetSpec, workload: WorkloadSpec, *middlewares: str) -> Iterator[Planned]:
    """Plan the routes of one host: HTTPS to the workload through ``middlewares``, HTTP to HTTPS."""
    if fleet.certificates.issuer:
        yield _certificate(fleet, workload)
    yield _https(fleet, workload, (naming.SECURITY_HEADERS, *middlewares))
    yield _http(fleet, workload)


def _https(fleet: FleetSpec, workload: WorkloadSpec, middlewares: tuple[str, ...]) -> Planned:
    service, needs = backend(workload)
    route = _route(workload, middlewares, service)
    body = {"spec": {"entryPoints": [fleet.traefik.websecure], "routes": [route], "tls": _tls(fleet, workload)}}
    meta = metadata(fleet, workload.name, identity(workload))
    certificate = (logical_name(workload.name, "Certificate"),) if fleet.certificates.issuer else ()
    needed = (NAMESPACE, *map(_needed, middlewares), *needs, *certificate)
    return planned(TRAEFIK_API, "IngressRoute", meta, body, needs=needed)


def _http(fleet: FleetSpec, workload: WorkloadSpec) -> Planned:
    # noop@internal: the Middleware answers, and nothing of the fleet is ever reached over plain HTTP.
    route = _route(workload, (naming.REDIRECT_HTTPS,), {"name": "noop@internal", "kind": "TraefikService"})
    body = {"spec": {"entryPoints": [fleet.traefik.web], "routes": [route]}}
    meta = metadata(fleet, naming.redirect(workload.name), identity(workload))
    return planned(TRAEFIK_API, "IngressRoute", meta, body, needs=(NAMESPACE, _needed(naming.REDIRECT_HTTPS)))


def _route(workload: WorkloadSpec, middlewares: tuple[str, ...], service: Manifest) -> dict[str, Any]:
    return {
        "kind": "Rule",
        "match": f"Host(`{workload.host}`)",
        "middlewares": [{"name": name} for name in middlewares],
        "services": [service],
    }


def _tls(fleet: FleetSpec, workload: WorkloadSpec) -> Manifest:
    certificates = fleet.certificates
    if certificates.resolver:
        return {"certResolver": certificates.resolver}
    return {"secretName": certificates.secret or naming.tls_secret(workload.name)}


def _certificate(fleet: FleetSpec, workload: WorkloadSpec) -> Planned:
    issuer = fleet.certificates.issuer
    body = {
        "spec": {
            "secretName": naming.tls_secret(workload.name),
            "dnsNames": [workload.host],
            "issuerRef": {"group": "cert-manager.io", "name": issuer.name, "kind": issuer.kind} if issuer else {},
        }
    }
    meta = metadata(fleet, workload.name, identity(workload))
    return planned("cert-manager.io/v1", "Certificate", meta, body)


def _middleware(fleet: FleetSpec, name: str, owner: Identity, spec: Manifest) -> Planned:
    return planned(TRAEFIK_API, "Middleware", metadata(fleet, name, owner), {"spec": spec})


def _needed(middleware: str) -> str:
    return logical_name(middleware, "Middleware")
