"""What the rules say of routes is what a running Traefik does with them."""

from __future__ import annotations

import itertools
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from policies import ingressroutes, traefik
from policies.judge import judge
from policies.notes import Notes
from policies.patterns import compile_pattern
from policies.precedence import Precedence
from policies.resources import Resource, from_manifest
from policies.routes import EXACT, Claim
from policies.traefik_matchers import DIALECTS

Json = dict[str, Any]


def generated(strategy: st.SearchStrategy[Any], examples: int) -> list[Any]:
    """Give what a strategy makes, the same at each run, so that Traefik can read it all at once."""
    found: list[Any] = []

    @settings(max_examples=examples, phases=[Phase.generate])
    @given(strategy)
    def collect(one: Any) -> None:
        found.append(one)

    collect()
    return found


def manifest(name: str, routes: list[Json], kind: str = "IngressRoute", **spec: Any) -> Json:
    metadata = {"name": name, "namespace": "shop"}
    return {"apiVersion": "traefik.io/v1alpha1", "kind": kind, "metadata": metadata, "spec": {"routes": routes, **spec}}


FITTING = {
    "Host": ["a.example", "A.b", "*.b", "a_b"],
    "Regexp": ["^a+$", "(?i)a", r"^[a-z]+\.b$", "{sub:[a-z]+}.b"],
    "Path": ["/", "/x/{id}", "/a b"],
    "ClientIP": ["10.0.0.0/8", "::1", "fe80::/10"],
    "ALPN": ["h2"],
    "": ["k", "k=v", "get"],
}
ODD = [
    "",
    "x",
    "*",
    "1.2.3.4/33",
    "010.0.0.1",
    "acme-tls/1",
    "(",
    "a**",
    "[z-a]",
    "(?=a)",
    r"\1",
    "ä",
    "a b",
    "{",
    "a:b",
]
SPELLINGS = sorted({spelling for dialect in DIALECTS.values() for spelling in dialect.names})


@st.composite
def matchers(draw: st.DrawFn) -> str:
    """Give a matcher of any dialect, mostly with arguments that it could have."""
    name = draw(st.sampled_from([*SPELLINGS, "hOST", "X"]))
    kinds = [kind for kind in FITTING if kind.lower() in name.lower()]
    fitting = FITTING["Regexp" if "Regexp" in kinds else kinds[0]]
    argument = st.sampled_from(fitting) | st.sampled_from(fitting) | st.sampled_from(fitting) | st.sampled_from(ODD)
    usual = 2 if name.lower().startswith("header") else 1
    count = draw(st.sampled_from([usual, usual, usual, usual, 0, 1, 2, 3]))
    quoted = argument.map("`{}`".format) | argument.map('"{}"'.format)
    return f"{name}({', '.join(draw(st.lists(quoted, min_size=count, max_size=count)))})"


TREES = st.recursive(
    matchers(),
    lambda inner: (
        st.builds("!{}".format, inner)
        | st.builds("({})".format, inner)
        | st.builds("{} {} {}".format, inner, st.sampled_from(["&&", "||"] * 4 + ["&", "\n&&", "&&\n", ","]), inner)
    ),
    max_leaves=4,
)
FINE = st.sampled_from(["Host(`a.b`)", "Host(`a.b`) && PathPrefix(`/x`)", "!(HostSNI(`*`) || ClientIP(`::1`))"])


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """Give a rule with a character left out, doubled or put in."""
    text = draw(TREES | FINE)
    at = draw(st.integers(0, len(text)))
    return text[:at] + draw(st.sampled_from(["", "`", '"', "(", ")", "!", "|", " ", "\n", "//", "\\"])) + text[at + 1 :]


PIECES = st.sampled_from(
    [
        *(*r"ab.*+?()[]{}|^$\-,1:", r"\w", "(?:", "(?i)", "{1,2}", "[^a]", "[[:alpha:]]", "[a-b]", "(a)"),
        *(r"\C", r"\pL", r"\Qa.\E", "(?P<a>b)", "(?<\u00e9>b)", "{1001}", "{999999999999}"),
    ]
)
PATTERNS = st.lists(PIECES, min_size=1, max_size=8).map("".join)


