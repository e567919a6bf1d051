"""The real processes of a test: a checkout, the Stripe double beside it, and a buyer who clicks and pays."""

from __future__ import annotations

import json
import signal
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx

from stripe_double.delivery import signature
from tests.waiting import LIMIT_SECONDS
from tests.workloads.postgres import Server
from tests.workloads.program import Program
from tests.workloads.tally import Tally

KEY = "sk_test_flotilla"
SECRET = "whsec_first"
EVENTS = [
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
    "charge.refunded",
    "charge.dispute.created",
    "charge.dispute.closed",
    "refund.failed",
]
FLEET = "checkout.shops.test"
ORIGIN = "https://hero.shops.test"
TEST_PRODUCT = {"sku": "flotilla-test", "name": "Test purchase", "price": 100, "currency": "USD", "test": True}
SHOPS = {
    "products": [{"sku": "cape", "name": "Cape", "price": 1900, "currency": "USD"}, TEST_PRODUCT],
    "variants": {
        "hero": {"origin": ORIGIN},
        "brutal": {"origin": "https://brutal.shops.test", "products": [TEST_PRODUCT | {"price": 0}]},
    },
}


class Stage:
    """Checkout, double and database together; every name in it is of this one test."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.server = server
        self.folder = folder
        self.database = f"t{uuid.uuid4().hex[:12]}"
        files = {"key": KEY, "secret": SECRET, "origins": "https://brutal.shops.test\n" + ORIGIN, "token": "t" * 20}
        for name, text in {**files, "shops.json": json.dumps(SHOPS)}.items():
            (folder / name).write_text(text)
        self.double = Program(
            "stripe_double",
            {"RETRY_SECONDS": "0.1,0.2,0.4,0.8,1.6,3,60,60", "STATE_FILE": str(folder / "stripe")},
            folder / "double.log",
        )
        self.checkout = Program("tests.workloads.without", self._environment(), folder / "checkout.log")
        # An idle connection is given up long before the servers do that (uvicorn, after 5 s): a request on one that
        # they are just closing would fail.
        limits = httpx.Limits(max_connections=32, keepalive_expiry=1)
        self.client = httpx.Client(timeout=LIMIT_SECONDS, trust_env=False, limits=limits)

    def _environment(self) -> dict[str, str]:
        return {
            **self.server.environment,
            "DATABASE_NAME": self.database,
            "STRIPE_API_BASE": self.double.url,
            "STRIPE_SECRET_KEY_FILE": str(self.folder / "key"),
            "STRIPE_WEBHOOK_SECRET_FILE": str(self.folder / "secret"),
            "STRIPE_TIMEOUT_SECONDS": "30",
            "ALLOWED_ORIGINS_FILE": str(self.folder / "origins"),
            "SHOPS_FILE": str(self.folder / "shops.json"),
            "VERIFY_TOKEN_FILE": str(self.folder / "token"),
            "RECONCILE_AFTER_SECONDS": "0",
            "FLEET": FLEET,
            "DIE_AT_FILE": str(self.folder / "die-at"),
            "TRACK": "canary",
            "VERSION": "1.5.0",
        }

    def open(self) -> None:
        self.server.make_database(self.database)
        migrated = self.checkout.run("migrate")
        assert migrated.returncode == 0, migrated.stderr + migrated.stdout
        self.double.start()
        self.checkout.start()
        self.listen()

    def listen(self) -> None:
        """Have the double deliver to the checkout."""
        self.control("endpoints", url=f"{self.checkout.url}/webhooks/stripe", secret=SECRET, events=EVENTS)

    def begin(self) -> None:
        """Forget all orders and faults of the test before; whatever it killed runs again."""
        for program in (self.double, self.checkout):
            if program.process is None or program.process.poll() is not None:
                program.start()
        # A delivery that is only given up may be in the checkout's hands, which then writes what is forgotten here.
        self.well()
        self.settle()
        self.control("reset")
        self.rows("TRUNCATE orders, stripe_events, fulfilments, reviews, reconcile_cursor, reconcile_runs")

    @contextmanager
    def without(self, *protections: str) -> Iterator[None]:
        """Run the checkout without some of its protections."""
        with self._otherwise(WITHOUT=",".join(protections)):
            yield

    @contextmanager
    def impatient(self) -> Iterator[None]:
        """Run the checkout with a second of patience for Stripe: less than a busy machine may need."""
        with self._otherwise(STRIPE_TIMEOUT_SECONDS="1"):
            yield

    @contextmanager
    def _otherwise(self, **variables: str) -> Iterator[None]:
        normal = self.checkout
        normal.stop(signal.SIGKILL)
        log = self.folder / "otherwise.log"
        self.checkout = Program(normal.module, normal.environment | variables, log, normal.port)
        try:
            self.checkout.start()
            yield
        finally:
            if self.checkout.process and self.checkout.process.poll() is None:
                self.checkout.stop(signal.SIGKILL)
            self.checkout = normal
            normal.start()

    @contextmanager
    def dying(self, point: str) -> Iterator[None]:
        """Let the checkout end at a point of ``tests.workloads.without``, once."""
        (self.folder / "die-at").write_text(point)
        yield
        (self.folder / "die-at").unlink(missing_ok=True)

    def close(self) -> None:
        for program in (self.checkout, self.double):
            if program.process and program.process.poll() is None:
                program.stop(signal.SIGKILL)
        self.client.close()

    def control(self, what: str, method: str = "POST", **body: Any) -> dict[str, Any]:
        """Steer the double."""
        answer = self.client.request(method, f"{self.double.url}/_control/{what}", json=body)
        answer.raise_for_status()
        return dict(answer.json())

    def fault(self, name: str, **how: Any) -> None:
        """Switch a fault of the double's on."""
        self.control("faults", fault=name, **how)

    def well(self) -> None:
        """Switch every fault off."""
        self.control("faults", "DELETE")

    def click(self, key: str | None = None, **body: Any) -> httpx.Response:
        """Click Buy once."""
        headers = {"Origin": ORIGIN, "Idempotency-Key": key or uuid.uuid4().hex}
        asked = {"variant": "hero", "sku": "cape", "quantity": 1} | body
        return self.client.post(f"{self.checkout.url}/api/checkout", json=asked, headers=headers)

    def buy(self, *, patience_seconds: float = 120) -> str:
        """Click Buy as the shop's script does, again with the same key while there is no answer; gives the session."""
        key, deadline = uuid.uuid4().hex, time.monotonic() + patience_seconds
        while time.monotonic() < deadline:
            with suppress(httpx.HTTPError):
                answer = self.click(key)
                if answer.is_success:
                    return str(answer.json()["url"]).rsplit("/", 1)[1]
                assert answer.status_code >= 500, answer.text
            time.sleep(0.1)
        raise AssertionError(f"no checkout in {patience_seconds} s")

    def pay(self, session: str, act: str = "pay") -> dict[str, Any]:
        """Do to a session what buyer or bank does."""
        return self.control(f"sessions/{session}/{act}")

    def sell(self, orders: int, act: str = "pay", *, at_once: int = 8) -> list[str]:
        """Have many buyers buy and pay; gives the sessions."""

        def one(_number: int) -> str:
            session = self.buy()
            self.pay(session, act)
            return session

        with ThreadPoolExecutor(at_once) as pool:
            return list(pool.map(one, range(orders)))

    def api(self, path: str, **params: Any) -> dict[str, Any]:
        """Ask the double's API."""
        headers = {"Authorization": f"Bearer {KEY}"}
        answer = self.client.get(f"{self.double.url}{path}", params=params, headers=headers)
        return dict(answer.raise_for_status().json())

    def refund(self, payment_intent: str, **more: Any) -> None:
        """Give money back at Stripe."""
        headers = {"Authorization": f"Bearer {KEY}"}
        answer = self.client.post(
            f"{self.double.url}/v1/refunds", data={"payment_intent": payment_intent, **more}, headers=headers
        )
        answer.raise_for_status()

    def forge(self, session: str) -> httpx.Response:
        """Tell the checkout that a session was paid, as somebody would who knows no secret."""
        body = self.api(f"/v1/checkout/sessions/{session}") | {"payment_status": "paid", "status": "complete"}
        event = {"id": "evt_forged", "type": "checkout.session.completed", "created": 1, "data": {"object": body}}
        header = signature("whsec_guessed", json.dumps(event).encode(), int(time.time()))
        return self.client.post(
            f"{self.checkout.url}/webhooks/stripe", content=json.dumps(event), headers={"Stripe-Signature": header}
        )

    def tell(self, kind: str, body: dict[str, Any]) -> str:
        """Deliver an event as Stripe does, signed; gives what the checkout says became of it."""
        event = {"id": f"evt_{uuid.uuid4().hex}", "type": kind, "created": 1, "data": {"object": body}}
        content = json.dumps(event).encode()
        header = signature(SECRET, content, int(time.time()))
        answer = self.client.post(
            f"{self.checkout.url}/webhooks/stripe", content=content, headers={"Stripe-Signature": header}
        )
        return str(answer.raise_for_status().json()["outcome"])

    def settle(self, seconds: float = LIMIT_SECONDS) -> None:
        """Wait until the double has nothing more to deliver."""
        deadline = time.monotonic() + seconds
        while (
            self.control("flush") is not None
            and self.client.get(f"{self.double.url}/_control/state").json()["underWay"]
        ):
            assert time.monotonic() < deadline, "webhooks are still under way"
            time.sleep(0.1)

    def reconcile(self) -> dict[str, int]:
        """Run the CronJob's command; gives what it found."""
        done = self.checkout.run("reconcile")
        assert done.returncode in (0, 1), done.stderr + done.stdout
        return dict(json.loads(done.stdout.splitlines()[-1])["findings"])

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask the checkout's database."""
        with self.server.connect(self.database) as connection:
            cursor = connection.execute(query.encode(), values or None)
            return cursor.fetchall() if cursor.description else []

    def statuses(self) -> dict[str, int]:
        """Count the orders by state."""
        return dict(self.rows("SELECT status, count(*) FROM orders GROUP BY status"))

    def paid_sessions(self) -> list[dict[str, Any]]:
        """Ask Stripe for every session that took money."""
        return [one for one in self.sessions() if one["payment_status"] == "paid"]

    def sessions(self) -> list[dict[str, Any]]:
        """Ask Stripe for every session."""
        found: list[dict[str, Any]] = []
        params: dict[str, Any] = {"limit": 100}
        while True:
            answer = self.api("/v1/checkout/sessions", **params)
            found += answer["data"]
            if not answer["has_more"]:
                return found
            params["starting_after"] = answer["data"][-1]["id"]

    def tally(self) -> Tally:
        """Compare what Stripe was paid for with what the shop hands out: each payment must be one fulfilment."""
        handed = dict(self.rows("SELECT order_id::text, count(*) FROM fulfilments GROUP BY order_id"))
        orders = {row[0]: row[1:] for row in self.rows("SELECT id::text, amount, status FROM orders")}
        paid: dict[str, list[int]] = {}
        for session in self.paid_sessions():
            paid.setdefault(session["client_reference_id"], []).append(session["amount_total"])
        given_back = {order for order, (_, status) in orders.items() if status in ("refunded", "disputed")}
        return Tally(
            paid=sum(map(len, paid.values())),
            lost=len(set(paid) - set(handed) - given_back),
            doubled=sum(n > 1 for n in handed.values()) + sum(len(sums) > 1 for sums in paid.values()),
            wrong=sum(orders[order][0] not in paid.get(order, []) for order in handed),
        )

    def sessions_per_order(self, *, status: str | None = None) -> dict[str, int]:
        """Count the sessions that Stripe has for each order."""
        return dict(Counter(one["client_reference_id"] for one in self.sessions() if status in (None, one["status"])))
