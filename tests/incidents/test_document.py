"""docs/incidents.md is what the museum is: every story, what the rules say to the letter, and no trace of a machine."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fleet import naming
from tests.incidents import document
from tests.incidents.judged import check
from tests.incidents.lasting import held, lasting, verified_in
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
    assert lasting(document.indented(judged.lines)) in lasting(written), document.RENEW
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


SAID = """museum (disposable), 2026-11-26 08:34:25 UTC, 1.4 s

failed: 1
  hero pods: storefront-hero-89b75c8d9-5fdmc: storefront is CrashLoopBackOff: back-off 10s restarting failed container
    cause: its livenessProbe asks port 3006
    resource: Deployment/clearwatch-museum/storefront-hero

45 of 50 checks passed
score 99 (deploy; needed 70): infrastructure 98, content 100, testing 100
FAIL: 1 mandatory check failed, first pods of hero: storefront-hero-89b75c8d9-5fdmc: storefront is not ready
"""
SAID_LATER = """museum (disposable), 2026-11-27 10:00:00 UTC, 22.0 s

failed: 2
  hero latency.page: P95 is 612 ms of 5, expected less than 500 ms
    cause: too few replicas; CPU limits
  hero pods: storefront-hero-5d4f8c9b67-xk2zq: storefront is not ready
    cause: its livenessProbe asks port 3006
    resource: Deployment/clearwatch-museum/storefront-hero

could not tell: 1
  cluster memory: metrics has no pod of the fleet yet

44 of 50 checks passed
score 98 (deploy; needed 70): infrastructure 95, content 100, testing 100
FAIL: 1 mandatory check failed, first route of hero: x
"""


def test_a_moment_and_a_machine_change_nothing_of_what_is_held() -> None:
    assert held(SAID) == held(SAID_LATER)


@pytest.mark.parametrize("word", ["3006", "Deployment/", "hero pods", "FAIL: 1", "is CrashLoopBackOff"])
def test_any_other_word_of_a_failure_is_held(word: str) -> None:
    assert word in SAID
    assert held(SAID.replace(word, "x")) != held(SAID)


def test_a_failure_that_is_slowness_alone_leaves_no_trace() -> None:
    well = "museum (disposable), 2026-11-26 08:34:25 UTC, 1.4 s\n\n109 of 114 checks passed\nPASS\n"
    slow = well.replace("\n\n", "\n\nfailed: 1\n  hero latency.page: P95 is 612 ms of 5, expected less than 500 ms\n\n")
    assert held(slow) == held(well)


@pytest.mark.parametrize("incident", INCIDENTS, ids=lambda one: one.name)
def test_verify_and_its_code_are_read_from_the_document(incident: Incident) -> None:
    said = verified_in(document.section(incident))
    assert said.startswith("$ flotilla verify museum ")
    assert said.endswith("\n$ echo $?\n1")
