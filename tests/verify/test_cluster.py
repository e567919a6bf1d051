"""What the cluster tells: the whole plan of stack dev is well, and each thing that breaks is named."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from tests.verify import harms
from tests.verify.living import DIGEST, Living, spec
from tests.verify.results import FAIL, PASS, UNKNOWN
from verify import plan
from verify.checks import resources
from verify.cluster import Snapshot
from verify.results import Result
from verify.target import from_fleet

Raw = dict[str, Any]
BY_NATURE = {"network-policy", "image-current"}
"""Policies can't be told from outside, and there is no registry here."""
NO_REGISTRY = "http://127.0.0.1:1"


@pytest.fixture
def living() -> Living:
    return Living(spec())


async def _made(job: plan.Job) -> list[Result]:
    made = await job.work()
    return [made] if isinstance(made, Result) else list(made)


def told(seen: Snapshot) -> dict[tuple[str, str], Result]:
    results = [
        one for job in plan.cluster(from_fleet(spec()).mirrored(NO_REGISTRY), seen) for one in asyncio.run(_made(job))
    ]
    return {(one.check, one.subject): one for one in results}


def failures(seen: Snapshot) -> dict[tuple[str, str], Result]:
    return {key: one for key, one in told(seen).items() if one.outcome is FAIL}


def test_a_fleet_as_it_was_planned_is_well(living: Living) -> None:
    living.usage = {pod["metadata"]["name"]: {"checkout": "10Mi"} for pod in living.pods("checkout")}
    results = told(living.snapshot)
    assert {one.check for one in results.values() if one.outcome is not PASS} == BY_NATURE
    assert {subject for check, subject in results if check == "pods"} == {
        "checkout", "database", *(variant.name for variant in spec().variants)
    }  # fmt: skip


SPACE = "clearwatch-dev"
HERO_POD = f"Pod/{SPACE}/storefront-hero-0"
SERVICE = f"Service/{SPACE}/storefront-hero"
ROUTE = f"IngressRoute/{SPACE}/storefront-hero"


@pytest.mark.parametrize(
    ("harm", "check", "subject", "seen", "resource"),
    [
        (harms.crash, "pods", "hero", "storefront is CrashLoopBackOff: back-off 5m0s", HERO_POD),
        (harms.not_ready, "pods", "hero", "storefront is not ready", HERO_POD),
        (harms.pending, "pods", "hero", "is Pending: 0/1 nodes are available", HERO_POD),
        (harms.out_of_memory, "pods", "hero", "was killed for its memory", HERO_POD),
        (harms.gone, "pods", "hero", "no pod is there", ""),
        (harms.other_selector, "endpoints", "hero", "Service storefront-hero has no pod", SERVICE),
        (
            harms.other_port,
            "endpoints",
            "hero",
            "targetPort 3004 is none of the container's ports (8080, http)",
            SERVICE,
        ),
        (harms.slice_without_ports, "endpoints", "hero", "has endpoints without a port", SERVICE),
        (harms.no_service, "endpoints", "hero", "Service storefront-hero is not there", SERVICE),
        (harms.dead_group, "routes", "hero", "no living route for hero.clearwatch.localhost", ROUTE),
        (
            harms.two_routes,
            "routes",
            "hero",
            "2 routes for hero.clearwatch.localhost",
            f"IngressRoute/{SPACE}/left-over",
        ),
        (
            harms.two_routes_the_other_way_round,
            "routes",
            "hero",
            "2 routes for hero.clearwatch.localhost",
            f"IngressRoute/{SPACE}/left-over",
        ),
        (
            harms.other_route_port,
            "routes",
            "hero",
            "names port 3000, which Service storefront-hero does not offer",
            ROUTE,
        ),
        (harms.other_probe, "pods", "hero", "storefront is CrashLoopBackOff", f"Deployment/{SPACE}/storefront-hero"),
        (harms.no_route, "routes", "hero", "no IngressRoute for hero.clearwatch.localhost", "IngressRoute for hero."),
        (
            harms.no_middleware,
            "routes",
            "hero",
            "names Middleware compress, which is not there",
            f"Middleware/{SPACE}/compress",
        ),
        (harms.stale, "images", "checkout", "run 2 digests", f"Deployment/{SPACE}/checkout"),
        (harms.other_image, "images", "hero", "runs storefront:2.2.9, expected", f"Deployment/{SPACE}/storefront-hero"),
        (harms.other_split, "canary", "checkout", "'checkout': 100", f"TraefikService/{SPACE}/checkout"),
        (harms.node_down, "nodes", "cluster", "one: Ready is Unknown", ""),
        (harms.node_full, "nodes", "cluster", "one: DiskPressure is True", ""),
        (harms.near_the_limit, "memory", "cluster", "checkout-0 uses 100%", ""),
        (harms.unbound, "volumes", "cluster", "is Pending", ""),
        (
            harms.failed_backup,
            "backup",
            "cluster",
            "did not succeed; the last success was 2026-11-25 07:00",
            "CronJob/",
        ),
        (harms.suspended, "reconcile-job", "cluster", "checkout-reconcile is suspended", "CronJob/"),
        (harms.no_policy, "network-policy", "cluster", "no NetworkPolicy is there", ""),
    ],
)
def test_what_breaks_is_named_with_its_resource(
    living: Living, harm: Callable[[Living], None], check: str, subject: str, seen: str, resource: str
) -> None:
    assert (check, subject) not in failures(living.snapshot), "it is well before"
    harm(living)
    found = failures(living.snapshot)[check, subject]
    assert seen in found.message
    assert found.cause
    assert found.resource.startswith(resource)


