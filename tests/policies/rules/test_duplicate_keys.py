"""A key stands once in its mapping."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from policies.files import read_all
from policies.judge import judge

LOST, COPIED = "FLT-FIELD-008", "FLT-FIELD-009"
HEAD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"


@pytest.fixture
def check(tmp_path: Path) -> Any:
    def run(text: str, name: str = "a.yaml") -> list[tuple[str, str, int | None]]:
        (tmp_path / name).write_text(text)
        reading = read_all([str(tmp_path / name)])
        assert not reading.problems
        own = [one for one in judge(reading.resources) if one.rule.code in {LOST, COPIED}]
        return [(one.rule.code, one.message.partition(",")[0], reading.line(one)) for one in own]

    return run


def test_a_key_that_stands_twice_is_found_with_both_lines(check: Any) -> None:
    assert check(f"{HEAD}data:\n  a: b\n  c: d\n") == []
    assert check(f"{HEAD}data:\n  a: b\n  c: d\n  a: e\n") == [(LOST, "writes data.a twice", 5)]
    assert check(f"{HEAD}data:\n  a: b\n  c: d\n  a: b\n") == [(COPIED, "writes data.a twice", 5)]
    assert check(f"{HEAD}data: {{a: b}}\ndata: {{c: d}}\n") == [(LOST, "writes data twice", 4)]


def test_each_document_and_each_item_has_its_own(check: Any) -> None:
    assert check(f"{HEAD}---\n{HEAD}data: {{a: b, a: c}}\n") == [(LOST, "writes data.a twice", 8)]
    items = "".join(
        f"- {{apiVersion: v1, kind: ConfigMap, metadata: {{name: m{n}}}, data: {{a: b}}}}\n" for n in range(2)
    )
    assert check(f"kind: List\napiVersion: v1\nitems:\n{items}") == []
    broken = items.replace("a: b}}\n", "a: b, a: c}}\n", 1)
    assert check(f"kind: List\napiVersion: v1\nitems:\n{broken}") == [(LOST, "writes data.a twice", 4)]


def test_json_is_read_alike(check: Any) -> None:
    text = '{"apiVersion": "v1", "kind": "ConfigMap",\n"metadata": {"name": "a"},\n"data": {"a": "b",\n"a": "c"}}\n'
    assert check(text, "a.json") == [(LOST, "writes data.a twice", 3)]
    assert check(text.replace('"a": "c"', '"d": "c"'), "a.json") == []


@pytest.mark.parametrize(
    "data",
    [
        "{a: {x: '1'}, b: {x: '1'}}",
        "\n  a: |\n    x: 1\n    x: 2\n",
        "{a: b, A: b}",
        "{<<: {a: b}, a: c}",
    ],
)
def test_other_mappings_text_and_merged_keys_are_no_repeat(check: Any, data: str) -> None:
    assert check(f"{HEAD}data: {data}\n") == []


def test_no_value_is_shown(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(f"{HEAD}data:\n  a: sk_live_one\n  a: sk_live_two\n")
    findings = judge(read_all([str(tmp_path)]).resources)
    assert not [one for one in findings if "sk_live" in one.message]
