"""A Worker has code that Cloudflare can start, on a runtime that is named, and can be watched in production."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any, Final

from policies import cloudflare
from policies.findings import Level, Rule, Scope, Violation
from policies.objects import Objects
from policies.purpose import Purpose
from policies.resources import Resource
from policies.values import UNKNOWN, at, each, mapping, scalar

_DATES: Final = "https://developers.cloudflare.com/workers/configuration/compatibility-dates/"
_CODE: Final = ("content", "contentFile", "files", "modules")
"""Where a Worker's code can stand."""
_DATE: Final = re.compile(r"(\d{4}-\d{2}-\d{2})(?:T[\d:.]+(?:Z|[+-]\d{2}:\d{2})?)?")


def _judge_date(resource: Resource) -> Iterator[Violation]:
    value = scalar(resource.inputs, "compatibilityDate")
    if cloudflare.type_of(resource) not in cloudflare.CODE or value in (None, "", UNKNOWN):
        return
    path = ("compatibilityDate",)
    date = _date(value)
    if date is None:
        yield Violation(resource, path, f"has the compatibility date {value!r}, which is no date (YYYY-MM-DD)")
    elif date > dt.datetime.now(tz=dt.UTC).date() + dt.timedelta(days=1):
        yield Violation(resource, path, f"has the compatibility date {value}, which is yet to come")


def _date(value: object) -> dt.date | None:
    match = _DATE.fullmatch(str(value))
    try:
        return dt.date.fromisoformat(match[1]) if match else None
    except ValueError:
        return None


VALID_DATE = Rule(
    code="FLT-EDGE-021",
    name="compatibility-date-is-valid",
    title="A Worker's compatibility date is a day that has come",
    why="The upload is refused: Cloudflare can't promise the behaviour of a day that it has not seen.",
    source=_DATES,
    remediation="Write the day on which the Worker was last tested, as YYYY-MM-DD.",
    scope=Scope.RESOURCE,
    kinds=cloudflare.NO_KUBERNETES,
    judge=_judge_date,
)


def _judge_stated(resource: Resource) -> Iterator[Violation]:
    stated = scalar(resource.inputs, "compatibilityDate") not in (None, "")
    if cloudflare.type_of(resource) in cloudflare.CODE and not stated and not _lacks(resource.inputs, *_CODE):
        yield Violation(resource, (), "states no compatibility date, which means the runtime of 2021-11-02")


DATE_STATED = Rule(
    code="FLT-EDGE-022",
    name="compatibility-date-is-stated",
    title="A Worker states its compatibility date",
    why="It runs as Workers ran in 2021, without Node's modules and unlike what was tested locally.",
    source=_DATES,
    remediation="Set compatibilityDate to the day on which the Worker was last tested.",
    scope=Scope.RESOURCE,
    level=Level.ADVISORY,
    kinds=cloudflare.NO_KUBERNETES,
    judge=_judge_stated,
)

_EXPORTS: Final = re.compile(r"^\s*export\s+(?:default\b|\{|const\b|class\b|async\b|function\b)", re.MULTILINE)


def _judge_code(resource: Resource) -> Iterator[Violation]:
    token = cloudflare.type_of(resource)
    if token == cloudflare.WORKERS_SCRIPT:
        yield from _script(resource, resource.inputs)
    elif token == cloudflare.WORKER_VERSION:
        yield from _version(resource, resource.inputs)


def _lacks(inputs: dict[str, Any], *names: str) -> bool:
    return all(inputs.get(name) in (None, "", [], {}) for name in names)


def _script(resource: Resource, inputs: dict[str, Any]) -> Iterator[Violation]:
    content, file = at(inputs, "content"), at(inputs, "contentFile")
    module = at(inputs, "mainModule")
    named = "mainModule" if module is not None else "bodyPart"
    if at(inputs, named) is not None and _lacks(inputs, "content", "contentFile", "files", "assets"):
        yield Violation(resource, (named,), f"names {at(inputs, named)!r} as its {named}, and has no content")
    if content is not None and file is not None:
        yield Violation(resource, ("contentFile",), "has both content and contentFile")
    if file is not None and at(inputs, "contentSha256") is None:
        yield Violation(
            resource, ("contentFile",), "has a contentFile without contentSha256, so no change of it is seen"
        )
    is_module = isinstance(content, str) and _EXPORTS.search(content)
    if is_module and module in (None, "") and at(inputs, "module") is not True:
        yield Violation(resource, ("content",), "exports handlers as a module, and has no mainModule to say so")


