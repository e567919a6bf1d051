"""From what was seen to the resource at fault: the same status code, told apart by what the cluster holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from fleet.model import WorkloadSpec
from tests.verify import harms
from tests.verify.living import Living, spec
from tests.verify.results import FAIL, PASS, UNKNOWN, result
from verify.causes import Evidence, explain
from verify.checks import images, pods, routing
from verify.results import Result
from verify.target import from_fleet

TARGET = from_fleet(spec())
SPACE = "clearwatch-dev"


def explained(results: list[Result], living: Living | None) -> dict[tuple[str, str], Result]:
    seen = living.snapshot if living else None
    if seen is not None:
        results = [
            *results,
            pods.pods(seen, "hero", "hero", {"storefront-hero": "Deployment"}),
            images.planned(seen, "hero", _hero()),
        ]
    return {(one.check, one.subject): one for one in explain(Evidence(TARGET, results, seen))}


def _hero() -> WorkloadSpec:
    return next(one for one in spec().workloads if one.instance == "hero")


def _answers(status: int) -> Result:
    return result("route", FAIL, message=f"https://hero.clearwatch.localhost/ answers {status}, expected 200")


@pytest.mark.parametrize(
    ("break_it", "status", "cause", "resource"),
    [
        (harms.no_route, 404, "it was never applied, or was deleted", "IngressRoute for hero.clearwatch.localhost"),
        (harms.dead_group, 404, "API group traefik.containo.us is dead", f"IngressRoute/{SPACE}/storefront-hero"),
        (harms.no_middleware, 404, "the Middleware is missing", f"Middleware/{SPACE}/compress"),
        (harms.no_service, 404, "the Service is missing", f"Service/{SPACE}/storefront-hero"),
        (harms.other_port, 502, "targetPort 3004 is none of the container's ports", f"Service/{SPACE}/storefront-hero"),
        (
            harms.other_selector,
            503,
            "its selector app=heroes matches no pod",
            f"Service/{SPACE}/storefront-hero",
        ),
        (
            harms.crash,
            503,
            "the process ends, or its liveness probe asks another port",
            f"Pod/{SPACE}/storefront-hero-0",
        ),
        (
            lambda _: None,
            502,
            "the app's port is another than the containerPort",
            f"Deployment/{SPACE}/storefront-hero",
        ),
    ],
)
def test_what_the_cluster_holds_tells_one_cause_from_another(
    break_it: Callable[[Living], None], status: int, cause: str, resource: str
) -> None:
    living = Living(spec())
    break_it(living)
    found = explained([_answers(status)], living)["route", "hero"]
    assert cause in found.cause
    assert found.resource == resource
    assert found.remedy


def test_two_routes_on_one_host_explain_a_page_that_is_empty_or_another_shop_s() -> None:
    living = Living(spec())
    wrong = [result("marker", FAIL, message="variant is brutal, expected hero", cause="the host leads elsewhere")]
    before = explained(wrong, living)["marker", "hero"]
    assert before.cause == "the host leads elsewhere", "without a cause in the cluster the check's own stands"
    harms.two_routes(living)
    found = explained(wrong, living)["marker", "hero"]
    assert found.cause == "two routes on one host: either may answer"
    assert found.resource == f"IngressRoute/{SPACE}/left-over"


def test_a_version_that_is_not_planned_is_the_stale_image_s() -> None:
    living = Living(spec())
    wrong = [result("version", FAIL, message="2.2.9 (stable) answers, expected 2.3.0 (stable)")]
    harms.other_image(living)
    found = explained(wrong, living)["version", "hero"]
    assert found.cause.startswith("stale image")
    assert found.resource == f"Deployment/{SPACE}/storefront-hero"


@pytest.mark.parametrize(
    ("status", "cause"),
    [(404, "no route"), (502, "a port that nobody listens on"), (503, "no ready pod"), (504, "in time")],
)
def test_without_a_cluster_the_status_code_suggests_a_cause(status: int, cause: str) -> None:
    found = explained([_answers(status)], None)["route", "hero"]
    assert cause in found.cause
    assert found.resource.endswith(" of hero.clearwatch.localhost")


def test_what_follows_from_another_failure_says_so_and_names_that_one_s_resource() -> None:
    ill = result("health", FAIL, "checkout", "stripe: AuthenticationError", cause="Stripe refuses the key",
                 resource=f"Secret/{SPACE}/stripe", remedy="put the right key in")  # fmt: skip
    buying = result("purchase.click", FAIL, "hero", "Buy leads nowhere")
    paying = result("purchase.payment", UNKNOWN, "hero", "not reached")
    found = explained([buying, ill, paying, result("purchase.page", PASS)], None)
    assert found["purchase.click", "hero"].cause == "follows from health of checkout: Stripe refuses the key"
    assert found["purchase.click", "hero"].resource == f"Secret/{SPACE}/stripe"
    assert found["purchase.payment", "hero"].cause.startswith("follows from health of checkout: ")
    assert found["health", "checkout"].cause == "Stripe refuses the key"


def test_one_shop_s_failure_explains_nothing_of_another() -> None:
    failed = result("route", FAIL, "brutal", "https://brutal/ answers 404")
    found = explained([failed, result("marker", FAIL, "hero", "variant is not said")], None)
    assert not found["marker", "hero"].cause


def test_what_passed_keeps_its_result() -> None:
    results = [result("route", PASS), result("marker", PASS)]
    assert list(explained(results, None).values()) == results


def test_routes_that_could_not_be_listed_blame_nobody() -> None:
    living = Living(spec())
    living.objects = [one for one in living.objects if one["kind"] != "IngressRoute"]
    seen = replace(living.snapshot, silent={"routes": "Forbidden"})
    (found, *_) = explain(Evidence(TARGET, [_answers(404)], seen))
    assert found.cause.startswith("no route: the IngressRoute is missing, of the dead API group")
    assert routing.routes(seen, "hero", "hero.clearwatch.localhost").outcome is UNKNOWN


def test_what_ails_the_checkout_explains_nothing_of_a_shop_that_has_its_own() -> None:
    """A shop has a certificate, a route and pods of its own."""
    expired = result("certificate", FAIL, "checkout", "ends 2026-11-27", cause="the certificate was not renewed")
    ill = result("pods", FAIL, "checkout", "checkout-0: is Pending", cause="no node has room for it")
    wrong = result("marker", FAIL, "hero", "variant is brutal, expected hero", cause="the host leads elsewhere")
    empty = result("body", FAIL, "hero", "answers 200 with an empty page", cause="the catalogue is empty")
    port = result("endpoints", FAIL, "hero", "targetPort 3004", cause="targetPort 3004 is none of the ports")
    lost = result("route", FAIL, "hero", "https://hero/ answers 404", cause="no route")
    found = explained([expired, ill, wrong, empty, port, lost], None)
    assert found["marker", "hero"].cause == "follows from route of hero: no route: " + NO_ROUTE
    assert found["endpoints", "hero"].cause == "targetPort 3004 is none of the ports"
    assert found["route", "hero"].cause == f"no route: {NO_ROUTE}"
    without = explained([expired, ill, wrong, empty], None)
    assert without["marker", "hero"].cause == "the host leads elsewhere"
    assert without["body", "hero"].cause == "the catalogue is empty"


NO_ROUTE = "the IngressRoute is missing, of the dead API group, or names another host"


def test_what_a_shop_asks_of_the_checkout_follows_from_the_checkout_and_not_from_the_shop_s_own_host() -> None:
    own = result("certificate", FAIL, "hero", "ends 2026-11-27", cause="the certificate was not renewed")
    refused = result("cors.allowed", FAIL, "hero", "the preflight allows 'no origin'", cause="CORS")
    assert explained([own, refused], None)["cors.allowed", "hero"].cause == "CORS"
    lost = result("route", FAIL, "checkout", "https://checkout/ answers 404")
    away = result("ready", FAIL, "checkout", "/health/ready answers 404")
    found = explained([own, refused, lost, away], None)
    assert found["cors.allowed", "hero"].cause.startswith("follows from route of checkout: no route")


def test_a_node_that_is_down_explains_the_pods_of_everything() -> None:
    down = result("nodes", FAIL, "cluster", "one: Ready is Unknown", cause="a node is down")
    found = explained([down, result("pods", FAIL, "database", "is Pending")], None)
    assert found["pods", "database"].cause == "follows from nodes of cluster: a node is down"
