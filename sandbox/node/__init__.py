"""The real node of a sandbox: containerd, kubelet, kube-proxy and what makes a cluster whole, as root on Linux."""