def _version(resource: Resource, inputs: dict[str, Any]) -> Iterator[Violation]:
    modules, main = at(inputs, "modules"), at(inputs, "mainModule")
    if UNKNOWN in (modules, main):
        return
    names = [scalar(module, "name") for _, module in each(inputs, "modules")]
    if modules and main is None:
        yield Violation(resource, (), "has modules, and no mainModule to start with")
    elif main is not None and main not in names and UNKNOWN not in names:
        offered = ", ".join(str(name) for name in names) or "none"
        yield Violation(resource, ("mainModule",), f"starts with {main!r}, which is not among its modules ({offered})")
    for path, module in each(inputs, "modules"):
        if at(module, "contentFile") is None and at(module, "contentBase64") is None:
            yield Violation(resource, path, f"has a module {at(module, 'name')!r} without contentFile or contentBase64")


HAS_CODE = Rule(
    code="FLT-EDGE-023",
    name="worker-has-code",
    title="A Worker has code, in the form that it is uploaded as",
    why="The upload is refused (no such module, or Unexpected token 'export'), and the old version stays.",
    source="https://developers.cloudflare.com/workers/configuration/multipart-upload-metadata/",
    remediation="Give content and mainModule (or contentFile and contentSha256), or modules that hold the mainModule.",
    scope=Scope.RESOURCE,
    kinds=cloudflare.NO_KUBERNETES,
    judge=_judge_code,
)


def _judge_watched(objects: Objects) -> Iterator[Violation]:
    for resource in objects.account.of(*cloudflare.WORKERS):
        inputs = resource.inputs
        watching = at(inputs, "observability", "enabled"), at(inputs, "logpush"), at(inputs, "tailConsumers")
        logs = at(inputs, "observability", "logs", "enabled")
        if not any((*watching, logs)) and objects.purpose_of(resource) is Purpose.PRODUCTION:
            path = ("observability", "enabled") if mapping(inputs, "observability") else ()
            yield Violation(resource, path, "is a production Worker whose logs nobody keeps")


WATCHED = Rule(
    code="FLT-EDGE-024",
    name="production-worker-is-observed",
    title="A production Worker's logs are kept",
    why="After an error at the edge there is nothing to read: no exception, no request, no cron run.",
    source="https://developers.cloudflare.com/workers/observability/logs/workers-logs/",
    remediation='Set observability to {"enabled": true}, logpush, or a tail consumer.',
    scope=Scope.STACK,
    level=Level.ADVISORY,
    judge=_judge_watched,
)

_OPEN: Final = {
    cloudflare.WORKER: (("subdomain", "enabled"), ("subdomain", "previewsEnabled")),
    cloudflare.WORKERS_SCRIPT_SUBDOMAIN: (("enabled",), ("previewsEnabled",)),
}


def _judge_closed(objects: Objects) -> Iterator[Violation]:
    for token, paths in _OPEN.items():
        for resource in objects.account.of(token):
            path = next((one for one in paths if at(resource.inputs, *one) is True), None)
            if path and objects.purpose_of(resource) is Purpose.PRODUCTION:
                what = "its previews" if path[-1] == "previewsEnabled" else "itself"
                yield Violation(resource, path, f"is a production Worker that serves {what} under workers.dev too")


CLOSED = Rule(
    code="FLT-EDGE-025",
    name="production-worker-is-not-on-workers-dev",
    title="A production Worker answers under its own domain only",
    why="The second address goes past the zone's WAF, rate limits and access rules, and search engines find two shops.",
    source="https://developers.cloudflare.com/workers/configuration/routing/workers-dev/",
    remediation="Set enabled and previewsEnabled to false.",
    scope=Scope.STACK,
    level=Level.ADVISORY,
    judge=_judge_closed,
)

RULES = (VALID_DATE, DATE_STATED, HAS_CODE, WATCHED, CLOSED)
