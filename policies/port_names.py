"""What the name of a port says about it, and how ports may be written."""

from __future__ import annotations

import re
from typing import Any, Final

from policies.values import UNKNOWN

LOWEST, HIGHEST = 1, 65535
PROTOCOLS: Final = ("TCP", "UDP", "SCTP")
_DIGITS = 9
SIDE_PORT: Final = re.compile(
    r"(?:.*-)?(?:\w*metrics?\w*|prom\w*|stats|monitor(?:ing)?|telemetry|admin|manage(?:ment)?|mgmt|actuator|health\w*|"
    r"liveness|livez|readiness|readyz|probes?|status|debug|pprof|jmx|profil\w*)(?:-.*)?"
)
"""Names of ports beside the one that the application serves."""
_WEB: Final = frozenset({"http", "https", "http1", "web", "websecure", "ui"})
_OTHER_LANGUAGES: Final = re.compile(
    r"(?:.*-)?(?:amqps?|cql|dns|etcd|ftp|gossip|grpc|imap|kafka|ldaps?|mariadb|memberlist|memcached?|mongo(?:db)?|mqtt|"
    r"mysql|nats|peer|pg|pgsql|postgres(?:ql)?|raft|redis|rtmp|serf|sftp|smtp|sql|ssh|syslog|thrift|udp|webhook|"
    r"zookeeper)(?:-.*)?"
)
"""Words in a port's name by which it speaks something other than HTTP, or HTTP to the API server alone."""
_SERVICE_NAME: Final = re.compile(r"(?=.*[a-z])[a-z0-9](?:-?[a-z0-9])*")
_LABEL: Final = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?")
_LISTENER: Final = re.compile(r"PORT|ADDR|LISTEN|BIND|URL", re.IGNORECASE)
_ELSEWHERE: Final = re.compile(
    r"(?:\w+_)?(?:DB|DATABASE|PG|POSTGRES\w*|MYSQL|MARIADB|MONGO\w*|REDIS|MEMCACHED?|RABBIT\w*|AMQP|KAFKA|NATS|SMTP|MAIL|"
    r"LDAP|ELASTIC\w*|PROXY|UPSTREAM|SERVICE)_(?:PORT(?:_NUMBER)?|ADDR(?:ESS)?|URL)|\w+_PORT_\d+_TCP\w*",
    re.IGNORECASE,
)


def as_number(port: Any) -> Any:  # noqa: ANN401  (anything a port can be written as)
    """Give a port as a number where it is one in quotes, so that ports compare; anything else as it is."""
    return int(port) if isinstance(port, str) and port.isascii() and port.isdecimal() and len(port) <= _DIGITS else port


def as_port(port: Any) -> Any:  # noqa: ANN401
    """Give a port to compare by; one that no port can be compares with nothing, and a rule of its own says so."""
    number = as_number(port)
    return UNKNOWN if isinstance(number, int) and not LOWEST <= number <= HIGHEST else number


def as_protocol(protocol: Any) -> Any:  # noqa: ANN401
    """Give a protocol to compare by: TCP where none is written; what is none compares with nothing."""
    written = str(protocol or "TCP").upper()
    return written if written in PROTOCOLS else UNKNOWN


def is_side(name: Any) -> bool:  # noqa: ANN401
    """Say whether a port's name puts it beside the one that the application serves."""
    return isinstance(name, str) and SIDE_PORT.fullmatch(name) is not None


def speaks(name: Any, handler: str) -> bool:  # noqa: ANN401
    """Say whether a port of that name can be what a handler (httpGet, tcpSocket, grpc) means, as far as names tell."""
    if not isinstance(name, str):
        return True
    if handler == "httpGet":
        return _OTHER_LANGUAGES.fullmatch(name) is None
    return handler != "grpc" or _WEB.isdisjoint(name.split("-"))


def is_web(name: Any) -> bool:  # noqa: ANN401
    """Say whether a port's name says that it speaks HTTP, or gRPC, which is HTTP too: over TCP in any case."""
    return isinstance(name, str) and not (_WEB | {"grpc", "h2c"}).isdisjoint(name.split("-"))


def is_own_listener(name: Any) -> bool:  # noqa: ANN401
    """Say whether a variable may tell where its own container listens, and not where somebody else does."""
    return isinstance(name, str) and _LISTENER.search(name) is not None and _ELSEWHERE.fullmatch(name) is None


def name_fault(name: str) -> str | None:
    """Say why ``name`` can't name a container's port (RFC 6335, and IsValidPortName of k8s.io/apimachinery)."""
    if len(name) > 15:
        return f"has {len(name)} characters where 15 are allowed"
    if name.isascii() and name.isdecimal():
        return "is text, and as a name it needs a letter; a number stands without quotes"
    if not _SERVICE_NAME.fullmatch(name):
        return "is no port name: lower case letters, digits and single hyphens between them, at least one letter"
    return None


def label_fault(name: str) -> str | None:
    """Say why ``name`` can't name a Service's port, which is a DNS label (RFC 1123), None if it can."""
    if len(name) > 63:
        return f"has {len(name)} characters where 63 are allowed"
    return None if _LABEL.fullmatch(name) else "is no DNS label: lower case letters, digits and hyphens between them"
