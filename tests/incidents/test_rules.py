"""The rules refuse every incident that a manifest can show, before anything is applied; on any machine."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fleet.errors import FlotillaError
from manifests import fleet as planning
from manifests.assumed import assumed_secrets
from manifests.plan import Planned
from ops.sandbox import planned_here, refuse_findings
from sandbox import stripe
from tests.incidents.judged import check
from tests.incidents.museum.incident import Incident
from tests.incidents.museum.manifests import Manifests
from tests.incidents.museum.rooms import INCIDENTS
from tests.incidents.plan import manifests_of, planned

SHOWN = [incident for incident in INCIDENTS if incident.expected.rules]


def test_the_plan_itself_is_clean(tmp_path: Path) -> None:
    judged = check(Manifests(planning.plan(planned())), tmp_path)
    assert judged.code == 0, judged.text
    assert not judged.mandatory


@pytest.mark.parametrize("incident", SHOWN, ids=lambda one: one.name)
def test_the_rules_refuse_an_incident(incident: Incident, tmp_path: Path) -> None:
    judged = check(manifests_of(incident), tmp_path)
    assert judged.code == 1
    assert judged.mandatory == sorted(incident.expected.rules)


def test_the_sandbox_takes_the_plan_and_no_incident_that_a_manifest_shows() -> None:
    refuse_findings(planned_here(planned(), real=True))
    for incident in SHOWN:
        with pytest.raises(FlotillaError, match="nothing was applied") as refused:
            refuse_findings(brought_up(incident))
        codes = set(re.findall(r"^(FLT-[A-Z]+-\d+) ", str(refused.value), re.MULTILINE))
        assert codes == set(incident.expected.rules), incident.name


def brought_up(incident: Incident) -> list[Planned]:
    """Give what `flotilla sandbox up` would judge and apply, were an incident's manifests its plan."""
    fleet = planned(incident)
    return [*manifests_of(incident).resources(), *assumed_secrets(fleet), *stripe.double(fleet, outside=True)]


def test_what_no_rule_can_see_is_only_what_is_inside_an_image(tmp_path: Path) -> None:
    unseen = [incident for incident in INCIDENTS if not incident.expected.rules]
    assert [incident.name for incident in unseen] == ["pushed-again", "script"]
    for incident in unseen:
        assert check(manifests_of(incident), tmp_path).code == 0
        refuse_findings(brought_up(incident))
