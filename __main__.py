"""The program that Pulumi runs: configuration to fleet, fleet to resources, resources to exports."""

from __future__ import annotations

import gc

import pulumi

from components.config import read
from components.fleet import Fleet, FleetArgs
from manifests.fleet import FLEET

# What a program makes lives to its end: at the usual thresholds the collector walks all of it, a third of the time.
gc.set_threshold(100_000, 50, 100)
config = pulumi.Config("flotilla")
fleet = Fleet(FLEET, FleetArgs(spec=read(config), config=config))
for name, value in fleet.exports.items():
    pulumi.export(name, value)
