"""Pods' network: CNI for each pod, kube-proxy for Services, and a few rules that let packets through.

Pods are connected point to point, so that all traffic is routed and Services work without br_netfilter.
"""

from __future__ import annotations

import ipaddress
import json
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from fleet.errors import PlaceError
from sandbox.debian import Unpacked
from sandbox.node import commands
from sandbox.node.addresses import ADDRESS, NODE, PODS, PROXY_HEALTH, PROXY_METRICS
from sandbox.node.daemons import Daemon
from sandbox.tools import KUBE_PROXY

NAME = "flotilla"
COMMENT = "flotilla-sandbox"
KUBERNETES = "KUBE-"
"""How the chains of kube-proxy and the kubelet begin."""
SERVICES = f"-j {KUBERNETES}SERVICES"
"""What leads into kube-proxy's chains; without it no Service leads anywhere."""
ROUTES = Path("/proc/net/route")
WAIT_SECONDS = 10
"""How long another program may be at the rules (iptables(8), --wait)."""
OURS: tuple[tuple[str, ...], ...] = (
    ("-t", "nat", "POSTROUTING", "-s", PODS, "!", "-d", PODS, "-j", "MASQUERADE"),
    # Before a policy of DROP, such as Docker's.
    ("-t", "filter", "FORWARD", "-s", PODS, "-j", "ACCEPT"),
    ("-t", "filter", "FORWARD", "-d", PODS, "-j", "ACCEPT"),
)


def write_cni(folder: Path, leases: Path) -> None:
    """Write the CNI configuration (CNI specification 1.0.0; plugins ptp and host-local)."""
    network = {
        "cniVersion": "1.0.0",
        "name": NAME,
        "plugins": [
            {
                "type": "ptp",
                "mtu": 1400,
                "ipam": {
                    "type": "host-local",
                    "dataDir": str(leases),
                    "ranges": [[{"subnet": PODS}]],
                    "routes": [{"dst": "0.0.0.0/0"}],
                },
            }
        ],
    }
    (folder / "10-flotilla.conflist").write_text(json.dumps(network, indent=2), encoding="utf-8")


def proxy(folder: Path, *, kubeconfig: Path, tools: Unpacked, log: Path) -> Daemon:
    """Write kube-proxy's configuration into ``folder`` and give its process."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "config.yaml"
    file.write_text(yaml.safe_dump(configuration(kubeconfig)), encoding="utf-8")
    return Daemon(
        name="kube-proxy",
        program=KUBE_PROXY.path,
        arguments=(f"--config={file}",),
        log=log,
        health=f"http://{ADDRESS}:{PROXY_HEALTH}/healthz",
        environment=tools.environment,
    )


def configuration(kubeconfig: Path) -> dict[str, Any]:
    """Give kube-proxy's configuration (Kubernetes reference, KubeProxyConfiguration v1alpha1)."""
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "clientConnection": {"kubeconfig": str(kubeconfig)},
        "hostnameOverride": NODE,
        "mode": "iptables",
        "clusterCIDR": PODS,
        "healthzBindAddress": f"{ADDRESS}:{PROXY_HEALTH}",
        "metricsBindAddress": f"{ADDRESS}:{PROXY_METRICS}",
        "nodePortAddresses": [f"{ADDRESS}/32"],
        # Zero would mean a second, for which a new Service refuses connections.
        "iptables": {"localhostNodePorts": False, "minSyncPeriod": "50ms"},
        # Zero leaves the machine's own limits alone.
        "conntrack": {"maxPerCore": 0, "tcpEstablishedTimeout": "0s", "tcpCloseWaitTimeout": "0s"},
    }


def refuse_foreign(tools: Unpacked) -> None:
    """Raise PlaceError when this machine is a Kubernetes node already: its kube-proxy and ours would fight."""
    listing = saved(tools, "iptables")
    if KUBERNETES + "SERVICES" in listing and COMMENT not in listing:
        raise PlaceError(
            "iptables: this machine has kube-proxy's chains, so it is a Kubernetes node already; "
            "use that with KUBECONFIG, or --simulated"
        )


def let_through(tools: Unpacked) -> None:
    """Add our rules where they are missing."""
    for rule in OURS:
        if not is_there(tools, rule):
            answer = commands.run(tools, "iptables", *words(rule, "-I"))
            if answer.returncode != 0:
                raise PlaceError(f"iptables: {commands.last_line(answer)}; see that this kernel has netfilter")


