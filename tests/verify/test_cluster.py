"""What the cluster tells: the whole plan of stack dev is well, and each thing that breaks is named."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
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
DEPLOYMENT = f"Deployment/{SPACE}/checkout"


@pytest.mark.parametrize(
    ("harm", "check", "subject", "seen", "resource"),
    [
        (harms.crash, "pods", "hero", "storefront is CrashLoopBackOff: back-off 5m0s", HERO_POD),
        (harms.not_ready, "pods", "hero", "storefront is not ready", HERO_POD),
        (harms.pending, "pods", "hero", "is Pending: 0/1 nodes are available", HERO_POD),
        (harms.out_of_memory, "pods", "hero", "was killed for its memory", HERO_POD),
        (harms.killed_again_and_again, "pods", "hero", "storefront restarted 5 times", HERO_POD),
        (harms.too_few, "pods", "checkout", "2 of 5 replicas of Deployment checkout are ready", DEPLOYMENT),
        (harms.scaled_to_nothing, "pods", "checkout", "0 of 1 replicas of Deployment checkout-canary", DEPLOYMENT),
        (harms.no_deployment, "pods", "checkout", "Deployment checkout-canary is not there", DEPLOYMENT),
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
        (harms.stale, "images", "checkout", f"run 2 digests: {DIGEST[:19]}, sha256:{'b' * 12}", DEPLOYMENT),
        (harms.other_image, "images", "hero", "runs storefront:2.2.9, expected", f"Deployment/{SPACE}/storefront-hero"),
        (harms.other_split, "canary", "checkout", "'checkout': 100", f"TraefikService/{SPACE}/checkout"),
        (harms.node_down, "nodes", "cluster", "one: Ready is Unknown", ""),
        (harms.node_full, "nodes", "cluster", "one: DiskPressure is True", ""),
        (harms.near_the_limit, "memory", "cluster", "checkout-0 uses 100%", ""),
        (harms.no_node, "nodes", "cluster", "no node is there", ""),
        (harms.unbound, "volumes", "cluster", "is Pending", ""),
        (harms.no_claim, "volumes", "cluster", "database-backups is not there", ""),
        (
            harms.failed_backup,
            "backup",
            "cluster",
            "did not succeed; the last success was 2026-11-25 07:00",
            "CronJob/",
        ),
        (harms.last_year, "backup", "cluster", "was due 2026-11-26 02:17 UTC and was not started", "CronJob/"),
        (
            harms.never_started,
            "reconcile-job",
            "cluster",
            "was due 2026-11-26 06:55 UTC and was not started; it never succeeded",
            "CronJob/",
        ),
        (
            harms.running_for_ever,
            "reconcile-job",
            "cluster",
            "was due 2026-11-26 06:55 UTC and was not started; the last success was 2026-11-26 04:55",
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


@pytest.mark.parametrize(("check", "name"), [("backup", "database-backup"), ("reconcile-job", "checkout-reconcile")])
def test_a_cron_job_that_was_not_due_yet_is_told_of_and_no_pass(living: Living, check: str, name: str) -> None:
    """It is young while a run that was due since it was made may still be late, or under way."""
    job = living.find("CronJob", name)
    job["status"] = {}
    job["metadata"]["creationTimestamp"] = "2026-11-26T06:55:30Z"
    found = told(living.snapshot)[check, "cluster"]
    assert (found.outcome, found.elsewhere) == (UNKNOWN, True)
    assert "has not been due since it was made, 2026-11-26" in found.message
    living.read += timedelta(days=1)
    late = told(living.snapshot)[check, "cluster"]
    assert (late.outcome, "was not started; it never succeeded" in late.message) == (FAIL, True)


def test_a_cron_job_whose_first_run_is_under_way_has_neither_failed_nor_succeeded(living: Living) -> None:
    status = {"lastScheduleTime": "2026-11-26T07:00:00Z", "active": [{"name": "checkout-reconcile-1"}]}
    living.find("CronJob", "checkout-reconcile")["status"] = status
    living.find("CronJob", "checkout-reconcile")["metadata"]["creationTimestamp"] = "2026-11-26T06:58:00Z"
    found = told(living.snapshot)["reconcile-job", "cluster"]
    assert (found.outcome, found.elsewhere) == (UNKNOWN, True)
    del status["active"]
    assert told(living.snapshot)["reconcile-job", "cluster"].outcome is FAIL


def test_a_run_that_is_under_way_leaves_the_one_before_it_to_count(living: Living) -> None:
    status = living.find("CronJob", "checkout-reconcile")["status"]
    status |= {"lastScheduleTime": "2026-11-26T07:00:00Z", "lastSuccessfulTime": "2026-11-26T06:55:09Z"}
    assert told(living.snapshot)["reconcile-job", "cluster"].outcome is FAIL, "that of 7:00 ended without success"
    status["active"] = [{"name": "checkout-reconcile-2"}]
    assert told(living.snapshot)["reconcile-job", "cluster"].outcome is PASS
    harms.running_for_ever(living)
    assert told(living.snapshot)["reconcile-job", "cluster"].cause == "a run before it does not end"


@pytest.mark.parametrize("change", [{"schedule": "@every 5m"}, {"timeZone": "Europe/Berlin"}])
def test_a_cron_job_whose_times_can_t_be_told_is_no_pass(living: Living, change: Raw) -> None:
    living.find("CronJob", "checkout-reconcile")["spec"] |= change
    found = told(living.snapshot)["reconcile-job", "cluster"]
    assert (found.outcome, found.elsewhere) == (UNKNOWN, False)


@pytest.mark.parametrize("harm", [harms.out_of_memory, harms.killed_again_and_again])
def test_what_ended_long_ago_is_history(living: Living, harm: Callable[[Living], None]) -> None:
    """A pod keeps its count and its last end for as long as it lives."""
    harm(living)
    assert ("pods", "hero") in failures(living.snapshot)
    (status,) = living.pods("hero")[0]["status"]["containerStatuses"]
    status["lastState"]["terminated"]["finishedAt"] = "2026-11-26T06:02:00Z"
    assert told(living.snapshot)["pods", "hero"].outcome is PASS


def test_a_pod_without_labels_is_none_of_ours(living: Living) -> None:
    """`kubectl run` makes one with labels, a manifest by hand may have none."""
    pod = copy.deepcopy(living.pods("hero")[0])
    pod["metadata"] = {"name": "debug", "namespace": SPACE}
    living.objects.append(pod)
    assert told(living.snapshot)["pods", "hero"].message.startswith("1 ready")
    assert told(living.snapshot)["images", "hero"].outcome is PASS


def test_images_without_pods_are_untold(living: Living) -> None:
    harms.gone(living)
    found = told(living.snapshot)["images", "hero"]
    assert (found.outcome, found.elsewhere, found.requires) == (UNKNOWN, False, ("pods",))
    assert found.message.endswith("storefront:2.3.0 (stable) is there")


def test_a_stack_without_a_database_of_its_own_has_no_claims_to_bind(living: Living) -> None:
    database = replace(living.fleet.database, server=None)
    for claim in living.all("PersistentVolumeClaim"):
        living.objects.remove(claim)
    assert list(resources.volumes(living.snapshot, replace(living.fleet, database=database))) == []
    (found,) = resources.volumes(living.snapshot, living.fleet)
    assert (found.outcome, found.message) == (FAIL, "database-data is not there; database-backups is not there")


def test_storage_at_the_edge_is_said_not_to_be_seen() -> None:
    """No host leads to D1 and R2: only Cloudflare's API knows them."""
    assert list(plan.edge(from_fleet(spec("dev")))) == []
    (job,) = plan.edge(from_fleet(spec("prod")))
    (found,) = asyncio.run(_made(job))
    assert (found.check, found.outcome, found.elsewhere) == ("edge", UNKNOWN, True)
    assert "D1 database clearwatch-catalogue and R2 bucket clearwatch-artifacts" in found.message


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
