"""The sandbox: a whole fleet on one Linux machine, without an account.

It is no second engine: it applies the plan to a real Kubernetes API server and keeps no state beyond that cluster.
"""
