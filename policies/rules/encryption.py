"""TLS in front of the proxy and behind it: versions and ciphers that hold, certificates that are looked at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from policies.findings import Level, Rule, Scope, Violation
from policies.ingresses import INGRESS_KINDS
from policies.pods import POD_KINDS
from policies.resources import Resource
from policies.values import Path, at, mapping, scalar
from policies.variables import variables

_TRAEFIK: Final = frozenset({"traefik.io"})
_OPTION_KINDS: Final = {"TLSOption": _TRAEFIK}
_TRANSPORT_KINDS: Final = {"ServersTransport": _TRAEFIK, "ServersTransportTCP": _TRAEFIK, "Middleware": _TRAEFIK}
_OLD: Final = {"VersionTLS10": "1.0", "VersionTLS11": "1.1", "VersionSSL30": "SSL 3"}
_BROKEN: Final = ("RC4", "3DES", "_NULL_", "_EXPORT", "_anon_", "_DES_", "MD5")
_NO_SECRECY: Final = "TLS_RSA_"


def _judge_versions(resource: Resource) -> Iterator[Violation]:
    for field in ("minVersion", "maxVersion"):
        version = scalar(resource.inputs, "spec", field)
        if version in _OLD:
            verb = "accepts" if field == "minVersion" else "offers nothing newer than"
            yield Violation(
                resource, ("spec", field), f"{verb} TLS {_OLD[version]}, which no browser has spoken since 2020"
            )
    if scalar(resource.inputs, "spec", "minVersion") != "VersionTLS13":
        for path, suite in _suites(resource):
            if any(part in suite for part in _BROKEN):
                yield Violation(resource, path, f"accepts the cipher {suite}, which is broken")


def _suites(resource: Resource) -> Iterator[tuple[Path, str]]:
    listed = at(resource.inputs, "spec", "cipherSuites")
    for position, suite in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(suite, str):
            yield ("spec", "cipherSuites", position), suite


VERSIONS = Rule(
    code="FLT-SECURITY-020",
    name="tls-is-current",
    title="TLS begins at 1.2 and uses no broken cipher",
    why="TLS 1.0 and 1.1 fall to known attacks, are forbidden where cards are paid with, and fail every audit.",
    source="https://www.rfc-editor.org/rfc/rfc8996",
    remediation="Set minVersion: VersionTLS12 or VersionTLS13, and leave cipherSuites to Traefik.",
    scope=Scope.RESOURCE,
    judge=_judge_versions,
    kinds=_OPTION_KINDS,
)

_UNCHECKED: Final[tuple[Path, ...]] = (
    ("spec", "insecureSkipVerify"),
    ("spec", "tls", "insecureSkipVerify"),
    ("spec", "forwardAuth", "tls", "insecureSkipVerify"),
)


def _judge_certificates(resource: Resource) -> Iterator[Violation]:
    for path in _UNCHECKED:
        if scalar(resource.inputs, *path) is True:
            yield Violation(resource, path, "believes any certificate of the servers behind it")


CERTIFICATES = Rule(
    code="FLT-SECURITY-021",
    name="certificates-are-looked-at",
    title="Traefik checks the certificates of the servers that it sends requests to",
    why="Encryption to whoever answers is no protection: any pod that takes the address reads and answers requests.",
    source="https://doc.traefik.io/traefik/reference/routing-configuration/kubernetes/crd/http/serverstransport/",
    remediation="Remove insecureSkipVerify; name the CA in rootCAs and the certificate's name in serverName.",
    scope=Scope.RESOURCE,
    judge=_judge_certificates,
    kinds=_TRANSPORT_KINDS,
)

_ANNOTATION: Final = "nginx.ingress.kubernetes.io/"
_SLACK: Final = {
    "whitelist-source-range": ("lets every address in", frozenset({"0.0.0.0/0", "::/0"})),
    "allowlist-source-range": ("lets every address in", frozenset({"0.0.0.0/0", "::/0"})),
    "auth-tls-verify-client": ("asks for a certificate and believes any", frozenset({"optional_no_ca"})),
}


def _judge_slack(resource: Resource) -> Iterator[Violation]:
    if resource.is_a(POD_KINDS):
        yield from _believed(resource)
    elif resource.is_a(INGRESS_KINDS):
        yield from _ingress(resource)
    elif resource.is_a(_OPTION_KINDS):
        if scalar(resource.inputs, "spec", "minVersion") != "VersionTLS13":
            for path, suite in _suites(resource):
                if suite.startswith(_NO_SECRECY) and not any(part in suite for part in _BROKEN):
                    yield Violation(
                        resource, path, f"accepts the cipher {suite}, by which a stolen key opens old traffic"
                    )
    else:
        yield from _headers(resource)


def _believed(resource: Resource) -> Iterator[Violation]:
    for variable in variables(resource):
        asked = "".join(variable.words[-3:]).endswith(("FORWARDEDHEADERSINSECURE", "PROXYPROTOCOLINSECURE"))
        if asked and variable.value.lower() not in ("false", "0"):
            message = f"believes every caller about where a request came from ({variable.name})"
            yield Violation(resource, variable.path, message)


def _ingress(resource: Resource) -> Iterator[Violation]:
    notes = resource.annotations
    for name, (what, values) in _SLACK.items():
        value = notes.get(f"{_ANNOTATION}{name}")
        if isinstance(value, str) and {part.strip() for part in value.split(",")} & values:
            yield Violation(resource, ("metadata", "annotations", f"{_ANNOTATION}{name}"), f"{what} ({name}: {value})")
    off, forced = (str(notes.get(f"{_ANNOTATION}{name}")).lower() for name in ("ssl-redirect", "force-ssl-redirect"))
    if off == "false" and forced != "true" and at(resource.inputs, "spec", "tls"):
        path = ("metadata", "annotations", f"{_ANNOTATION}ssl-redirect")
        yield Violation(
            resource, path, "answers without encryption although it has a certificate (ssl-redirect: false)"
        )


def _headers(resource: Resource) -> Iterator[Violation]:
    ranges = at(resource.inputs, "spec", "ipAllowList", "sourceRange")
    if isinstance(ranges, list) and any(one in ("0.0.0.0/0", "::/0") for one in ranges):
        yield Violation(resource, ("spec", "ipAllowList", "sourceRange"), "lets every address in")
    headers: dict[str, Any] = mapping(resource.inputs, "spec", "headers")
    if headers.get("isDevelopment") is True:
        path = ("spec", "headers", "isDevelopment")
        yield Violation(resource, path, "switches its allowed hosts, redirects and HSTS off (isDevelopment: true)")
    if headers.get("stsSeconds") == 0 and not isinstance(headers["stsSeconds"], bool):
        yield Violation(resource, ("spec", "headers", "stsSeconds"), "sends no HSTS header (stsSeconds: 0)")


SLACK = Rule(
    code="FLT-SECURITY-022",
    name="protection-is-not-loosened",
    title="Nothing that protects visitors is switched off by a setting",
    why="Each is a default, or a list, that once kept something out; switched off, it is only there to be trusted.",
    source="https://cheatsheetseries.owasp.org/cheatsheets/Transport_Layer_Security_Cheat_Sheet.html",
    remediation="Remove the setting, or give it the value that protects.",
    scope=Scope.RESOURCE,
    judge=_judge_slack,
    level=Level.ADVISORY,
    kinds={**POD_KINDS, **INGRESS_KINDS, **_OPTION_KINDS, "Middleware": _TRAEFIK},
)

RULES = (VERSIONS, CERTIFICATES, SLACK)
