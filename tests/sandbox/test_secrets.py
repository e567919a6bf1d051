from __future__ import annotations

import base64
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
