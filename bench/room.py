"""A room for the real engine: its own home, and for each program a project with state and stack of its own.

Equal for all programs: engine, interpreter, kind of state, stack file, secrets, provider, and an empty stack to begin
every run with.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml

from bench import fleets, measure
from fleet.errors import FlotillaError

SECRETS = ("stripeSecretKey", "stripeWebhookSecret", "databasePassword")
VERBS = {"preview": ("preview",), "up": ("up", "--yes", "--skip-preview")}
_ECHO = Path(__file__).with_name("echo.py")
_PROVIDER = "kubernetes"
# A file backend rewrites the whole checkpoint at every step, which Pulumi Cloud doesn't: it would be most of an up, on
# both sides alike, and hide what is measured.
_ENVIRONMENT = {
    "PULUMI_CONFIG_PASSPHRASE": "",
    "PULUMI_SKIP_UPDATE_CHECK": "true",
    "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    "PULUMI_DISABLE_REGISTRY_RESOLVE": "true",
    "PULUMI_EXPERIMENTAL": "true",
    "PULUMI_SKIP_CHECKPOINTS": "true",
}


def write_provider(room: Path) -> None:
    """Put the echo provider where the engine of every project in the room finds it."""
    (room / "bin").mkdir()
    plugin = room / "bin" / f"pulumi-resource-{_PROVIDER}"
    plugin.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{_ECHO}" {version(f"pulumi-{_PROVIDER}")}\n')
    plugin.chmod(0o755)


@dataclass(frozen=True, slots=True)
class Project:
    """One program (``main``, a folder) with a project, a state and a stack in ``folder``."""

    main: Path
    folder: Path

    def set_up(self, variants: int, config: dict[str, str]) -> None:
        """Write the project and make its stack with the fleet's configuration, secrets, and ``config`` on top."""
        (self.folder / "state").mkdir(parents=True)
        runtime = {"name": "python", "options": {"toolchain": "pip", "virtualenv": sys.prefix}}
        project = {"name": "flotilla", "main": str(self.main), "runtime": runtime}
        (self.folder / "Pulumi.yaml").write_text(yaml.safe_dump(project), encoding="utf-8")
        fleets.write_stack_file(self.folder, variants)
        self.pulumi("stack", "init", fleets.STACK)
        values = [("--secret", f"flotilla:{key}=sk_test_{'x' * 40}") for key in SECRETS]
        values += [("--plaintext", f"flotilla:{key}={value}") for key, value in config.items()]
        self.pulumi("config", "set-all", *(word for pair in values for word in pair))
        shutil.copytree(self.folder / "state", self.folder / "empty")

    def sample(self, verb: str) -> measure.Sample:
        """Measure one run of the engine, beginning with an empty stack."""
        shutil.rmtree(self.folder / "state")
        shutil.copytree(self.folder / "empty", self.folder / "state")
        command = ["pulumi", *VERBS[verb], "--stack", fleets.STACK, "--non-interactive"]
        return measure.run(command, self.folder / "said", cwd=self.folder, env=self._environment)

    def registered(self) -> dict[tuple[str, str], Any]:
        """Give type and inputs of every Kubernetes object that the last ``up`` made, by type and logical name."""
        state = json.loads(self.pulumi("stack", "export"))
        resources = state["deployment"]["resources"]
        return {
            (entry["type"], entry["urn"].rsplit("::", 1)[-1]): entry["inputs"]
            for entry in resources
            if entry["type"].startswith("kubernetes:")
        }

    def pulumi(self, *arguments: str) -> str:
        """Run the CLI and give what it says. Raises FlotillaError when it fails."""
        command = ["pulumi", *arguments, "--non-interactive"]
        answer = subprocess.run(
            command, cwd=self.folder, env=self._environment, capture_output=True, text=True, timeout=300, check=False
        )
        if answer.returncode != 0:
            raise FlotillaError(f"bench: {' '.join(command[:3])}: {answer.stderr.strip().splitlines()[-1]}")
        return answer.stdout

    @property
    def _environment(self) -> dict[str, str]:
        room = self.folder.parent
        places = {
            "PATH": f"{room / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "PULUMI_BACKEND_URL": f"file://{self.folder / 'state'}",
            "PULUMI_HOME": str(room / "home"),
            "PULUMI_PYTHON_CMD": sys.executable,
        }
        return {**os.environ, **_ENVIRONMENT, **places}
