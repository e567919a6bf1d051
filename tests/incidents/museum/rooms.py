"""The whole museum: every incident, in the order of ClearWatch's own list."""

from __future__ import annotations

from tests.incidents.museum import images, ports, routes, selling

INCIDENTS = (*images.INCIDENTS, *ports.INCIDENTS, *routes.INCIDENTS, *selling.INCIDENTS)
ROOMS = {
    1: "The stale image",
    2: "Ports that disagree",
    3: "The dead API group",
    4: "Two routes on one host",
    5: "A shop that answers 200 and can't sell",
}
"""ClearWatch's five failures (systems.md A)."""
