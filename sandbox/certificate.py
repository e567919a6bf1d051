"""A certificate for a sandbox's hosts, signed by the user's own authority."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from sandbox import authority

LIFETIME = timedelta(days=397)
"""The longest that browsers accept (CA/Browser Forum, Baseline Requirements 6.3.2, before the 2026 reduction)."""


def covering(hosts: Iterable[str]) -> list[str]:
    """Give the DNS names a certificate for ``hosts`` needs: each host, and one wildcard for each domain they are in."""
    named = sorted({host.strip() for host in hosts if host.strip()}) or ["localhost"]
    domains = sorted({host.partition(".")[2] for host in named if host.count(".") >= 1 and not host.startswith("*")})
    return [*[f"*.{domain}" for domain in domains], *named]


def origin(hosts: Iterable[str]) -> str:
    """Give a digest of what a certificate for ``hosts`` would be made of: their names, and who signs."""
    issuer, _ = authority.ensure()
    names = " ".join(sorted(covering(hosts)))
    return hashlib.sha256(issuer.fingerprint(hashes.SHA256()) + names.encode()).hexdigest()[:16]


def signed(hosts: Sequence[str]) -> tuple[bytes, bytes]:
    """Give a certificate for ``hosts`` (with one wildcard for each of their domains) and its key, both in PEM."""
    issuer, issuer_key = authority.ensure()
    key = ec.generate_private_key(ec.SECP256R1())
    names = [x509.DNSName(name) for name in dict.fromkeys(covering(hosts))]
    # A common name holds at most 64 characters (RFC 5280, ub-common-name); names that count stand in the extension.
    subject = authority.named("flotilla sandbox")
    made = (
        authority.builder(subject, issuer.subject, key.public_key(), LIFETIME)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
        .sign(issuer_key, hashes.SHA256())
    )
    return authority.pem(made), authority.pem_key(key)
