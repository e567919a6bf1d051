"""Our policy pack against an empty one with the same kinds of policies, asked as the engine asks (bench/README.md)."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import grpc
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from bench import fleets, measure
from fleet.errors import FlotillaError

GOAL = 1.6
"""Issue 4, "What it must reach": at most 1.6 times what an empty pack costs a resource."""
VARIANTS, ROUNDS = 200, 7
ROOT = Path(__file__).resolve().parents[1]
EMPTY = """
from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy, StackValidationPolicy

class Advice(ResourceValidationPolicy):
    def has_validation(self):
        return False

async def unchanged(args):
    return {}

def nothing(args, report):
    pass

PolicyPack("empty", [
    ResourceValidationPolicy("fixes", "-", remediate=unchanged, enforcement_level=EnforcementLevel.DISABLED),
    ResourceValidationPolicy("resources", "-", nothing, enforcement_level=EnforcementLevel.MANDATORY),
    Advice("resources-advice", "-", nothing, enforcement_level=EnforcementLevel.ADVISORY),
    StackValidationPolicy("stack", "-", nothing, enforcement_level=EnforcementLevel.MANDATORY),
    StackValidationPolicy("stack-advice", "-", nothing, enforcement_level=EnforcementLevel.ADVISORY),
])
"""


class Pack:
    """A pack that serves, and the questions that an engine asks it."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:1", str(folder)]
        env = {key: value for key, value in os.environ.items() if not key.startswith("PULUMI")}
        self.process = subprocess.Popen(command, cwd=folder, env=env, stdout=subprocess.PIPE, text=True)
        port = int(self.process.stdout.readline()) if self.process.stdout else 0
        limit = [("grpc.max_send_message_length", 1 << 30), ("grpc.max_receive_message_length", 1 << 30)]
        self.channel = grpc.insecure_channel(f"127.0.0.1:{port}", options=limit)
        self.stub: Any = analyzer_pb2_grpc.AnalyzerStub(self.channel)
        request = analyzer_pb2.ConfigureAnalyzerRequest()
        for policy in self.stub.GetAnalyzerInfo(empty_pb2.Empty()).policies:
            request.policyConfig[policy.name].enforcementLevel = policy.enforcementLevel
        self.stub.Configure(request)

    def resources(self, requests: list[Any]) -> int:
        """Ask as the engine does before each step: remediate, then analyze; gives the number of findings."""
        found = 0
        for request in requests:
            self.stub.Remediate(request)
            found += len(self.stub.Analyze(request).diagnostics)
        return found

    def stack(self, requests: list[Any]) -> int:
        """Ask once for the whole stack; gives the number of findings."""
        whole = [
            analyzer_pb2.AnalyzerResource(type=one.type, name=one.name, urn=one.urn, properties=one.properties)
            for one in requests
        ]
        return len(self.stub.AnalyzeStack(analyzer_pb2.AnalyzeStackRequest(resources=whole)).diagnostics)

    def stop(self) -> None:
        """End the pack's process."""
        self.channel.close()
        self.process.terminate()
        self.process.wait(timeout=10)


@contextmanager
def serving(folder: Path) -> Iterator[Pack]:
    """Serve a pack as long as the block runs."""
    pack = Pack(folder)
    try:
        yield pack
    finally:
        pack.stop()


def questions(folder: Path) -> list[Any]:
    """Render the fleet and give a request for each of its resources."""
    stack_file = fleets.write_stack_file(folder, VARIANTS)
    flotilla = Path(sys.executable).with_name("flotilla")
    command: list[str | Path] = [flotilla, "render", fleets.STACK, "--config", stack_file, "--out", folder / "out"]
    measure.run(command, folder / "said", cwd=folder)
    return [_question(entry) for entry in json.loads((folder / "out/resources.json").read_text(encoding="utf-8"))]


def _question(entry: dict[str, Any]) -> analyzer_pb2.AnalyzeRequest:
    properties = struct_pb2.Struct()
    properties.update(entry["inputs"])
    urn = f"urn:pulumi:bench::flotilla::{entry['type']}::{entry['name']}"
    return analyzer_pb2.AnalyzeRequest(type=entry["type"], name=entry["name"], urn=urn, properties=properties)


def bench(folder: Path, rounds: int) -> None:
    """Ask both packs the same questions in turns, and print what a resource costs."""
    (folder / "empty").mkdir()
    (folder / "empty/__main__.py").write_text(EMPTY, encoding="utf-8")
    (folder / "empty/PulumiPolicy.yaml").write_text("runtime: python\nversion: 0.1.0\n", encoding="utf-8")
    requests = questions(folder)
    with serving(ROOT / "policies") as ours, serving(folder / "empty") as empty:
        packs = {"ours": ours, "empty": empty}
        if found := ours.resources(requests) + ours.stack(requests):
            raise FlotillaError(f"bench: the fleet has {found} findings; what is measured should be clean")
        empty.resources(requests)
        taken: dict[tuple[str, str], list[float]] = {}
        for _ in range(rounds):
            for name, pack in packs.items():
                for what in ("resources", "stack"):
                    began = time.perf_counter()
                    getattr(pack, what)(requests)
                    taken.setdefault((name, what), []).append((time.perf_counter() - began) / len(requests))
    report(taken, len(requests))


def report(taken: dict[tuple[str, str], list[float]], count: int) -> None:
    """Print milliseconds a resource and the ratios of their medians."""
    totals = {}
    print(f"{count} resources")
    for name in ("ours", "empty"):
        one, all_ = (1000 * median(taken[name, what]) for what in ("resources", "stack"))
        totals[name] = one + all_
        print(f"  {name:<6} {one:.2f} ms a resource by itself, {all_:.2f} ms for its part in the stack")
    measure.judge("time a resource", totals["ours"] / totals["empty"], GOAL)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="measured runs of each")
    rounds = parser.parse_args().rounds
    try:
        with tempfile.TemporaryDirectory(prefix="flotilla-bench-") as folder:
            bench(Path(folder), rounds)
    except FlotillaError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
