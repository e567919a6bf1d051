from __future__ import annotations

from checkout.breaker import Breaker, Circuit


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_it_opens_after_failures_in_a_row_and_lets_one_call_try_later() -> None:
    clock = Clock()
    breaker = Breaker(threshold=3, pause_seconds=10, clock=clock)
    breaker.failed()
    breaker.failed()
    breaker.succeeded()
    for _ in range(3):
        assert breaker.admit()
        breaker.failed()
    assert str(breaker.state) == Circuit.OPEN
    assert not breaker.admit()
    clock.now = 10
    assert str(breaker.state) == Circuit.HALF_OPEN
    assert breaker.admit()
    assert not breaker.admit()
    breaker.succeeded()
    assert str(breaker.state) == Circuit.CLOSED
    assert breaker.admit()


def test_a_try_that_fails_opens_it_again() -> None:
    clock = Clock()
    breaker = Breaker(threshold=1, pause_seconds=10, clock=clock)
    breaker.failed()
    clock.now = 10
    assert breaker.admit()
    breaker.failed()
    assert breaker.state is Circuit.OPEN
