"""What all tests share: the stack files of the repository, and any fleet that a stack file may describe.

The strategies write their own grammars, so that a wrong pattern in ``fleet`` can't agree with itself.
"""

from __future__ import annotations

import copy
import signal
from collections.abc import Callable
from functools import cache
from pathlib import Path
from string import ascii_letters, ascii_lowercase, digits
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from fleet.load import load
from fleet.model import FleetSpec
from manifests.fleet import plan, resources
from manifests.plan import Planned
from manifests.render import render
from tests.browser import chromium
from tests.node.cluster import before, own_cache, real_cluster
from tests.workloads.postgres import server

__all__ = ["before", "chromium", "own_cache", "real_cluster", "server"]

# A run in the background inherits Ctrl-C ignored, and so would every process that a test interrupts.
signal.signal(signal.SIGINT, signal.default_int_handler)

# The same examples at every run, and no clock: two busy cores must not make a test fail.
settings.register_profile(
    "flotilla", derandomize=True, database=None, deadline=None, max_examples=25, suppress_health_check=[*HealthCheck]
)
settings.load_profile("flotilla")


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what needs the real node last and into one worker: there is one node a machine, and it takes its share of it.

    All else goes file by file, so that what a module starts is started once.
    """
    items.sort(key=needs_node)
    for item in items:
        item.add_marker(pytest.mark.xdist_group("node" if needs_node(item) else str(item.path)))


def needs_node(item: pytest.Item) -> bool:
    """Say whether a test runs pods."""
    return "real_cluster" in getattr(item, "fixturenames", ())


ROOT = Path(__file__).resolve().parents[1]
Raw = dict[str, Any]


@pytest.fixture(scope="session", params=sorted(path.name.split(".")[1] for path in ROOT.glob("Pulumi.*.yaml")))
def stack_name(request: pytest.FixtureRequest) -> str:
    """Each stack of the repository in turn."""
    return str(request.param)


@pytest.fixture(scope="session")
def stack_config() -> Callable[[str], Raw]:
    """Give what a stack file of the repository says of its fleet."""

    @cache
    def parsed(stack: str) -> Raw:
        text = (ROOT / f"Pulumi.{stack}.yaml").read_text()
        fleet: Raw = yaml.load(text, yaml.CSafeLoader)["config"]["flotilla:fleet"]
        return fleet

    return lambda stack: copy.deepcopy(parsed(stack))


@pytest.fixture(scope="session")
def planned_resources() -> Callable[..., list[Planned]]:
    """Give the planned resources of a raw fleet, in the plan's order."""
    return lambda raw, stack="dev": list(resources(plan(load(raw, stack=stack))))


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Callable[[FleetSpec], dict[str, bytes]]:
    """Give the files that a fleet is rendered to, by path."""

    def files(fleet: FleetSpec) -> dict[str, bytes]:
        folder = tmp_path_factory.mktemp("render")
        render(plan(fleet), folder)
        return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    return files


@pytest.fixture
def minimal() -> Raw:
    """Give a fleet of two variants that says nothing it need not say."""
    return copy.deepcopy(_MINIMAL)


_MINIMAL: Raw = {
    "name": "shops",
    "namespace": "shops",
    "domain": "shops.example",
    "purpose": "test",
    "cluster": {"context": "somewhere"},
    "registry": {"prefix": "registry.example"},
    "certificates": {"secret": "tls"},
    "checkout": {"image": "checkout:1.0.0"},
    "storefront": {"image": "storefront:1.0.0"},
    "variants": ["brutal", "hero"],
    "database": {"external": {"host": "db.example"}},
}


def _label(first: str, longest: int) -> st.SearchStrategy[str]:
    """Give DNS labels that begin with one of ``first``."""
    inside = st.text(ascii_lowercase + digits + "-", max_size=longest - 2)
    last = st.sampled_from(ascii_lowercase + digits)
    return st.sampled_from(first) | st.builds("{}{}{}".format, st.sampled_from(first), inside, last)


