"""The program that Pulumi runs: configuration to fleet, fleet to resources, resources to exports."""

from __future__ import annotations

import pulumi

from components.config import read
from components.fleet import Fleet, FleetArgs
from manifests.fleet import FLEET

config = pulumi.Config("flotilla")
fleet = Fleet(FLEET, FleetArgs(spec=read(config), config=config))
for name, value in fleet.exports.items():
    pulumi.export(name, value)