def test_a_service_that_no_route_of_this_fleet_may_know_is_not_claimed_to_be_missing(living: Living) -> None:
    route = living.find("IngressRoute", "storefront-hero")
    route["spec"]["routes"][0]["services"] = [{"name": "elsewhere", "namespace": "other", "kind": "Service"}]
    assert told(living.snapshot)["routes", "hero"].outcome is PASS


def test_a_cron_job_that_was_not_due_yet_is_told_of_and_no_pass(living: Living) -> None:
    living.find("CronJob", "database-backup")["status"] = {}
    found = told(living.snapshot)["backup", "cluster"]
    assert (found.outcome, found.elsewhere) == (UNKNOWN, True)
    assert "has not been due since it was made, 2026-11-26" in found.message


def test_a_cron_job_whose_first_run_is_under_way_has_neither_failed_nor_succeeded(living: Living) -> None:
    status = {"lastScheduleTime": "2026-11-26T07:00:00Z", "active": [{"name": "checkout-reconcile-1"}]}
    living.find("CronJob", "checkout-reconcile")["status"] = status
    found = told(living.snapshot)["reconcile-job", "cluster"]
    assert (found.outcome, found.elsewhere) == (UNKNOWN, True)
    del status["active"]
    assert told(living.snapshot)["reconcile-job", "cluster"].outcome is FAIL


def test_an_autoscaler_without_metrics_is_blind() -> None:
    prod = spec("prod")
    living = Living(prod)
    for one in living.all("HorizontalPodAutoscaler"):
        one["status"] = {"conditions": [{"type": "ScalingActive", "status": "True"}]}
    results = list(resources.autoscalers(living.snapshot, prod))
    assert [one.outcome for one in results] == [PASS]
    condition = {"type": "ScalingActive", "status": "False", "message": "unable to get metrics for resource cpu"}
    living.all("HorizontalPodAutoscaler")[0]["status"] = {"conditions": [condition]}
    (found,) = resources.autoscalers(living.snapshot, prod)
    assert (found.outcome, "unable to get metrics" in found.message) == (FAIL, True)
    living.objects = [one for one in living.objects if one["kind"] != "HorizontalPodAutoscaler"]
    assert [one.outcome for one in resources.autoscalers(living.snapshot, prod)] == [FAIL]


def test_a_cluster_that_does_not_answer_tells_nothing(living: Living) -> None:
    living.silent = {"the fleet's objects": "Unauthorized"}
    results = told(living.snapshot).values()
    assert {one.outcome for one in results} == {UNKNOWN}
    assert not any(one.elsewhere for one in results)
    assert {one.check for one in results} == set(plan.OF_THE_CLUSTER)


@pytest.mark.parametrize(
    ("said", "elsewhere"),
    [("Error from server (NotFound): the server could not find the requested resource", True), ("Forbidden", False)],
)
def test_without_metrics_memory_is_untold(living: Living, said: str, elsewhere: bool) -> None:  # noqa: FBT001
    living.silent = {"metrics": said}
    found = told(living.snapshot)["memory", "cluster"]
    assert (found.outcome, found.elsewhere) == (UNKNOWN, elsewhere)


@pytest.mark.parametrize(
    ("text", "bytes_"),
    [
        ("128Mi", 128 * 2**20),
        ("35880Ki", 35880 * 2**10),
        ("1Gi", 2**30),
        ("131072", 131072),
        ("1500k", 1_500_000),
        ("0", 0),
    ],
)
def test_quantities(text: str, bytes_: int) -> None:
    assert resources.quantity(text) == bytes_


def test_a_quantity_that_is_not_known_is_no_number() -> None:
    with pytest.raises(ValueError, match="'5Zi' is no quantity"):
        resources.quantity("5Zi")


def test_digests_are_short_enough_to_read(living: Living) -> None:
    assert told(living.snapshot)["images", "hero"].message == DIGEST[:19]


def test_a_probe_that_asks_the_apps_port_by_name_or_number_is_not_blamed(living: Living) -> None:
    harms.crash(living)
    living.pods("hero")[0]["spec"]["containers"][0]["livenessProbe"]["httpGet"]["port"] = 8080
    assert "asks port" not in failures(living.snapshot)["pods", "hero"].cause
