"""A room in which the real engine runs: its own state, home, project and cluster, and our provider doubles on PATH.

The project is the checkout itself: a Pulumi.yaml in the room names it as ``main``, so nothing is written into it.
``FLOTILLA_RECORD=1`` records what the engine said in these runs under tests/ops/events.
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from manifests import fleet as planning
from ops import events, stackfile
from ops.stack import PACK, Stack
from sandbox import builder, volumes
from sandbox.cluster import Cluster
from sandbox.kubectl import Kubectl
from sandbox.progress import Progress
from tests.abandoned import own_cluster
from tests.command import COMMAND
from tests.engine.recording import write
from tests.promised import skipping

CHECKOUT = Path(__file__).resolve().parents[2]
PROVIDERS = ("kubernetes", "random", "cloudflare")
SECRETS = ("stripeSecretKey", "stripeWebhookSecret", "cloudflareApiToken")
OFFLINE = {
    "PULUMI_CONFIG_PASSPHRASE": "",
    "PULUMI_SKIP_UPDATE_CHECK": "true",
    "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    "PULUMI_DISABLE_REGISTRY_RESOLVE": "true",
}

NO_ENGINE = "engine: not run, no pulumi on PATH"

Edit = Callable[[dict[str, Any]], None]


@dataclass(slots=True)
class Shop:
    """One stack in the room; every run is the real engine's."""

    name: str
    room: Room
    applied: str = ""
    pack: Path = PACK
    heard: list[events.Event] = field(default_factory=list)

    @property
    def path(self) -> Path:
        return self.folder / f"Pulumi.{self.name}.yaml"

    @property
    def folder(self) -> Path:
        """The folder of this stack's own project file, so that no stack disturbs another."""
        return self.room.folder / "projects" / self.name

    @property
    def file(self) -> stackfile.StackFile:
        return stackfile.read(self.name, self.path)

    @property
    def stack(self) -> Stack:
        return Stack(self.file, pack=self.pack)

    @property
    def namespace(self) -> str:
        return self.file.fleet().namespace

    def edit(self, change: Edit) -> None:
        """Change ``flotilla:fleet`` in the stack file."""
        written = yaml.safe_load(self.path.read_text())
        change(written["config"][stackfile.FLEET_KEY])
        self.path.write_text(yaml.safe_dump(written, sort_keys=False))

    def preview(self, *, record: str = "") -> events.Outcome:
        return self._run(self.stack.preview, record)

    def up(self, *, record: str = "") -> events.Outcome:
        outcome = self._run(self.stack.up, record)
        self.applied = self.path.read_text() if not outcome.refusals else ""
        return outcome

    def settle(self) -> None:
        """See that the stack is what its file says."""
        if self.applied != self.path.read_text():
            assert self.up().refusals == ()

    def flotilla(self, verb: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the command as a user does."""
        self.applied = ""
        return self._start([*COMMAND, verb, self.name, "--config", str(self.path), *arguments])

    def pulumi(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run Pulumi's own CLI on the stack."""
        self.applied = ""
        return self._start(["pulumi", *arguments, "--stack", self.name, "--non-interactive"])

    def _start(self, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=300, check=False)

    def _run(self, run: Callable[[Callable[[events.Event], None]], events.Outcome], record: str) -> events.Outcome:
        self.heard.clear()
        outcome = run(self.heard.append)
        if record and os.environ.get("FLOTILLA_RECORD"):
            write(record, self.heard, self.room.folder)
        return outcome


@dataclass(slots=True)
class Room:
    """Where the engine finds its state, home, project, plugins and cluster."""

    folder: Path
    kubectl: Kubectl
    context: str

    @property
    def faults(self) -> Path:
        return self.folder / "faults.json"

    @property
    def account(self) -> Path:
        return self.folder / "account.json"

    def shop(self, name: str, change: Edit = lambda _: None, *, program: Path = CHECKOUT) -> Shop:
        """Open a stack of a small dev fleet: three variants, a canary of the checkout, a database in the cluster."""
        shop = Shop(name, self)
        shop.folder.mkdir(parents=True)
        _write_project(shop.folder, program)
        written = yaml.safe_load((CHECKOUT / "Pulumi.dev.yaml").read_text())
        fleet = written["config"][stackfile.FLEET_KEY]
        fleet["variants"] = fleet["variants"][:3]
        fleet["cluster"]["context"] = self.context
        change(fleet)
        shop.path.write_text(yaml.safe_dump(written, sort_keys=False))
        stack = shop.stack
        secrets = [word for key in SECRETS for word in ("--secret", f"flotilla:{key}={'sk_test_' + 'x' * 40}")]
        assert shop.pulumi("config", "set-all", *secrets).returncode == 0, stack
        self.provide(shop)
        return shop

    def provide(self, shop: Shop) -> None:
        """Give the volumes for the claims of the stack's plan."""
        planned = planning.resources(planning.plan(shop.file.fleet()))
        manifests = [resource.inputs for resource in planned if resource.is_kubernetes]
        volumes.provide(self.kubectl, manifests, self.folder / "volumes")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Say in one line, not in one for each test, that there is no engine here."""
    ours = [item for item in items if item.path.is_relative_to(Path(__file__).parent)]
    if ours and shutil.which("pulumi") is None:
        ours[0].add_marker(pytest.mark.skip(reason=NO_ENGINE))
        config.hook.pytest_deselected(items=ours[1:])
        items[:] = [item for item in items if item not in ours[1:]]


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """Give a control plane of these tests' own."""
    with skipping("engine"):
        builder.build(Progress())
    running = own_cluster("engine")
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="session")
def room(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """Give the room, with the environment set to it."""
    folder = tmp_path_factory.mktemp("engine")
    for name in ("state", "home", "bin"):
        (folder / name).mkdir()
    for provider in PROVIDERS:
        _write_plugin(folder / "bin" / f"pulumi-resource-{provider}", provider)
    context = cluster.kubectl.run("config", "current-context").strip()
    found = Room(folder, cluster.kubectl, context)
    with pytest.MonkeyPatch.context() as patch:
        for key, value in {**OFFLINE, **_places(found, cluster.kubeconfig)}.items():
            patch.setenv(key, value)
        yield found


@pytest.fixture(scope="session")
def shop(room: Room) -> Shop:
    """Give the stack that most tests share."""
    return room.shop("dev")


def _places(room: Room, kubeconfig: Path) -> dict[str, str]:
    return {
        "PATH": f"{room.folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "PULUMI_BACKEND_URL": f"file://{room.folder / 'state'}",
        "PULUMI_HOME": str(room.folder / "home"),
        "PULUMI_PYTHON_CMD": sys.executable,
        "KUBECONFIG": str(kubeconfig),
        "FLOTILLA_DOUBLE_FAULTS": str(room.faults),
        "FLOTILLA_DOUBLE_ACCOUNT": str(room.account),
    }


def _write_project(folder: Path, program: Path) -> None:
    """Write a project file for ``program``, with this interpreter."""
    project = yaml.safe_load((CHECKOUT / "Pulumi.yaml").read_text())
    project["main"] = str(program)
    project["runtime"]["options"]["virtualenv"] = sys.prefix
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump(project))


def _write_plugin(path: Path, provider: str) -> None:
    """Write the executable that the engine looks for on PATH."""
    start = f'exec "{sys.executable}" -m tests.engine.doubles {provider} "$@"'
    path.write_text(f'#!/bin/sh\nPYTHONPATH="{CHECKOUT}" {start}\n')
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
