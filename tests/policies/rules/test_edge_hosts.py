"""A host at the edge leads to one thing, by a pattern that Cloudflare reads and a record that it reaches."""

from __future__ import annotations

from typing import Any

import pytest

from policies.judge import judge
from policies.resources import from_document
from tests.policies.edge import ACCOUNT, UNKNOWN, ZONE, entry, state, title

OWNER, RECORD, PROXIED, PATTERN, IN_ZONE, WHOLE = (f"FLT-EDGE-{number:03}" for number in (26, 27, 28, 29, 30, 36))
HOST = "api.shop.example"


def domain(host: Any = HOST, logical: str = "d", **inputs: Any) -> Any:
    given = {"accountId": ACCOUNT, "hostname": host, "service": "api", "zoneId": ZONE, **inputs}
    return entry("WorkersCustomDomain", logical, **given)


def files(host: Any = HOST, logical: str = "f", **inputs: Any) -> Any:
    given = {"accountId": ACCOUNT, "bucketName": "files", "domain": host, "enabled": True, "zoneId": ZONE, **inputs}
    return entry("R2CustomDomain", logical, **given)


def route(pattern: Any = f"{HOST}/*", logical: str = "r", worker: Any = "api", **inputs: Any) -> Any:
    return entry("WorkersRoute", logical, **{"zoneId": ZONE, "pattern": pattern, "script": worker, **inputs})


def record(name: Any = HOST, kind: str = "AAAA", logical: str = "n", **inputs: Any) -> Any:
    given = {"zoneId": ZONE, "name": name, "type": kind, "content": "100::", "proxied": True, "ttl": 1, **inputs}
    return entry("DnsRecord", logical, **given)


def both(code: str, *items: Any) -> set[tuple[str, str]]:
    return {(code, f"{item['type']} {item['name']}") for item in items}


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (domain(), domain(logical="e", service="other")),
        (domain(), domain("API.shop.example", "e")),
        (domain(), files()),
        (files(), files(logical="g")),
        (domain(), entry("PagesDomain", "p", name=HOST)),
        (domain(), entry("WorkerDomain", "w", hostname=HOST, service="api")),
        (route(), route(logical="s", worker="other")),
        (route(), route("API.shop.example/*", "s")),
        (route(f"{HOST}/"), route(f"{HOST}/", "s")),
        (route(), entry("WorkerRoute", "w", pattern=f"{HOST}/*", scriptName="api")),
    ],
)
def test_two_owners_of_a_host_are_both_found(found: Any, one: Any, two: Any) -> None:
    assert found([one]) == set()
    assert found([two]) == set()
    assert found([one, two]) == both(OWNER, one, two)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (domain(), domain("www.shop.example", "e")),
        (domain(), route()),
        (route(), route(f"{HOST}/orders*", "s")),
        (route(), route(f"{HOST}/Orders/*", "s")),
        (route(f"{HOST}/cart"), route(f"{HOST}/Cart", "s")),
        (route("http://api.shop.example/*"), route("https://api.shop.example/*", "s")),
        (route("*.shop.example/*"), route("*shop.example/*", "s")),
        (route("*shop.example/images/cat.png", worker=None), route("*shop.example/images/*", "s")),
        (domain(UNKNOWN), domain(UNKNOWN, "e")),
        (route(UNKNOWN), route(UNKNOWN, "s")),
    ],
)
def test_hosts_and_patterns_that_differ_are_fine(found: Any, one: Any, two: Any) -> None:
    assert found([one, two]) == set()


@pytest.mark.parametrize("owner", [domain(zoneName="shop.example"), files()])
@pytest.mark.parametrize("kind", ["A", "AAAA", "CNAME"])
def test_a_record_beside_a_custom_domain_is_found(found: Any, owner: Any, kind: str) -> None:
    assert found([owner]) == set()
    assert found([owner, record(kind=kind)]) == {(RECORD, title("DnsRecord", "n"))}
    assert found([owner, record("api", kind)]) == {(RECORD, title("DnsRecord", "n"))}
    assert found([owner, record("API.Shop.Example.", kind)]) == {(RECORD, title("DnsRecord", "n"))}


def test_a_record_of_the_zones_own_name_is_found(found: Any) -> None:
    apex = domain("shop.example", zoneName="shop.example")
    assert found([apex, record("@")]) == {(RECORD, title("DnsRecord", "n"))}
    assert found([apex, record("@", zoneId="another")]) == set()


