"""TLS is current in front of the proxy and checked behind it."""

from __future__ import annotations

from typing import Any

import pytest

VERSIONS, CERTIFICATES, SLACK = "FLT-SECURITY-020", "FLT-SECURITY-021", "FLT-SECURITY-022"
NGINX = "nginx.ingress.kubernetes.io/"


def _object(kind: str, **spec: Any) -> dict[str, Any]:
    return {"apiVersion": "traefik.io/v1alpha1", "kind": kind, "metadata": {"name": "x"}, "spec": spec}


def _ingress(tls: Any = None, **notes: Any) -> dict[str, Any]:
    annotations = {f"{NGINX}{key.replace('_', '-')}": value for key, value in notes.items()}
    spec = {"rules": []} | ({"tls": tls} if tls else {})
    metadata = {"name": "x", "annotations": annotations}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": metadata, "spec": spec}


def _pod(*args: str) -> dict[str, Any]:
    spec = {"containers": [{"name": "c", "image": "traefik:v3.5.0", "args": list(args)}]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "spec": spec}


def _codes(found: Any, item: Any) -> set[str]:
    return {code for code, _ in found([item])}


@pytest.mark.parametrize(
    ("item", "code"),
    [
        (_object("TLSOption", minVersion="VersionTLS10"), VERSIONS),
        (_object("TLSOption", minVersion="VersionTLS11"), VERSIONS),
        (_object("TLSOption", maxVersion="VersionTLS11"), VERSIONS),
        (_object("TLSOption", cipherSuites=["TLS_ECDHE_RSA_WITH_RC4_128_SHA"]), VERSIONS),
        (_object("TLSOption", minVersion="VersionTLS12", cipherSuites=["TLS_RSA_WITH_3DES_EDE_CBC_SHA"]), VERSIONS),
        (_object("ServersTransport", insecureSkipVerify=True), CERTIFICATES),
        (_object("ServersTransportTCP", tls={"insecureSkipVerify": True}), CERTIFICATES),
        (_object("Middleware", forwardAuth={"tls": {"insecureSkipVerify": True}}), CERTIFICATES),
        (_object("TLSOption", cipherSuites=["TLS_RSA_WITH_AES_128_GCM_SHA256"]), SLACK),
        (_object("Middleware", headers={"isDevelopment": True}), SLACK),
        (_object("Middleware", headers={"stsSeconds": 0}), SLACK),
        (_object("Middleware", ipAllowList={"sourceRange": ["10.0.0.0/8", "0.0.0.0/0"]}), SLACK),
        (_ingress(whitelist_source_range="0.0.0.0/0"), SLACK),
        (_ingress(whitelist_source_range="10.0.0.0/8, ::/0"), SLACK),
        (_ingress(auth_tls_verify_client="optional_no_ca"), SLACK),
        (_ingress(ssl_redirect="false", tls=[{"hosts": ["a.example"]}]), SLACK),
        (_pod("--entryPoints.web.forwardedHeaders.insecure"), SLACK),
        (_pod("--entrypoints.web.proxyprotocol.insecure=true"), SLACK),
    ],
)
def test_what_weakens_encryption_or_its_surroundings_is_found(found: Any, item: Any, code: str) -> None:
    assert _codes(found, item) == {code}


@pytest.mark.parametrize(
    "item",
    [
        _object("TLSOption"),
        _object("TLSOption", minVersion="VersionTLS12", maxVersion="VersionTLS12"),
        _object("TLSOption", minVersion="VersionTLS13", cipherSuites=["TLS_RSA_WITH_RC4_128_SHA"]),
        _object("TLSOption", cipherSuites=["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"]),
        _object("TLSOption", clientAuth={"clientAuthType": "NoClientCert"}, sniStrict=False),
        _object("ServersTransport", insecureSkipVerify=False, rootCAs=[{"secret": "ca"}]),
        _object("Middleware", headers={"stsSeconds": 31536000, "isDevelopment": False}),
        _object("Middleware", headers={"frameDeny": True}),
        _object("Middleware", ipAllowList={"sourceRange": ["10.0.0.0/8"]}),
        _ingress(ssl_redirect="false"),
        _ingress(ssl_redirect="false", force_ssl_redirect="true", tls=[{"hosts": ["a.example"]}]),
        _ingress(whitelist_source_range="203.0.113.0/24", auth_tls_verify_client="on", backend_protocol="HTTPS"),
        _pod("--entryPoints.web.forwardedHeaders.trustedIPs=173.245.48.0/20"),
        _pod("--entryPoints.web.forwardedHeaders.insecure=false"),
    ],
)
def test_what_protects_is_fine(found: Any, item: Any) -> None:
    assert _codes(found, item) == set()
