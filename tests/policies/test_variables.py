"""The same setting is found by whatever way it reaches a process."""

from __future__ import annotations

from typing import Any

import pytest

from policies.resources import read
from policies.values import UNKNOWN
from policies.variables import variables, words


def _told(item: Any) -> list[tuple[str, str]]:
    return [(one.name, one.value) for one in variables(read(item))]


def _pod(**container: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {}, "spec": {"containers": [{"name": "c"} | container]}}


def _config(**data: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {}, "data": data}


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (["--port=3000"], [("port", "3000")]),
        (["-port", "3000"], [("port", "3000")]),
        (["--verbose", "--port", "3000"], [("verbose", "true"), ("port", "3000")]),
        (["serve", "--quiet"], [("quiet", "true")]),
        (["-e", "PORT=3000"], [("e", "PORT=3000"), ("PORT", "3000")]),
        (["-Dshop.port=3000"], [("shop.port", "3000")]),
        (["PORT=3000 exec shop --name 'a b'"], [("PORT", "3000"), ("name", "a b")]),
        (["it's --port=1"], [("port", "1")]),
        ([UNKNOWN, 7, None, "--port=1"], [("port", "1")]),
    ],
)
def test_flags_and_assignments_are_settings(args: Any, expected: Any) -> None:
    assert _told(_pod(args=args)) == expected
    assert _told(_pod(command=args)) == expected


def test_references_and_unknowns_are_none() -> None:
    env = [{"name": "A", "valueFrom": {}}, {"name": "B", "value": UNKNOWN}, {"name": "C", "value": True}, "junk"]
    assert _told(_pod(env=env)) == [("C", "true")]


@pytest.mark.parametrize(
    ("key", "text", "expected"),
    [
        ("PORT", "3000", []),
        ("a.env", "PORT=3000\nexport NAME='shop'\n# X=1\n", [("PORT", "3000"), ("NAME", "shop")]),
        ("a.properties", "shop.port = 3000\n", [("shop.port", "3000")]),
        ("a.yaml", "cors:\n  origins: [a, b]\n  max: 3\n", [("cors.origins", "a,b"), ("cors.max", "3")]),
        ("a.yaml", "cors: [\n", [("cors", "")]),
        (
            "a.json",
            '{"cors": {"on": true, "list": [{"origin": "a"}]}}',
            [("cors.on", "true"), ("cors.list.origin", "a")],
        ),
        ("a.toml", 'origins = [\n  "a",\n  "b"\n]\n', [("origins", '"a",   "b"')]),
        ("a.txt", "origins:\n  - a\n  - 'b'\n", [("origins", "a,b")]),
        ("url", "https://shop.example", []),
    ],
)
def test_files_in_a_config_map_are_read(key: str, text: str, expected: Any) -> None:
    assert _told(_config(**{key: text})) == [(key, text), *expected]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("CORS_ORIGINS", ("CORS", "ORIGINS")),
        ("corsOrigins", ("CORS", "ORIGINS")),
        ("cors.allowed-origins", ("CORS", "ALLOWED", "ORIGINS")),
        ("--", ()),
    ],
)
def test_a_name_has_words(name: str, expected: tuple[str, ...]) -> None:
    assert words(name) == expected
