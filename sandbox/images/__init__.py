"""Images without a registry: OCI archives made from this machine's Python, pip and the sources in ``workloads/``."""
