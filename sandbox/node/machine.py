"""What the machine must be and have for a real node, and what is changed in it: cgroups and sysctls."""

from __future__ import annotations

import errno
import json
import os
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from fleet.errors import PlaceError
from sandbox.node.addresses import CGROUP

CGROUPS = Path("/sys/fs/cgroup")
SYSCTLS = Path("/proc/sys")
FORWARDING = "net/ipv4/ip_forward"
LINK_ADDRESSES = "net/ipv6/conf/default/addr_gen_mode"
"""Whether a new device gives itself an IPv6 address. Pods have none, but their devices' ends on this machine would: for
a browser here the network then changes with every pod that starts, and it drops what it was loading."""
SET = {FORWARDING: "1", LINK_ADDRESSES: "1"}
FOLLOWING = ("net/ipv4/conf/all/accept_redirects", "net/ipv4/conf/default/forwarding")
FOLLOWING_DEVICES = "net/ipv4/conf/*/forwarding"
"""What the kernel changes by itself when FORWARDING changes (net/ipv4/devinet.c, inet_forward_change)."""
CHANGED = (
    *SET,
    *FOLLOWING,
    "vm/overcommit_memory",
    "vm/panic_on_oom",
    "kernel/panic",
    "kernel/panic_on_oops",
    "kernel/keys/root_maxkeys",
    "kernel/keys/root_maxbytes",
)
"""What the kubelet sets (pkg/kubelet/cm, setupKernelTunables) and what pods need to reach anything."""
NEEDED = {"CAP_NET_ADMIN": 12, "CAP_SYS_ADMIN": 21}
CAP_SYS_RESOURCE = 24
KILL_SECONDS = 30.0
"""How long what pods run may take to end when it is killed, all of it."""
CONTROL = "cgroup.subtree_control"
"""Of a cgroup of version 2: the controllers that its children have."""
SOCKET_LENGTH = 107
"""The longest path of a Unix socket (unix(7), sun_path)."""


def obstacle() -> str | None:
    """Give why no real node can be had here, None when it can."""
    if sys.platform != "linux":
        return "a real node needs Linux"
    if os.geteuid() != 0:
        return "a real node needs root"
    lacking = [name for name, bit in NEEDED.items() if not has_capability(bit)]
    if lacking:
        return f"a real node needs {' and '.join(lacking)}, which root lacks in this container"
    if sealed := [name for name in SET if (SYSCTLS / name).exists() and not os.access(SYSCTLS / name, os.W_OK)]:
        return f"a real node needs to set {' and '.join(sealed)}, and {SYSCTLS} is read-only in this container"
    return cgroups_obstacle(list(hierarchies()))


def cgroups_obstacle(roots: Sequence[Path]) -> str | None:
    """Give why no pod's cgroup can be made in these hierarchies, None when it can.

    What they are mounted in may be read-only all the same, as it is on machines with version 1.
    """
    if not roots:
        return f"a real node needs cgroups that can be written, {CGROUPS} has none"
    for root in roots:
        if not os.access(root, os.W_OK):
            return f"a real node needs cgroups that can be written, {root} can't"
        # Only the real root may have both processes and children with controllers (cgroups(7), no internal processes).
        is_inner = (root / "cgroup.type").exists()
        if is_inner and (withheld := missing(root)) and (root / "cgroup.procs").read_text().strip():
            return (
                f"a real node needs the cgroup controllers {' '.join(withheld)}, which {root} can't hand on while "
                "processes are in it"
            )
    return None


def refuse_long(sockets: Iterable[Path]) -> None:
    """Raise PlaceError when one of these paths is too long for a Unix socket."""
    for path in sockets:
        if len(os.fsencode(path)) > SOCKET_LENGTH:
            raise PlaceError(
                f"{path}: too long for a Unix socket ({SOCKET_LENGTH}); set XDG_CACHE_HOME to a shorter one"
            )


