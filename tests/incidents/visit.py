"""A walk through the museum: each incident made, looked at, judged and mended; and written down, if that is wanted."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from tests.incidents import document
from tests.incidents.document import Exhibit, Told
from tests.incidents.fleet import Fleet
from tests.incidents.judged import check
from tests.incidents.museum.incident import Incident
from tests.incidents.plan import manifests_of
from tests.incidents.proved import Proved
from verify.results import Outcome

PAID = "purchase.success"


@dataclass
class Visits:
    """What has been seen so far."""

    museum: Fleet
    healthy: Told | None = None
    exhibits: list[Exhibit] = field(default_factory=list)

    def well(self) -> Told:
        """Verify the fleet as it is planned, buying from every shop."""
        self.healthy = Told.of(self.museum.verify(buy=True, shops=()), "healthy", check=PAID)
        return self.healthy

    def make(self, incident: Incident) -> tuple[Exhibit, Proved, Proved]:
        """Have an incident happen and mend it; gives what was seen of it, and what verify said then and afterwards."""
        try:
            self.museum.make(incident)
            status, heard = self.museum.look(), "\n".join(self.museum.heard)
            proved = self.museum.verify(buy=incident.buys)
        finally:
            self.museum.mend(incident)
        after = self.museum.verify(buy=incident.buys)
        with tempfile.TemporaryDirectory() as folder:
            judged = check(manifests_of(incident), Path(folder))
        stopped = next((one.check for one in proved.run.results if one.pictures and one.outcome is Outcome.FAIL), "")
        told = Told.of(proved, incident.name, check=stopped)
        exhibit = Exhibit(incident=incident, heard=heard, status=status, told=told, judged=judged)
        self.exhibits.append(exhibit)
        return exhibit, proved, after

    def end(self) -> None:
        """Write everything down, where that was asked for and everything was seen."""
        if document.is_renewed() and self.healthy is not None:
            document.write(self.healthy, self.exhibits)