@pytest.mark.parametrize("kind", ["http", "tcp"])
@pytest.mark.parametrize("syntax", ["v3", "v2"])
def test_a_rule_parses_where_traefik_takes_it(traefik: Any, kind: str, syntax: str) -> None:
    texts = dict.fromkeys(text for text in generated(TREES | FINE | damaged(), 400) if "{{" not in text)
    routers = {f"r{number}": text for number, text in enumerate(texts)}
    refused = _refused(traefik, kind, syntax, routers)
    ours = {name: _is_refused(text, kind, syntax) for name, text in routers.items()}
    differing = [
        (text, refused[name] or "served") for name, text in routers.items() if bool(refused[name]) != ours[name]
    ]
    assert not differing
    assert 20 < sum(ours.values()) < len(ours) - 20, "neither all are fine nor all are wrong"


def _refused(running: Any, kind: str, syntax: str, routers: dict[str, str]) -> dict[str, str]:
    written = {name: {"rule": text, "ruleSyntax": syntax, "priority": 1} for name, text in routers.items()}
    if kind == "http":
        running.load(written)
        return dict(running.errors())
    service = {"loadBalancer": {"servers": [{"address": "127.0.0.1:9"}]}}
    secured = {name: one | {"service": "s", "tls": {}, "entryPoints": ["websecure"]} for name, one in written.items()}
    running.load({}, tcp={"routers": secured, "services": {"s": service}})
    return dict(running.errors("tcp"))


def _is_refused(text: str, kind: str, syntax: str) -> bool:
    try:
        traefik.parse(text, DIALECTS[kind if syntax == "v3" else f"{kind} {syntax}"])
    except traefik.RuleError:
        return True
    return False


def test_a_pattern_compiles_where_go_compiles_it(traefik: Any) -> None:
    texts = dict.fromkeys(text for text in generated(PATTERNS, 500) if text and "{{" not in text and "`" not in text)
    routers = {f"r{number}": f"PathRegexp(`{text}`)" for number, text in enumerate(texts)}
    refused = _refused(traefik, "http", "v3", routers)
    differing = [rule for name, rule in routers.items() if bool(refused[name]) != _is_refused(rule, "http", "v3")]
    assert not differing
    assert 20 < sum(map(bool, refused.values())) < len(refused) - 20


HOSTS = ["a.shop", "b.shop", "ab.shop", "c.test"]
PATHS = ["/", "/x", "/x/y", "/xy", "/z"]
CLAIMING = st.recursive(
    st.sampled_from(
        [f"Host(`{host}`)" for host in (*HOSTS, "A.Shop.")]
        + [f"{matcher}(`{path}`)" for path in PATHS for matcher in ("Path", "PathPrefix")]
        + [r"HostRegexp(`^[ab]\.shop$`)", r"HostRegexp(`.+`)", "HostRegexp(`b.shop`)", "Method(`get`)"]
    ),
    lambda inner: (
        st.builds("!({})".format, inner)
        | st.builds("({}) && ({})".format, inner, inner)
        | st.builds("({}) || ({})".format, inner, inner)
    ),
    max_leaves=5,
)
ROUTES = st.lists(st.tuples(CLAIMING, st.sampled_from([None, None, 1, 20, 500])), min_size=4, max_size=9)


def test_the_claim_of_highest_priority_answers_and_what_it_hides_never_does(traefik: Any) -> None:
    hidden = answered = 0
    for batch in generated(ROUTES, 25):
        routers = {
            f"r{number}": {"rule": rule, "priority": priority or 0} for number, (rule, priority) in enumerate(batch)
        }
        resources = [_resource(name, router) for name, router in routers.items()]
        claims = [claim for resource in resources for claim in ingressroutes.claims(resource)]
        traefik.load(routers)
        seen = {(host, path): traefik.answers(host, path) for host, path in itertools.product([*HOSTS, "other"], PATHS)}
        for (host, path), name in seen.items():
            expected = _expected(claims, host, path)
            assert name in expected or (name is None and not expected), (batch, host, path)
            answered += name is not None
        never = set(_never(claims))
        assert not never & set(seen.values()), batch
        hidden += len(never)
    assert hidden > 10
    assert answered > 200


