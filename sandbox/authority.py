"""A certificate authority for this user's sandboxes: made once, kept in the cache, trusted by whoever says so.

It may only speak for names that nobody owns (RFC 2606, RFC 6761) and for no address at all, so a key that is stolen
here opens no real site.
"""

from __future__ import annotations

import os
import shlex
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from fleet.errors import PlaceError
from sandbox import lock, places

RESERVED = ("localhost", "test", "example", "invalid", "internal")
"""The top-level domains that are kept for examples, tests and private use."""
ADDRESSES = (ip_network("0.0.0.0/0"), ip_network("::/0"))
"""Every address: a constraint on names says nothing of them (RFC 5280, 4.2.1.10)."""
LIFETIME = timedelta(days=3650)
CLOCK_SKEW = timedelta(hours=1)
NAME = "Flotilla sandbox authority"


def path() -> Path:
    """Give where the authority's certificate lies, whether it has been made or not."""
    return places.cache() / "authority" / "ca.crt"


def trust_line() -> str:
    """Give the one line that makes Chromium and what else reads the user's NSS database trust the authority.

    certutil makes a database where there is none, but no folder for it.
    """
    folder, file = "$HOME/.pki/nssdb", shlex.quote(str(places.handed(path())))
    return f"mkdir -p {folder} && certutil -d sql:{folder} -A -t C,, -n flotilla -i {file}"


def hand_out() -> None:
    """With sudo, put a copy of the certificate where its caller can read it; the key stays root's."""
    copy = places.handed(path())
    if copy != path():
        copy.parent.mkdir(exist_ok=True)
        copy.parent.chmod(0o755)
        partial = copy.with_suffix(".partial")
        partial.write_bytes(path().read_bytes())
        partial.chmod(0o644)
        partial.rename(copy)


def ensure() -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    """Give the authority's certificate and key, made on first use; half of one is made anew."""
    file = path()
    with lock.held("authority"):
        if not (file.exists() and file.with_suffix(".key").exists()):
            make(file)
    try:
        key = serialization.load_pem_private_key(file.with_suffix(".key").read_bytes(), password=None)
        certificate = x509.load_pem_x509_certificate(file.read_bytes())
    except ValueError:
        key = None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise PlaceError(f"{file.parent}: holds no certificate with an elliptic-curve key; delete the folder")
    return certificate, key


def make(file: Path) -> None:
    """Make the authority; the key is readable by its owner alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = named(NAME)
    permitted = [x509.DNSName(domain) for domain in RESERVED]
    excluded = [x509.IPAddress(network) for network in ADDRESSES]
    usage = x509.KeyUsage(
        key_cert_sign=True,
        crl_sign=True,
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    made = (
        builder(subject, subject, key.public_key(), LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.NameConstraints(permitted_subtrees=permitted, excluded_subtrees=excluded), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(file.with_suffix(".key"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as secret:
        secret.write(pem_key(key))
    partial = file.with_suffix(".partial")
    partial.write_bytes(pem(made))
    partial.rename(file)


def builder(
    subject: x509.Name, issuer: x509.Name, public_key: ec.EllipticCurvePublicKey, lifetime: timedelta
) -> x509.CertificateBuilder:
    """Give what every certificate here begins with."""
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(now + lifetime)
    )


def named(common_name: str) -> x509.Name:
    """Give a subject of one common name."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def pem(made: x509.Certificate) -> bytes:
    """Write a certificate as PEM."""
    return made.public_bytes(serialization.Encoding.PEM)


def pem_key(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Write a private key as PEM."""
    plain = serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
