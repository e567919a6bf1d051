"""What must hold between the values of a stack file: each check gives the mistakes it finds, and only those."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from fleet import images, naming, rollout
from fleet.catalogue import TEST_SKU
from fleet.config import FleetConfig
from fleet.config_catalogue import ProductConfig
from fleet.config_workloads import RolloutConfig
from fleet.mistakes import Mistake, path, shown
from fleet.resolve import checkout_host, variant_host

# What manifests set themselves: a second value would make ports or references disagree.
RESERVED_VARIABLES = frozenset({"PORT", "TRACK", "VERSION"})
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")


def inconsistencies(config: FleetConfig, *, stack: str) -> Iterator[Mistake]:
    """Give everything in ``config`` that contradicts something else in it, or the stack's name."""
    yield from _formed_names(config, stack)
    yield from _variant_names(config)
    yield from _repeated_hosts(config, naming.fill_stack(config.domain, stack))
    yield from _canary(config, config.canary.checkout, config.checkout.image, "checkout")
    yield from _canary(config, config.canary.storefronts, config.storefront.image, "storefront", "storefronts")
    yield from _unmoved_canary(config)
    yield from _reserved_variables(config)
    yield from _reserved_labels(config)
    yield from _real_stripe(config)
    yield from _skus(["storefront", "catalogue"], config.storefront.catalogue)
    for index, variant in enumerate(config.variants):
        yield from _skus(["variants", index, "catalogue"], variant.catalogue)


def _formed_names(config: FleetConfig, stack: str) -> Iterator[Mistake]:
    namespace = naming.fill_stack(config.namespace, stack)
    if len(namespace) > naming.LABEL_LENGTH or not _LABEL.fullmatch(namespace):
        rule = f"makes the namespace {namespace}, which is no RFC 1123 label of at most {naming.LABEL_LENGTH}"
        yield Mistake(path(["namespace"]), rule, "shorten it or the stack's name", shown(config.namespace))
    elif config.edge and len(naming.edge_bucket(namespace)) > naming.BUCKET_LENGTH:
        bucket = naming.edge_bucket(namespace)
        rule = f"makes the bucket {bucket}, which is longer than the {naming.BUCKET_LENGTH} characters of R2"
        yield Mistake(path(["namespace"]), rule, "shorten it or the stack's name", shown(config.namespace))
    domain = naming.fill_stack(config.domain, stack)
    longest = max(len(name) for name in (naming.CHECKOUT, *(variant.name for variant in config.variants)))
    labels = domain.split(".")
    fits = all(len(label) <= naming.LABEL_LENGTH and _LABEL.fullmatch(label) for label in labels)
    if not fits or len(domain) + 1 + longest > naming.HOST_LENGTH:
        rule = f"makes the domain {domain}, under which hosts are no RFC 1123 names"
        yield Mistake(path(["domain"]), rule, "shorten it or the stack's name", shown(config.domain))


def _variant_names(config: FleetConfig) -> Iterator[Mistake]:
    seen: dict[str, int] = {}
    for index, variant in enumerate(config.variants):
        if variant.name.endswith(naming.RESERVED_SUFFIXES):
            rule = (
                f"ends in {' or '.join(naming.RESERVED_SUFFIXES)}, which the objects of another variant may be called"
            )
            yield Mistake(path(["variants", index, "name"]), rule, "choose another name", shown(variant.name))
        first = seen.setdefault(variant.name, index)
        if first != index:
            rule = f"is also the name of variants[{first}]"
            yield Mistake(path(["variants", index, "name"]), rule, "rename or remove one", shown(variant.name))


