"""A Worker has code that Cloudflare can start, and can be watched in production."""

from __future__ import annotations

from typing import Any

import pytest

from tests.policies.edge import UNKNOWN, entry, namespace, script, title

DATE, STATED, CODE, WATCHED, CLOSED = (f"FLT-EDGE-0{number}" for number in range(21, 26))
API = title("WorkersScript", "api")


@pytest.mark.parametrize("date", ["2026-05-01", "2021-01-01T00:00:00Z", UNKNOWN])
def test_a_day_that_has_come_is_fine(found: Any, date: str) -> None:
    assert found([script(compatibilityDate=date)]) == set()


@pytest.mark.parametrize("date", ["2999-01-01", "2026-02-30", "2026-5-1", "01.05.2026", "latest", 20260501])
def test_a_day_that_is_none_or_yet_to_come_is_found(found: Any, date: Any) -> None:
    assert found([script(compatibilityDate=date)]) == {(DATE, API)}


def test_code_without_a_day_is_advised_on(found: Any) -> None:
    for nothing in (None, ""):
        assert found([script(compatibilityDate=nothing)]) == {(STATED, API)}
    assert found([entry("WorkersScript", "api", scriptName="api", bindings=[])]) == set()
    assert found([entry("Worker", "w", name="w")]) == set()


HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
SERVICE_WORKER = "addEventListener('fetch', event => event.respondWith(new Response('export default')))"


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"content": UNKNOWN},
        {"content": None, "contentFile": "dist/index.js", "contentSha256": HASH},
        {"content": None, "contentFile": "dist/index.js", "contentSha256": UNKNOWN},
        {"content": None, "mainModule": None, "assets": {"directory": "dist"}},
        {"content": None, "assets": {"directory": "dist"}},
        {"content": SERVICE_WORKER, "mainModule": None},
        {"content": SERVICE_WORKER, "mainModule": None, "bodyPart": "script"},
        {"mainModule": None, "module": True},
        {"mainModule": UNKNOWN},
    ],
)
def test_a_script_in_any_of_its_forms_is_fine(found: Any, change: Any) -> None:
    assert found([script(**change)]) == set()


@pytest.mark.parametrize(
    "change",
    [
        {"content": None},
        {"content": ""},
        {"content": None, "contentFile": "dist/index.js"},
        {"contentFile": "dist/index.js", "contentSha256": HASH},
        {"mainModule": None},
        {"mainModule": None, "content": "import a from './a';\nexport { a as default };"},
        {"mainModule": None, "bodyPart": "script", "content": "export default { fetch() {} }"},
    ],
)
def test_a_script_that_cannot_start_is_found(found: Any, change: Any) -> None:
    assert found([script(**change)]) == {(CODE, API)}


MODULE = {"name": "index.js", "contentType": "application/javascript+module", "contentFile": "dist/index.js"}


def version(**inputs: Any) -> Any:
    given = {"mainModule": "index.js", "modules": [MODULE], "compatibilityDate": "2026-05-01", **inputs}
    return entry("WorkerVersion", "v", workerId=UNKNOWN, **given)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"modules": UNKNOWN},
        {"mainModule": UNKNOWN},
        {"modules": [MODULE | {"name": UNKNOWN}]},
        {"modules": [{"name": "a.wasm", "contentType": "application/wasm", "contentBase64": "AA=="}, MODULE]},
        {"modules": None, "mainModule": None, "assets": {"directory": "dist"}},
        {"modules": [MODULE | {"contentFile": UNKNOWN}]},
    ],
)
def test_a_version_that_starts_is_fine(found: Any, change: Any) -> None:
    assert found([version(**change)]) == set()


@pytest.mark.parametrize(
    "change",
    [
        {"mainModule": "worker.js"},
        {"mainModule": None},
        {"modules": []},
        {"modules": [{"name": "index.js", "contentType": "application/javascript+module"}]},
    ],
)
def test_a_version_that_cannot_start_is_found(found: Any, change: Any) -> None:
    assert found([version(**change)]) == {(CODE, title("WorkerVersion", "v"))}


@pytest.mark.parametrize(
    "watching",
    [
        {"observability": {"enabled": True}},
        {"observability": {"enabled": False, "logs": {"enabled": True}}},
        {"logpush": True},
        {"tailConsumers": [{"service": "logs"}]},
        {"observability": UNKNOWN},
    ],
)
def test_a_production_worker_that_is_watched_is_fine(found: Any, watching: Any) -> None:
    assert found([namespace("production"), script(**watching)]) == set()
    assert found([namespace("production"), script()]) == {(WATCHED, API)}
    assert found([namespace("production"), script(observability={"enabled": False})]) == {(WATCHED, API)}
    assert found([namespace("test"), script()]) == set()
    assert found([script()]) == set()


def test_a_production_worker_under_workers_dev_is_advised_on(found: Any) -> None:
    def worker(**subdomain: Any) -> Any:
        return entry("Worker", "w", name="w", logpush=True, subdomain=subdomain)

    opened: list[dict[str, Any]] = [{"enabled": True}, {"enabled": False, "previewsEnabled": True}]
    for subdomain in opened:
        assert found([namespace("production"), worker(**subdomain)]) == {(CLOSED, title("Worker", "w"))}
        assert found([namespace("test"), worker(**subdomain)]) == set()
        open_ = entry("WorkersScriptSubdomain", "s", scriptName="w", **subdomain)
        assert found([namespace("production"), open_]) == {(CLOSED, title("WorkersScriptSubdomain", "s"))}
    closed: list[dict[str, Any]] = [{}, {"enabled": False}, {"enabled": UNKNOWN}]
    for subdomain in closed:
        assert found([namespace("production"), worker(**subdomain)]) == set()
