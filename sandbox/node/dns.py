"""Names in the cluster: CoreDNS on the node's address, asked by every pod."""

from __future__ import annotations

from pathlib import Path

from sandbox.node.addresses import ADDRESS, CLUSTER_DOMAIN, DNS_HEALTH
from sandbox.node.daemons import Daemon
from sandbox.tools import COREDNS

# RFC 6761 gives every name under localhost to loopback; in a pod that would be the pod. There it is the node, where
# Traefik serves the same hosts.
COREFILE = """\
.:53 {{
    bind {address}
    errors
    health {address}:{health}
    template IN A localhost {{
        answer "{{{{ .Name }}}} 60 IN A {address}"
    }}
    template IN AAAA localhost {{
        rcode NOERROR
    }}
    kubernetes {domain} in-addr.arpa ip6.arpa {{
        kubeconfig {kubeconfig}
        pods insecure
        ttl 5
        fallthrough in-addr.arpa ip6.arpa
    }}
{forward}    cache 5
}}
"""
RESOLVERS = Path("/etc/resolv.conf")
FORWARD = "    forward . {resolvers}\n"


def daemon(folder: Path, *, kubeconfig: Path, log: Path) -> Daemon:
    """Write the Corefile into ``folder`` and give the process."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "Corefile"
    text = COREFILE.format(
        address=ADDRESS, health=DNS_HEALTH, domain=CLUSTER_DOMAIN, kubeconfig=kubeconfig, forward=forward()
    )
    file.write_text(text, encoding="utf-8")
    health = f"http://{ADDRESS}:{DNS_HEALTH}/health"
    return Daemon(name="coredns", program=COREDNS.path, arguments=("-conf", str(file)), log=log, health=health)


def forward() -> str:
    """Give where other names are asked for: nowhere on a machine that asks nobody, for there CoreDNS would not start.

    (resolv.conf(5); CoreDNS, plugin forward, "no valid upstream addresses found".)
    """
    try:
        lines = RESOLVERS.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    asks = any(line.split()[:1] == ["nameserver"] and len(line.split()) > 1 for line in lines)
    return FORWARD.format(resolvers=RESOLVERS) if asks else ""
