"""A self-signed certificate for a sandbox's hosts: enough to serve TLS, trusted by nobody."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LIFETIME = timedelta(days=397)
"""The longest that browsers accept (CA/Browser Forum, Baseline Requirements 6.3.2, before the 2026 reduction)."""
CLOCK_SKEW = timedelta(hours=1)


def covering(hosts: Iterable[str]) -> list[str]:
    """Give the DNS names a certificate for ``hosts`` needs: each host, and one wildcard for each domain they are in."""
    named = sorted({host.strip() for host in hosts if host.strip()}) or ["localhost"]
    domains = sorted({host.partition(".")[2] for host in named if host.count(".") >= 1 and not host.startswith("*")})
    return [*[f"*.{domain}" for domain in domains], *named]


def self_signed(hosts: Sequence[str]) -> tuple[bytes, bytes]:
    """Give a certificate for ``hosts`` and its private key, both in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    names = covering(hosts)
    # A common name holds at most 64 characters (RFC 5280, ub-common-name); names that count stand in the extension.
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "flotilla sandbox")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(now + LIFETIME)
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(name) for name in dict.fromkeys(names)]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    pkcs8 = serialization.PrivateFormat.PKCS8
    return certificate.public_bytes(pem), key.private_bytes(pem, pkcs8, serialization.NoEncryption())
