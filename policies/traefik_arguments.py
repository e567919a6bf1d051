"""What Traefik's matchers ask of their arguments: each check says what is wrong with them, None when nothing is."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from typing import Final

from policies.patterns import PatternError, compile_pattern
from policies.traefik_templates import problem

Arguments = Sequence[str]
_NAME_OR_IP: Final = re.compile(r"[\w.:-]+", re.ASCII)
_OWN_PROTOCOL: Final = "acme-tls/1"


def anything(_: Arguments) -> str | None:
    """Take any arguments."""
    return None


def plain_hosts(hosts: Arguments) -> str | None:
    """Take ASCII."""
    return None if "".join(hosts).isascii() else "must be ASCII; write it in Punycode"


def paths(listed: Arguments) -> str | None:
    """Take absolute paths."""
    return None if all(path.startswith("/") for path in listed) else "must start with '/'"


def pattern(arguments: Arguments) -> str | None:
    """Compile the last argument: the pattern itself, or the one beside the name of a header or query."""
    try:
        compile_pattern(arguments[-1])
    except PatternError as error:
        return f"is no regular expression of Go: {error}"
    return None


def host_pattern(arguments: Arguments) -> str | None:
    """Take an ASCII pattern."""
    return plain_hosts(arguments) or pattern(arguments)


def query_pattern(arguments: Arguments) -> str | None:
    """Take the name of a query, and a pattern if there are two arguments."""
    return pattern(arguments) if len(arguments) > 1 else None


def networks(addresses: Arguments) -> str | None:
    """Take IP addresses and CIDRs."""
    return None if all(map(_is_network, addresses)) else "must be an IP address or a CIDR"


def _is_network(text: str) -> bool:
    address, slash, bits = text.partition("/")
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    if "%" in address:
        return False
    return not slash or (re.fullmatch(r"\d{1,3}", bits, re.ASCII) is not None and int(bits) <= parsed.max_prefixlen)


def server_names(hosts: Arguments) -> str | None:
    """Take names and addresses, or the star that stands for every connection."""
    fine = all(host == "*" or _NAME_OR_IP.fullmatch(host) for host in hosts)
    return None if fine else "must be a host name, or * alone for every connection"


def protocols(names: Arguments) -> str | None:
    """Take any protocol but the one of the certificate challenge."""
    return f"must not be {_OWN_PROTOCOL}, which Traefik answers itself" if _OWN_PROTOCOL in names else None


def pairs(arguments: Arguments) -> str | None:
    """Take an even number."""
    return None if len(arguments) % 2 == 0 else "must be pairs of a name and a value"


def patterned_pairs(arguments: Arguments) -> str | None:
    """Take pairs of a name and a pattern."""
    return pairs(arguments) or next(filter(None, (pattern([value]) for value in arguments[1::2])), None)


def host_templates(hosts: Arguments) -> str | None:
    """Take templates for hosts, in the syntax v2."""
    return plain_hosts(hosts) or _templates(hosts)


def path_templates(listed: Arguments) -> str | None:
    """Take templates for paths, in the syntax v2."""
    return paths(listed) or _templates(listed)


def query_templates(arguments: Arguments) -> str | None:
    """Take ``key=value`` in the syntax v2: cut at their first ``=``, the arguments have to make pairs."""
    parts = [part for argument in arguments for part in argument.split("=", 1)]
    return pairs(parts) or _templates([f"{name}={value}" for name, value in zip(parts[::2], parts[1::2], strict=False)])


def _templates(texts: Arguments) -> str | None:
    return next(filter(None, map(problem, texts)), None)
