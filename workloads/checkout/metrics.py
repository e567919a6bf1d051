"""What Prometheus is told: requests, latency, orders and findings, each with track and version."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from checkout.breaker import Breaker, Circuit
from checkout.database import Connection, Database, TooSlow, Unavailable
from checkout.states import Status

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 2, 5, 10)
"""In seconds; 0.5 is the objective for the 95th percentile, so that it is measured and not interpolated."""
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_ALWAYS = ("track", "version")
_UNFINISHED = (Status.CREATED, Status.CHECKOUT_OPEN, Status.PAID)
"""States that an order leaves again, so that these are few; the index ``orders_unfinished`` has them."""


class Metrics:
    """The metrics of one process.

    Requests have the names and labels that the storefront gives its own, so that one query asks after both; what only
    a checkout knows begins with ``checkout_``.
    """

    def __init__(self, track: str, version: str) -> None:
        self.registry = CollectorRegistry()
        self.always = (track, version)
        self._requests = self._counter("http_requests", "Requests answered.", "method", "route", "code")
        self._events = self._counter(
            "checkout_webhook_events", "Stripe's events by what became of them.", "type", "outcome"
        )
        self._seconds = Histogram(
            "http_request_duration_seconds",
            "Time until a request was answered.",
            (*_ALWAYS, "route"),
            buckets=_BUCKETS,
            registry=self.registry,
        )

    def request(self, method: str, route: str, code: int, seconds: float) -> None:
        """Count an answered request."""
        # A stranger must not be able to make new series.
        known = method if method in _METHODS else "other"
        self._requests.labels(*self.always, known, route, str(code)).inc()
        self._seconds.labels(*self.always, route).observe(seconds)

    def event(self, kind: str, outcome: str) -> None:
        """Count a webhook."""
        self._events.labels(*self.always, kind, outcome).inc()

    def text(self) -> bytes:
        """Give all in Prometheus' text format."""
        return generate_latest(self.registry)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(name, text, (*_ALWAYS, *labels), registry=self.registry)


class State(Collector):
    """What the database and the circuit say at the moment of a scrape."""

    def __init__(self, metrics: Metrics, database: Database, breaker: Breaker) -> None:
        self._always = metrics.always
        self._database = database
        self._breaker = breaker
        metrics.registry.register(self)

    def describe(self) -> Iterable[Metric]:
        """Name nothing in advance: the registry would ask the database already at the start."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Give the gauges; without a database only that it is down."""
        yield self._gauge(
            "stripe_circuit_open", "1 while no call to Stripe is made.", self._breaker.state is Circuit.OPEN
        )
        try:
            orders, estimate, findings, reviews, finished = self._database.look(_state)
        except Unavailable as error:
            # A Postgres that is slow is up, and says no more than that.
            yield self._gauge("database_up", "1 while Postgres answers.", value=isinstance(error, TooSlow))
            return
        yield self._gauge("database_up", "1 while Postgres answers.", value=True)
        yield self._gauges("orders", "Orders that are not finished, by state.", "state", orders)
        yield self._gauge("orders_estimate", "All orders there are, by Postgres' own estimate.", estimate)
        yield self._gauges("reconcile_findings", "What the last reconciliation found.", "kind", findings)
        yield self._gauge("reviews_open", "What a person must look at.", reviews)
        yield self._gauge("reconcile_finished_seconds", "When the last reconciliation ended, since 1970.", finished)

    def _gauge(self, name: str, text: str, value: float) -> GaugeMetricFamily:
        family = GaugeMetricFamily(f"checkout_{name}", text, labels=_ALWAYS)
        family.add_metric(self._always, float(value))
        return family

    def _gauges(self, name: str, text: str, label: str, values: dict[str, int]) -> GaugeMetricFamily:
        family = GaugeMetricFamily(f"checkout_{name}", text, labels=(*_ALWAYS, label))
        for word, value in values.items():
            family.add_metric((*self._always, word), value)
        return family


def _state(connection: Connection) -> tuple[dict[str, int], float, dict[str, int], int, float]:
    orders = dict.fromkeys((str(status) for status in _UNFINISHED), 0)
    for row in connection.execute(
        "SELECT status, count(*) AS number FROM orders WHERE status IN ('created', 'checkout_open', 'paid')"
        " GROUP BY status"
    ):
        orders[row["status"]] = row["number"]
    # Counting them would read the whole table at every scrape of every pod; -1 is a table not yet analyzed.
    known = connection.execute("SELECT reltuples FROM pg_class WHERE oid = 'orders'::regclass").fetchone()
    run = connection.execute(
        "SELECT findings, extract(epoch FROM finished_at) AS at FROM reconcile_runs ORDER BY id DESC LIMIT 1"
    ).fetchone()
    reviews = connection.execute("SELECT count(*) AS open FROM reviews WHERE resolved_at IS NULL").fetchone()
    return (
        orders,
        max(float(known["reltuples"]), 0.0) if known else 0.0,
        run["findings"] if run else {},
        reviews["open"] if reviews else 0,
        float(run["at"]) if run else 0.0,
    )
