"""What the documents say is so: verbs, configuration, links and words."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from fleet import secrets
from fleet.schema import stack_schema
from ops.cli import VERBS
from ops.sandbox import sandbox
from sandbox import postgres

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_stands_in_the_readme(verb: str) -> None:
    assert f"`flotilla {verb}" in (ROOT / "README.md").read_text()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", document.read_text()):
        assert target.startswith("https://") or (document.parent / target).exists(), target


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_make_target_that_is_named_exists(document: Path) -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"`make ([a-z-]+)|^    make ([a-z-]+)", document.read_text(), re.MULTILINE):
        assert re.search(rf"^{''.join(target)}:", makefile, re.MULTILINE), target


def test_every_verb_of_the_sandbox_is_described_with_its_exit_codes() -> None:
    document, (_, summary) = (ROOT / "docs/sandbox.md").read_text(), VERBS["sandbox"]
    for name in [command.callback.__name__ for command in sandbox.registered_commands if command.callback]:
        assert re.search(rf"^\| `flotilla sandbox {name}\b.*\| .*[0-9].* \|$", document, re.MULTILINE), name
        assert re.search(rf"\b{name}\b", summary), name


def test_the_postgres_that_the_sandbox_runs_is_named() -> None:
    assert f"runs {postgres.VERSION.removesuffix('.0')} whatever" in (ROOT / "docs/sandbox.md").read_text()


def objects(schema: Any) -> list[tuple[str, dict[str, Any]]]:
    definitions = schema["$defs"] | {"fleet": schema["properties"]["config"]["properties"]["flotilla:fleet"]}
    return [
        (f"{name}.{key}", field)
        for name, definition in definitions.items()
        for key, field in definition.get("properties", {}).items()
    ]


def test_every_key_of_a_stack_file_is_described() -> None:
    undescribed = [name for name, field in objects(stack_schema()) if not field.get("description")]
    assert not undescribed


def test_every_secret_is_known_to_the_schema() -> None:
    keys = stack_schema()["properties"]["config"]["properties"]
    assert {f"flotilla:{key}" for key in secrets.ALL} == set(keys) - {"flotilla:fleet"}


def test_glossary_words_are_sorted() -> None:
    words = re.findall(r"^\| ([a-z][a-z -]*) \|", (ROOT / "docs/glossary.md").read_text(), re.MULTILINE)[1:]
    assert words == sorted(words)
    assert len(words) > 20


def test_decisions_are_numbered_without_gaps_and_fit_on_a_page() -> None:
    found = sorted((ROOT / "docs/decisions").glob("*.md"))
    assert [int(path.name[:4]) for path in found] == list(range(1, len(found) + 1))
    for path in found:
        assert len(path.read_text().splitlines()) <= 60, path.name
