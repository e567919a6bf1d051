"""The states of an order and which may follow which. Pure.

Every move raises the rank, so that events which come late, twice or in the wrong order can't take an order back.
Money that arrives wins over an expiry: what was paid is owed.
"""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """Where an order stands."""

    CREATED = "created"
    CHECKOUT_OPEN = "checkout_open"
    EXPIRED = "expired"
    FAILED = "failed"
    PAID = "paid"
    FULFILLED = "fulfilled"
    PARTIALLY_REFUNDED = "partially_refunded"
    DISPUTED = "disputed"
    REFUNDED = "refunded"


_UNPAID = (Status.CREATED, Status.CHECKOUT_OPEN, Status.EXPIRED, Status.FAILED)
_HELD = (*_UNPAID, Status.PAID, Status.FULFILLED)
ALLOWED: dict[Status, tuple[Status, ...]] = {
    Status.CREATED: (),
    Status.CHECKOUT_OPEN: (Status.CREATED,),
    Status.EXPIRED: (Status.CREATED, Status.CHECKOUT_OPEN),
    Status.FAILED: (Status.CREATED, Status.CHECKOUT_OPEN),
    Status.PAID: _UNPAID,
    Status.FULFILLED: (Status.PAID,),
    # A refund or dispute tells of a payment whose own event may still be on its way.
    Status.PARTIALLY_REFUNDED: _HELD,
    Status.DISPUTED: (*_HELD, Status.PARTIALLY_REFUNDED),
    Status.REFUNDED: (*_HELD, Status.PARTIALLY_REFUNDED, Status.DISPUTED),
}
"""For each state, those from which an order may come to it: ``UPDATE ... WHERE status = ANY(ALLOWED[target])``."""
RANK = {
    Status.CREATED: 0,
    Status.CHECKOUT_OPEN: 1,
    Status.EXPIRED: 2,
    Status.FAILED: 2,
    Status.PAID: 3,
    Status.FULFILLED: 4,
    Status.PARTIALLY_REFUNDED: 5,
    Status.DISPUTED: 6,
    Status.REFUNDED: 7,
}
"""How far along a state is."""
TAKES_MONEY = frozenset({Status.PAID, Status.PARTIALLY_REFUNDED, Status.DISPUTED, Status.REFUNDED})
"""States that say a payment was made, so that its amount must be the order's."""
HANDED_OUT = (Status.PAID, Status.PARTIALLY_REFUNDED)
"""States in which the goods are owed until the row in ``fulfilments`` says that they were handed out."""
