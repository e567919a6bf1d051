"""What the machine must be and have for a real node, and what is changed in it: cgroups and sysctls."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from sandbox.node.addresses import CGROUP

CGROUPS = Path("/sys/fs/cgroup")
SYSCTLS = Path("/proc/sys")
FORWARDING = "net/ipv4/ip_forward"
LINK_ADDRESSES = "net/ipv6/conf/default/addr_gen_mode"
"""Whether a new device gives itself an IPv6 address. Pods have none, but their devices' ends on this machine would: for
a browser here the network then changes with every pod that starts, and it drops what it was loading."""
SET = {FORWARDING: "1", LINK_ADDRESSES: "1"}
CHANGED = (
    *SET,
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
KILL_SECONDS = 10.0


def obstacle() -> str | None:
    """Give why no real node can be had here, None when it can."""
    if sys.platform != "linux":
        return "a real node needs Linux"
    if os.geteuid() != 0:
        return "a real node needs root"
    lacking = [name for name, bit in NEEDED.items() if not has_capability(bit)]
    if lacking:
        return f"a real node needs {' and '.join(lacking)}, which root lacks in this container"
    if not os.access(CGROUPS, os.W_OK) or not list(hierarchies()):
        return f"a real node needs cgroups that can be written, {CGROUPS} has none"
    return None


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


def make_cgroups() -> None:
    """Make our cgroup in every hierarchy, as the kubelet wants to find it."""
    for root in hierarchies():
        ours = root / CGROUP
        ours.mkdir(exist_ok=True)
        controllers = root / "cgroup.controllers"
        if controllers.exists() and (wanted := controllers.read_text().split()):
            for each in (root, ours):
                (each / "cgroup.subtree_control").write_text(" ".join(f"+{name}" for name in wanted))
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


def remove_cgroups() -> None:
    """End every process in our cgroups, and remove them."""
    deadline = time.monotonic() + KILL_SECONDS
    while (pids := inhabitants()) and time.monotonic() < deadline:
        for pid in pids:
            kill(pid)
        time.sleep(0.05)
    for folder in cgroups():
        with suppress(FileNotFoundError):
            folder.rmdir()


def kill(pid: int) -> None:
    """Kill a process that may have ended meanwhile."""
    try:
        os.kill(pid, 9)
    except ProcessLookupError:
        return


def set_sysctls(remembered: Path) -> None:
    """Set what a node needs where the kernel has it; the values from before the node are kept in ``remembered``."""
    if not remembered.exists():
        before = {name: (SYSCTLS / name).read_text().strip() for name in CHANGED if (SYSCTLS / name).exists()}
        remembered.write_text(json.dumps(before, indent=2), encoding="utf-8")
    for name, value in SET.items():
        if (SYSCTLS / name).exists():
            (SYSCTLS / name).write_text(value)


def restore_sysctls(remembered: Path) -> None:
    """Put back what was remembered."""
    if not remembered.exists():
        return
    for name, value in json.loads(remembered.read_text(encoding="utf-8")).items():
        if (SYSCTLS / name).read_text().strip() != value:
            (SYSCTLS / name).write_text(value)
