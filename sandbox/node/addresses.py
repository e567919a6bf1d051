"""What a real node is called and which addresses it uses: one node a machine, on a device and in ranges of its own.

kube-proxy's chains belong to the whole machine, so a second node beside the first could not keep its Services apart.
"""

from __future__ import annotations

NODE = "sandbox-real"
DEVICE = "flotilla0"
ADDRESS = "10.78.0.1"
"""Of the node, on DEVICE: kubelets refuse loopback, and no other device is ours."""
PODS = "10.77.0.0/24"
SERVICES = "10.96.0.0/16"
CLUSTER_DOMAIN = "cluster.local"
HTTP, HTTPS = 80, 443
"""Where the shops are on loopback: their addresses in the plan name no port (``fleet.naming.url``)."""
CGROUP = "flotilla"
"""Under which every pod's cgroup lies, in every hierarchy."""
KUBELET, PROXY_HEALTH, PROXY_METRICS, METRICS_SERVER = 10250, 10256, 10249, 10443
DNS_HEALTH, PROVISIONER = 10254, 10260
"""Ports on ADDRESS, where nobody else listens."""
