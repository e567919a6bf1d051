"""A whole market of real processes: two shops, the checkout, Postgres, the Stripe double, and a browser that buys."""

from __future__ import annotations

import asyncio
import json
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx

from tests.waiting import wait
from tests.workloads.postgres import Server, free_port
from tests.workloads.stage import KEY, Stage
from tests.workloads.storefront.conftest import process
from verify.purchase import Terms, buy
from verify.purchase.journey import STEPS
from verify.purchase.visit import Visit
from verify.results import Outcome, Result
from verify.target import Product, Release, Shop, Target

TOKEN = "t" * 20
"""What the stage writes into the checkout's token file."""
THEMES = {"hero": "hero", "brutal": "brutal"}
PATIENT = Terms(page=60, click=60, payment=60, order=60, refund=60, whole=300)
"""What comes is waited for, however busy the machine is."""
HASTY = replace(PATIENT, payment=4)
"""For a payment page that leads nowhere: what never comes need not be waited for."""
PRICE = 24900
CATALOGUE: list[dict[str, Any]] = [
    {"sku": "field-38", "name": "Field 38", "description": "Hand-wound.", "price": 24900, "currency": "EUR"},
    {"sku": "flotilla-test", "name": "Test", "description": "", "price": PRICE, "currency": "EUR", "test": True},
]


class Market:
    """Each file in ``folder`` is what a process of the market reads; a test writes one and starts the process again."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.stage = Stage(server, folder)
        self.folder = folder
        self.ports = {name: free_port() for name in THEMES}
        (folder / "key-of-the-account").write_text(KEY)
        self.stage.double.environment["STRIPE_SECRET_KEY_FILE"] = str(folder / "key-of-the-account")
        self.sell()

    @property
    def target(self) -> Target:
        """What is verified, as a plan knows it."""
        return Target(
            name="market", purpose="test", shops=tuple(map(self.shop, THEMES)), checkout=self.checkout, token=TOKEN
        )

    @property
    def checkout(self) -> str:
        return self.stage.checkout.url

    def shop(self, name: str) -> Shop:
        return Shop(
            name=name,
            url=f"http://127.0.0.1:{self.ports[name]}",
            theme=THEMES[name],
            releases=frozenset({Release("stable", "2.3.0")}),
            products=(Product(sku="flotilla-test", amount=PRICE, currency="EUR", test=True),),
        )

    def sell(self, *, price: int = PRICE, only: tuple[str, ...] = (), one_origin: bool = False) -> None:
        """Write what the checkout sells, and to whom; it reads that when it starts."""
        origins = {name: self.shop("hero" if one_origin else name).url for name in only or THEMES}
        variants = {name: {"origin": origin} for name, origin in origins.items()}
        (self.folder / "origins").write_text("\n".join(origins.values()))
        (self.folder / "shops.json").write_text(json.dumps({"products": _catalogue(price), "variants": variants}))

    @contextmanager
    def showing(self, *, price: int = PRICE, charged: int = PRICE, checkout: str = "") -> Iterator[None]:
        """Let the shop hero show another price for the test product, or ask another checkout, until the block ends."""
        port, self.ports["hero"] = self.ports["hero"], free_port()
        self.sell(price=charged)
        self.restart()
        try:
            with self._storefront("hero", price, checkout):
                yield
        finally:
            self.ports["hero"] = port
            self.sell()
            self.restart()

    @contextmanager
    def open(self) -> Iterator[None]:
        """Run everything until the block ends."""
        with ExitStack() as stack:
            stack.callback(self.stage.close)
            self.stage.open()
            for name in THEMES:
                stack.enter_context(self._storefront(name))
            yield

    def begin(self) -> None:
        """Be as in the beginning: with no order, no fault, and all that a test has ended."""
        self.stage.begin()
        self.stage.well()
        self._wait_for_the_database()

    @contextmanager
    def otherwise(self, **sold: Any) -> Iterator[None]:
        """Let the checkout run with another catalogue until the block ends."""
        self.sell(**sold)
        self.restart()
        try:
            yield
        finally:
            self.sell()
            self.restart()

    def restart(self) -> None:
        """Start the checkout anew, so that it reads its files and remembers no answer of Stripe's."""
        self.stage.checkout.stop()
        self.stage.checkout.start()
        self._wait_for_the_database()

    def _wait_for_the_database(self) -> None:
        # A checkout that lives may have no connection yet, or none that a restart of Postgres has left whole.
        wait(lambda: self.answers_200(f"{self.checkout}/health/ready"), "the checkout to be ready")

    @contextmanager
    def _storefront(self, name: str, price: int = PRICE, checkout: str = "") -> Iterator[None]:
        shop = self.shop(name)
        written = {"variant": name, "theme": shop.theme, "url": shop.url, "checkoutUrl": checkout or self.checkout}
        file = self.folder / f"{name}-{self.ports[name]}.json"
        file.write_text(json.dumps(written | {"catalogue": _catalogue(price)}))
        with process(file, self.ports[name], output=subprocess.DEVNULL):
            yield

    def buy(self, target: Target | None = None, *, shop: str = "hero", terms: Terms = PATIENT) -> Purchase:
        """Buy once in one shop."""
        target = target or self.target
        return Purchase(asyncio.run(buy(target, [one for one in target.shops if one.name == shop], _ignore, terms)))

    def with_shop(self, **other: Any) -> Target:
        """Give the target with something else known of its shop hero."""
        return replace(self.target, shops=(replace(self.shop("hero"), **other),))

    def orders(self) -> list[tuple[str, str]]:
        """Give variant and state of every order in the database."""
        return [
            (str(variant), str(status)) for variant, status in self.stage.rows("SELECT variant, status FROM orders")
        ]

    def settled(self, status: str, seconds: float = 60) -> bool:
        """Wait until the one order in the database has a state."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and [status] != [found for _, found in self.orders()]:
            time.sleep(0.1)
        return [status] == [found for _, found in self.orders()]

    def answers_200(self, url: str = "") -> bool:
        """Say what a check of status codes says of the shop hero, or of another address: that it is fine."""
        return httpx.get(url or self.shop("hero").url, trust_env=False, timeout=60).status_code == 200


class Purchase:
    """The results of one shop, by check."""

    def __init__(self, results: list[Result]) -> None:
        assert [result.check for result in results] == [step.check for step in STEPS], "every step is always told"
        self.results = {result.check.removeprefix("purchase."): result for result in results}

    def __getitem__(self, step: str) -> Result:
        return self.results[step]

    def ended(self, outcome: Outcome) -> list[str]:
        """Give the steps that ended so."""
        return [step for step, result in self.results.items() if result.outcome is outcome]

    def describe(self) -> str:
        return "\n".join(f"{step}: {one.outcome} {one.message}" for step, one in self.results.items())


def hurry(**terms: Any) -> Callable[[Visit], Awaitable[None]]:
    """Give what makes a purchase impatient once it has come to the step at which it waits in vain."""

    async def change(visit: Visit) -> None:
        visit.terms = replace(visit.terms, **terms)

    return change


def _catalogue(price: int) -> list[dict[str, Any]]:
    """Give the catalogue with a price for the test product."""
    return [product | {"price": price} if product.get("test") else product for product in CATALOGUE]


def _ignore(_: Result) -> None:
    """Do nothing with what comes."""
