"""Starts one double as a Pulumi plugin: ``python -m tests.engine.doubles NAME ENGINE_ADDRESS``."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from importlib.metadata import version

import grpc
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import provider_pb2_grpc

DOUBLES = {
    "kubernetes": ("tests.engine.doubles.kubernetes", "Kubernetes"),
    "random": ("tests.engine.doubles.passwords", "Passwords"),
    "cloudflare": ("tests.engine.doubles.edge", "Edge"),
}


def serve(name: str) -> None:
    """Serve the double until the engine ends us, after printing our port as every plugin does."""
    module, double = DOUBLES[name]
    server = grpc.server(ThreadPoolExecutor(max_workers=64), options=_GRPC_CHANNEL_OPTIONS)
    servicer = getattr(import_module(module), double)(version(f"pulumi-{name}"))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    server.wait_for_termination()


if __name__ == "__main__":
    serve(sys.argv[1])
