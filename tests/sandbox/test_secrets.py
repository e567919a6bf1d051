from __future__ import annotations

import base64
import shutil
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from sandbox import values
from sandbox.authority import CLOCK_SKEW
from sandbox.certificate import LIFETIME, covering, signed
from sandbox.secrets import MADE, MANAGER, filled_in, keys_of


def planned(keys: str, *, generation: str = "1", kind: str = "Opaque") -> dict[str, Any]:
    noted = {"flotilla.dev/keys": keys, "flotilla.dev/generation": generation}
    return {"kind": "Secret", "metadata": {"name": "s", "namespace": "n", "annotations": noted}, "type": kind}


def live(ours: dict[str, str], theirs: dict[str, str] | None = None, *, generation: str = "1") -> dict[str, Any]:
    fields: dict[str, Any] = {"f:data": {f"f:{key}": {} for key in ours}}
    data = {key: base64.b64encode(value.encode()).decode() for key, value in {**ours, **(theirs or {})}.items()}
    managed = [{"manager": MANAGER, "operation": "Apply", "fieldsV1": fields}]
    return {"metadata": {"annotations": {MADE: generation}, "managedFields": managed}, "data": data}


def decoded(secret: Any) -> dict[str, str]:
    return {key: base64.b64decode(value).decode() for key, value in secret["data"].items()}


def test_a_secret_that_has_its_values_is_left_alone() -> None:
    assert filled_in(planned("a,b"), live({"a": "1", "b": "2"}), {}) is None


def test_what_is_missing_is_made_and_what_is_there_is_kept() -> None:
    filled = decoded(filled_in(planned("a,b"), live({"a": "1"}), {}))
    assert filled["a"] == "1"
    assert len(filled["b"]) == 32


def test_a_key_of_somebody_else_stays_theirs() -> None:
    assert decoded(filled_in(planned("a,b", generation="2"), live({"a": "1"}, {"b": "x"}), {})).keys() == {"a"}


def test_a_key_that_the_plan_drops_is_dropped() -> None:
    assert decoded(filled_in(planned("a"), live({"a": "1", "b": "2"}), {})) == {"a": "1"}


def test_a_raised_generation_makes_every_value_of_ours_anew() -> None:
    filled = filled_in(planned("a", generation="2"), live({"a": "1"}), {})
    assert filled is not None
    assert decoded(filled)["a"] != "1"
    assert filled["metadata"]["annotations"] == {MADE: "2"}


def certified(hosts: str) -> dict[str, Any]:
    """Give a planned certificate for these hosts."""
    secret = planned("tls.crt,tls.key", kind="kubernetes.io/tls")
    secret["metadata"]["annotations"]["flotilla.dev/hosts"] = hosts
    return secret


def living(filled: Any, *theirs: str) -> dict[str, Any]:
    """Give what a filled Secret is when it is live, with the keys of ``theirs`` set by somebody else since."""
    values = {key: "theirs" if key in theirs else value for key, value in decoded(filled).items()}
    ours = {key: value for key, value in values.items() if key not in theirs}
    made = live(ours, {key: values[key] for key in theirs})
    made["metadata"]["annotations"] = filled["metadata"]["annotations"]
    return made


@pytest.mark.usefixtures("cache")
def test_a_certificate_follows_the_hosts_it_is_for_together_with_its_key() -> None:
    before = filled_in(certified("hero.a.localhost"), None, {})
    assert before is not None
    assert filled_in(certified("hero.a.localhost"), living(before), {}) is None
    after = filled_in(certified("hero.b.localhost"), living(before), {})
    assert after is not None
    chain, key = decoded(after)["tls.crt"], decoded(after)["tls.key"]
    loaded = x509.load_pem_x509_certificate(chain.encode())
    names = loaded.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["*.b.localhost", "hero.b.localhost"]
    assert loaded.public_key() == load_pem_private_key(key.encode(), None).public_key()


def test_a_certificate_follows_the_authority_that_signs(cache: Path) -> None:
    before = filled_in(certified("hero.a.localhost"), None, {})
    shutil.rmtree(cache / "authority")
    assert filled_in(certified("hero.a.localhost"), living(before), {}) is not None


@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize("theirs", [("tls.crt",), ("tls.crt", "tls.key")])
def test_a_certificate_that_somebody_set_stays_with_the_key_it_has(theirs: tuple[str, ...]) -> None:
    before = filled_in(certified("hero.a.localhost"), None, {})
    after = filled_in(certified("hero.b.localhost"), living(before, *theirs), {})
    assert after is not None
    assert decoded(after) == {key: value for key, value in decoded(before).items() if key not in theirs}


def test_keys_are_listed_with_or_without_a_source() -> None:
    secret = planned("a, b ,")
    assert keys_of(secret) == {"a": "n/s/a", "b": "n/s/b"}
    secret["metadata"]["annotations"]["flotilla.dev/sources"] = "own,shared"
    assert keys_of(secret) == {"a": "own", "b": "shared"}


@pytest.mark.parametrize(
    ("key", "prefix"),
    [
        ("stripe-secret-key", "sk_test_"),
        ("STRIPE_SECRET_KEY", "sk_test_"),
        ("stripeWebhookSecret", "whsec_"),
        ("stripe-publishable-key", "pk_test_"),
        ("password", ""),
    ],
)
def test_values_look_like_what_their_readers_expect(key: str, prefix: str) -> None:
    one, other = values.random_value(key).decode(), values.random_value(key).decode()
    assert one != other
    assert one.startswith(prefix)
    assert len(one) == len(prefix) + 32


@pytest.mark.usefixtures("cache")
def test_a_certificate_covers_each_host_and_its_domain() -> None:
    assert covering(["hero.a.example", "b.a.example"]) == ["*.a.example", "b.a.example", "hero.a.example"]
    certificate, key = signed(["hero.a.example"])
    loaded = x509.load_pem_x509_certificate(certificate)
    private = load_pem_private_key(key, None)
    assert loaded.public_key() == private.public_key()
    assert loaded.not_valid_after_utc - loaded.not_valid_before_utc <= LIFETIME + CLOCK_SKEW


def test_a_certificate_without_hosts_is_for_this_machine() -> None:
    assert covering([""]) == ["localhost"]
