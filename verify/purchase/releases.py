"""Which releases a purchase goes through: customers are shared out so that each release has one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle

from verify.rollouts import Met, Rollout, Rollouts
from verify.target import CHECKOUT, Shop


@dataclass(frozen=True, slots=True)
class Customer:
    """Who is to buy in a shop: the cookies of the releases it is kept to, empty where whichever answers will do.

    ``through`` says which these are, in the words of a result.
    """

    shop: Shop
    own: str = ""
    checkout: str = ""
    through: str = ""


def customers(shops: Sequence[Shop], rollouts: Rollouts) -> list[Customer]:
    """Give a customer for each release of each shop, and in turn for each of the checkout's, more where those lack."""
    visits = [(shop, own) for shop in shops for own in _met(rollouts.get(shop.name))]
    called = _met(rollouts.get(CHECKOUT))
    visits += visits[:1] * (len(called) - len(visits))
    return [_customer(shop, own, met, rollouts) for (shop, own), met in zip(visits, cycle(called), strict=False)]


def _met(rollout: Rollout | None) -> Sequence[Met | None]:
    return rollout.met if rollout is not None and rollout.met else (None,)


def _customer(shop: Shop, own: Met | None, met: Met | None, rollouts: Rollouts) -> Customer:
    through = [
        f"{what} {rollouts[subject].name(one)}"
        for what, subject, one in (("shop", shop.name, own), ("checkout", CHECKOUT, met))
        if one is not None
    ]
    return Customer(shop, own.cookie if own else "", met.cookie if met else "", ", ".join(through))
