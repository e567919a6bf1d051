"""The museum's fleet as its stack file plans it, and as it was applied in an incident; neither needs a cluster."""

from __future__ import annotations

from pathlib import Path

import yaml

from fleet.load import load
from fleet.model import FleetSpec
from manifests import fleet as planning
from tests.incidents.museum.incident import Config, Incident
from tests.incidents.museum.manifests import Manifests

STACK_FILE = Path(__file__).parent / "Pulumi.museum.yaml"
STACK = "museum"


def configured(incident: Incident | None = None) -> Config:
    """Give what the museum's stack file says of its fleet; for an incident, as its release has it."""
    config: Config = yaml.safe_load(STACK_FILE.read_text())["config"]["flotilla:fleet"]
    if incident is not None:
        incident.release(config)
    return config


def planned(incident: Incident | None = None) -> FleetSpec:
    """Give the fleet as it is planned; for an incident, as its release plans it."""
    return load(configured(incident), stack=STACK, source=STACK_FILE.name)


def manifests_of(incident: Incident) -> Manifests:
    """Give the manifests that were applied in an incident."""
    manifests = Manifests(planning.plan(planned(incident)))
    incident.change(manifests)
    return manifests