def _repeated_hosts(config: FleetConfig, domain: str) -> Iterator[Mistake]:
    owners: Mapping[str, list[list[str | int]]] = defaultdict(list)
    owners[checkout_host(config, domain)].append(["checkout", "host"])
    for index, variant in enumerate(config.variants):
        owners[variant_host(variant, domain)].append(["variants", index, "host"])
    names = {variant.name for variant in config.variants}
    for host, places in owners.items():
        for place in places[1:]:
            if len(names) < len(config.variants) and _same_name(config, places[0], place):
                continue
            rule = f"is also the host of {path(places[0])}: two routes on one host answer with an empty page"
            yield Mistake(path(place), rule, "give one of them another host", shown(host))


def _same_name(config: FleetConfig, first: list[str | int], second: list[str | int]) -> bool:
    """Two variants of one name have one host for that reason, which is told already."""
    pair = [config.variants[place[1]].name for place in (first, second) if isinstance(place[1], int)]
    return len(pair) == 2 and pair[0] == pair[1]


def _canary(
    config: FleetConfig, canary: RolloutConfig | None, stable: str, owner: str, key: str | None = None
) -> Iterator[Mistake]:
    if canary is None:
        return
    place: list[str | int] = ["canary", key or owner]
    registry = config.registry.prefix
    if images.parse(canary.image, registry) == images.parse(stable, registry):
        rule = f"is the stable image too ({path([owner, 'image'])})"
        yield Mistake(path([*place, "image"]), rule, "name the new image, or remove the canary", shown(canary.image))
    plan = rollout.PLANS[canary.plan]
    if canary.step > plan.last_step:
        rule = f"is beyond the plan {plan.name}, which ends at step {plan.last_step}"
        yield Mistake(path([*place, "step"]), rule, f"use 0 to {plan.last_step}", shown(canary.step))


def _unmoved_canary(config: FleetConfig) -> Iterator[Mistake]:
    canary = config.canary.storefronts
    if canary is not None and all(variant.image for variant in config.variants):
        rule = "has no variant to try it on: each has an image of its own"
        yield Mistake(path(["canary", "storefronts"]), rule, "remove it, or remove a variant's image", None)


def _reserved_variables(config: FleetConfig) -> Iterator[Mistake]:
    places: list[tuple[list[str | int], Mapping[str, str]]] = [
        (["checkout", "environment"], config.checkout.environment),
        (["storefront", "environment"], config.storefront.environment),
    ]
    for index, variant in enumerate(config.variants):
        places.append((["variants", index, "environment"], variant.environment))
    for place, environment in places:
        for name in sorted(RESERVED_VARIABLES.intersection(environment)):
            rule = f"is set by Flotilla, so that all of it agrees (reserved: {', '.join(sorted(RESERVED_VARIABLES))})"
            yield Mistake(path([*place, name]), rule, "remove it", shown(environment[name]))


def _reserved_labels(config: FleetConfig) -> Iterator[Mistake]:
    labels = config.monitoring.labels if config.monitoring else {}
    own = naming.labels(name="", instance="", component="", fleet="", part_of="")
    for key in sorted(own.keys() & labels.keys()):
        rule = "is set by Flotilla, which finds its objects by it"
        yield Mistake(path(["monitoring", "labels", key]), rule, "remove it", shown(labels[key]))


def _real_stripe(config: FleetConfig) -> Iterator[Mistake]:
    if config.checkout.stripe_api and config.purpose == "production":
        rule = "is a double of Stripe, at which a production fleet would take no money"
        yield Mistake(path(["checkout", "stripeApi"]), rule, "remove it", shown(config.checkout.stripe_api))


def _skus(place: list[str | int], products: Sequence[ProductConfig]) -> Iterator[Mistake]:
    seen: dict[str, int] = {}
    for index, product in enumerate(products):
        where = path([*place, index, "sku"])
        if product.sku == TEST_SKU:
            rule = "is the marked test product, which Flotilla adds to every catalogue"
            yield Mistake(where, rule, "choose another", shown(product.sku))
        first = seen.setdefault(product.sku, index)
        if first != index:
            rule = f"is also the SKU of {path([*place, first])}"
            yield Mistake(where, rule, "change or remove one", shown(product.sku))
