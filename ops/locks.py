"""A stack that another run holds, and whether that run can still be there."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fleet.errors import FlotillaError

_HOLDER = re.compile(r"created by (?P<user>[^@\s]+)@(?P<host>\S+) \(pid (?P<pid>\d+)\) at (?P<since>\S+)")
"""A lock as Pulumi's DIY backends describe it (``pkg/backend/diy/lock.go`` of pulumi/pulumi)."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a lock on a stack."""

    user: str
    host: str
    pid: int
    since: str

    @property
    def gone(self) -> bool:
        """Whether the lock surely is left over: taken on this machine, by a Pulumi that no longer runs.

        A process id that another program has got since counts as gone too.
        """
        if self.host != socket.gethostname():
            return False
        try:
            os.kill(self.pid, 0)
            return "pulumi" not in Path(f"/proc/{self.pid}/comm").read_text(encoding="utf-8")
        except ProcessLookupError:
            return True
        except OSError:
            return False

    def __str__(self) -> str:
        return f"{self.user}@{self.host} (pid {self.pid}) since {self.since}"


class LockedError(FlotillaError):
    """Another run holds the stack; ``stale`` when none of those that took the lock still runs."""

    def __init__(self, stack: str, said: str) -> None:
        """Read what the CLI said when it met the lock."""
        self.holders = tuple(holders(said))
        self.stale = bool(self.holders) and all(holder.gone for holder in self.holders)
        who = "; ".join(map(str, self.holders)) or "another update"
        remedy = f"wait for it, or `pulumi cancel --stack {stack}` if you know that it has ended"
        super().__init__(f"{stack}: the stack is locked by {who}; {remedy}")


def holders(said: str) -> Iterator[Holder]:
    """Give the holders that the CLI names."""
    for match in _HOLDER.finditer(said):
        yield Holder(user=match["user"], host=match["host"], pid=int(match["pid"]), since=match["since"])
