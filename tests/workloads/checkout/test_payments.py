"""What the checkout makes of Stripe's refusals: which pass, which last, and which a new key leaves behind."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import stripe

from checkout.breaker import Breaker, Circuit
from checkout.payments import Payments, Rejected, Unavailable
from checkout.settings import SecretFile
from tests.workloads.stage import Stage

TOKEN = {"Authorization": f"Bearer {'t' * 20}"}


class _Refusing(Payments):
    """Gets one and the same error for every call."""

    def __init__(self, folder: Path, error: stripe.StripeError) -> None:
        (folder / "key").write_text("sk_test_x")
        super().__init__(SecretFile(folder / "key"), None, 1, Breaker(threshold=1))
        self._error = error

    def ask(self) -> None:
        def refuse(_client: object) -> None:
            raise self._error

        self._call(refuse)


@pytest.mark.parametrize(
    ("error", "circuit", "final"),
    [
        (stripe.RateLimitError("slowly", http_status=429), Circuit.OPEN, False),
        (stripe.APIError("broken", http_status=500), Circuit.OPEN, True),
        (stripe.APIError("broken", http_status=503), Circuit.OPEN, False),
        (stripe.APIConnectionError("silence"), Circuit.OPEN, False),
        (stripe.IdempotencyError("other parameters", http_status=400), Circuit.CLOSED, True),
        (stripe.IdempotencyError("under way", http_status=409), Circuit.CLOSED, False),
    ],
)
def test_what_passes_is_told_as_passing(
    tmp_path: Path, error: stripe.StripeError, circuit: Circuit, *, final: bool
) -> None:
    payments = _Refusing(tmp_path, error)
    with pytest.raises(Unavailable) as told:
        payments.ask()
    assert (payments.breaker.state, told.value.final, told.value.kind) == (circuit, final, type(error).__name__)


@pytest.mark.parametrize(
    ("error", "code", "missing"),
    [
        (stripe.AuthenticationError("no such key", http_status=401), "AuthenticationError", False),
        (stripe.InvalidRequestError("no", "amount", http_status=400), "InvalidRequestError", False),
        (
            stripe.InvalidRequestError("none", "id", code="resource_missing", http_status=404),
            "resource_missing",
            True,
        ),
    ],
)
def test_what_lasts_is_told_as_lasting(tmp_path: Path, error: stripe.StripeError, code: str, *, missing: bool) -> None:
    payments = _Refusing(tmp_path, error)
    with pytest.raises(Rejected) as told:
        payments.ask()
    assert (payments.breaker.state, told.value.code, told.value.is_missing) == (Circuit.CLOSED, code, missing)


def test_a_key_that_rotates_under_many_threads_fails_no_call(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("sk_test_0")

    class Alternating(SecretFile):
        """Says another key at each look."""

        def value(self) -> str:
            return f"sk_test_{next(numbers) % 2}"

    numbers = iter(range(100_000))
    payments = Payments(Alternating(file), None, 1)
    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(lambda: [payments._client() for _ in range(300)]) for _ in range(8)]:
            assert len(done.result()) == 300


@pytest.mark.parametrize("fault", ["api_error", "api_error_after_commit"])
def test_a_refund_that_stripe_fails_for_ever_is_left_behind_by_a_new_key(stage: Stage, fault: str) -> None:
    answer = stage.click(sku="flotilla-test")
    stage.pay(answer.json()["url"].rsplit("/", 1)[1])
    stage.settle()
    stage.fault(fault, next=1)
    url = f"{stage.checkout.url}/api/test-orders/{answer.json()['orderId']}/refund"
    assert stage.client.post(url, headers=TOKEN).status_code == 202
    stage.settle()
    assert stage.rows("SELECT status, refund_attempt FROM orders") == [("refunded", 2)]
