"""A workload as a process of its own: tests start it, ask it, kill it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.waiting import LIMIT_SECONDS
from tests.workloads.postgres import free_port

ROOT = Path(__file__).parents[2]


@dataclass
class Program:
    """A workload as a process of its own, which may be killed and started again."""

    module: str
    environment: dict[str, str]
    log: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", self.module], env=self._environment(), stdout=log, stderr=log
            )
        deadline = time.monotonic() + LIMIT_SECONDS
        while time.monotonic() < deadline:
            with suppress(httpx.HTTPError):
                if httpx.get(f"{self.url}/health/ready", trust_env=False).is_success:
                    return
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise AssertionError(self.log.read_text()[-3000:])

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run another verb of the module to its end."""
        return subprocess.run(
            [sys.executable, "-m", self.module, *words],
            env=self._environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=LIMIT_SECONDS,
        )

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End the process and give its exit code."""
        assert self.process is not None
        self.process.send_signal(how)
        return self.process.wait(LIMIT_SECONDS)

    def wait(self) -> int:
        """Wait until the process has ended by itself."""
        assert self.process is not None
        return self.process.wait(LIMIT_SECONDS)

    def logs(self) -> list[dict[str, Any]]:
        """Give the lines it logged so far, without one that it is writing."""
        lines = self.log.read_text().rpartition("\n")[0].splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LD_LIBRARY_PATH")}
        return (
            kept
            | {"PYTHONPATH": f"{ROOT / 'workloads'}:{ROOT}", "PORT": str(self.port), "HOST": "127.0.0.1"}
            | self.environment
        )
