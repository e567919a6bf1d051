"""What containers leave on a machine outside the folder they run in: mounts, namespaces, sockets, links."""

from __future__ import annotations

import ctypes
import errno
import os
import re
from contextlib import suppress
from pathlib import Path

from fleet.errors import PlaceError
from sandbox.node.network import NAME

MNT_DETACH = 2
"""Of umount2(2): at once out of sight, gone when nobody uses it."""
UNMOUNTED = (errno.EINVAL, errno.ENOENT)
"""How it says that nothing is mounted there any more."""
MOUNTS = Path("/proc/self/mountinfo")
SHIM_SOCKETS = Path("/run/containerd/s")
CNI_RESULTS = Path("/var/lib/cni/results")
LOOPBACK = "cni-loopback-"
"""How containerd's results for the loopback device begin, whichever containerd's; it never removes them itself."""
ID_LENGTH = 64
RUN = Path("/run")
POD_LINKS = Path("/var/log/containers")
DEVICE_PLUGINS = Path("/var/lib/kubelet/device-plugins")
"""The one path that no setting of the kubelet moves (k8s.io/kubelet, deviceplugin)."""


def mounts(folder: Path) -> list[Path]:
    """Give the mount points under a folder, the innermost first (proc(5), mountinfo)."""
    lines = MOUNTS.read_bytes().strip().split(b"\n")
    places = [Path(os.fsdecode(unescaped(line.split(b" ")[4]))) for line in lines]
    return [place for place in reversed(places) if place.is_relative_to(folder)]


def unmount(folder: Path) -> None:
    """Unmount everything under a folder: containers' root file systems, Secrets, network namespaces.

    Raises PlaceError naming what can't be.
    """
    umount2 = ctypes.CDLL(None, use_errno=True).umount2
    for place in mounts(folder):
        if umount2(os.fsencode(place), MNT_DETACH) != 0 and (number := ctypes.get_errno()) not in UNMOUNTED:
            raise PlaceError(f"{place}: can't be unmounted: {os.strerror(number)}; run `flotilla sandbox down` again")


def unescaped(field: bytes) -> bytes:
    """Give a path as mountinfo means it: spaces and the like stand there as three octal digits, byte for byte."""
    return re.sub(rb"\\([0-7]{3})", lambda found: bytes([int(found[1], 8)]), field)


def remove_files(folder: Path, *, results: bool) -> None:
    """Remove what lies outside the folder: sockets, links to containers' logs, and the ``results`` of CNI.

    Results don't say which node's they were: they are only removed for the one that has this machine.
    """
    for file in [*stale_sockets(), *stale_loopbacks(), *(CNI_RESULTS.glob(f"{NAME}-*") if results else ())]:
        file.unlink(missing_ok=True)
    for link in POD_LINKS.glob("*"):
        if link.is_symlink() and Path(os.readlink(link)).is_relative_to(folder):  # noqa: PTH115  (not resolved)
            link.unlink(missing_ok=True)
    emptied = [SHIM_SOCKETS, CNI_RESULTS, DEVICE_PLUGINS]
    for each in [*emptied, *(folder.parent for folder in emptied), POD_LINKS]:
        # Others put files there too, and may do so meanwhile.
        with suppress(OSError):
            each.rmdir()


def stale_sockets() -> list[Path]:
    """Give the sockets of shims and kubelets on which nobody listens any more (proc_net_unix(5)).

    A shim that was killed leaves its own under a digest of what nobody knows any more.
    """
    # The files first: a shim that begins meanwhile, for another node, has made its own.
    left = [*SHIM_SOCKETS.glob("*"), *DEVICE_PLUGINS.glob("kubelet.sock")]
    open_ones = {line.split()[-1] for line in Path("/proc/net/unix").read_text(encoding="utf-8").splitlines()}
    return [file for file in left if str(file) not in open_ones]


def stale_loopbacks() -> list[Path]:
    """Give the loopback results of containers that no containerd on this machine has any more.

    They don't say whose they were; that of a container which still runs is left alone.
    """
    alive = {task.name for task in RUN.glob("**/io.containerd.runtime.v2.task/*/*")}
    results = CNI_RESULTS.glob(f"{LOOPBACK}*")
    return [file for file in results if file.name.removeprefix(LOOPBACK)[:ID_LENGTH] not in alive]
