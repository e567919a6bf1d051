"""What a node could leave behind on a machine, kind by kind; what others do meanwhile is not looked at."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from sandbox.debian import Unpacked
from sandbox.node import machine
from sandbox.node.addresses import HTTP, HTTPS

FOLDERS = ("/run", "/var/lib", "/var/log", "/etc", "/opt", "/run/netns", "/var/lib/cni", "/var/lib/kubelet")
LISTENING = "0A"
"""The state of a socket that listens (proc_net_tcp(5))."""

Traces = dict[str, set[str]]


def traces(cache: Path, tools: Unpacked) -> Traces:
    """Give what is on this machine of whatever works in ``cache``, and of what every node changes."""
    rules = [line for family in ("iptables", "ip6tables") for line in listing(tools, family)]
    mounts = [line.split()[1] for line in lines("/proc/mounts")]
    return {
        "processes": {words for words in commands() if str(cache) in words},
        "mounts": {place for place in mounts if place.startswith((str(cache), "/run", "/var/run", "/var/lib"))},
        "cgroups": {folder for folder, _, _ in os.walk(machine.CGROUPS) if "flotilla" in folder},
        "devices": {link.name for link in Path("/sys/class/net").iterdir()},
        "rules": {line.split("[")[0] for line in rules if line.startswith(("-A", ":KUBE", ":CNI"))},
        # A pod's device comes and goes with the pod.
        "sysctls": {
            f"{name} {(machine.SYSCTLS / name).read_text()}" for name in machine.changed() if "/veth" not in name
        },
        "files": {str(each) for folder in map(Path, FOLDERS) if folder.is_dir() for each in folder.iterdir()},
        "sockets": {line.split()[-1] for line in lines("/proc/net/unix") if str(cache) in line},
        "ports": {str(port) for port in (HTTP, HTTPS) if listens(port)},
        "state": {str(each) for each in cache.glob("flotilla/sandbox/*")},
    }


def commands() -> list[str]:
    """Give the command line of every process but this one and its parents."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if "pytest" not in words:
            found.append(words)
    return found


def listens(port: int) -> bool:
    """Say whether somebody listens on a port, on any address."""
    sockets = [line.split() for name in ("tcp", "tcp6") for line in lines(f"/proc/net/{name}")[1:]]
    return any(each[1].endswith(f":{port:04X}") and each[3] == LISTENING for each in sockets)


def listing(tools: Unpacked, family: str) -> list[str]:
    """Give the lines of iptables-save."""
    command = [str(tools.program(f"{family}-save"))]
    answer = subprocess.run(command, env=tools.environment, capture_output=True, text=True, check=True)
    return answer.stdout.splitlines()


def lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines()