# Words that YAML, Kubernetes or our own names could trip over, and the longest that is legal.
_TRICKY = st.sampled_from(
    ["no", "yes", "null", "on", "y", "e1", "stable", "canary", "database", "storefront", "a" * 40]
)
_NAMES = (_TRICKY | _label(ascii_lowercase, 40)).filter(
    lambda name: name != "checkout" and not name.endswith(("-canary", "-redirect"))
)
_DOMAINS = st.sampled_from(["${stack}.review.example", "a-${stack}-b.example", "shops.localhost"]) | st.lists(
    _label(ascii_lowercase + digits, 12), min_size=2, max_size=3
).map(".".join)
_NAMESPACES = st.sampled_from(["shops", "shops-${stack}", "${stack}"])
_TAGS = st.sampled_from([":1.4.2", ":v2.0.0-rc.1", ":latest", ":main", ":_", f"@sha256:{'a' * 64}", ":" + "t" * 128])
_REPOSITORIES = st.sampled_from(["app", "shops/app", "ghcr.io/acme/app", "localhost:5000/app", "registry:5000/a__b"])
_IMAGES = st.builds("{}{}".format, _REPOSITORIES, _TAGS)
_COUNTS = st.integers(1, 1000)
_PORTS = st.integers(1024, 65535)
_AMOUNTS = st.fixed_dictionaries(
    {"cpu": st.sampled_from(["100m", "1", "0.5"]), "memory": st.sampled_from(["64Mi", "1Gi", "1000000"])}
)
_RESOURCES = st.fixed_dictionaries({"requests": _AMOUNTS, "limits": _AMOUNTS})
_VARIABLES = st.builds(
    "{}{}".format, st.sampled_from(ascii_letters + "_"), st.text(ascii_letters + digits + "_", max_size=8)
).filter(lambda name: name not in {"PORT", "TRACK", "VERSION"})
_ENVIRONMENTS = st.dictionaries(_VARIABLES, st.text(max_size=20), max_size=3)
_PRODUCTS = st.fixed_dictionaries(
    {
        "sku": st.sampled_from(["field-38", "0", "a" * 40, "no", "1e3"]),
        "name": st.text(min_size=1, max_size=20),
        "price": st.integers(1, 99_999_999),
        "currency": st.sampled_from(["EUR", "JPY", "KWD", "XYZ"]),
    },
    optional={"description": st.text(max_size=30)},
)
_CATALOGUES = st.lists(_PRODUCTS, min_size=1, max_size=3, unique_by=lambda product: product["sku"])
_AUTOSCALING = st.tuples(_COUNTS, _COUNTS).map(lambda pair: {"min": min(pair), "max": max(pair), "cpu": 60})
_CRONS = st.sampled_from(["*/5 * * * *", "17 2 * * 1-5", "0 0 1 JAN,JUL MON"])


def _scaled(fields: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Raw]:
    """Give a workload that has replicas, or autoscaling, or neither."""
    common = {"port": _PORTS, "resources": _RESOURCES, "environment": _ENVIRONMENTS, **fields}
    kinds: tuple[dict[str, st.SearchStrategy[Any]], ...] = ({"replicas": _COUNTS}, {"autoscaling": _AUTOSCALING}, {})
    return st.one_of([st.fixed_dictionaries({"image": _IMAGES}, optional={**common, **kind}) for kind in kinds])


_BUCKETS = st.fixed_dictionaries({"endpoint": st.just("https://s3.example"), "name": st.just("backups")})
_BACKUPS = st.fixed_dictionaries(
    {}, optional={"schedule": _CRONS, "keep": _COUNTS, "size": st.just("3Gi"), "bucket": _BUCKETS}
)
_SERVERS = st.fixed_dictionaries(
    {"image": _IMAGES},
    optional={
        "size": st.just("2Gi"),
        "storageClass": st.just("fast.ssd"),
        "resources": _RESOURCES,
        "backup": _BACKUPS,
    },
)
_EXTERNAL = st.fixed_dictionaries(
    {"host": st.just("db.example")}, optional={"port": st.integers(1, 65535), "database": _NAMES, "user": _NAMES}
)
_CERTIFICATES = st.sampled_from(
    [
        {"secret": "tls"},
        {"issuer": {"name": "letsencrypt"}},
        {"issuer": {"name": "own", "kind": "Issuer"}},
        {"resolver": "le"},
    ]
)


