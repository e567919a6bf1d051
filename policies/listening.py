"""What a container is told to listen on: by variables such as ``PORT`` and by arguments such as ``--port=3000``.

Only names that can mean nothing else count. Many variables with a port in their name say where somebody else listens
(``DATABASE_PORT``), and a listener of its own that nobody declares is legal; so a variable for a side port is held
against the declared port of that kind, and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from policies.pods import Container
from policies.port_names import as_number
from policies.values import UNKNOWN, Path, at, each, scalar

Environment = Mapping[str, tuple[Path, Any]]
"""The variables of a container: where each is set, and its value."""

PORT: Final = "PORT"
"""The one variable whose meaning every platform agrees on (12factor.net/port-binding)."""
_FRAMEWORKS = (
    r"UVICORN|GUNICORN|HYPERCORN|FLASK(?:_RUN)?|STREAMLIT_SERVER|GRADIO_SERVER|NUXT|NITRO|VITE|ROCKET|RAILS|PUMA|PHX|"
    r"MICRONAUT_SERVER|QUARKUS_HTTP|KC_HTTP|GF_SERVER_HTTP|N8N|DOTNET_HTTP|ASPNETCORE_HTTP|NGINX_HTTP|APACHE_HTTP"
)
_MAIN = rf"(?:APP|APPLICATION|SERVER|WEB|WEBSERVER|HTTP|LISTEN|LISTENING|LISTENER|BIND|CONTAINER|{_FRAMEWORKS})"
_MAIN_PORT: Final = re.compile(rf"(?:{_MAIN}_)*{_MAIN}_PORT(?:S|_NUMBER)?", re.IGNORECASE)
_MAIN_ADDRESS: Final = re.compile(rf"(?:{_MAIN}_)*(?:LISTEN|BIND|(?:{_MAIN}_|)ADDR(?:ESS)?)", re.IGNORECASE)
_URLS: Final = frozenset({"ASPNETCORE_URLS", "DOTNET_URLS", "URLS"})
_KINDS: Final = {
    "grpc": r"GRPC",
    "https": r"HTTPS|TLS|SSL|ASPNETCORE_HTTPS|DOTNET_HTTPS|KC_HTTPS",
    "metrics": r"METRICS?|PROMETHEUS|PROM|TELEMETRY",
    "health": r"HEALTH(?:Z|CHECK|_CHECK|_PROBE)?",
    "admin": r"ADMIN",
    "management": r"MANAGEMENT(?:_SERVER)?|KC_HTTP_MANAGEMENT",
    "debug": r"DEBUG|PPROF",
}
"""Side ports by the words of their variables and arguments."""
_SIDES: Final = {
    kind: re.compile(rf"(?:{words})(?:_(?:HTTP|SERVER|LISTEN|BIND))*_(?:PORTS?|ADDR(?:ESS)?)", re.IGNORECASE)
    for kind, words in _KINDS.items()
}
_ALIASES: Final = {
    "metrics": frozenset({"metrics", "metric", "prom", "prometheus", "telemetry"}),
    "https": frozenset({"https", "tls", "ssl", "websecure"}),
    "health": frozenset({"health", "healthz", "healthcheck"}),
    "management": frozenset({"management", "mgmt", "actuator"}),
    "debug": frozenset({"debug", "pprof"}),
}
_ARGUMENTS: Final = re.compile(
    r"-{1,2}(?:(?:web|http|https|grpc|server|app|metrics?|telemetry|health(?:-probe)?|admin|management)[-.])*"
    r"(?:port|listen(?:[-.]?(?:port|addr|address))?|bind(?:-addr|-address)?|addr|address)|-Dserver\.port"
)
_SHORT: Final = {
    "-p": frozenset({"next", "serve", "http-server", "vite", "nuxt", "rails", "puma", "json-server", "memcached"}),
    "-b": frozenset({"gunicorn", "rails", "puma"}),
    "-l": frozenset({"serve", "memcached"}),
    "-S": frozenset({"php"}),
    "http.server": frozenset({"python", "python3"}),
}
"""What says a port only to some programs."""
_LISTENER: Final = re.compile(r"(?:(?:https?|tcp)://)?(?P<host>[^\s:/]*|\[[0-9a-f:]*\])(?P<colon>:)(?P<port>\d{1,9})/?")
_EVERYWHERE: Final = frozenset({"", "0.0.0.0", "*", "+", "[::]"})  # noqa: S104  (read, not bound)
_LOCAL: Final = _EVERYWHERE | {"127.0.0.1", "localhost", "[::1]", "::"}
_NONE: Final[frozenset[str]] = frozenset()
_SHELL: Final = re.compile(r"[;&|<>\n`]")
_REFERENCE: Final = re.compile(r"\$\(([A-Za-z_][A-Za-z0-9_]*)\)")


@dataclass(frozen=True, slots=True)
class Told:
    """One telling: where, by what variable or argument, which number, and which side port it is about, if any."""

    path: Path
    by: str
    number: int
    side: str | None = None
    by_argument: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether it is the variable PORT itself."""
        return self.by == PORT


