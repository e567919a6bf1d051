"""The files in policies/schemas are what their sources give today; needs the Go modules that they come from."""

from __future__ import annotations

import pytest

from policies import schemas
from tests.policies.schemas import corrections, generate
from tests.promised import skipping


@pytest.fixture(scope="module")
def contents() -> dict[str, str]:
    with skipping("schemas"):
        return generate.contents()


def test_the_committed_files_are_the_generated_ones(contents: dict[str, str]) -> None:
    committed = {path.name: path.read_text(encoding="utf-8") for path in schemas.FOLDER.glob("*.json")}
    assert committed == contents


def test_every_correction_is_of_a_field_that_exists() -> None:
    types = schemas.load("kubernetes")["types"]
    named = {*corrections.NODES, *corrections.NOT_PARTED, *corrections.SHADOWED, *corrections.EMPTY_REFUSED}
    for table in (corrections.REQUIRED, corrections.OPTIONAL):
        named |= {(owner, field) for owner, fields in table.items() for field in fields}
    for unions in (corrections.LEAST_ONE, corrections.MOST_ONE):
        named |= {(owner, field) for owner, groups in unions.items() for group in groups for field in group}
    assert len(named) > 100
    assert not [(owner, field) for owner, field in named if field not in types[owner]["fields"]]
