"""Certificates that cert-manager makes, and the names that routing objects use them for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from policies import hostnames, ingressroutes, traefik
from policies.gateways import GATEWAY_KINDS
from policies.ingresses import INGRESS_KINDS, TRAEFIK, proxy_of
from policies.resources import Resource
from policies.values import UNKNOWN, Path, at, each, scalar

CERTIFICATE_KINDS: Final = {"Certificate": frozenset({"cert-manager.io"})}
USER_KINDS: Final = INGRESS_KINDS | ingressroutes.RULE_KINDS | GATEWAY_KINDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A Secret with a certificate (None: Traefik's resolver gets one for ``domains``) used for one host.

    ``by_name``: the proxy picks, among all the certificates that it has, one for the host that a client asks for.
    """

    owner: Resource
    path: Path
    host: str
    secret: tuple[Any, Any] | None
    domains: tuple[str, ...] = ()
    by_name: bool


def names(certificate: Resource) -> list[str] | None:
    """Give the names that a Certificate is for; None where they are not known, or another tool fills them in."""
    spec = at(certificate.inputs, "spec")
    listed = [*_list(spec, "dnsNames"), *_list(spec, "ipAddresses"), scalar(spec, "commonName")]
    known = [name for name in listed if isinstance(name, str)]
    unsure = UNKNOWN in (spec, at(spec, "dnsNames"), *listed) or any(map(hostnames.is_template, known))
    return None if unsure or at(spec, "literalSubject") else known


def _list(value: Any, field: str) -> list[Any]:  # noqa: ANN401
    found = at(value, field)
    return found if isinstance(found, list) else []


def secret_of(certificate: Resource) -> tuple[Any, Any]:
    """Give the namespace and name of the Secret that a Certificate is kept in."""
    return certificate.namespace, scalar(certificate.inputs, "spec", "secretName")


def uses(resource: Resource) -> Iterator[Use]:
    """Give every host for which an Ingress, a Traefik route or a Gateway's listener shows a certificate."""
    if resource.is_a(INGRESS_KINDS):
        found = _ingress_uses(resource)
    elif resource.is_a(GATEWAY_KINDS):
        found = _listener_uses(resource)
    else:
        found = _route_uses(resource)
    return (use for use in found if not hostnames.is_template(use.host))


def _ingress_uses(resource: Resource) -> Iterator[Use]:
    by_name = proxy_of(resource) == TRAEFIK
    for path, entry in each(resource.inputs, "spec", "tls"):
        secret = scalar(entry, "secretName")
        for position, host in enumerate(_list(entry, "hosts")):
            if isinstance(host, str) and isinstance(secret, str):
                where = (*path, "hosts", position)
                yield Use(owner=resource, path=where, host=host, secret=(resource.namespace, secret), by_name=by_name)


def _listener_uses(resource: Resource) -> Iterator[Use]:
    for path, listener in each(resource.inputs, "spec", "listeners"):
        host, references = scalar(listener, "hostname"), list(each(listener, "tls", "certificateRefs"))
        if (
            not isinstance(host, str)
            or len(references) != 1
            or scalar(references[0][1], "kind") not in {None, "Secret"}
        ):
            continue
        reference = references[0][1]
        secret = (scalar(reference, "namespace") or resource.namespace, scalar(reference, "name"))
        yield Use(owner=resource, path=(*path, "hostname"), host=host, secret=secret, by_name=False)


def _route_uses(resource: Resource) -> Iterator[Use]:
    tls = at(resource.inputs, "spec", "tls")
    secret = scalar(tls, "secretName")
    domains = tuple(name for _, domain in each(tls, "domains") for name in _domain(domain))
    if not isinstance(secret, str) and not (domains and scalar(tls, "certResolver")):
        return
    own = (resource.namespace, secret) if isinstance(secret, str) else None
    field: Path = ("spec", "tls", "secretName" if own else "domains")
    for host in dict.fromkeys(_hosts(resource)):
        yield Use(owner=resource, path=field, host=host, secret=own, domains=domains, by_name=True)


def _domain(domain: dict[str, Any]) -> list[str]:
    return [name for name in (scalar(domain, "main"), *_list(domain, "sans")) if isinstance(name, str)]


def _hosts(resource: Resource) -> Iterator[str]:
    for _, written, dialect in ingressroutes.rules(resource):
        try:
            rule = traefik.parse(written, dialect) if isinstance(written, str) else None
        except traefik.RuleError:
            continue
        for matcher in traefik.matchers(rule) if rule else ():
            if matcher.name in {"Host", "HostHeader", "HostSNI"}:
                yield from (host for host in matcher.arguments if "*" not in host)
