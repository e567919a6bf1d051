"""Which checks a target gets: each job names its checks and its subject, so that none is lost when it breaks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import httpx

from fleet import naming
from fleet.model import FleetSpec, WorkloadSpec
from verify.catalog import check
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
from verify.rollouts import Rollout, Rollouts, at_each
from verify.target import CHECKOUT, Shop, Target
from verify.web import BusyError, Web, why

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

    async def results(self) -> list[Result]:
        """Do the work; where it breaks, each of its checks could not tell."""
        try:
            found = await self.work()
        except BusyError as error:
            return [check(identity).untold(self.subject, str(error)) for identity in self.checks]
        except Exception as error:  # noqa: BLE001  (whatever breaks a check may not lose it: it could not tell)
            line = why(error) if isinstance(error, httpx.HTTPError) else f"{type(error).__name__}: {why(error)}"
            return [check(identity).untold(self.subject, f"the check broke off: {line}") for identity in self.checks]
        return [found] if isinstance(found, Result) else list(found)


Look = Callable[[Web], Awaitable[Result | Sequence[Result]]]


def at_once(web: Web, seen: Snapshot | None, rollouts: Rollouts) -> Iterator[Job]:
    """Look at everything that no other check disturbs."""
    yield from names(web)
    yield from shops(web, seen, rollouts)
    yield from checkout(web, rollouts, seen)
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


def shops(web: Web, seen: Snapshot | None, rollouts: Rollouts) -> Iterator[Job]:
    """Look at what each shop shows, and whether it may call the checkout; at each release that was met."""
    for shop in web.target.shops:
        own, called = rollouts.get(shop.name), rollouts.get(CHECKOUT)
        yield _each(web, own, OF_A_SHOP, shop.name, partial(_shop, shop=shop, seen=seen))
        yield _each(web, called, ("cors.allowed",), shop.name, partial(security.allowed_origin, shop=shop))


def checkout(web: Web, rollouts: Rollouts, seen: Snapshot | None = None) -> Iterator[Job]:
    """Hear what the checkout says, and see what it refuses; at each release that was met."""
    works: dict[tuple[str, ...], Look] = {
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
        yield _each(web, rollouts.get(CHECKOUT), checks, CHECKOUT, work)


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


def _each(web: Web, rollout: Rollout | None, checks: tuple[str, ...], subject: str, look: Look) -> Job:
    """Make a job that looks at each release that was met; one at which it breaks hides no other."""

    async def at(one: Web) -> list[Result]:
        return await Job(checks, subject, partial(look, one)).results()

    return Job(checks, subject, partial(at_each, web, rollout, at))


async def _now(look: Callable[..., Result | Iterable[Result]], *about: object) -> list[Result]:
    """Make a job of what needs no waiting: the cluster was read already."""
    found = look(*about)
    return [found] if isinstance(found, Result) else list(found)


async def _shop(web: Web, shop: Shop, seen: Snapshot | None) -> list[Result]:
    """Look at a shop's page; what breaks afterwards loses nothing of what it said."""
    try:
        front = await content.front(web, shop)
    except httpx.HTTPError as error:
        return content.unreachable(shop, error)
    results = content.route(shop, front)
    if len(results) > 1:
        return results
    results += [*content.judge(shop, front), security.headers(shop.name, front.answer, is_page=True)]
    for identity, work in (
        ("prices", partial(content.prices, web, shop)),
        ("secrets", partial(secrets.scan, web, shop, front, secrets.known_to(seen))),
    ):
        results += await Job((identity,), shop.name, work).results()
    return results


async def _checkout_headers(web: Web) -> Result:
    return security.headers(CHECKOUT, await web.ask("GET", "/health/live"), is_page=False)
