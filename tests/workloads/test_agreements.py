"""What two places must say alike, since images share no code and Stripe's dashboard reads none."""

from __future__ import annotations

import re
from pathlib import Path

from checkout import middleware
from checkout.observations import EVENT_TYPES
from storefront import telemetry
from tests.workloads.stage import EVENTS

README = Path(__file__).parents[2] / "workloads/checkout/README.md"


def test_the_events_to_register_at_stripe_are_those_that_are_read() -> None:
    told = re.findall(r"^\| `((?:checkout|charge|refund)\.[a-z_.]+)` \|", README.read_text(), re.MULTILINE)
    assert tuple(told) == EVENT_TYPES
    assert set(EVENTS) == set(EVENT_TYPES)


def test_shop_and_checkout_take_the_same_correlation_ids() -> None:
    assert middleware._ID.pattern == telemetry._SAFE_ID.pattern
