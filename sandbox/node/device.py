"""The device that carries the node's address. Whose alias it bears, that one's node has this machine and may change it.

It is the first thing a node makes and the last it removes, so it also tells who answers for everything in between.
"""

from __future__ import annotations

from pathlib import Path

from fleet.errors import PlaceError
from sandbox.debian import Unpacked
from sandbox.node import commands
from sandbox.node.addresses import ADDRESS, DEVICE

DEVICES = Path("/sys/class/net")


def holder() -> Path | None:
    """Give the folder of the node that has this machine, None when no node has.

    A device without an alias is what a start leaves that was killed between making it and naming it: nobody's yet.
    """
    try:
        alias = (DEVICES / DEVICE / "ifalias").read_text().strip()
    except OSError:
        return None
    return Path(alias) if alias else None


def refuse_another(owner: Path) -> None:
    """Raise PlaceError when the real node of another cluster has this machine."""
    if (other := holder()) not in {None, owner}:
        raise PlaceError(
            f"device {DEVICE}: a machine has room for one real node, and that of {other} is there; "
            "stop it with `flotilla sandbox down`, or use --simulated"
        )


def claim(tools: Unpacked, owner: Path) -> None:
    """Make the device, or complete one that was left half made. Raises PlaceError when it is another's."""
    refuse_another(owner)
    if holder() == owner:
        return
    remove(tools)
    ip(tools, "link", "add", DEVICE, "type", "bridge")
    ip(tools, "address", "add", f"{ADDRESS}/32", "dev", DEVICE)
    ip(tools, "link", "set", DEVICE, "up")
    ip(tools, "link", "set", DEVICE, "alias", str(owner))


def remove(tools: Unpacked) -> None:
    """Remove the device, if it is there."""
    if (DEVICES / DEVICE).exists():
        ip(tools, "link", "delete", DEVICE)


def ip(tools: Unpacked, *arguments: str) -> None:
    """Run iproute2's ip. Raises PlaceError with its last line."""
    answer = commands.run(tools, "ip", *arguments)
    if answer.returncode != 0:
        raise PlaceError(f"ip {' '.join(arguments)}: {commands.last_line(answer)}; see that this kernel has bridges")
