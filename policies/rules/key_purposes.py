"""Keys keep to their purpose: test keys stay out of production, live keys and production's secrets stay inside it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

from policies.credentials.literals import is_literal, is_random
from policies.credentials.names import Trust, meaning
from policies.credentials.object_places import LAST_APPLIED
from policies.credentials.shapes import LIVE, TEST, Shape, decoded, publishable, shapes
from policies.findings import Rule, Scope, Violation
from policies.objects import Objects
from policies.purpose import Purpose
from policies.resources import Resource
from policies.secret_reads import SECRET_KINDS, known_values
from policies.values import Path, dotted
from policies.worker_texts import WORKER_TYPES

_HINT: Final = re.compile(r"_(?:test|live|TEST)_|FLWSECK|sandbox|\b[123]x0{20}")
_SANDBOX: Final = re.compile(
    r"(?:api(?:-m)?|www)\.sandbox\.paypal\.com|connect\.squareupsandbox\.com|api\.sandbox\.braintreegateway\.com|"
    r"sandbox\.plaid\.com|checkoutshopper-test\.adyen\.com|apitest\.authorize\.net"
)
_LIVE_HOST: Final = re.compile(
    r"(?:api(?:-m)?|www)\.paypal\.com|connect\.squareup\.com|api\.braintreegateway\.com|production\.plaid\.com|"
    r"checkoutshopper-live|api\.authorize\.net"
)
_ALWAYS_PASSES: Final = re.compile(r"\b[123]x0{20,33}[A-F]{2}\b")
"""The keys with which Cloudflare's Turnstile lets everybody pass."""
_SKIPPED: Final = frozenset({"status", "managedFields", LAST_APPLIED})
_SHARED_BY_NATURE: Final = re.compile(
    r"kubernetes\.io/(?:tls|dockerconfigjson|dockercfg)|bootstrap\.kubernetes\.io/token"
)
"""Types of Secrets that many namespaces hold alike: certificates, and the right to pull the same images."""
_FITS: Final = {TEST: "for tests", LIVE: "for live payments"}


def _may_hold(inputs: dict[str, Any]) -> bool:
    """Say whether any text hints at a mode; most resources hold none, and need no look at where their texts stand."""
    left: list[Any] = [inputs]
    while left:
        holder = left.pop()
        for item in holder.values() if isinstance(holder, dict) else holder:
            if isinstance(item, str):
                if _hints(item):
                    return True
            elif item.__class__ is dict or item.__class__ is list:
                left.append(item)
    return False


@lru_cache(maxsize=65_536)
def _hints(text: str) -> bool:
    """Say whether a text may hold what was made for one mode; a fleet repeats its texts, so the answer is kept."""
    return _HINT.search(text) is not None


def _texts(value: Any, path: Path = (), name: str = "") -> Iterator[tuple[Path, str, str]]:  # noqa: ANN401
    if isinstance(value, dict):
        for key, item in value.items():
            if key not in _SKIPPED:
                yield from _texts(item, (*path, key), key)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _texts(item, (*path, number), name)
    elif isinstance(value, str):
        yield path, name, value


def _plain(resource: Resource) -> Iterator[tuple[Path, str, str]]:
    """Give every text in a resource, and what stands behind base64 in Secrets and in ``binaryData``."""
    encoded = {"data", "binaryData"} if resource.is_a(SECRET_KINDS) else {"binaryData"}
    for path, name, text in _texts(resource.inputs):
        if path[0] in encoded and resource.kind in {"Secret", "ConfigMap"}:
            yield path, name, decoded(text) or ""
        else:
            yield path, name, text