def _resource(name: str, router: Json) -> Resource:
    route = {"match": router["rule"], "priority": router["priority"], "services": [{"name": "s"}]}
    return from_manifest(manifest(name, [route], entryPoints=["web"]))


def _expected(claims: list[Claim], host: str, path: str) -> set[str]:
    matching = [claim for claim in claims if _takes(claim, host, path)]
    highest = max((claim.effective or 0 for claim in matching), default=0)
    return {str(claim.owner.physical_name) for claim in matching if claim.effective == highest}


def _takes(claim: Claim, host: str, path: str) -> bool:
    named = claim.host in {host, "*"} and all(compile_pattern(pattern).found_in(host) for pattern in claim.patterns)
    reached = path == claim.url_path if claim.match == EXACT else path.startswith(claim.url_path)
    return named and reached and all(_holds(condition, host, path) for condition in claim.narrowing)


def _holds(condition: str, host: str, path: str) -> bool:
    """Judge what stayed a condition; every request here is a GET."""
    if condition.startswith("!"):
        return not _holds(condition[1:], host, path)
    name, argument = condition.removesuffix("`)").split("(`")
    if name == "Method":
        return argument == "GET"
    if name == "HostRegexp":
        return compile_pattern(argument).found_in(host)
    if name == "Host":
        return argument.lower().removesuffix(".") == host
    return path == argument if name == "Path" else path.startswith(argument)


def _never(claims: list[Claim]) -> Iterator[str]:
    precedence = Precedence(claims, Notes())
    for name, group in itertools.groupby(claims, key=lambda claim: str(claim.owner.physical_name)):
        preceding = [(claim, precedence.broader(claim) or precedence.equal(claim)) for claim in group]
        if all(
            found and all((one.effective or 0) > (claim.effective or 0) for one in found) for claim, found in preceding
        ):
            yield name


def test_a_wildcard_a_port_and_the_syntax_of_version_2_match_nothing(traefik: Any) -> None:
    hosts = ["*.a.shop", "p.shop:443", "https://s.shop", "sp ace.shop"]
    routers = {f"r{number}": {"rule": f"Host(`{host}`)"} for number, host in enumerate(hosts)}
    routers["old"] = {"rule": "HostRegexp(`{sub:[a-z]+}.old.shop`)"}
    routers["star"] = {"rule": "PathPrefix(`/star/*`)"}
    routers["id"] = {"rule": "Path(`/products/{id}`)"}
    traefik.load(routers)
    assert set(traefik.errors().values()) == {""}
    asked = ["x.a.shop", "p.shop", "p.shop:443", "s.shop", "sp", "x.old.shop"]
    assert [traefik.answers(host) for host in asked] == [None] * len(asked)
    assert [traefik.answers("any", path) for path in ("/star/x", "/products/7")] == [None, None]
    for name, router in routers.items():
        found = {finding.rule.code for finding in judge([_manifest_of(name, router)])}
        assert found & {"FLT-HOST-002", "FLT-ROUTE-003"}, router


def _manifest_of(name: str, router: Json) -> Json:
    route = {"match": router["rule"], "services": [{"name": "s", "port": 80}]}
    return manifest(name, [route], entryPoints=["web"])


def test_upper_case_and_the_roots_dot_are_fine_in_a_host(traefik: Any) -> None:
    traefik.load({"upper": {"rule": "Host(`UP.Shop`)"}, "dot": {"rule": "Host(`dot.shop.`)"}})
    assert [traefik.answers(host) for host in ("up.shop", "UP.SHOP", "dot.shop", "dot.shop.")] == ["upper"] * 2 + [
        "dot"
    ] * 2


def test_between_equal_rules_chance_decides(traefik: Any) -> None:
    names = ["one", "two", "three", "four"]
    winners = set()
    for _ in range(20):
        traefik.load({name: {"rule": "Host(`same.shop`)"} for name in names})
        winners.add(traefik.answers("same.shop"))
    assert len(winners) > 1


