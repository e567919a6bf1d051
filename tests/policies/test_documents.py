"""Files are cut, parsed and located the way the API server and an editor would."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from policies.documents import Document, DocumentError, documents
from policies.files import read_all
from policies.judge import judge

TEXT = st.text("ab1:- '\"\\#é😀", max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-999, 999) | TEXT,
    lambda one: st.lists(one, max_size=4) | st.dictionaries(TEXT, one, max_size=4),
    max_leaves=12,
)


def _parse(text: str) -> Any:
    return Document("f", 0, text, 1).parse()


@given(JSON)
def test_what_yaml_and_json_write_is_read_alike(value: Any) -> None:
    assert _parse(json.dumps([value], indent=1)) == [value]
    assert _parse(yaml.safe_dump([value], allow_unicode=True)) == [value]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0644", 420),
        ("0o644", 420),
        ("0x1F", 31),
        ("-1_000", -1000),
        ("1:30", "1:30"),
        ("2024-01-02", "2024-01-02"),
        ("=", "="),
        ("yes", True),
        ("Off", False),
        ("oFF", "oFF"),
        ("~", None),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("1.", 1.0),
        ("1.2.3", "1.2.3"),
        ("'80'", "80"),
        ("!!str 80", "80"),
        ("!vault x", "x"),
        ("|\n  a\n  b\n", "a\nb\n"),
        ("{<<: {a: 1, b: 2}, b: 3}", {"a": 1, "b": 3}),
        ("{a: &x [1], b: *x}", {"a": [1], "b": [1]}),
        ("{80: x, true: y, n: 'y'}", {"80": "x", "true": True, "n": "y"}),
        ("[09, .5, -.inf, N, 1_0, 010]", [9.0, 0.5, float("-inf"), False, 10, 8]),
    ],
)
def test_scalars_mean_what_they_mean_to_the_api_server(text: str, expected: Any) -> None:
    assert _parse(f"- {text}" if not text.startswith("{") else text) == (expected if text[0] == "{" else [expected])


PIECES = """# head
apiVersion: v1
kind: ConfigMap
metadata: {name: one}
--- # second
kind: [
---
apiVersion: v1
kind: ConfigMap
metadata: {name: three}
data: {a: "--- no marker"}
...
---
"""


def test_a_broken_document_is_named_with_its_line_and_spoils_no_other(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(PIECES)
    (tmp_path / "b.yml").write_text("a: {{ .Values.x }}\n")
    (tmp_path / "c.json").write_bytes(b"\xff\xfe")
    (tmp_path / "notes.txt").write_text("kind: [")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "d.yaml").write_text("kind: [")
    reading = read_all([str(tmp_path), str(tmp_path / "missing")])
    assert [resource.title for resource in reading.resources] == ["ConfigMap one", "ConfigMap three"]
    places = [(Path(problem.file).name, problem.line) for problem in reading.problems]
    assert places == [("a.yaml", 6), ("b.yml", 1), ("c.json", 1), ("missing", 1)]
    assert "render the template first" in reading.problems[1].message


def test_a_line_counts_through_the_whole_file() -> None:
    parts = list(documents("f", "a: 1\n---\nb: 2\n--- {c: 3}\n---\n\nd:\n- e: 4\n"))
    assert [part.parse() for part in parts] == [{"a": 1}, {"b": 2}, {"c": 3}, {"d": [{"e": 4}]}]
    assert [part.line(path) for part, path in zip(parts, [("a",), ("b",), ("c",), ("d", 0, "e")], strict=True)] == [
        1,
        3,
        4,
        8,
    ]


@given(st.lists(st.dictionaries(TEXT, JSON, min_size=1, max_size=3), min_size=1, max_size=3), st.data())
def test_json_lines_are_those_of_the_field(value: list[dict[str, Any]], data: Any) -> None:
    text = json.dumps(value, indent=2)
    index = data.draw(st.integers(0, len(value) - 1))
    key = data.draw(st.sampled_from(sorted(value[index])))
    marked = json.loads(text)
    marked[index][key] = "MARK!"
    expected = next(n for n, row in enumerate(json.dumps(marked, indent=2).splitlines(), 1) if "MARK!" in row)
    assert Document("f", 0, text, 1).line((index, key)) == expected


def test_the_nearest_line_is_given_where_a_field_is_not_written_down() -> None:
    document = Document("f", 0, "a:\n  b:\n    c: 1\n", 10)
    assert document.line(("a", "b", "x", "y")) == 11
    assert document.line(("a", "b", "c")) == 12
    assert document.line(()) == 10
    assert Document("f", 0, '{\n"a": {\n"b": 1}}', 1).line(("a", "z")) == 2


def test_an_alias_that_names_nothing_is_broken_input() -> None:
    with pytest.raises(DocumentError) as caught:
        Document("f", 0, "a: 1\nb: *gone\n", 5).parse()
    assert caught.value.line == 6


def test_findings_point_at_the_field(stack: Any, put: Any, tmp_path: Path) -> None:
    broken = put(stack, "Service checkout", "spec/ports/3/targetPort", 3999)
    text = "# written by hand\n" + yaml.safe_dump_all(broken)
    (tmp_path / "all.yaml").write_text(text)
    listed = json.dumps({"apiVersion": "v1", "kind": "List", "items": broken}, indent=1)
    (tmp_path / "list.json").write_text(listed)
    for name, written in (("all.yaml", text), ("list.json", listed)):
        reading = read_all([str(tmp_path / name)])
        (finding,) = judge(reading.resources)
        assert "targetPort" in written.splitlines()[(reading.line(finding) or 0) - 1]
        assert "3999" in written.splitlines()[(reading.line(finding) or 0) - 1]


def test_what_a_kustomization_lays_over_others_is_a_part_and_not_judged(tmp_path: Path) -> None:
    part = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {replicas: 3}\n"
    for name in ("base.yaml", "part.yaml", "old.yaml", "sub/deep.yaml", "patches/any.yaml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(part)
    (tmp_path / "kustomization.yaml").write_text(
        "resources: [base.yaml]\npatches: [{path: part.yaml}, {path: sub/deep.yaml}, {patch: x}]\n"
        "patchesStrategicMerge: [old.yaml, 'kind: Inline\n\n']\n"
    )
    for path in (tmp_path, tmp_path / "sub" / "deep.yaml"):
        kinds = {Path(str(one.file)).name: one.kind for one in read_all([str(path)]).resources}
        assert {name for name, kind in kinds.items() if kind} <= {"base.yaml"}
        assert judge(read_all([str(path)]).resources) == []
    (tmp_path / "sub" / "kustomization.yaml").write_text("resources: [deep.yaml]\n")
    (tmp_path / "kustomization.yaml").write_text("patches: [")
    assert read_all([str(tmp_path / "base.yaml")]).resources[0].kind == "Deployment"


def test_a_key_that_stands_twice_is_read_with_its_last_value_and_reported() -> None:
    document = Document("f", 0, "a: 1\nb: {c: 2, d: [{e: 1, e: 2}]}\na: 3\n", 10)
    value, repeats = document.read()
    assert value == {"a": 3, "b": {"c": 2, "d": [{"e": 2}]}}
    found = [(one.path, one.line, one.again, one.differs) for one in repeats]
    assert found == [(("b", "d", 0, "e"), 11, 11, True), (("a",), 10, 12, True)]
    assert [one.within(("b",)) is not None for one in repeats] == [True, False]


def test_aliases_that_expand_without_end_are_refused_and_not_read() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    (document,) = documents("laughs.yaml", "\n".join(lines))
    with pytest.raises(DocumentError, match="expand to more than"):
        document.parse()
    (small,) = documents("small.yaml", "\n".join(lines[:3]))
    assert len(small.parse()["a2"]) == 10
