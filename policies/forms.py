"""The forms that Kubernetes asks of names, labels and quantities: what has one, and how a wrong one is described.

The expressions are those of the API server (apimachinery, ``util/validation`` and ``api/resource``).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

LABEL_LENGTH: Final = 63
SUBDOMAIN_LENGTH: Final = 253
_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_NAME = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
_VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?")
_KEY = re.compile(r"[-._a-zA-Z0-9]+")
_QUANTITY = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(m|n|u|k|[KMGTPE]i|[MGTPE]|[eE][+-]?[0-9]+)?")
_BASE64 = re.compile(r"([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")

_PLACEHOLDER = re.compile(r"\$\{|\{\{|\$\(|<[^<>]+>")

Form = Callable[[str], str | None]
"""What is wrong with a text, None when nothing is: ``is no DNS label (...)`` reads after the field's name."""


def _checked(pattern: re.Pattern[str], longest: int, wanted: str) -> Form:
    @lru_cache(maxsize=4096)
    def check(text: str) -> str | None:
        if len(text) > longest:
            return f"has {len(text)} characters, of which {longest} are allowed"
        return None if pattern.fullmatch(text) else f"must consist of {wanted}"

    return check


dns_label: Final = _checked(
    _LABEL, LABEL_LENGTH, "small letters, digits and '-', and start and end with a letter or digit"
)
dns_subdomain: Final = _checked(
    _SUBDOMAIN, SUBDOMAIN_LENGTH, "small letters, digits, '-' and '.', and start and end with a letter or digit"
)
label_value: Final = _checked(
    _VALUE, LABEL_LENGTH, "letters, digits, '-', '_' and '.', and start and end with a letter or digit"
)
data_key: Final = _checked(_KEY, SUBDOMAIN_LENGTH, "letters, digits, '-', '_' and '.'")
_bare_name: Final = _checked(
    _NAME, LABEL_LENGTH, "letters, digits, '-', '_' and '.', and start and end with a letter or digit"
)


def is_placeholder(text: str) -> bool:
    """Say whether something is to be put into a text before it is applied: ``${NAME}``, ``{{ name }}``, ``<name>``."""
    return ("{" in text or "(" in text or "<" in text) and _PLACEHOLDER.search(text) is not None


@lru_cache(maxsize=4096)
def qualified_name(text: str) -> str | None:
    """Check a label's or annotation's key: a name, with or without a DNS subdomain and a slash before it."""
    prefix, slash, name = text.rpartition("/")
    if slash and (problem := dns_subdomain(prefix)):
        return f"has a prefix that {problem}" if "/" not in prefix else "has more than one '/'"
    return _bare_name(name)


def annotation_key(text: str) -> str | None:
    """Check an annotation's key, in whose prefix capital letters are allowed."""
    return qualified_name(text.lower())


def path_segment(text: str) -> str | None:
    """Check the name of a role or binding, which may hold anything that can stand between two slashes of an address."""
    return "must not be '.' or '..', and hold no '/' or '%'" if text in {".", ".."} or set(text) & {"/", "%"} else None


def environment_name(text: str) -> str | None:
    """Check the name of an environment variable."""
    if "=" in text or not all(" " <= letter <= "~" for letter in text):
        return "must consist of printable ASCII characters other than '='"
    return None


def address(text: str) -> str | None:
    """Check an address of a host."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return "is no IP address"
    return None


def network(text: str) -> str | None:
    """Check a network in the form ``10.0.0.0/8``."""
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return "is no network such as 10.0.0.0/8"
    return None if "/" in text else "is no network such as 10.0.0.0/8"


def quantity(text: str) -> str | None:
    """Check a quantity: ``500m``, ``1.5Gi``, ``2e3``; no ``MB`` and no space."""
    return (
        None
        if _QUANTITY.fullmatch(text)
        else "is no quantity: a number and one of m, k, M, G, T, P, E, Ki, Mi, Gi, Ti, Pi, Ei"
    )


def number_or_name(text: str) -> str | None:
    """Check text where a number may stand as well: a number in quotes is taken for a name, and a name has a letter."""
    return "is a number in quotes, and so no number" if text.isascii() and text.isdecimal() else None


def base64(text: str) -> str | None:
    """Check text that is to be decoded."""
    return None if _BASE64.fullmatch(text.replace("\n", "").replace("\r", "")) else "is not base64"


FORMS: Final[dict[str, Form]] = {
    "dns-label": dns_label,
    "dns-subdomain": dns_subdomain,
    "label-value": label_value,
    "label-key": qualified_name,
    "annotation-key": annotation_key,
    "data-key": data_key,
    "env-name": environment_name,
    "path-segment": path_segment,
    "ip": address,
    "cidr": network,
    "number-or-name": number_or_name,
    "quantity": quantity,
    "bytes": base64,
}
"""What the trees call them."""
