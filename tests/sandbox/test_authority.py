"""The user's own authority, and what it signs."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from sandbox import authority, certificate


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


def test_the_line_that_trusts_it_names_its_file(cache: Path) -> None:
    assert authority.trust_line().endswith(f" -i {cache}/authority/ca.crt")