def test_a_router_without_a_service_or_with_too_high_a_priority_is_dropped(traefik: Any) -> None:
    highest = 2**63 - 1 - 1000
    traefik.load(
        {
            "empty": {"rule": "Host(`a`)", "service": ""},
            "high": {"rule": "Host(`a`)", "priority": highest + 1},
            "highest": {"rule": "Host(`a`)", "priority": highest},
            "below": {"rule": "Host(`a`)", "priority": -5},
        }
    )
    errors = traefik.errors()
    assert [name for name, error in errors.items() if error] == ["empty", "high"]


def test_https_goes_to_a_host_before_a_tcp_route_and_a_fallback_takes_the_rest(traefik: Any, speaker: Any) -> None:
    with speaker("tcp") as address:
        tcp = {
            "same": {"rule": "HostSNI(`a.shop`)"},
            "upper": {"rule": "HostSNI(`B.shop`)"},
            "fallback": {"rule": "HostSNI(`*`)"},
        }
        routers = {name: one | {"service": "s", "tls": {}, "entryPoints": ["websecure"]} for name, one in tcp.items()}
        services = {"s": {"loadBalancer": {"servers": [{"address": address}]}}}
        https = {"https": {"rule": "Host(`a.shop`) && PathPrefix(`/x`)", "tls": {}, "entryPoints": ["websecure"]}}
        traefik.load(https, tcp={"routers": {"same": routers["same"], "upper": routers["upper"]}, "services": services})
        assert traefik.answers("a.shop", "/x", entry_point="websecure") == "https"
        assert traefik.answers("a.shop", "/", entry_point="websecure") is None
        assert traefik.answers("b.shop", "/", entry_point="websecure") is None, "HostSNI compares as it is written"
        traefik.load(https, tcp={"routers": routers, "services": services})
        assert traefik.answers("b.shop", "/", entry_point="websecure") == "tcp"
        everything = {"every": {"rule": "PathPrefix(`/`)", "tls": {}, "entryPoints": ["websecure"]}}
        traefik.load(https | everything, tcp={"routers": routers, "services": services})
        assert traefik.answers("b.shop", "/", entry_point="websecure") == "every"


def test_a_tcp_route_without_tls_takes_every_plain_request_of_its_entry_point(traefik: Any, speaker: Any) -> None:
    with speaker("tcp") as address:
        http = {"http": {"rule": "Host(`a.shop`)"}}
        traefik.load(http)
        assert traefik.answers("a.shop") == "http"
        services = {"s": {"loadBalancer": {"servers": [{"address": address}]}}}
        router = {"rule": "HostSNI(`*`)", "service": "s", "entryPoints": ["web"]}
        traefik.load(http, tcp={"routers": {"all": router}, "services": services})
        assert traefik.answers("a.shop") == "tcp"
        named = router | {"rule": "HostSNI(`a.shop`)"}
        traefik.load(http, tcp={"routers": {"named": named}, "services": services})
        assert "no TLS on router" in traefik.errors("tcp")["named"]


def test_only_one_udp_route_of_an_entry_point_is_served(traefik: Any, speaker: Any) -> None:
    with speaker("one", socket.SOCK_DGRAM) as one, speaker("two", socket.SOCK_DGRAM) as two:
        services = {
            name: {"loadBalancer": {"servers": [{"address": address}]}} for name, address in (("a", one), ("b", two))
        }
        routers = {name: {"service": name, "entryPoints": ["datagrams"]} for name in services}
        traefik.load({}, udp={"routers": routers, "services": services})
        answers = set()
        for _ in range(4):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
                client.settimeout(10)
                client.sendto(b"?", ("127.0.0.1", traefik.ports["datagrams"]))
                answers.add(client.recv(16))
        assert len(answers) == 1


def test_a_redirect_to_https_on_https_is_no_loop(traefik: Any) -> None:
    """So there is no rule against it."""
    to_https = {"to-https": {"redirectScheme": {"scheme": "https"}}}
    router = {"rule": "Host(`a.shop`)", "middlewares": ["to-https"]}
    traefik.load({"secure": router | {"tls": {}, "entryPoints": ["websecure"]}, "plain": router}, middlewares=to_https)
    assert traefik.answers("a.shop", field="Location") == "https://a.shop/"
    assert traefik.answers("a.shop", entry_point="websecure", field="Location") is None
    assert traefik.answers("a.shop", entry_point="websecure") == "secure"
