"""Web origins: which text is one, which stands for all, and whom a regular expression lets in besides its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

from policies.pattern_samples import samples
from policies.patterns import Pattern, PatternError, compile_pattern

WILDCARD: Final = "*"
NULL: Final = "null"
"""What a browser sends for a sandboxed frame, a file or a redirect: anybody's page can have it."""
_ORIGIN: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(\[[0-9A-Fa-f:.]+\]|[^/?#:@\s]*)(?::(\d{1,5}))?")
_SEPARATORS: Final = re.compile(r"[\s,;|]+")
_LOCAL: Final = re.compile(
    r"(?:.*\.)?(?:localhost|local|test|internal|lan|nip\.io|sslip\.io|lvh\.me)|127(?:\.\d+){3}|0\.0\.0\.0|\[::1?\]|"
    r"10(?:\.\d+){3}|192\.168(?:\.\d+){2}|host\.docker\.internal",
    re.IGNORECASE,
)
_BROWSER_SCHEMES: Final = ("http", "https")
_OWN_PORTS: Final = (("https", "443"), ("http", "80"))
SHARED: Final = (
    *(
        "pages.dev",
        "workers.dev",
        "vercel.app",
        "netlify.app",
        "github.io",
        "gitlab.io",
        "herokuapp.com",
        "onrender.com",
    ),
    *("web.app", "firebaseapp.com", "azurewebsites.net", "cloudfront.net", "fly.dev", "ngrok.io", "ngrok-free.app"),
    *(
        "trycloudflare.com",
        "r2.dev",
        "deno.dev",
        "surge.sh",
        "glitch.me",
        "repl.co",
        "myshopify.com",
        "s3.amazonaws.com",
    ),
)
"""Domains below which anybody gets a name in a minute (from publicsuffix.org, its private part)."""
_OPEN_ENDS: Final = ("com", "net", "org", "io", "dev", "app", "shop", "store", "co.uk", "de", "fr", "eu", "jp", "co.jp")
_TWO_PART: Final = frozenset({"co", "com", "org", "net", "ac", "gov", "edu", "ne", "or"})
STRANGERS: Final = ("https://evil.example", "https://attacker.test:8443", "http://evil.invalid", "https://a.b.evil.io")
"""Origins that are nobody's own."""


def listed(text: str) -> list[str]:
    """Cut a written list of origins, whatever stands between them; a JSON array counts as a list."""
    stripped = text.strip().strip("[]()") if text.strip().startswith(("[", "(")) else text
    parts = (part.strip("\"'") for part in _SEPARATORS.split(stripped))
    return [part for part in parts if part]


@lru_cache(maxsize=65536)
def parts(origin: str) -> tuple[str, str] | None:
    """Give the scheme and the host of an origin, in lower case; None for what is no origin."""
    match = _ORIGIN.fullmatch(origin)
    return (match[1].lower(), match[2].lower()) if match and match[2] else None


def opens_to_all(origin: str) -> bool:
    """Say whether an entry lets in every site: ``*``, ``https://*``, ``*:*`` or every name of a shared domain."""
    bare = origin.lower().rstrip("/")
    host = bare.partition("://")[2] or bare
    host = re.sub(r":[\d*]+$", "", host)
    below = host.removeprefix("*.")
    shared = below != host and (below in SHARED or below in _OPEN_ENDS)
    return bool(host) and (not host.strip("*.:^$()+") or shared)


def problem(origin: str) -> str | None:
    """Say why a browser never sends ``origin``, so that the entry matches nobody; None where it may."""
    if origin == NULL or WILDCARD in origin:
        return None
    match = _ORIGIN.match(origin)
    if match is None or not match[2]:
        return "has no scheme"
    rest = origin[match.end() :]
    wrong = {
        "ends with a slash": rest == "/",
        "has more than scheme, host and port": rest not in ("", "/"),
        "has capitals, which browsers never send": match[0] != match[0].lower(),
        "names the scheme's own port, which browsers leave out": (match[1].lower(), match[3]) in _OWN_PORTS,
    }
    return next((reason for reason, holds in wrong.items() if holds), None)


def is_unfit_for_production(origin: str) -> str | None:
    """Say why a real customer's page never has ``origin``; None where it may."""
    found = parts(origin)
    if found is None or found[0] not in _BROWSER_SCHEMES:
        return None
    if _LOCAL.fullmatch(found[1]):
        return "is a machine of a developer or an inner network"
    return "is not encrypted" if found[0] == "http" else None


@lru_cache(maxsize=4096)
def let_in(pattern: str, *, anchored: bool = False) -> tuple[str, str] | None:
    """Give a foreign origin that a regular expression lets in, and why; None where none was found.

    ``anchored``: the program matches the whole text, as Prometheus does. Raises PatternError for what Go refuses.
    """
    compiled = compile_pattern(f"^(?:{pattern})$" if anchored else pattern)
    for origin, reason in _attacks(compiled):
        if (parts(origin) or origin == NULL) and compiled.found_in(origin):
            return origin, reason
    return None


def lets_in_plain(pattern: str) -> str | None:
    """Give an unencrypted origin of the pattern's own that it lets in beside the encrypted one."""
    try:
        compiled = compile_pattern(pattern)
    except PatternError:
        return None
    for origin in _own(samples(pattern)):
        host = (parts(origin) or ("", ""))[1]
        plain = "http://" + origin.partition("://")[2]
        if not _LOCAL.fullmatch(host) and compiled.found_in(plain):
            return plain
    return None


def _own(samples: Iterable[str]) -> Iterator[str]:
    """Give the samples as whole origins: a pattern may leave the scheme out."""
    for sample in samples:
        origin = sample if "://" in sample else f"https://{'a' if sample.startswith('.') else ''}{sample.lstrip('/:')}"
        if parts(origin):
            yield origin


def _attacks(pattern: Pattern) -> Iterator[tuple[str, str]]:
    yield from ((stranger, "it matches every origin") for stranger in STRANGERS)
    yield NULL, "any sandboxed frame has that origin"
    for suffix in (*_OPEN_ENDS, *SHARED):
        yield f"https://evil-shop.{suffix}", f"anybody can have a name below {suffix}"
    for origin in _own(samples(pattern.text)):
        scheme, host = parts(origin) or ("", "")
        yield f"{origin}.evil.io", "nothing ends the match"
        if "." in host:
            yield f"{scheme}://evil{registrable(host)}", "nothing parts the domain from what stands before it"
        for position, sign in enumerate(host):
            if sign == "." and host[position - 1 : position].isalnum() and host[position + 1 : position + 2].isalnum():
                lookalike = f"{host[:position]}x{host[position + 1 :]}"
                yield f"{scheme}://{lookalike}", "a dot without a backslash matches any character"


def registrable(host: str) -> str:
    """Give the part of a host that is bought: the last two labels, three under such as co.uk."""
    labels = host.split(".")
    two_part = len(labels) > 2 and labels[-2] in _TWO_PART and len(labels[-1]) == 2
    return ".".join(labels[-3 if two_part else -2 :])
