"""Databases ask for a password, unless nothing of worth is in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from policies.findings import Level, Rule, Scope, Violation
from policies.objects import Objects
from policies.pods import Container
from policies.purpose import Purpose
from policies.values import UNKNOWN, Path, at, each, scalar

_YES: Final = frozenset({"true", "yes", "on", "1"})
_EMPTY_ALLOWED: Final = re.compile(r"(?:\w+_)?ALLOW_EMPTY(?:_ROOT)?_PASSWORD|ALLOW_ANONYMOUS_LOGIN")
_OPEN_VALUES: Final = {
    "POSTGRES_HOST_AUTH_METHOD": "trust",
    "NEO4J_AUTH": "none",
    "NEO4J_dbms_security_auth__enabled": "false",
}
_OPEN_OPTIONS: Final = (
    (re.compile(r"(?:^|\s)mongod\b.*\s--noauth\b"), "--noauth"),
    (
        re.compile(r"(?:^|\s)(?:redis|valkey)-server\b.*\s--protected-mode[\s=]no\b(?!.*--(?:requirepass|aclfile))"),
        "--protected-mode no",
    ),
    (re.compile(r"(?:^|\s)(?:mysqld|mariadbd)\b.*\s--skip-grant-tables\b"), "--skip-grant-tables"),
)


def _judge(objects: Objects) -> Iterator[Violation]:
    for pods in objects.pods:
        for container in pods.running:
            for path, what in _open(container):
                if objects.purpose_of(pods.resource) not in (Purpose.TEST, Purpose.DISPOSABLE):
                    message = f"lets container {container.name} take connections without a password, by {what}"
                    yield Violation(pods.resource, path, message)


def _open(container: Container) -> Iterator[tuple[Path, str]]:
    for path, variable in each(container.spec, "env"):
        name, value = scalar(variable, "name"), scalar(variable, "value")
        if not isinstance(name, str) or value in (None, UNKNOWN):
            continue
        allowed = _EMPTY_ALLOWED.fullmatch(name) and str(value).lower() in _YES
        if allowed or str(value).lower() == _OPEN_VALUES.get(name):
            yield (*container.path, *path, "value"), f"variable {name}"
    words = [word for key in ("command", "args") for word in _words(container, key)]
    line = " ".join(words)
    for pattern, option in _OPEN_OPTIONS:
        if pattern.search(line):
            yield (*container.path, "args" if _words(container, "args") else "command"), f"option {option}"


def _words(container: Container, key: str) -> list[str]:
    value = at(container.spec, key)
    return [word for word in value if isinstance(word, str)] if isinstance(value, list) else []


PASSWORD_ASKED = Rule(
    code="FLT-SECRET-010",
    name="database-asks-for-a-password",
    title="A database outside test stacks asks for a password",
    why="Every pod that reaches the port, and every forged request from one, reads and writes everything in it.",
    source="https://github.com/docker-library/docs/blob/master/postgres/content.md#postgres_host_auth_method",
    remediation="Give the database a password from a Secret and take the setting out, or label the namespace as test.",
    scope=Scope.STACK,
    judge=_judge,
    level=Level.ADVISORY,
)

RULES = (PASSWORD_ASKED,)
