"""The certificate that a host is served with is one for that host."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

from policies import certificates, hostnames
from policies.certificates import Use
from policies.findings import Level, Rule, Scope, Violation
from policies.ingresses import INGRESS_KINDS
from policies.objects import Objects
from policies.resources import Resource
from policies.routes import EVERY_HOST
from policies.values import at, each, scalar

_SHOWN: Final = 5


def _judge_coverage(objects: Objects) -> Iterator[Violation]:
    offered: dict[tuple[Any, Any], list[str] | None] = {}
    makers: dict[tuple[Any, Any], Resource] = {}
    for resource in objects.of(certificates.CERTIFICATE_KINDS):
        secret, own = certificates.secret_of(resource), certificates.names(resource)
        others = offered.get(secret, [])
        offered[secret] = None if own is None or others is None else [*others, *own]
        makers[secret] = resource
    used = [use for resource in objects.of(certificates.USER_KINDS) for use in certificates.uses(resource)]
    known = frozenset(name for found in offered.values() for name in found or ())
    known |= {name for use in used for name in use.domains}
    for use in used:
        yield from _coverage(use, offered, makers, known)


def _coverage(
    use: Use,
    offered: dict[tuple[Any, Any], list[str] | None],
    makers: dict[tuple[Any, Any], Resource],
    known: frozenset[str],
) -> Iterator[Violation]:
    names = list(use.domains) if use.secret is None else offered.get(use.secret)
    if names is None or hostnames.covered(use.host, names) or (use.by_name and hostnames.covered(use.host, known)):
        return
    shown = ", ".join(names[:_SHOWN]) + (" ..." if len(names) > _SHOWN else "") if names else "no name at all"
    whose = f"the certificate of {makers[use.secret].title}" if use.secret else "a certificate of its resolver"
    yield Violation(use.owner, use.path, f"serves {use.host} with {whose}, which is for {shown}")


COVERED = Rule(
    code="FLT-HOST-003",
    name="certificate-covers-its-hosts",
    title="The certificate that a host is served with is for that host",
    why="Browsers stop at a certificate for another name; a wildcard stands for exactly one label.",
    source="https://www.rfc-editor.org/rfc/rfc6125#section-6.4.3",
    remediation="Add the host to the Certificate's dnsNames or to tls.domains, or name the Secret that is for it.",
    scope=Scope.STACK,
    judge=_judge_coverage,
)


def _judge_ingress_tls(resource: Resource) -> Iterator[Violation]:
    entries = [at(entry, "hosts") for _, entry in each(resource.inputs, "spec", "tls")]
    listed = [host for hosts in entries if isinstance(hosts, list) for host in hosts]
    if not listed or not all(isinstance(host, str) for host in listed) or len(entries) > sum(map(bool, entries)):
        return
    missing: dict[str, Any] = {}
    for path, rule in each(resource.inputs, "spec", "rules"):
        host = scalar(rule, "host")
        if isinstance(host, str) and host and not hostnames.covered(host, listed):
            missing.setdefault(host, (*path, "host"))
    for host, path in missing.items():
        message = f"serves {host}, which none of its tls.hosts is for: {', '.join(dict.fromkeys(listed))}"
        yield Violation(resource, path, message)


INGRESS_TLS = Rule(
    code="FLT-HOST-006",
    name="ingress-tls-lists-its-hosts",
    title="An Ingress with TLS lists every host that it serves under tls.hosts",
    why="A host that tls.hosts leaves out is served without TLS, or with the proxy's own untrusted certificate.",
    source="https://kubernetes.io/docs/concepts/services-networking/ingress/#tls",
    remediation="Add the host to tls.hosts beside a Secret whose certificate is for it.",
    scope=Scope.RESOURCE,
    judge=_judge_ingress_tls,
    level=Level.ADVISORY,
    kinds=INGRESS_KINDS,
)


def _judge_options(objects: Objects) -> Iterator[Violation]:
    asked: dict[tuple[str | None, str, Any], dict[str, list[Resource]]] = defaultdict(lambda: defaultdict(list))
    for claim in objects.claims:
        has_options = claim.owner.kind == "IngressRoute" and at(claim.owner.inputs, "spec", "tls") is not None
        if has_options and claim.host != EVERY_HOST:
            for door in claim.place.doors:
                asked[claim.place.proxy, claim.host, door][_options(claim.owner)].append(claim.owner)
    said: set[tuple[Any, str]] = set()
    for (_, host, _), options in asked.items():
        for name, owners in options.items() if len(options) > 1 else ():
            for owner in owners if name != _DEFAULT else ():
                others = sorted({other.title for theirs, found in options.items() if theirs != name for other in found})
                if (owner.identity, host) not in said:
                    said.add((owner.identity, host))
                    message = f"asks for the TLS options {name} for {host}; those of {' and '.join(others)} differ"
                    yield Violation(owner, ("spec", "tls", "options"), message)


_DEFAULT: Final = "default"


def _options(resource: Resource) -> str:
    options = at(resource.inputs, "spec", "tls", "options")
    name = scalar(options, "name")
    if not isinstance(name, str) or not name:
        return _DEFAULT
    return name if "@" in name else f"{scalar(options, 'namespace') or resource.namespace}/{name}"


SAME_OPTIONS = Rule(
    code="FLT-HOST-007",
    name="one-set-of-tls-options-per-host",
    title="All routes of a host ask for the same TLS options",
    why="Options hold for a host, not a path: where routes differ, Traefik drops them all and takes the default ones.",
    source="https://doc.traefik.io/traefik/reference/routing-configuration/http/tls/tls-options/",
    remediation="Give every route of the host the same tls.options.",
    scope=Scope.STACK,
    judge=_judge_options,
)

RULES = (COVERED, INGRESS_TLS, SAME_OPTIONS)
