"""Each of ClearWatch's failures, made for real: what a status check sees of it, and what verify says."""

from __future__ import annotations

import re

import pytest

from tests.incidents import document
from tests.incidents.document import Exhibit
from tests.incidents.lasting import held, lasting, verified_in
from tests.incidents.museum.incident import Incident
from tests.incidents.museum.rooms import INCIDENTS
from tests.incidents.visit import Visits
from verify.report import text
from verify.results import UNBOUGHT, Outcome, Result, Run


def test_the_fleet_is_well_before_anything_happens(visits: Visits) -> None:
    told = visits.well()
    assert told.code == 0, told.verify
    if not document.is_renewed():
        written = document.beginning()
        assert held(verified_in(written)) == held(told.shown), document.RENEW
        assert f": {told.caption}](incidents/{told.file})" in written


@pytest.mark.parametrize("incident", INCIDENTS, ids=lambda one: one.name)
def test_verify_names_what_is_to_blame_and_the_fleet_is_mended(visits: Visits, incident: Incident) -> None:
    exhibit, proved, after = visits.make(incident)
    print(proved.text)
    assert proved.code == 1
    blamed = named(proved.run, incident)
    assert incident.expected.cause in blamed.cause
    assert resource(blamed) == incident.expected.resource
    # Without a purchase nothing passes: that it lacks, and nothing else, may be the reason.
    well = (0, "") if incident.buys else (3, f"left out: {UNBOUGHT}")
    assert (after.code, after.run.reason) == well, after.text
    if not document.is_renewed():
        is_written(exhibit)


def is_written(exhibit: Exhibit) -> None:
    """Hold the document against an incident as it was now."""
    written, told = document.section(exhibit.incident), exhibit.told
    assert lasting(document.indented(exhibit.heard)) in lasting(written), document.RENEW
    assert document.indented(str(exhibit.status)) in written, document.RENEW
    assert held(verified_in(written)) == held(told.shown), document.RENEW
    pictures = [f": {told.caption}](incidents/{told.file})"] if told.file else []
    assert re.findall(r": [^\]:]*\]\(.*\)", written) == pictures, document.RENEW


def named(run: Run, incident: Incident) -> Result:
    """Give the failure that the incident is known by."""
    expected = (incident.expected.check, incident.expected.subject)
    found = [one for one in run.results if (one.check, one.subject) == expected]
    assert [one.outcome for one in found] == [Outcome.FAIL], text.render(run)
    return found[0]


def resource(result: Result) -> str:
    """Give what is to blame, without its namespace."""
    kind, _, name = result.resource.split("/")
    return f"{kind}/{name}"
