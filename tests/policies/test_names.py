"""Names that look like another one."""

from __future__ import annotations

import pytest

from policies.names import Likeness, Names, is_misspelt


def _like(held: str, asked: str) -> Likeness | None:
    names = Names()
    names.add(held)
    return max((likeness for _, likeness in names.like(asked)), default=None)


@pytest.mark.parametrize(
    ("held", "asked"),
    [
        ("checkout", "chekout"),
        ("checkout", "checkuot"),
        ("checkout-config", "checkout-confg"),
        ("checkout-secrets", "checkout-secret"),
        ("checkoutconfig", "checkout-config"),
        ("checkout_config", "checkout-config"),
        ("Checkout", "checkout"),
        ("storefront-production", "storefront-prodution"),
    ],
)
def test_a_slip_of_the_finger_is_recognised(held: str, asked: str) -> None:
    assert _like(held, asked) is Likeness.MISSPELT
    assert _like(asked, held) is Likeness.MISSPELT


@pytest.mark.parametrize(
    ("held", "asked"),
    [
        ("checkout", "checkout-svc"),
        ("checkout-config", "checkout-configmap"),
        ("checkout-svc", "checkout-service"),
        ("checkout-config", "shop-checkout-config"),
        ("checkout-config", "checkout-config-3f9a1c2b"),
        ("checkout-config", "checkout-config-v2"),
        ("checkout-config-0b7e4f1a", "checkout-config-3f9a1c2b"),
    ],
)
def test_a_word_that_means_nothing_makes_two_names_related(held: str, asked: str) -> None:
    assert _like(held, asked) is Likeness.RELATED
    assert _like(asked, held) is Likeness.RELATED


@pytest.mark.parametrize(
    ("held", "asked"),
    [
        ("db-1", "db-2"),
        ("shop-a", "shop-b"),
        ("api-v1", "api-v2"),
        ("shop-node01", "shop-node02"),
        ("shop-app1", "shop-app12"),
        ("checkout", "checkout-tls"),
        ("checkout-blue", "checkout-green"),
        ("ingress-internal", "ingress-external"),
        ("shop-db", "shop-stripe"),
        ("web", "api"),
        ("redis-master", "redis-replica"),
    ],
)
def test_names_that_mean_two_things_are_two_names(held: str, asked: str) -> None:
    assert _like(held, asked) is None
    assert _like(asked, held) is None


def test_short_words_and_digits_are_never_slips() -> None:
    assert not is_misspelt("web", "wed")
    assert not is_misspelt("node1", "node2")
    assert not is_misspelt("same", "same")
