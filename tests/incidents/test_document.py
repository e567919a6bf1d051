"""docs/incidents.md is what the museum is: every story, what the rules say to the letter, and no trace of a machine."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fleet import naming
from tests.incidents import document
from tests.incidents.judged import check
from tests.incidents.museum.incident import Incident
from tests.incidents.museum.rooms import INCIDENTS, ROOMS
from tests.incidents.plan import manifests_of, planned
from verify import catalog

PICTURE_BYTES = 60_000
pytestmark = pytest.mark.skipif(document.is_renewed(), reason="incidents: the document is being written anew")


@pytest.mark.parametrize("incident", INCIDENTS, ids=lambda one: one.name)
def test_a_story_stands_in_the_document_as_it_is_told_here(incident: Incident, tmp_path: Path) -> None:
    written, expected = document.section(incident), incident.expected
    judged = check(manifests_of(incident), tmp_path)
    assert document.filled(incident.story) in written
    assert document.filled(incident.lesson) in written
    assert document.lasting(document.indented(judged.lines)) in document.lasting(written), document.RENEW
    assert f"    {expected.subject} {expected.check}: " in written
    assert expected.cause in written
    kind, _, name = expected.resource.partition("/")
    assert f"resource: {kind}/{planned().namespace}/{name}\n" in written


def test_the_rooms_are_in_clearwatchs_order() -> None:
    headings = re.findall(r"^## (\d)\. (.*)$", document.DOCUMENT.read_text(), re.MULTILINE)
    assert headings == [(str(number), name) for number, name in ROOMS.items()]
    assert {incident.room for incident in INCIDENTS} == set(ROOMS)


def test_every_check_that_is_spoken_of_exists() -> None:
    known = {one.id for one in catalog.CHECKS}
    subjects = "|".join([naming.CHECKOUT, "cluster", "database", *(one.name for one in planned().variants)])
    spoken = re.findall(rf"^      (?:{subjects}) ([a-z.-]+): ", document.DOCUMENT.read_text(), re.MULTILINE)
    assert spoken
    assert set(spoken) <= known


def test_pictures_are_small_and_none_is_left_over() -> None:
    shown = set(re.findall(r"\]\(incidents/([a-z-]+\.jpg)\)", document.DOCUMENT.read_text()))
    files = {picture.name: picture.stat().st_size for picture in document.PICTURES.iterdir()}
    assert shown == set(files)
    assert "healthy.jpg" in shown
    assert max(files.values()) <= PICTURE_BYTES, files


def test_no_machine_is_named() -> None:
    text = document.DOCUMENT.read_text()
    assert not re.search(r"(?<![\w.])/(?:tmp|root|home|work|usr|var)\b", text)
    assert "sk_live_" not in text
