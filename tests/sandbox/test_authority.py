"""The user's own authority, and what it signs."""

from __future__ import annotations

import os
import ssl
import stat
from contextlib import suppress
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from fleet.errors import PlaceError
from sandbox import authority, certificate, places


@pytest.mark.usefixtures("cache")
def test_it_is_made_once_and_its_key_is_its_owners_alone() -> None:
    first, _ = authority.ensure()
    assert authority.ensure()[0] == first
    assert stat.S_IMODE(authority.path().with_suffix(".key").stat().st_mode) == 0o600
    assert stat.S_IMODE(authority.path().parent.stat().st_mode) == 0o700


@pytest.mark.usefixtures("cache")
def test_half_of_one_is_made_anew() -> None:
    first, _ = authority.ensure()
    authority.path().with_suffix(".key").unlink()
    second, key = authority.ensure()
    assert second != first
    assert second.public_key() == key.public_key()


@pytest.mark.usefixtures("cache")
def test_it_may_speak_for_names_that_nobody_owns_alone() -> None:
    made, _ = authority.ensure()
    names = made.extensions.get_extension_for_class(x509.NameConstraints)
    assert names.critical
    assert {name.value for name in names.value.permitted_subtrees or ()} == set(authority.RESERVED)
    assert {name.value for name in names.value.excluded_subtrees or ()} == set(authority.ADDRESSES)


def stolen(name: x509.GeneralName) -> tuple[bytes, bytes]:
    """Give what a thief of the authority's key would sign, and its key."""
    issuer, issuer_key = authority.ensure()
    key = ec.generate_private_key(ec.SECP256R1())
    signed = (
        authority.builder(authority.named("thief"), issuer.subject, key.public_key(), timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([name]), critical=False)
        .sign(issuer_key, hashes.SHA256())
    )
    return authority.pem(signed), authority.pem_key(key)


def greet(pair: tuple[bytes, bytes], folder: Path, name: str) -> None:
    """Have a client that trusts the authority greet a server by name; raises ssl.SSLCertVerificationError."""
    (folder / "pair.pem").write_bytes(b"".join(pair))
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(folder / "pair.pem")
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = served.wrap_bio(to_server, to_client, server_side=True)
    asked = ssl.create_default_context(cafile=authority.path())
    client = asked.wrap_bio(to_client, to_server, server_hostname=name)
    for side in (client, server, client, server):
        with suppress(ssl.SSLWantReadError):
            side.do_handshake()
    assert client.version() is not None


@pytest.mark.usefixtures("cache")
def test_a_client_that_trusts_it_accepts_a_shop_and_neither_an_address_nor_a_real_site(tmp_path: Path) -> None:
    greet(certificate.signed(["hero.shops.localhost"]), tmp_path, "hero.shops.localhost")
    for name, site in (
        ("192.0.2.7", x509.IPAddress(ip_address("192.0.2.7"))),
        ("2001:db8::7", x509.IPAddress(ip_address("2001:db8::7"))),
        ("shop.example.com", x509.DNSName("shop.example.com")),
    ):
        with pytest.raises(ssl.SSLCertVerificationError, match="subtree violation"):
            greet(stolen(site), tmp_path, name)


def test_what_is_no_authority_is_refused_with_what_to_do(cache: Path) -> None:
    authority.ensure()
    authority.path().with_suffix(".key").write_text("half a key")
    with pytest.raises(PlaceError) as refused:
        authority.ensure()
    assert str(refused.value) == (
        f"{cache}/authority: holds no certificate with an elliptic-curve key; delete the folder"
    )


@pytest.mark.usefixtures("cache")
def test_a_certificate_is_signed_by_it_for_each_host_and_the_domains_they_are_in() -> None:
    chain, _ = certificate.signed(["brutal.shops.localhost", "hero.shops.localhost"])
    issuer, _ = authority.ensure()
    made = x509.load_pem_x509_certificate(chain)
    made.verify_directly_issued_by(issuer)
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert set(names.get_values_for_type(x509.DNSName)) == {
        "*.shops.localhost", "brutal.shops.localhost", "hero.shops.localhost",
    }  # fmt: skip
    assert isinstance(made.public_key(), ec.EllipticCurvePublicKey)


def test_the_line_that_trusts_it_names_its_file(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SUDO_USER", raising=False)
    assert authority.trust_line().endswith(f" -i {cache}/authority/ca.crt")


def test_who_called_sudo_gets_a_certificate_to_read_and_no_key(
    cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(places, "HANDED", tmp_path / "handed")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("SUDO_USER", "alice")
    authority.ensure()
    before = os.umask(0o077)
    authority.hand_out()
    os.umask(before)
    given = tmp_path / "handed" / "ca.crt"
    assert authority.trust_line().endswith(f" -i {given}")
    assert given.read_bytes() == authority.path().read_bytes()
    assert [stat.S_IMODE(path.stat().st_mode) for path in (given, given.parent)] == [0o644, 0o755]
    assert [path.name for path in given.parent.iterdir()] == ["ca.crt"]
    places.take_back()
    assert not given.parent.exists()


@pytest.mark.parametrize(("euid", "caller"), [(0, ""), (0, "root"), (1000, "alice")])
def test_without_sudo_everything_is_where_it_is_made(
    cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, euid: int, caller: str
) -> None:
    monkeypatch.setattr(places, "HANDED", tmp_path / "handed")
    monkeypatch.setattr(os, "geteuid", lambda: euid)
    monkeypatch.setenv("SUDO_USER", caller)
    authority.ensure()
    authority.hand_out()
    assert authority.trust_line().endswith(f" -i {cache}/authority/ca.crt")
    assert not (tmp_path / "handed").exists()