def _modes(name: str, text: str) -> Iterator[Shape]:
    """Give what in a text was made for tests, or for live use."""
    if not _hints(text):
        return
    yield from (shape for shape in shapes(text) if shape.mode)
    yield from publishable(text)
    if (match := _SANDBOX.search(text)) and not _LIVE_HOST.search(text) and "sandbox" not in name.lower():
        yield Shape("the address of a payment sandbox", TEST, match[0], match.start())
    if match := _ALWAYS_PASSES.search(text):
        yield Shape("a Turnstile key that lets everybody pass", TEST, match[0], match.start())


def _judge_modes(objects: Objects) -> Iterator[Violation]:
    for resource in objects.resources:
        if not resource.kind and resource.type not in WORKER_TYPES:
            continue
        if not (resource.is_a(SECRET_KINDS) or "binaryData" in resource.inputs or _may_hold(resource.inputs)):
            continue
        seen: set[tuple[Path, str]] = set()
        for path, name, text in _plain(resource):
            for shape in _modes(name, text):
                wrong = _wrong(shape.mode, objects.purpose_of(resource))
                if wrong and (path, shape.noun) not in seen:
                    seen.add((path, shape.noun))
                    where = f"namespace {resource.namespace} is" if resource.kind else "it is"
                    message = f"holds {shape.noun} {_FITS[shape.mode]} in {dotted(path)}, but {where} for {wrong}"
                    yield Violation(resource, path, message)


def _wrong(mode: str, purpose: Purpose | None) -> str | None:
    """Give the purpose that a mode does not fit; None where it fits or nothing is known."""
    if purpose is None or (mode == LIVE) is (purpose is Purpose.PRODUCTION):
        return None
    return {Purpose.PRODUCTION: "production", Purpose.TEST: "tests", Purpose.DISPOSABLE: "disposable stacks"}[purpose]


MODES = Rule(
    code="FLT-SECRET-007",
    name="key-fits-its-purpose",
    title="Test keys are never in production, live keys never outside it",
    why="With a test key the shop takes orders and no money; with a live one a test charges real cards.",
    source="https://docs.stripe.com/keys",
    remediation="Use the key of the other mode here, and change a live key that stood where tests could read it.",
    scope=Scope.STACK,
    judge=_judge_modes,
)


def _secrets(secret: Resource) -> Iterator[tuple[Path, str]]:
    """Give the values of a Secret that are credentials and that no two purposes may share."""
    if _SHARED_BY_NATURE.fullmatch(str(secret.inputs.get("type", ""))):
        return
    for path, key, value in known_values(secret):
        text, promised = value.strip(), meaning(key)
        tokens = list(shapes(text))
        by_name = promised is not None and is_literal(text, promised)
        drawn = is_random(text) or (promised is not None and promised.trust is Trust.ANY)
        if any(token.mode for token in tokens):
            continue
        if (tokens or (by_name and drawn)) and len(text) >= 4:
            yield path, text


def _judge_sharing(objects: Objects) -> Iterator[Violation]:
    holders: dict[str, list[tuple[Resource, Path]]] = defaultdict(list)
    for secret in objects.of(SECRET_KINDS):
        for path, value in _secrets(secret):
            holders[value].append((secret, path))
    for places in holders.values():
        if len({str(secret.namespace) for secret, _ in places}) < 2:
            continue
        purposes = [(objects.purpose_of(secret), secret, path) for secret, path in places]
        production = sorted(secret.title for purpose, secret, _ in purposes if purpose is Purpose.PRODUCTION)
        for purpose, secret, path in purposes if production else ():
            if purpose not in (None, Purpose.PRODUCTION):
                yield Violation(
                    secret, path, f"holds in {dotted(path)} the same value as {production[0]} in production"
                )


SHARED = Rule(
    code="FLT-SECRET-008",
    name="production-shares-no-secret",
    title="Production and tests share no password and no key",
    why="Whoever reads a test stack, where much more is allowed, can then sign in to production.",
    source="https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html",
    remediation="Give each its own value, and change the one in production: it is known outside.",
    scope=Scope.STACK,
    judge=_judge_sharing,
)

RULES = (MODES, SHARED)