def environment(container: Container) -> dict[str, tuple[Path, Any]]:
    """Give the variables with a value of their own; the last of a name counts."""
    return {
        str(item.get("name")): ((*container.path, *path, "value"), scalar(item, "value"))
        for path, item in each(container.spec, "env")
        if "value" in item
    }


def told(container: Container, variables: Environment) -> tuple[Told, ...]:
    """Give everything that tells the container a port of its own."""
    own = f"{container.name}_{PORT}".upper().replace("-", "_")
    return (*_by_variables(variables, own), *_by_arguments(container, variables))


def matches(side: str, name: Any) -> bool:  # noqa: ANN401
    """Say whether a port of that name is the side port of a kind."""
    return isinstance(name, str) and not _ALIASES.get(side, frozenset({side})).isdisjoint(name.split("-"))


def _by_variables(variables: Environment, own: str) -> Iterator[Told]:
    for name, (path, value) in variables.items():
        text = _resolved(value, variables)
        if text is None or _is_of_another(name, variables):
            continue
        kind = next((kind for kind, pattern in _SIDES.items() if pattern.fullmatch(name)), None)
        if name in _URLS or kind or name in {PORT, own} or _MAIN_PORT.fullmatch(name):
            for number, secure in _numbers(text):
                yield Told(path, name, number, "https" if secure else kind)
        elif _MAIN_ADDRESS.fullmatch(name) and (address := _listener(text)):
            yield Told(path, name, address)


def _numbers(text: str) -> Iterator[tuple[int, bool]]:
    """Give the ports of ``3000``, ``8080;8081`` or ``http://+:8080;https://+:8443``, each with whether it is HTTPS."""
    for part in text.split(";"):
        if number := _port(part.strip()):
            yield number, part.strip().startswith("https:")


def _port(text: str) -> int | None:
    """Give the port of a number or of an address to listen on; zero is no port, it switches a listener off."""
    number = as_number(text)
    return (number or None) if isinstance(number, int) else _listener(text)


def _listener(text: str) -> int | None:
    """Give the port of an address to listen on: one without a host, or with one that means every address."""
    found = _LISTENER.fullmatch(text)
    return int(found["port"]) if found and found["host"] in _EVERYWHERE else None


def _is_of_another(name: str, variables: Environment) -> bool:
    """Say whether a host stands beside the port, so that both say where somebody else listens."""
    stem, _, _ = name.rpartition("_")
    hosts = (variables.get(f"{stem}_{suffix}") for suffix in ("HOST", "HOSTNAME", "SERVER", "SERVICE", "URL"))
    return bool(stem) and any(host is not None and host[1] not in _LOCAL for host in hosts)


def _by_arguments(container: Container, variables: Environment) -> Iterator[Told]:
    words = [word for key in ("command", "args") for word in _words(container, key, variables)]
    programs = frozenset(word.rpartition("/")[2] for _, word in words)
    for (path, word), following in zip(words, [*(word for _, word in words[1:]), ""], strict=False):
        flag, equals, value = word.partition("=")
        if not _ARGUMENTS.fullmatch(flag) and _SHORT.get(flag, _NONE).isdisjoint(programs):
            continue
        if number := _port(value if equals else following):
            yield Told(path, flag, number, _side_of(flag), by_argument=True)


def _words(container: Container, key: str, variables: Environment) -> Iterator[tuple[Path, str]]:
    """Give the words of a command line; a line for a shell counts only where it is one simple command."""
    listed = at(container.spec, key)
    for position, item in enumerate(listed if isinstance(listed, list) else ()):
        text = _resolved(item, variables) or ""
        if not _SHELL.search(text):
            for word in text.split():
                yield (*container.path, key, position), word.strip("'\"")


def _side_of(flag: str) -> str | None:
    words = frozenset(re.split(r"[-.]", flag.lower()))
    kinds = ("grpc", "https", "metrics", "health", "admin", "management")
    return next((kind for kind in kinds if words & _ALIASES.get(kind, frozenset({kind}))), None)


def _resolved(value: Any, variables: Environment) -> str | None:  # noqa: ANN401
    """Give a text with ``$(NAME)`` replaced as the kubelet does; None where that takes a value that is not known."""
    if value is UNKNOWN or value is None or isinstance(value, dict | list):
        return None
    text = str(value)
    for name in _REFERENCE.findall(text):
        other = variables.get(name, ((), None))[1]
        if other is None or other is UNKNOWN:
            return None
        text = text.replace(f"$({name})", str(other))
    return text
