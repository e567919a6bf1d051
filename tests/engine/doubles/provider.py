"""The gRPC face that the doubles share: requests to plain values, errors to the codes the engine expects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2

from tests.engine.doubles.faults import Faults, RefusedError
from tests.engine.doubles.values import decode, encode

Plain = dict[str, Any]
Kind = provider_pb2.PropertyDiff.Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What differs between old and new: the kind of change at each property path, and which force a replacement."""

    kinds: Mapping[str, Any] = field(default_factory=dict)
    replaces: tuple[str, ...] = ()
    delete_first: bool = False


class NotReadyError(Exception):
    """The object exists, but did not become ready; carries what is known of it, for the engine's state."""

    def __init__(self, message: str, *, identity: str, state: Plain) -> None:
        super().__init__(message)
        self.identity = identity
        self.state = state


def kind_of(urn: str) -> str:
    """Give the type token that ends the URN's chain of types."""
    return urn.split("::")[2].rsplit("$", 1)[-1]


class Double(provider_pb2_grpc.ResourceProviderServicer):
    """A provider of plain values; each double overrides the lower-case methods, which the engine's calls end in."""

    def __init__(self, version: str) -> None:
        self.faults = Faults()
        self._version = version

    def configure(self, args: Plain) -> None:
        """Take the provider's own inputs."""

    def diff_config(self, old: Plain, new: Plain) -> Change:
        """Compare the provider's own inputs."""
        return Change(
            kinds={key: Kind.UPDATE for key in sorted(old.keys() | new.keys()) if old.get(key) != new.get(key)}
        )

    def check(self, urn: str, old: Plain, new: Plain) -> tuple[Plain, list[str]]:
        """Complete and judge the inputs; gives them and what is wrong with them."""
        raise NotImplementedError

    def diff(self, urn: str, state: Plain, new: Plain) -> Change:
        """Compare the recorded state with new inputs."""
        raise NotImplementedError

    def create(self, urn: str, inputs: Plain, *, preview: bool, timeout: float) -> tuple[str, Plain]:
        """Make the resource; gives its id and state."""
        raise NotImplementedError

    def update(self, urn: str, state: Plain, new: Plain, *, preview: bool, timeout: float) -> Plain:
        """Change the resource; gives its state."""
        raise NotImplementedError

    def read(self, urn: str, identity: str, state: Plain, inputs: Plain) -> tuple[Plain, Plain] | None:
        """Look the resource up; gives state and inputs, or None when it is gone."""
        raise NotImplementedError

    def delete(self, urn: str, identity: str, state: Plain, *, timeout: float) -> None:
        """Delete the resource."""
        raise NotImplementedError

    def GetPluginInfo(self, request: Any, context: Any) -> plugin_pb2.PluginInfo:  # noqa: N802
        return plugin_pb2.PluginInfo(version=self._version)

    def CheckConfig(self, request: Any, context: Any) -> provider_pb2.CheckResponse:  # noqa: N802
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: Any) -> provider_pb2.DiffResponse:  # noqa: N802
        return _diff_response(self.diff_config(decode(request.olds), decode(request.news)))

    def Configure(self, request: Any, context: Any) -> provider_pb2.ConfigureResponse:  # noqa: N802
        with _answering(context):
            self.configure(decode(request.args))
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    def Check(self, request: Any, context: Any) -> provider_pb2.CheckResponse:  # noqa: N802
        with _answering(context):
            inputs, failures = self.check(request.urn, decode(request.olds), decode(request.news))
        reasons = [provider_pb2.CheckFailure(reason=reason) for reason in failures]
        return provider_pb2.CheckResponse(inputs=encode(inputs), failures=reasons)

    def Diff(self, request: Any, context: Any) -> provider_pb2.DiffResponse:  # noqa: N802
        with _answering(context):
            return _diff_response(self.diff(request.urn, decode(request.olds), decode(request.news)))

    def Create(self, request: Any, context: Any) -> provider_pb2.CreateResponse:  # noqa: N802
        with _answering(context):
            if not request.preview:
                self.faults.before_create(request.urn)
            inputs = decode(request.properties)
            identity, state = self.create(request.urn, inputs, preview=request.preview, timeout=request.timeout)
            if not request.preview:
                self.faults.after_create()
        return provider_pb2.CreateResponse(id=identity, properties=encode(state))

    def Update(self, request: Any, context: Any) -> provider_pb2.UpdateResponse:  # noqa: N802
        with _answering(context):
            old, new = decode(request.olds), decode(request.news)
            state = self.update(request.urn, old, new, preview=request.preview, timeout=request.timeout)
        return provider_pb2.UpdateResponse(properties=encode(state))

    def Read(self, request: Any, context: Any) -> provider_pb2.ReadResponse:  # noqa: N802
        with _answering(context):
            found = self.read(request.urn, request.id, decode(request.properties), decode(request.inputs))
        if found is None:
            return provider_pb2.ReadResponse()
        return provider_pb2.ReadResponse(id=request.id, properties=encode(found[0]), inputs=encode(found[1]))

    def Delete(self, request: Any, context: Any) -> empty_pb2.Empty:  # noqa: N802
        with _answering(context):
            self.delete(request.urn, request.id, decode(request.properties), timeout=request.timeout)
        return empty_pb2.Empty()

    def Cancel(self, request: Any, context: Any) -> empty_pb2.Empty:  # noqa: N802
        return empty_pb2.Empty()


@contextmanager
def _answering(context: Any) -> Iterator[None]:
    try:
        yield
    except NotReadyError as late:
        detail = provider_pb2.ErrorResourceInitFailed(
            id=late.identity, properties=encode(late.state), reasons=[str(late)]
        )
        status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(late))
        status.details.add().Pack(detail)
        context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
        context.abort(grpc.StatusCode.UNKNOWN, str(late))
    except RefusedError as refusal:
        context.abort(grpc.StatusCode.UNKNOWN, str(refusal))


def _diff_response(change: Change) -> provider_pb2.DiffResponse:
    some = change.kinds or change.replaces
    return provider_pb2.DiffResponse(
        changes=provider_pb2.DiffResponse.DIFF_SOME if some else provider_pb2.DiffResponse.DIFF_NONE,
        diffs=list(change.kinds),
        replaces=list(change.replaces),
        deleteBeforeReplace=change.delete_first,
        detailedDiff={path: provider_pb2.PropertyDiff(kind=kind) for path, kind in change.kinds.items()},
        hasDetailedDiff=True,
    )
