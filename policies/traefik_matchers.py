"""The matchers that Traefik has: for HTTP and for TCP, in the rule syntax of version 3 and in that of version 2.

After pkg/muxer/http/matcher.go and matcher_v2.go, pkg/muxer/tcp/matcher.go and matcher_v2.go of Traefik 3.6.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from policies.re2 import PatternError, compile_pattern

V2: Final = "v2"
V3: Final = "v3"
Arguments = Sequence[str]
_ANY: Final = 1_000
_HOST_OR_IP: Final = re.compile(r"[\w.:-]+", re.ASCII)
_NEAREST: Final = {
    "HostHeader": "Host",
    "Headers": "Header",
    "HeadersRegexp": "HeaderRegexp",
    "HostSNI": "Host",
    "HostSNIRegexp": "HostRegexp",
    "Host": "HostSNI",
    "HostRegexp": "HostSNIRegexp",
}
"""What to write instead of a matcher of another version or protocol."""


class RuleError(ValueError):
    """A rule that Traefik refuses; the message says what and where."""


@dataclass(frozen=True, slots=True)
class Form:
    """How many arguments a matcher takes, and what looks at them."""

    least: int
    most: int
    check: Callable[[Arguments], str | None]


def _anything(_: Arguments) -> str | None:
    return None


def _ascii(arguments: Arguments) -> str | None:
    return None if "".join(arguments).isascii() else "must be ASCII; write it in Punycode"


def _path(arguments: Arguments) -> str | None:
    return None if all(path.startswith("/") for path in arguments) else "must start with '/'"


def _pattern(arguments: Arguments) -> str | None:
    """Compile the last argument: the pattern itself, or the one beside the name of a header or query."""
    try:
        compile_pattern(arguments[-1])
    except PatternError as error:
        return f"is no regular expression of Go: {error}"
    return None


def _host_pattern(arguments: Arguments) -> str | None:
    return _ascii(arguments) or _pattern(arguments)


def _query_pattern(arguments: Arguments) -> str | None:
    return _pattern(arguments) if len(arguments) > 1 else None


def _addresses(arguments: Arguments) -> str | None:
    return None if all(_is_network(address) for address in arguments) else "must be an IP address or a CIDR"


def _is_network(text: str) -> bool:
    address, slash, bits = text.partition("/")
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    if "%" in address:
        return False
    return not slash or (re.fullmatch(r"\d{1,3}", bits, re.ASCII) is not None and int(bits) <= parsed.max_prefixlen)


def _sni(arguments: Arguments) -> str | None:
    fine = all(host == "*" or _HOST_OR_IP.fullmatch(host) for host in arguments)
    return None if fine else "must be a host name, or * alone for every connection"


def _protocol(arguments: Arguments) -> str | None:
    return "must not be acme-tls/1, which Traefik answers itself" if "acme-tls/1" in arguments else None


def _pairs(arguments: Arguments) -> str | None:
    return None if len(arguments) % 2 == 0 else "must be pairs of a name and a value"


_HTTP: Final = {
    "ClientIP": Form(1, 1, _addresses),
    "Method": Form(1, 1, _anything),
    "Host": Form(1, 1, _ascii),
    "HostRegexp": Form(1, 1, _host_pattern),
    "Path": Form(1, 1, _path),
    "PathRegexp": Form(1, 1, _pattern),
    "PathPrefix": Form(1, 1, _path),
    "Header": Form(2, 2, _anything),
    "HeaderRegexp": Form(2, 2, _pattern),
    "Query": Form(1, 2, _anything),
    "QueryRegexp": Form(1, 2, _query_pattern),
}
_HTTP_V2: Final = {
    "Host": Form(1, _ANY, _ascii),
    "HostHeader": Form(1, _ANY, _ascii),
    "HostRegexp": Form(1, _ANY, _ascii),
    "ClientIP": Form(1, _ANY, _addresses),
    "Path": Form(1, _ANY, _path),
    "PathPrefix": Form(1, _ANY, _path),
    "Method": Form(1, _ANY, _anything),
    "Headers": Form(2, _ANY, _pairs),
    "HeadersRegexp": Form(2, _ANY, _pairs),
    "Query": Form(1, _ANY, _anything),
}
_TCP: Final = {
    "ALPN": Form(1, 1, _protocol),
    "ClientIP": Form(1, 1, _addresses),
    "HostSNI": Form(1, 1, _sni),
    "HostSNIRegexp": Form(1, 1, _host_pattern),
}
_TCP_V2: Final = {
    "ALPN": Form(1, _ANY, _protocol),
    "ClientIP": Form(1, _ANY, _addresses),
    "HostSNI": Form(1, _ANY, _sni),
    "HostSNIRegexp": Form(1, _ANY, _ascii),
}


@dataclass(frozen=True, slots=True, eq=False)
class Dialect:
    """A set of matchers, and the name by which messages call it."""

    title: str
    syntax: str
    forms: dict[str, Form]
    names: dict[str, str]

    def matcher(self, written: str) -> str:
        """Give the canonical name of a matcher as it is written. Raises RuleError for one that is not there."""
        if written in self.names:
            return self.names[written]
        known = next((name for dialect in DIALECTS.values() if (name := dialect.names.get(written))), None)
        nearest = _NEAREST.get(known or "")
        instead = f"; write {nearest}" if nearest in self.forms else ""
        raise RuleError(f"{written} is no matcher of {self.title}{instead}")

    def check(self, name: str, arguments: Arguments, shown: str) -> None:
        """Raise RuleError for arguments that the matcher called ``name`` refuses; ``shown`` is the matcher as text."""
        form = self.forms[name]
        count = len(arguments)
        if not form.least <= count <= form.most:
            raise RuleError(f"{name} takes {_counted(form)}, not {count}{_advice(name, count)}")
        if not all(arguments):
            raise RuleError(f"{shown} has an empty argument")
        if problem := form.check(arguments):
            raise RuleError(f"what {shown} asks for {problem}")


def _counted(form: Form) -> str:
    if form.most == _ANY:
        return f"at least {form.least} argument{'s' * (form.least > 1)}"
    counted = f"{form.least}" if form.least == form.most else f"{form.least} or {form.most}"
    return f"{counted} argument{'s' * (form.most > 1)}"


def _advice(name: str, count: int) -> str:
    return "; join several with ||" if count > 1 and name not in {"Header", "HeaderRegexp", "Query"} else ""


def _dialect(title: str, syntax: str, forms: dict[str, Form]) -> Dialect:
    """Name a dialect's matchers in the four ways that Traefik registers: pkg/rules/parser.go."""
    spellings = {form: name for name in forms for form in (name, name.lower(), name.upper(), name.lower().capitalize())}
    return Dialect(title, syntax, forms, spellings)


HTTP: Final = _dialect("Traefik 3", V3, _HTTP)
HTTP_V2: Final = _dialect("Traefik's syntax v2", V2, _HTTP_V2)
TCP: Final = _dialect("Traefik 3 for TCP", V3, _TCP)
TCP_V2: Final = _dialect("Traefik's syntax v2 for TCP", V2, _TCP_V2)
DIALECTS: Final = {"http": HTTP, "http v2": HTTP_V2, "tcp": TCP, "tcp v2": TCP_V2}
