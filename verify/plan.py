"""Which checks a target gets: each job names its checks and its subject, so that none is lost when it breaks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import httpx

from fleet import naming
from fleet.model import FleetSpec, WorkloadSpec
from verify.checks import (
    content,
    health,
    images,
    jobs,
    latency,
    pods,
    reconciliation,
    resources,
    routing,
    secrets,
    security,
    storage,
)
from verify.checks import names as hosts
from verify.cluster import Snapshot
from verify.registry import Registry, logins
from verify.results import Result
from verify.target import CHECKOUT, Shop, Target
from verify.web import Web

OF_A_SHOP = ("route", "marker", "version", "body", "prices", "headers", "secrets")
OF_THE_CLUSTER = (
    "nodes", "pods", "endpoints", "images", "image-current", "routes", "canary", "autoscaler", "memory", "volumes",
    *jobs.SCHEDULED, "network-policy",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of work that gives the results of ``checks`` for ``subject``."""

    checks: tuple[str, ...]
    subject: str
    work: Callable[[], Awaitable[Result | Sequence[Result]]]


def at_once(web: Web, seen: Snapshot | None) -> Iterator[Job]:
    """Look at everything that no other check disturbs."""
    yield from names(web)
    yield from shops(web, seen)
    yield from checkout(web, seen)
    yield from cluster(web.target, seen)
    yield from edge(web.target)


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


def checkout(web: Web, seen: Snapshot | None = None) -> Iterator[Job]:
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
        ("secrets",): partial(secrets.answers, known=secrets.known_to(seen)),
    }
    for checks, work in works.items():
        yield Job(checks, CHECKOUT, partial(work, web))


def latencies(web: Web) -> Iterator[Job]:
    """Measure how long answers take; to be run while it is quiet."""
    yield Job(("latency.api",), CHECKOUT, partial(latency.api, web))
    for shop in web.target.shops:
        yield Job(("latency.page",), shop.name, partial(latency.page, web, shop))


def afterwards(web: Web, seen: Snapshot | None = None) -> Iterator[Job]:
    """Ask last what the test purchases are in."""
    yield Job(("reconciliation",), CHECKOUT, partial(reconciliation.reconciliation, web, seen))


def edge(target: Target) -> Iterator[Job]:
    """Say of what a stack keeps at the edge that nothing here can see it."""
    if target.spec is not None and target.spec.edge is not None:
        yield Job(("edge",), storage.EDGE, partial(_now, storage.unseen, target.spec.edge))


def cluster(target: Target, seen: Snapshot | None) -> Iterator[Job]:
    """Read what the cluster tells of a stack; nothing is expected of a place where there is no access to one."""
    if seen is None or target.spec is None:
        return
    if "the fleet's objects" in seen.silent:
        yield Job(OF_THE_CLUSTER, pods.CLUSTER, partial(_now, pods.unanswered, seen, OF_THE_CLUSTER))
        return
    for workload in target.spec.workloads:
        if workload.instance in {shop.name for shop in target.shops} | {CHECKOUT}:
            yield from _workload(seen, workload)
    asked = Registry(target.registry, logins(seen.secrets))
    yield Job(("image-current",), pods.CLUSTER, partial(images.current, seen, target.spec, asked))
    yield from _shared(target.spec, seen)


def _workload(seen: Snapshot, workload: WorkloadSpec) -> Iterator[Job]:
    subject = workload.instance
    services = [naming.released(workload.name, release.track) for release in workload.releases]
    makers = dict.fromkeys((naming.released(workload.name, one.track) for one in workload.releases), "Deployment")
    yield Job(("pods",), subject, partial(_now, pods.pods, seen, subject, workload.instance, makers))
    yield Job(("images",), subject, partial(_now, images.planned, seen, subject, workload))
    yield Job(("endpoints",), subject, partial(_now, routing.endpoints, seen, subject, services))
    yield Job(("routes",), subject, partial(_now, routing.routes, seen, subject, workload.host))
    if workload.canary is not None:
        yield Job(("canary",), subject, partial(_now, routing.split, seen, subject, workload))


def _shared(spec: FleetSpec, seen: Snapshot) -> Iterator[Job]:
    if spec.database.server is not None:
        database, makers = pods.DATABASE, {naming.DATABASE: "StatefulSet"}
        yield Job(("pods",), database, partial(_now, pods.pods, seen, database, naming.DATABASE, makers))
        yield Job(("endpoints",), database, partial(_now, routing.endpoints, seen, database, [naming.DATABASE]))
    for identity, name in jobs.SCHEDULED.items():
        if identity != "backup" or spec.database.server is not None:
            yield Job((identity,), pods.CLUSTER, partial(_now, jobs.last_success, seen, identity, name))
    for identity, look in (("nodes", resources.nodes), ("memory", resources.memory)):
        yield Job((identity,), pods.CLUSTER, partial(_now, look, seen))
    yield Job(("volumes",), pods.CLUSTER, partial(_now, resources.volumes, seen, spec))
    yield Job(("autoscaler",), pods.CLUSTER, partial(_now, resources.autoscalers, seen, spec))
    yield Job(("network-policy",), pods.CLUSTER, partial(_now, jobs.network_policies, seen))


async def _now(look: Callable[..., Result | Iterable[Result]], *about: object) -> list[Result]:
    """Make a job of what needs no waiting: the cluster was read already."""
    found = look(*about)
    return [found] if isinstance(found, Result) else list(found)


async def _shop(web: Web, shop: Shop, seen: Snapshot | None) -> list[Result]:
    try:
        front = await content.front(web, shop)
    except httpx.HTTPError as error:
        return content.unreachable(shop, error)
    results = content.route(shop, front)
    if len(results) > 1:
        return results
    return [
        *results,
        *content.judge(shop, front),
        await content.prices(web, shop),
        security.headers(shop.name, front.answer, is_page=True),
        await secrets.scan(web, shop, front, secrets.known_to(seen)),
    ]


async def _checkout_headers(web: Web) -> Result:
    return security.headers(CHECKOUT, await web.ask("GET", "/health/live"), is_page=False)
