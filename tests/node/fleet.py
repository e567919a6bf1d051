"""A small fleet that really runs on the tests' node, applied by the sandbox's own code, and buyers for it."""

from __future__ import annotations

import copy
import ssl
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from fleet.load import load
from fleet.model import FleetSpec
from manifests.plan import Planned
from ops.sandbox import apply, planned_here, publish
from sandbox import authority
from sandbox.apply import Outcome
from sandbox.cluster import Cluster
from sandbox.kubectl import LiveObject
from sandbox.progress import Progress
from sandbox.volumes import reference_of
from tests.incidents.status import preflight
from tests.node.served import answers, remove_namespace
from tests.waiting import wait

LIMIT_SECONDS = 240.0
TWO_SHOPS: dict[str, Any] = {
    "name": "shops",
    "namespace": "fleet-in-place",
    "domain": "shops.tests.localhost",
    "purpose": "disposable",
    "cluster": {"context": "flotilla-sandbox"},
    "registry": {"prefix": "registry.tests.example/shops"},
    "certificates": {"secret": "shops-tls"},
    "checkout": {
        "image": "checkout:1.4.2",
        "replicas": 2,
        "stripeApi": "http://stripe-double:12111",
        # Not while these tests run: what it writes would be among the rows that they compare.
        "reconcileSchedule": "0 0 1 1 *",
        # Buyers who click without pause come from one address.
        "rateLimit": {"average": 1000, "burst": 1000},
    },
    "storefront": {"image": "storefront:2.3.0", "replicas": 1},
    "variants": ["brutal", "hero"],
    "database": {"cluster": {"image": "docker.io/library/postgres:17.6", "size": "1Gi", "backup": {"keep": 3}}},
}


@dataclass
class FleetInPlace:
    """What runs, and what its stack file says; a test that edits it gives it back as it was."""

    cluster: Cluster
    raw: dict[str, Any] = field(default_factory=lambda: copy.deepcopy(TWO_SHOPS))

    @property
    def spec(self) -> FleetSpec:
        return load(self.raw, stack="tests")

    @property
    def planned(self) -> list[Planned]:
        return planned_here(self.spec, real=True)

    def apply(self) -> Outcome:
        """Do what ``flotilla sandbox up`` does once the cluster runs."""
        cluster, planned, progress = self.cluster, self.planned, Progress()
        publish(cluster, planned, progress)
        return apply(cluster.kubectl, self.spec, planned, progress, cluster.volumes, limit_seconds=LIMIT_SECONDS)

    def up(self) -> Outcome:
        """Apply it, and wait until visitors find it: Traefik takes what is new, certificates too, 2 s later."""
        outcome, spec = self.apply(), self.spec
        self.cluster.await_served(spec.namespace)
        checkout, origin = spec.checkout.workload.host, spec.variants[0].workload.url
        for host, path in ((checkout, "/health/ready"), *((one.workload.host, "/") for one in spec.variants)):
            wait(partial(answers, host, path), f"{host}{path} to answer 200")
        wait(lambda: preflight(checkout, origin) == origin, "the checkout to allow the shop")
        return outcome

    def kubectl(self, *arguments: str, stdin: str | None = None) -> str:
        """Run kubectl in the fleet's namespace."""
        limit = LIMIT_SECONDS
        return self.cluster.kubectl.run("-n", self.spec.namespace, *arguments, stdin=stdin, timeout_seconds=limit)

    def items(self, *arguments: str) -> list[LiveObject]:
        return self.cluster.kubectl.items(*arguments, "-n", self.spec.namespace)

    def sql(self, statement: str) -> list[str]:
        """Give the lines that the database answers its superuser, who is let in by the socket."""
        psql = ("psql", "-X", "-q", "-t", "-A", "--host=/var/run/postgresql", "-U", "postgres", "-d", "checkout")
        return self.kubectl("exec", "database-0", "-c", "postgres", "--", *psql, "-c", statement).splitlines()

    def volume(self, claim: str) -> Path:
        """Give the folder behind a claim."""
        volumes = self.cluster.kubectl.items("get", "persistentvolumes")
        paths = {reference_of(one): one["spec"]["hostPath"]["path"] for one in volumes}
        return Path(paths[self.spec.namespace, claim])

    @contextmanager
    def bought_from(self, *, buyers: int = 2) -> Iterator[list[Buyer]]:
        """Have buyers click without pause, from before the block until after it."""
        clicking = [Buyer(self.spec) for _ in range(buyers)]
        for one in clicking:
            one.start()
        try:
            for one in clicking:
                one.await_click()
            yield clicking
            for one in clicking:
                one.await_click()
        finally:
            for one in clicking:
                one.end()


class Buyer(threading.Thread):
    """One who opens a checkout again and again; ``opened`` has the orders that were acknowledged to him."""

    def __init__(self, spec: FleetSpec) -> None:
        super().__init__(daemon=True)
        self.spec, self.ended = spec, threading.Event()
        self.opened: list[str] = []
        self.failures: list[str] = []
        self.clicks = 0

    def run(self) -> None:
        context = ssl.create_default_context(cafile=authority.path())
        with httpx.Client(verify=context, timeout=30, trust_env=False) as client:
            while not self.ended.is_set():
                self.click(client)
                self.clicks += 1
                time.sleep(0.05)

    def click(self, client: httpx.Client) -> None:
        """Open one checkout, by name and over loopback, as the shop's page does."""
        shop, host = self.spec.variants[0], self.spec.checkout.workload.host
        headers = {"Host": host, "Origin": shop.workload.url, "Idempotency-Key": str(uuid.uuid4())}
        body = {"variant": shop.name, "sku": shop.catalogue[0].sku}
        try:
            answer = client.post(
                "https://127.0.0.1/api/checkout", json=body, headers=headers, extensions={"sni_hostname": host}
            )
        except httpx.HTTPError as error:
            self.failures.append(repr(error))
            return
        if answer.status_code == 200:
            self.opened.append(answer.json()["orderId"])
        else:
            self.failures.append(f"{answer.status_code} {answer.text.strip()[:200]}")

    def await_click(self, limit_seconds: float = 120) -> None:
        """Wait until one more click that began now has been answered."""
        end, wanted_clicks = time.monotonic() + limit_seconds, self.clicks + 2
        while self.clicks < wanted_clicks:
            assert time.monotonic() < end, f"no answer in {limit_seconds} s; failures: {self.failures[-3:]}"
            time.sleep(0.05)

    def end(self) -> None:
        self.ended.set()
        self.join()


@pytest.fixture(scope="module")
def running_fleet(real_cluster: Cluster) -> Iterator[FleetInPlace]:
    """Give the one fleet of a module, not applied yet."""
    fleet = FleetInPlace(real_cluster)
    yield fleet
    remove_namespace(real_cluster, fleet.spec.namespace)


@pytest.fixture
def fleet_in_place(running_fleet: FleetInPlace) -> FleetInPlace:
    """Give a fleet of two shops that runs as planned; what a test edits of it is undone before the next one."""
    running_fleet.raw = copy.deepcopy(TWO_SHOPS) | {"generations": running_fleet.raw.get("generations", {})}
    running_fleet.up()
    return running_fleet
