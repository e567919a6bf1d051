"""What keeps a customer's session the customer's own: protection against forged requests, and no debug mode."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from policies.findings import Level, Rule, Scope, Violation
from policies.objects import Objects
from policies.origins import WILDCARD, listed
from policies.purpose import Purpose
from policies.resources import Resource
from policies.variables import KINDS, Variable, variables

_FORGERY: Final = frozenset({"CSRF", "XSRF", "ANTIFORGERY", "ANTICSRF", "NOCSRF", "SKIPCSRF", "DISABLECSRF"})
_NEGATIVE: Final = frozenset(
    {"DISABLE", "DISABLED", "SKIP", "BYPASS", "EXEMPT", "IGNORE", "OFF", "NO", "WITHOUT", "DISABLES", "INSECURE"}
    | {"NOCSRF", "SKIPCSRF", "DISABLECSRF"}
)
_DETAILS: Final = frozenset(
    {"COOKIE", "TIME", "LIMIT", "AGE", "DOMAIN", "SAMESITE", "SESSION", "SESSIONS", "LOG", "LOGGING", "DEBUG", "NAME"}
    | {"HEADER", "HEADERS", "PATH", "PATHS", "STRICT", "TTL", "EXPIRE", "EXPIRES", "EXPIRY", "ALWAYS", "ROTATE"}
    | {"HTTPONLY", "ORIGINS", "HOSTS", "METHODS", "KEY", "SECRET", "FIELD", "URL", "URLS", "ROUTES", "MASK", "LENGTH"}
)
"""Words of settings that belong to the protection and do not switch it off, such as CSRF_COOKIE_HTTPONLY."""
_NOUNS: Final = frozenset({"PROTECTION", "CHECK", "CHECKS", "VALIDATION", "VERIFICATION", "MIDDLEWARE"})
_FALSE: Final = frozenset({"false", "0", "off", "no", "none", "disabled", "disable", "n", "f", "never"})
_TRUE: Final = frozenset({"true", "1", "on", "yes", "enabled", "enable", "y", "t", "always"})
_PLAIN: Final = re.compile(r"[A-Za-z0-9]+")


def _bare(variable: Variable) -> str:
    """Give a value without what a language writes around it: ``False,`` and ``"off"  # why`` are false and off."""
    match = _PLAIN.match(variable.value.strip().strip("\"'"))
    rest = variable.value.strip().strip("\"'")[match.end() :] if match else ""
    return match[0].lower() if match and (not rest or rest[0] in " ,;#\"')") else ""


def _judge_forgery(resource: Resource) -> Iterator[Violation]:
    for variable in variables(resource):
        words = set(variable.words)
        forgery = bool(words & _FORGERY) or {"FORGERY", "PROTECTION"} <= words
        if forgery and (message := _switched_off(variable, words)):
            yield Violation(resource, variable.path, message)


def _switched_off(variable: Variable, words: set[str]) -> str | None:
    if words & {"ORIGINS", "ORIGIN", "HOSTS"} and words & {"TRUSTED", "ALLOWED", "SAFE"}:
        all_of_them = {WILDCARD, "http://*", "https://*", "*://*"}
        if any(origin in all_of_them for origin in listed(variable.value)):
            return f"trusts forms of every site ({variable.name})"
        return None
    if words & _DETAILS:
        return None
    value = _bare(variable)
    # ``--disable-csrf serve``: what comes after a flag that says it all is another word of the command.
    alone = words <= _NEGATIVE | _FORGERY | _NOUNS and variable.path[-2:-1] in (("args",), ("command",))
    if value in (_TRUE if words & _NEGATIVE else _FALSE) or (words & _NEGATIVE and alone and value not in _FALSE):
        return f"switches the protection against forged requests off ({variable.name})"
    return None


FORGERY = Rule(
    code="FLT-SECURITY-010",
    name="forgery-protection-stays-on",
    title="Protection against forged requests (CSRF) is never switched off by a setting",
    why="Any page that a signed-in customer opens can then order, change or delete in the customer's name.",
    source="https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html",
    remediation="Remove the setting; exempt single paths that carry a signature, such as webhooks, in the application.",
    scope=Scope.RESOURCE,
    judge=_judge_forgery,
    kinds=KINDS,
)

_DEBUG_NAMES: Final = re.compile(
    r"(?:DJANGO|FLASK|APP|WERKZEUG|RAILS|LARAVEL|SYMFONY|QUARKUS)?_?DEBUG(?:_MODE|_ENABLED)?"
)
_STAGE_NAMES: Final = frozenset(
    {"NODE_ENV", "RAILS_ENV", "RACK_ENV", "FLASK_ENV", "APP_ENV", "DJANGO_ENV", "ASPNETCORE_ENVIRONMENT", "MIX_ENV"}
)
_STAGES: Final = frozenset({"development", "dev", "local", "debug"})


def _judge_debug(objects: Objects) -> Iterator[Violation]:
    for resource in objects.resources:
        for variable in variables(resource):
            if _debugs(variable) and objects.purpose_of(resource) is Purpose.PRODUCTION:
                yield Violation(resource, variable.path, f"runs production in debug mode ({variable.name})")


def _debugs(variable: Variable) -> bool:
    name = variable.name.upper().replace("-", "_").replace(".", "_")
    value = _bare(variable)
    return bool(_DEBUG_NAMES.fullmatch(name) and value in _TRUE) or (name in _STAGE_NAMES and value in _STAGES)


DEBUG = Rule(
    code="FLT-SECURITY-011",
    name="production-is-not-debugged",
    title="Nothing runs in debug mode in production",
    why="Debug pages show source, settings and secrets to whoever provokes an error, and some run code on request.",
    source="https://cwe.mitre.org/data/definitions/489.html",
    remediation="Set it to false, or to production, in stacks whose purpose is production.",
    scope=Scope.STACK,
    judge=_judge_debug,
    level=Level.ADVISORY,
)

RULES = (FORGERY, DEBUG)