def is_whole(tools: Unpacked) -> bool:
    """Say whether packets are let through and Services lead to pods; a firewall that starts anew may have flushed it.

    kube-proxy does not see that its rules are gone, only its chains.
    """
    return SERVICES in saved(tools, "iptables") and all(is_there(tools, rule) for rule in OURS)


def is_there(tools: Unpacked, rule: Sequence[str]) -> bool:
    """Say whether one of our rules is there."""
    return commands.run(tools, "iptables", *words(rule, "-C")).returncode == 0


def words(rule: Sequence[str], verb: str) -> list[str]:
    """Give what iptables is told about one of our rules: to check (-C) or to insert it (-I)."""
    option, table, chain, *match = rule
    marked = [*match[:-2], "-m", "comment", "--comment", COMMENT, *match[-2:]]
    return ["-w", str(WAIT_SECONDS), option, table, verb, chain, *marked]


def unplug(tools: Unpacked) -> None:
    """Remove the host's end of every pod's cable, and with it the route to the pod.

    The kernel does so only once it gives up a pod's last connection: for one whose peer vanished first, a minute later.
    A pod of the next start that gets the same address meanwhile has no route of its own (ptp takes the old one for it),
    and afterwards none at all. Raises PlaceError naming the device.
    """
    for device in sorted(cables()):
        answer = commands.run(tools, "ip", "link", "delete", device)
        if answer.returncode != 0 and device in cables():
            raise PlaceError(
                f"ip link delete {device}: {commands.last_line(answer)}; run `flotilla sandbox down` again"
            )


def cables() -> set[str]:
    """Give the devices that routes to pods lead to, as the kernel has them (proc_net_route: little endian)."""
    wanted = ipaddress.ip_network(PODS)
    found = set()
    for line in ROUTES.read_text(encoding="utf-8").splitlines()[1:]:
        device, destination, *_ = line.split()
        address = ipaddress.ip_address(int(destination, 16).to_bytes(4, sys.byteorder))
        if address in wanted and device.startswith("veth"):
            found.add(device)
    return found


def clear(tools: Unpacked, *, ours: bool) -> None:
    """Remove our rules, and every chain that kube-proxy and the kubelet made.

    Without ``ours`` such chains are taken for ours only where our rules are. Those go last, so that a removal which is
    killed midway can still be told from somebody else's Kubernetes. Raises PlaceError naming what can't be removed.
    """
    if not ours and COMMENT not in saved(tools, "iptables"):
        return
    for family in ("ip6tables", "iptables"):
        if script := list(removal(saved(tools, family))):
            restore(tools, family, script)


def restore(tools: Unpacked, family: str, script: Sequence[str]) -> None:
    """Have iptables-restore do what ``script`` says. Raises PlaceError with the table and the line it does not do."""
    options = ("--noflush", f"--wait={WAIT_SECONDS}")
    answer = commands.run(tools, f"{family}-restore", *options, stdin="\n".join([*script, ""]))
    if answer.returncode != 0:
        found = re.search(r"\bline:? (\d+)", answer.stderr)
        number = int(found[1]) if found else len(script)
        tables = [line[1:] for line in script[:number] if line.startswith("*")]
        raise PlaceError(
            f"{family}: table {tables[-1]}, {script[number - 1]}: {commands.last_line(answer)}; "
            "run `flotilla sandbox down` again"
        )


def removal(listing: str) -> Iterator[str]:
    """Give what iptables-restore must do to undo what ``listing`` (of iptables-save) has of ours."""
    for table in sorted(listing.split("*")[1:], key=lambda table: COMMENT in table):
        name, *lines = table.splitlines()
        chains = [line[1:].split()[0] for line in lines if line.startswith(f":{KUBERNETES}")]
        rules = [line for line in lines if line.startswith("-A") and not line.startswith(f"-A {KUBERNETES}")]
        mine = [rule for rule in rules if f"-j {KUBERNETES}" in rule or COMMENT in rule]
        if chains or mine:
            yield f"*{name}"
            yield from (rule.replace("-A", "-D", 1) for rule in mine)
            yield from (f"-F {chain}" for chain in chains)
            yield from (f"-X {chain}" for chain in chains)
            yield "COMMIT"


def saved(tools: Unpacked, family: str) -> str:
    """Give what iptables-save lists. Raises PlaceError when it can't.

    A kernel may lack IPv6, and then nobody has made a rule of it either.
    """
    answer = commands.run(tools, f"{family}-save")
    if answer.returncode != 0 and family == "iptables":
        raise PlaceError(f"iptables-save: {commands.last_line(answer)}; see that this kernel has netfilter")
    return answer.stdout
