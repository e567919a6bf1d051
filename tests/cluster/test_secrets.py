"""Values that the plan never has, on a real API server."""

from __future__ import annotations

import base64
import json
from typing import Any

from cryptography import x509

from fleet import naming
from sandbox.secrets import MANAGER


def value(small_fleet: Any, name: str, key: str) -> bytes:
    return base64.b64decode(small_fleet.live("secret", name)["data"][key])


def test_missing_values_are_made_once_and_stay(small_fleet: Any) -> None:
    plan = small_fleet.secret("stripe", "stripe-secret-key", "stripe-webhook-secret")
    small_fleet.apply(plan)
    first = value(small_fleet, "stripe", "stripe-secret-key")
    assert first.startswith(b"sk_test_")
    assert value(small_fleet, "stripe", "stripe-webhook-secret").startswith(b"whsec_")
    assert small_fleet.apply(plan).is_nothing
    assert value(small_fleet, "stripe", "stripe-secret-key") == first


def test_a_raised_generation_makes_new_values_and_counts_as_a_change(small_fleet: Any) -> None:
    small_fleet.apply(small_fleet.secret("database", "password"))
    first = value(small_fleet, "database", "password")
    raised = small_fleet.secret("database", "password", generation=2)
    assert small_fleet.apply(raised).changed == (f"Secret {small_fleet.namespace}/database",)
    second = value(small_fleet, "database", "password")
    assert second != first
    assert small_fleet.apply(raised).is_nothing
    assert value(small_fleet, "database", "password") == second


def test_a_value_that_somebody_set_is_never_overwritten_not_even_by_a_raised_generation(small_fleet: Any) -> None:
    small_fleet.apply(small_fleet.secret("stripe", "stripe-secret-key", "other"))
    theirs = json.dumps({"data": {"stripe-secret-key": base64.b64encode(b"sk_test_mine").decode()}})
    small_fleet.run("patch", "secret", "stripe", "--type=merge", "-p", theirs)
    before = value(small_fleet, "stripe", "other")
    small_fleet.apply(small_fleet.secret("stripe", "stripe-secret-key", "other"))
    small_fleet.apply(small_fleet.secret("stripe", "stripe-secret-key", "other", generation=2))
    assert value(small_fleet, "stripe", "stripe-secret-key") == b"sk_test_mine"
    assert value(small_fleet, "stripe", "other") != before


def test_a_key_that_the_plan_adds_gets_a_value_and_the_others_keep_theirs(small_fleet: Any) -> None:
    small_fleet.apply(small_fleet.secret("database", "password"))
    before = value(small_fleet, "database", "password")
    small_fleet.apply(small_fleet.secret("database", "password", "admin"))
    assert value(small_fleet, "database", "password") == before
    assert len(value(small_fleet, "database", "admin")) == 32


def test_keys_of_one_source_have_one_value_in_every_secret(small_fleet: Any) -> None:
    shared = {naming.SOURCES: "databasePassword"}
    small_fleet.apply(small_fleet.secret("database", "password", **shared))
    first = value(small_fleet, "database", "password")
    both = [
        small_fleet.secret("database", "password", **shared),
        small_fleet.secret("checkout-database", "password", **shared),
    ]
    small_fleet.apply(*both)
    assert value(small_fleet, "checkout-database", "password") == first
    assert small_fleet.apply(*both).is_nothing


def test_a_secret_whose_type_needs_data_is_created_with_it(small_fleet: Any) -> None:
    hosts = {naming.HOSTS: "hero.shops.localhost,checkout.shops.localhost"}
    tls = small_fleet.secret("shops-tls", "tls.crt", "tls.key", kind="kubernetes.io/tls", **hosts)
    pull = small_fleet.secret("pull", ".dockerconfigjson", kind="kubernetes.io/dockerconfigjson")
    small_fleet.apply(tls, pull)
    certificate = x509.load_pem_x509_certificate(value(small_fleet, "shops-tls", "tls.crt"))
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert "*.shops.localhost" in names.get_values_for_type(x509.DNSName)
    assert json.loads(value(small_fleet, "pull", ".dockerconfigjson")) == {"auths": {}}
    assert small_fleet.apply(tls, pull).is_nothing


def test_made_values_belong_to_a_field_manager_of_their_own(small_fleet: Any) -> None:
    small_fleet.apply(small_fleet.secret("database", "password"))
    fields = small_fleet.live("secret", "database")["metadata"]["managedFields"]
    assert {entry["manager"] for entry in fields if "f:data" in entry["fieldsV1"]} == {MANAGER}


def test_a_secret_that_the_plan_drops_is_removed(small_fleet: Any) -> None:
    small_fleet.apply(small_fleet.secret("database", "password"))
    assert small_fleet.apply().pruned == ("Secret database",)