@st.composite
def _rollouts(draw: st.DrawFn, stable: str) -> Raw:
    image = draw(_IMAGES.filter(lambda image: image != stable))
    plan_name, last = draw(st.sampled_from([("careful", 4), ("progressive", 3)]))
    return {"image": image, "plan": plan_name, "step": draw(st.integers(0, last))}


@st.composite
def _variants(draw: st.DrawFn) -> list[str | Raw]:
    written: list[str | Raw] = []
    for name in draw(st.lists(_NAMES, min_size=1, max_size=4, unique=True)):
        own = {
            "image": _IMAGES,
            "host": st.just(f"shop.{name}.elsewhere.example"),
            "replicas": _COUNTS,
            "theme": _NAMES,
            "resources": _RESOURCES,
            "environment": _ENVIRONMENTS,
            "catalogue": _CATALOGUES,
        }
        written.append(draw(st.just(name) | st.fixed_dictionaries({"name": st.just(name)}, optional=own)))
    return written


@st.composite
def _fleets(draw: st.DrawFn) -> Raw:
    raw: Raw = draw(
        st.fixed_dictionaries(
            {
                "name": _NAMES,
                "namespace": _NAMESPACES,
                "domain": _DOMAINS,
                "purpose": st.sampled_from(["production", "test", "disposable"]),
                "cluster": st.fixed_dictionaries({"context": st.just("c")}, optional={"adopt": st.booleans()}),
                "registry": st.fixed_dictionaries(
                    {"prefix": st.sampled_from(["registry.example", "localhost:5000/x", "reg:5000"])},
                    optional={"pullSecrets": st.just(["theirs"]), "login": st.just({"username": "puller"})},
                ),
                "certificates": _CERTIFICATES,
                "checkout": _scaled({"rateLimit": st.just({"average": 7}), "reconcileSchedule": _CRONS}),
                "storefront": _scaled({"catalogue": _CATALOGUES}),
                "variants": _variants(),
                "database": st.builds(lambda server: {"cluster": server}, _SERVERS)
                | st.builds(lambda there: {"external": there}, _EXTERNAL),
            },
            optional={
                "traefik": st.just({"namespace": "edge", "web": "http", "websecure": "https"}),
                "edge": st.just({"accountId": "0" * 32}) | st.just({"accountId": "f" * 32, "location": "weur"}),
                "monitoring": st.just({"labels": {"release": "prometheus"}}) | st.just({"interval": "1m"}),
                "generations": st.just({"stripe": 2, "database": 3}),
            },
        )
    )
    canary = {}
    if draw(st.booleans()):
        canary["checkout"] = draw(_rollouts(raw["checkout"]["image"]))
    if draw(st.booleans()) and any(isinstance(one, str) or "image" not in one for one in raw["variants"]):
        canary["storefronts"] = draw(_rollouts(raw["storefront"]["image"]))
    return raw | ({"canary": canary} if canary else {})


@pytest.fixture(scope="session")
def raw_fleets() -> st.SearchStrategy[Raw]:
    """Give any fleet that a stack file may describe."""
    return _fleets()


@pytest.fixture(scope="session")
def stack_names() -> st.SearchStrategy[str]:
    """Give names that Pulumi accepts for a stack (letters, digits, '-', '_' and '.'), and some it once did."""
    tricky = ["dev", "PR_1", "pr-1", "pr_1", "pr.1", "pr-acme_x/12", "pr-acme-x-12", "-", "___", "PR-1", "Dev"]
    return st.sampled_from(tricky) | st.text(ascii_letters + digits + "-_.", min_size=1, max_size=20)