@pytest.mark.parametrize(
    "other",
    [
        record(kind="TXT"),
        record(kind="MX"),
        record("www.shop.example"),
        record("*.shop.example"),
        record("api", zoneId="another"),
        record(UNKNOWN),
        record("api.other.example"),
    ],
)
def test_records_that_do_not_stand_for_the_host_are_fine(found: Any, other: Any) -> None:
    assert found([files(), other]) == set()


def test_a_deeper_zone_may_lie_between_a_relative_name_and_a_host(found: Any) -> None:
    assert found([files("api.eu.shop.example"), record("api")]) == set()


def test_a_routed_host_that_is_not_proxied_is_found(found: Any) -> None:
    assert found([route(), record()]) == set()
    for proxied in (False, None):
        assert found([route(), record(proxied=proxied)]) == {(PROXIED, title("DnsRecord", "n"))}
        assert found([route(), record("api", proxied=proxied)]) == {(PROXIED, title("DnsRecord", "n"))}
        assert found([route(worker=None), record(proxied=proxied)]) == set()
        assert found([route("*.shop.example/*"), record(proxied=proxied)]) == set()
        assert found([route(), record("www.shop.example", proxied=proxied)]) == set()
    assert found([route(), record(proxied=UNKNOWN)]) == set()
    assert found([route(), record(), record(kind="A", logical="m", proxied=False)]) == set()


@pytest.mark.parametrize(
    "pattern",
    [
        "shop.example/*",
        "*shop.example/*",
        "*.shop.example/images/*",
        "https://*.shop.example/",
        "http://shop.example/path*",
        "shop.example/a.b/c-d_e/",
        "*/*",
        "shop.example*",
        "münchen.example/*",
        UNKNOWN,
    ],
)
def test_a_pattern_that_cloudflare_reads_is_fine(found: Any, pattern: str) -> None:
    assert found([route(pattern)]) == set()


@pytest.mark.parametrize(
    "pattern",
    [
        "shop.example/*.jpg",
        "shop.example/?foo=*",
        "shop.example/*/orders/*",
        "www.*.shop.example/*",
        "www.*/x",
        "ftp://shop.example/*",
        "localhost/*",
        "/api/*",
        "shop example/*",
        "shop.example/#top",
        "",
        None,
    ],
)
def test_a_pattern_that_cloudflare_refuses_is_found(found: Any, pattern: Any) -> None:
    assert found([route(pattern)]) == {(PATTERN, title("WorkersRoute", "r"))}


@pytest.mark.parametrize("host", ["https://api.shop.example", "api.shop.example/v1", "*.shop.example", "shop", "a b.c"])
def test_a_custom_domain_is_one_name(found: Any, host: str) -> None:
    assert found([domain(host)]) == {(PATTERN, title("WorkersCustomDomain", "d"))}
    assert found([files(host)]) == {(PATTERN, title("R2CustomDomain", "f"))}


def test_a_host_outside_its_zone_is_found(found: Any) -> None:
    assert found([domain(zoneName="shop.example")]) == set()
    assert found([domain("shop.example", zoneName="Shop.Example")]) == set()
    for zone in ("other.example", "hop.example"):
        assert found([domain(zoneName=zone)]) == {(IN_ZONE, title("WorkersCustomDomain", "d"))}


def test_a_zone_of_the_state_tells_which_hosts_it_holds() -> None:
    zone = state(entry("Zone", "z", name="shop.example"), id=ZONE)

    def codes(*items: Any) -> set[str]:
        document = {"version": 3, "deployment": {"resources": [zone, *map(state, items)]}}
        return {one.rule.code for one in judge(from_document(document)) if one.rule.code == IN_ZONE}

    assert codes(domain(), files(), route(), route("*.shop.example/*", "s"), route("*shop.example/*", "t")) == set()
    assert codes(route("api.shop.test/*")) == {IN_ZONE}
    assert codes(files("files.shop.test")) == {IN_ZONE}


def test_a_pattern_without_a_path_is_advised_on(found: Any) -> None:
    assert found([route(HOST)]) == {(WHOLE, title("WorkersRoute", "r"))}
    assert found([route(f"https://{HOST}")]) == {(WHOLE, title("WorkersRoute", "r"))}
    assert found([route(HOST, worker=None)]) == set()
    assert found([route(f"{HOST}/")]) == set()
