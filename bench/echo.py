"""A provider that takes what it is given: the same, nearly free, other side for both programs of bench/program.py.

The doubles under tests/engine are as strict as the real provider and talk to a real API server; here that would take
most of the time, on both sides alike, and hide what is measured.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

_CALLS = 4
"""How many calls are answered at once: more threads than that only wait for each other in one interpreter."""


class Echo(provider_pb2_grpc.ResourceProviderServicer):
    """Answers every call with its own message; an id is the resource's URN."""

    def __init__(self, version: str) -> None:
        self._version = version

    def GetPluginInfo(self, request: Any, context: Any) -> plugin_pb2.PluginInfo:  # noqa: ANN401, ARG002, N802
        """Say which version of the provider this stands for."""
        return plugin_pb2.PluginInfo(version=self._version)

    def CheckConfig(self, request: Any, context: Any) -> provider_pb2.CheckResponse:  # noqa: ANN401, ARG002, N802
        """Accept the provider's own inputs."""
        return provider_pb2.CheckResponse(inputs=request.news)

    def Configure(self, request: Any, context: Any) -> provider_pb2.ConfigureResponse:  # noqa: ANN401, ARG002, N802
        """Say what the Kubernetes provider says: secrets may come wrapped, and a preview calls Create too."""
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    def Check(self, request: Any, context: Any) -> provider_pb2.CheckResponse:  # noqa: ANN401, ARG002, N802
        """Accept the inputs."""
        return provider_pb2.CheckResponse(inputs=request.news)

    def Create(self, request: Any, context: Any) -> provider_pb2.CreateResponse:  # noqa: ANN401, ARG002, N802
        """Give the inputs back as outputs."""
        return provider_pb2.CreateResponse(id="" if request.preview else request.urn, properties=request.properties)

    def Cancel(self, request: Any, context: Any) -> empty_pb2.Empty:  # noqa: ANN401, ARG002, N802
        """Agree to stop."""
        return empty_pb2.Empty()


def serve(version: str) -> None:
    """Serve until the engine ends us, after printing our port as every plugin does."""
    server = grpc.server(ThreadPoolExecutor(max_workers=_CALLS), options=_GRPC_CHANNEL_OPTIONS)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Echo(version), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    server.wait_for_termination()


if __name__ == "__main__":
    serve(sys.argv[1])
