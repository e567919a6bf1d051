"""The matchers that Traefik has: for HTTP and for TCP, in the rule syntax of version 3 and in that of version 2.

After pkg/muxer/http/matcher.go and matcher_v2.go, pkg/muxer/tcp/matcher.go and matcher_v2.go of Traefik 3.6.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from policies import traefik_arguments as checks
from policies.traefik_arguments import Arguments

V2: Final = "v2"
V3: Final = "v3"
_ANY: Final = 1_000
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


_HTTP: Final = {
    "ClientIP": Form(1, 1, checks.networks),
    "Method": Form(1, 1, checks.anything),
    "Host": Form(1, 1, checks.plain_hosts),
    "HostRegexp": Form(1, 1, checks.host_pattern),
    "Path": Form(1, 1, checks.paths),
    "PathRegexp": Form(1, 1, checks.pattern),
    "PathPrefix": Form(1, 1, checks.paths),
    "Header": Form(2, 2, checks.anything),
    "HeaderRegexp": Form(2, 2, checks.pattern),
    "Query": Form(1, 2, checks.anything),
    "QueryRegexp": Form(1, 2, checks.query_pattern),
}
_HTTP_V2: Final = {
    "Host": Form(1, _ANY, checks.plain_hosts),
    "HostHeader": Form(1, _ANY, checks.plain_hosts),
    "HostRegexp": Form(1, _ANY, checks.host_templates),
    "ClientIP": Form(1, _ANY, checks.networks),
    "Path": Form(1, _ANY, checks.path_templates),
    "PathPrefix": Form(1, _ANY, checks.path_templates),
    "Method": Form(1, _ANY, checks.anything),
    "Headers": Form(2, _ANY, checks.pairs),
    "HeadersRegexp": Form(2, _ANY, checks.patterned_pairs),
    "Query": Form(1, _ANY, checks.query_templates),
}
_TCP: Final = {
    "ALPN": Form(1, 1, checks.protocols),
    "ClientIP": Form(1, 1, checks.networks),
    "HostSNI": Form(1, 1, checks.server_names),
    "HostSNIRegexp": Form(1, 1, checks.host_pattern),
}
_TCP_V2: Final = {
    "ALPN": Form(1, _ANY, checks.protocols),
    "ClientIP": Form(1, _ANY, checks.networks),
    "HostSNI": Form(1, _ANY, checks.server_names),
    "HostSNIRegexp": Form(1, _ANY, checks.host_templates),
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