def has_capability(bit: int) -> bool:
    """Say whether this process has an effective capability (capabilities(7), by its number)."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    effective = next(line for line in status.splitlines() if line.startswith("CapEff:"))
    return bool(int(effective.split()[1], 16) >> bit & 1)


def hierarchies() -> Iterator[Path]:
    """Give the root of every cgroup hierarchy: that of version 2, those of version 1, or both side by side."""
    for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines():
        _, place, kind = line.split()[:3]
        if kind in {"cgroup", "cgroup2"} and Path(place).is_relative_to(CGROUPS):
            yield Path(place)


def missing(root: Path) -> list[str]:
    """Give the controllers that a cgroup of version 2 has and its children have not; one of version 1 has none."""
    try:
        there = (root / "cgroup.controllers").read_text().split()
    except FileNotFoundError:
        return []
    given = (root / CONTROL).read_text().split()
    return [name for name in there if name not in given]


def make_cgroups(remembered: Path) -> None:
    """Make our cgroup in every hierarchy, as the kubelet wants to find it.

    Which controllers that took of each root is kept in ``remembered``.
    """
    roots = list(hierarchies())
    if not remembered.exists():
        taken = {str(root): names for root in roots if (names := missing(root))}
        remembered.write_text(json.dumps(taken, indent=2), encoding="utf-8")
    for root in roots:
        ours = root / CGROUP
        ours.mkdir(exist_ok=True)
        for each in (root, ours):
            if names := missing(each):
                (each / CONTROL).write_text(" ".join(f"+{name}" for name in names))
        # A new cpuset of version 1 has no processor and no memory, and nothing could be put into it (cpuset(7)).
        for name in ("cpuset.cpus", "cpuset.mems"):
            if (root / name).exists() and not (ours / name).read_text().strip():
                (ours / name).write_text((root / name).read_text())


def inhabitants() -> set[int]:
    """Give the pids of every process in our cgroups: what pods run, however it was started."""
    found: set[int] = set()
    for folder in cgroups():
        try:
            found |= {int(pid) for pid in (folder / "cgroup.procs").read_text().split()}
        except OSError:
            continue
    return found


def cgroups() -> Iterator[Path]:
    """Give our cgroups in every hierarchy, the innermost first; the kubelet may remove them meanwhile."""
    for root in hierarchies():
        for folder, _, _ in os.walk(root / CGROUP, topdown=False):
            yield Path(folder)


def remove_cgroups(remembered: Path) -> None:
    """End every process in our cgroups, remove them, and give back what was remembered.

    Raises PlaceError naming a cgroup that does not become empty.
    """
    deadline = time.monotonic() + KILL_SECONDS
    while (pids := inhabitants()) and time.monotonic() < deadline:
        for pid in pids:
            kill(pid)
        time.sleep(0.05)
    for folder in cgroups():
        remove_cgroup(folder, deadline)
    if remembered.exists():
        give_back(json.loads(remembered.read_text(encoding="utf-8")))
        remembered.unlink()


def remove_cgroup(folder: Path, deadline: float) -> None:
    """Remove one cgroup; a process that was killed is in it until its parent has seen that."""
    while True:
        try:
            folder.rmdir()
        except FileNotFoundError:
            return
        except OSError as error:
            if error.errno != errno.EBUSY or time.monotonic() > deadline:
                raise PlaceError(
                    f"{folder}: can't be removed: {error.strerror}; end what its cgroup.procs names, and try again"
                ) from None
            time.sleep(0.05)
        else:
            return


def give_back(taken: dict[str, list[str]]) -> None:
    """Withdraw the controllers from the children of these cgroups; what somebody has come to use meanwhile stays."""
    for root, names in taken.items():
        for name in names:
            with suppress(OSError):
                (Path(root) / CONTROL).write_text(f"-{name}")


def kill(pid: int) -> None:
    """Kill a process that may have ended meanwhile."""
    try:
        os.kill(pid, 9)
    except ProcessLookupError:
        return


def set_sysctls(remembered: Path) -> None:
    """Set what a node needs where the kernel has it; the values from before the node are kept in ``remembered``."""
    if not remembered.exists():
        before = {}
        for name in changed():
            # A device may go meanwhile.
            with suppress(FileNotFoundError):
                before[name] = (SYSCTLS / name).read_text().strip()
        remembered.write_text(json.dumps(before, indent=2), encoding="utf-8")
    for name, value in SET.items():
        set_sysctl(name, value)


def changed() -> list[str]:
    """Give the sysctls that a node changes, as far as this kernel has them, each before those that follow it."""
    devices = sorted(str(path.relative_to(SYSCTLS)) for path in SYSCTLS.glob(FOLLOWING_DEVICES))
    there = [name for name in CHANGED if (SYSCTLS / name).exists()]
    # That of all devices is the same as FORWARDING.
    return [*there, *(name for name in devices if name not in there and "/all/" not in name)]


def set_sysctl(name: str, value: str) -> None:
    """Set a sysctl that this kernel, or this device, still has. Raises PlaceError when it may not be set."""
    file = SYSCTLS / name
    try:
        if file.read_text().strip() != value:
            file.write_text(value)
    except FileNotFoundError:
        return
    except OSError as error:
        raise PlaceError(
            f"{file}: can't be set to {value}: {error.strerror}; start the container with a {SYSCTLS} that can be "
            "written, or use --simulated"
        ) from None


def restore_sysctls(remembered: Path) -> None:
    """Put back what was remembered."""
    if not remembered.exists():
        return
    for name, value in json.loads(remembered.read_text(encoding="utf-8")).items():
        set_sysctl(name, value)
