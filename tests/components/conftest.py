"""Pulumi's test runtime, and everything a program asks of it."""

from __future__ import annotations

import asyncio
import json
import runpy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml
from pulumi.runtime import mocks, proto, rpc, settings

ROOT = Path(__file__).resolve().parents[2]
SECRETS = {
    "stripeSecretKey": "sk_test_of_a_test",
    "stripeWebhookSecret": "whsec_of_a_test",
    "registryPassword": "pulled",
    "databasePassword": "external",
    "backupAccessKeyId": "key",
    "backupSecretAccessKey": "kept",
    "cloudflareApiToken": "t" * 40,
}


@dataclass(frozen=True)
class Registered:
    """What the engine would be told of one resource."""

    type: str
    name: str
    parent: str | None
    provider: str
    inputs: dict[str, Any]
    protect: bool
    retain_on_delete: bool
    ignore_changes: tuple[str, ...]
    depends_on: tuple[str, ...]
    secrets: frozenset[str]

    @classmethod
    def of(cls, request: Any) -> Registered:
        """Read a request; a URN ends in the resource's logical name."""
        inputs = rpc.deserialize_properties(request.object, keep_unknowns=True)
        return cls(
            type=request.type,
            name=request.name,
            parent=_name(request.parent),
            provider=request.provider.split("::")[3] if request.provider else "",
            inputs={key: rpc.unwrap_rpc_secret(value) for key, value in inputs.items()},
            protect=request.protect,
            retain_on_delete=request.retainOnDelete,
            ignore_changes=tuple(request.ignoreChanges),
            depends_on=tuple(sorted(str(_name(urn)) for urn in request.dependencies)),
            secrets=frozenset(key for key, value in inputs.items() if rpc.is_rpc_secret(value)),
        )


def _name(urn: str) -> str | None:
    """Give the logical name at the end of a URN; None for the stack itself, which every URN begins with."""
    if not urn or urn.split("::")[2].endswith("pulumi:pulumi:Stack"):
        return None
    return urn.split("::")[3]


class _Answers(mocks.Mocks):
    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        made = {"result": f"made by pulumi-random: {args.name}", "uuid": "0" * 36}
        return f"{args.name}_id", {**args.inputs, **made}

    def call(self, args: mocks.MockCallArgs) -> Any:
        raise AssertionError(f"the program asked for {args.token}")


class _Recorder(mocks.MockMonitor):
    def __init__(self) -> None:
        super().__init__(_Answers())
        self.requests: list[Any] = []

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802  (gRPC's name)
        copy = proto.resource_pb2.RegisterResourceRequest()
        copy.CopyFrom(request)
        self.requests.append(copy)
        return super().RegisterResource(request)


@dataclass
class ProgramRun:
    """What one run of the program registered and exported."""

    resources: list[Registered]
    exports: dict[str, Any]

    def named(self, name: str) -> Registered:
        """Give the one resource of a logical name."""
        (found,) = (resource for resource in self.resources if resource.name == name)
        return found


Run = Callable[..., ProgramRun]


class _Remembering(asyncio.DefaultEventLoopPolicy):
    """Knows every event loop: Pulumi makes one in each thread that has none, and closes none."""

    def __init__(self) -> None:
        super().__init__()
        self.made: list[asyncio.AbstractEventLoop] = []

    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        loop = super().new_event_loop()
        self.made.append(loop)
        return loop


@pytest.fixture(autouse=True)
def event_loops() -> Iterator[None]:
    """Give the program an event loop of its own, whatever an earlier test left this thread, and close all it made."""
    before, own = asyncio.get_event_loop_policy(), _Remembering()
    asyncio.set_event_loop_policy(own)
    try:
        with asyncio.Runner() as runner:
            runner.get_loop()
            yield
    finally:
        for loop in own.made:
            loop.close()
        asyncio.set_event_loop_policy(before)


@pytest.fixture
def raw_fleet() -> Callable[[str], dict[str, Any]]:
    """Give what a stack file says of its fleet."""
    return lambda stack: yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text())["config"]["flotilla:fleet"]


@pytest.fixture
def run_program(monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Run ``__main__.py`` as Pulumi runs it, and give what it registered."""
    monkeypatch.syspath_prepend(str(ROOT))

    def run(raw: Mapping[str, Any], *, stack: str, secrets: Mapping[str, str] | None = None) -> ProgramRun:
        kept = SECRETS if secrets is None else secrets
        values = {f"flotilla:{key}": value for key, value in kept.items()}
        pulumi.runtime.set_all_config({**values, "flotilla:fleet": json.dumps(raw)}, list(values))
        recorder = _Recorder()
        settings.set_root_resource(None)  # type: ignore[arg-type]
        mocks.set_mocks(recorder.mocks, project="flotilla", stack=stack, preview=False, monitor=recorder)
        exports: dict[str, Any] = {}
        monkeypatch.setattr(pulumi, "export", exports.__setitem__)
        pulumi.runtime.test(lambda: runpy.run_path(str(ROOT / "__main__.py")) and None)()
        requests = (request for request in recorder.requests if request.type != "pulumi:pulumi:Stack")
        return ProgramRun([Registered.of(request) for request in requests], exports)

    yield run
    pulumi.runtime.set_all_config({}, [])
