"""Which checks a target gets: each job names its checks and its subject, so that none is lost when it breaks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import httpx

from fleet import naming
from fleet.model import FleetSpec
from verify.checks import content, health, jobs, latency, pods, reconciliation, resources, routing, secrets, security
from verify.checks import names as hosts
from verify.cluster import Snapshot
from verify.results import Result
from verify.target import CHECKOUT, Shop, Target
from verify.web import Web

OF_A_SHOP = ("route", "marker", "version", "body", "prices", "headers", "secrets")
OF_THE_CLUSTER = (
    "nodes", "pods", "endpoints", "images", "routes", "canary", "autoscaler", "memory", "volumes",
    *jobs.SCHEDULED, "network-policy",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of work that gives the results of ``checks`` for ``subject``."""

    checks: tuple[str, ...]
    subject: str
    work: Callable[[], Awaitable[Result | Sequence[Result]]]


def names(web: Web) -> Iterator[Job]:
    """Look at names, certificates, redirects and what is not for the public, of every host."""
    target = web.target
    for subject, url in (*((shop.name, shop.url) for shop in target.shops), (CHECKOUT, target.checkout)):
        yield Job(("dns",), subject, partial(hosts.dns, target, subject, httpx.URL(url).host))
        yield Job(("certificate",), subject, partial(hosts.certificate, target, subject, url))
        yield Job(("https-redirect",), subject, partial(hosts.redirect, web, subject, url))
        yield Job(("metrics-private",), subject, partial(security.metrics, web, subject, url))


def shops(web: Web, seen: Snapshot | None) -> Iterator[Job]:
    """Look at what each shop shows, and whether it may call the checkout."""
    for shop in web.target.shops:
        yield Job(OF_A_SHOP, shop.name, partial(_shop, web, shop, seen))
        yield Job(("cors.allowed",), shop.name, partial(security.allowed_origin, web, shop))


def checkout(web: Web) -> Iterator[Job]:
    """Hear what the checkout says, and see what it refuses."""
    works: dict[tuple[str, ...], Callable[[Web], Awaitable[Result | Sequence[Result]]]] = {
        ("route", "live", "ready"): health.probes,
        ("health", "database", "circuit", "version"): health.health,
        ("headers",): _checkout_headers,
        ("api.schema",): health.schema,
        ("api.query",): health.query,
        ("cors.foreign",): security.foreign_origins,
        ("csrf",): security.forgery,
        ("auth",): security.tokens,
        ("webhook",): security.signatures,
    }
    for checks, work in works.items():
        yield Job(checks, CHECKOUT, partial(work, web))


def latencies(web: Web) -> Iterator[Job]:
    """Measure how long answers take; to be run while it is quiet."""
    yield Job(("latency.api",), CHECKOUT, partial(latency.api, web))
    for shop in web.target.shops:
        yield Job(("latency.page",), shop.name, partial(latency.page, web, shop))


def afterwards(web: Web) -> Iterator[Job]:
    """Ask last what the test purchases are in."""
    yield Job(("reconciliation",), CHECKOUT, partial(reconciliation.reconciliation, web))


def cluster(target: Target, seen: Snapshot | None) -> Iterator[Job]:
    """Read what the cluster tells of a stack; nothing is expected of a place where there is no access to one."""
    if seen is not None and target.spec is not None:
        yield Job(OF_THE_CLUSTER, pods.CLUSTER, partial(_cluster, target, target.spec, seen))


async def _shop(web: Web, shop: Shop, seen: Snapshot | None) -> list[Result]:
    try:
        front = await content.front(web, shop)
    except httpx.HTTPError as error:
        return content.unreachable(shop, error)
    results = content.route(shop, front)
    if len(results) > 1:
        return results
    known = seen.secrets if seen is not None else {}
    return [
        *results,
        *content.judge(shop, front),
        await content.prices(web, shop),
        security.headers(shop.name, front.answer, is_page=True),
        await secrets.scan(web, shop, front, known),
    ]


async def _checkout_headers(web: Web) -> Result:
    return security.headers(CHECKOUT, await web.ask("GET", "/health/live"), is_page=False)


async def _cluster(target: Target, spec: FleetSpec, seen: Snapshot) -> list[Result]:
    if "the fleet's objects" in seen.silent:
        return pods.unanswered(seen, OF_THE_CLUSTER)
    return list(_of_cluster(target, spec, seen))


def _of_cluster(target: Target, spec: FleetSpec, seen: Snapshot) -> Iterator[Result]:
    wanted = {shop.name for shop in target.shops} | {CHECKOUT}
    for workload in spec.workloads:
        subject = workload.instance
        if subject in wanted:
            services = [naming.released(workload.name, release.track) for release in workload.releases]
            yield pods.pods(seen, subject, workload.instance)
            yield pods.images(seen, subject, workload)
            yield routing.endpoints(seen, subject, services)
            yield routing.routes(seen, subject, workload.host)
            if workload.canary is not None:
                yield routing.split(seen, subject, workload)
    if spec.database.server is not None:
        yield pods.pods(seen, pods.DATABASE, naming.DATABASE)
        yield routing.endpoints(seen, pods.DATABASE, [naming.DATABASE])
        yield jobs.last_success(seen, "backup", jobs.SCHEDULED["backup"])
    yield jobs.last_success(seen, "reconcile-job", jobs.SCHEDULED["reconcile-job"])
    yield resources.nodes(seen)
    yield resources.memory(seen)
    yield resources.volumes(seen)
    yield from resources.autoscalers(seen, spec)
    yield jobs.network_policies(seen)
