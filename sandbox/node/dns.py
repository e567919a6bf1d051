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
    forward . {upstream}
    cache 5
}}
"""


def daemon(folder: Path, *, kubeconfig: Path, log: Path) -> Daemon:
    """Write the Corefile into ``folder`` and give the process."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "Corefile"
    upstream = "/etc/resolv.conf"
    text = COREFILE.format(
        address=ADDRESS, health=DNS_HEALTH, domain=CLUSTER_DOMAIN, kubeconfig=kubeconfig, upstream=upstream
    )
    file.write_text(text, encoding="utf-8")
    return Daemon(name="coredns", program=COREDNS.path, arguments=("-conf", str(file)), log=log)
