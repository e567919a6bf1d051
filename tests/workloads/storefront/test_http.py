"""What the shop answers: right methods, right headers, right caching, and everything told of it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from storefront.headers import content_security_policy
from tests.workloads.storefront.conftest import CHECKOUT, RELEASE, Served

PAGES = ("/", "/products/field-38", "/success", "/cancel", "/service", "/imprint", "/health/live", "/health/ready")


@pytest.mark.parametrize("path", PAGES)
def test_head_answers_like_get_without_a_body(served: Served, path: str) -> None:
    get, head = served.http.get(path), served.http.head(path)
    assert (get.status_code, head.status_code) == (200, 200)
    assert get.content
    assert not head.content
    assert head.headers["content-type"] == get.headers["content-type"]


@pytest.mark.parametrize("path", [*PAGES, "/metrics", "/assets/x"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_other_methods_are_not_allowed(served: Served, path: str, method: str) -> None:
    answer = served.http.request(method, path)
    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}


@pytest.mark.parametrize(
    "path", ["/nothing", "/products/none", "/assets/none.js", "/products/", "/success/", "//", "/%00"]
)
def test_what_is_not_there_is_404(served: Served, path: str) -> None:
    answer = served.http.get(path)
    assert answer.status_code == 404
    if not path.startswith("/assets"):
        assert "There is nothing here." in answer.text
        assert 'name="flotilla:variant" content="acme"' in answer.text


@pytest.mark.parametrize("path", [*PAGES, "/nothing", "/metrics"])
def test_every_answer_carries_the_security_headers(served: Served, path: str) -> None:
    headers = served.http.get(path).headers
    assert headers["content-security-policy"] == content_security_policy(CHECKOUT)
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "strict-origin-when-cross-origin"
    assert "max-age=31536000" in headers["strict-transport-security"]
    assert "camera=()" in headers["permissions-policy"]
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "server" not in headers


def test_the_policy_allows_nothing_inline_and_one_other_place() -> None:
    policy = dict(part.split(" ", 1) for part in content_security_policy(CHECKOUT).split("; "))
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["connect-src"] == CHECKOUT
    assert "unsafe" not in str(policy)
    assert "*" not in str(policy)


def test_a_page_that_did_not_change_is_not_sent_again(served: Served) -> None:
    first = served.http.get("/")
    assert first.headers["cache-control"] == "no-cache"
    again = served.http.get("/", headers={"If-None-Match": f'"other", {first.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    assert served.http.get("/", headers={"If-None-Match": '"other"'}).status_code == 200


def assets_of(page: str) -> list[str]:
    return re.findall(r'(?:href|src)="(/assets/[^"]+)"', page)


def test_every_asset_of_a_page_is_there_and_kept_for_ever(served: Served) -> None:
    found = assets_of(served.http.get("/").text)
    assert len(found) == 5
    for path in found:
        answer = served.http.get(path)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["content-type"].startswith(("text/css", "text/javascript", "image/svg+xml"))
        assert served.http.get(path, headers={"If-None-Match": answer.headers["etag"]}).status_code == 304


def test_the_other_versions_asset_is_answered_with_ours_and_not_kept(served: Served) -> None:
    own = next(path for path in assets_of(served.http.get("/").text) if "trust" in path)
    other = re.sub(r"\.[0-9a-f]{16}\.", f".{'0' * 16}.", own)
    answer = served.http.get(other)
    assert answer.status_code == 200
    assert answer.content == served.http.get(own).content
    assert answer.headers["cache-control"] == "no-cache"


def test_pages_are_compressed_for_who_can_read_that(served: Served) -> None:
    answer = served.http.get("/", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in served.http.get("/", headers={"Accept-Encoding": "identity"}).headers


def test_ready_means_that_the_configuration_can_be_read(served: Served) -> None:
    assert served.http.get("/health/ready").json() == {"ok": True}
    served.file.write_text("{")
    answer = served.http.get("/health/ready")
    assert answer.status_code == 503
    assert str(served.file) in answer.json()["error"]
    assert served.http.get("/health/live").status_code == 200
    assert served.http.get("/").status_code == 200, "what was read once is still served"


def samples(served: Served, name: str) -> list[Any]:
    families = text_string_to_metric_families(served.http.get("/metrics").text)
    return [sample for family in families for sample in family.samples if sample.name == name]


def test_metrics_tell_tracks_and_versions_apart(served: Served) -> None:
    for path in ("/", "/", "/products/field-38", "/products/none", "/nothing/at/all"):
        served.http.get(path)
    found = {(one.labels["route"], one.labels["code"]): one.value for one in samples(served, "http_requests_total")}
    assert found["/", "200"] == 2
    assert found["/products/{sku}", "200"] == found["/products/{sku}", "404"] == found["unknown", "404"] == 1
    labels = samples(served, "http_requests_total")[0].labels
    assert (labels["track"], labels["version"]) == (RELEASE.track, RELEASE.version)
    edges = {one.labels["le"] for one in samples(served, "http_request_duration_seconds_bucket")}
    assert "0.5" in edges


def test_a_stranger_can_make_no_time_series(served: Served) -> None:
    served.http.get("/")
    before = len(samples(served, "http_requests_total"))
    for number in range(20):
        served.http.get(f"/nothing/{number}")
        served.http.request(f"METHOD{number}", "/nothing")
    assert len(samples(served, "http_requests_total")) <= before + 3


def test_metrics_are_not_shown_through_the_proxy(served: Served) -> None:
    assert served.http.get("/metrics").status_code == 200
    assert served.http.get("/metrics", headers={"X-Forwarded-For": "203.0.113.7"}).status_code == 404


def test_a_request_is_logged_with_its_correlation_id(served: Served) -> None:
    answer = served.http.get("/", headers={"X-Correlation-Id": "click-12345678"})
    assert answer.headers["x-correlation-id"] == "click-12345678"
    (line,) = (one for one in served.log if one["message"] == "request")
    assert line["correlationId"] == "click-12345678"
    assert {"method": "GET", "path": "/", "status": 200, "track": "canary", "version": "2.4.1"}.items() <= line.items()
    assert line["durationMs"] >= 0


@pytest.mark.parametrize("given", ["", "short", "a b c d e f g", 'x"}{"level":"error"', "x" * 200])
def test_a_correlation_id_that_is_none_is_replaced(served: Served, given: str) -> None:
    answer = served.http.get("/", headers={"X-Correlation-Id": given})
    assert re.fullmatch(r"[0-9a-f-]{36}", answer.headers["x-correlation-id"])


def test_probes_are_not_logged_unless_they_fail(served: Served) -> None:
    for path in ("/health/live", "/health/ready", "/metrics"):
        served.http.get(path)
    assert served.log == []
    served.file.unlink()
    served.http.get("/health/ready")
    assert [one["status"] for one in served.log] == [503]
