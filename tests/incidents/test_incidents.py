"""Each of ClearWatch's failures, made for real: what a status check sees of it, and what verify says."""

from __future__ import annotations

import pytest

from ops.verify import EXIT
from tests.incidents import document
from tests.incidents.museum.incident import Incident
from tests.incidents.museum.rooms import INCIDENTS
from tests.incidents.visit import Visits
from verify.report import text
from verify.results import UNBOUGHT, Outcome, Result, Run


def test_the_fleet_is_well_before_anything_happens(visits: Visits) -> None:
    run = visits.well(("hero", "minimal", "brutal"))
    assert EXIT[run.outcome] == 0, text.render(run)


@pytest.mark.parametrize("incident", INCIDENTS, ids=lambda one: one.name)
def test_verify_names_what_is_to_blame_and_the_fleet_is_mended(visits: Visits, incident: Incident) -> None:
    exhibit, run, after = visits.make(incident)
    print(text.render(run))
    assert EXIT[run.outcome] == 1
    blamed = named(run, incident)
    assert incident.expected.cause in blamed.cause
    assert resource(blamed) == incident.expected.resource
    # Without a purchase nothing passes: that it lacks, and nothing else, may be the reason.
    well = (0, "") if incident.buys else (3, f"left out: {UNBOUGHT}")
    assert (EXIT[after.outcome], after.reason) == well, text.render(after)
    if not document.is_renewed():
        written = document.section(incident)
        assert document.indented(exhibit.status.asked) in written
        assert f"{blamed.subject} {blamed.check}: " in written
        assert f"cause: {blamed.cause}\n" in written
        assert f"resource: {blamed.resource}\n" in written


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
