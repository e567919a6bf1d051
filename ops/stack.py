"""One stack under the real Pulumi engine, through the Automation API; nothing else of Flotilla runs the engine.

Every run carries the policy pack. Runs go through the API's command with an event log in a file: its ``Stack.up`` and
``Stack.preview`` hand events over by a stream that swallows what it cannot parse and may be cut off at the end.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pulumi import automation

from fleet.errors import FlotillaError, PlaceError
from ops import attributes, events
from ops.locks import LockedError
from ops.stackfile import PROJECT, StackFile

PACK = PROJECT / "policies"
NO_PULUMI = "pulumi: not on PATH; install it from https://www.pulumi.com/docs/install/ and run the command again"
POLL_SECONDS = 0.1

Listener = Callable[[events.Event], None]


class NotFoundError(FlotillaError):
    """There is no such stack yet."""


class Stack:
    """One stack; each method is one run of the CLI, and its failures are FlotillaErrors of one line."""

    def __init__(self, file: StackFile, *, pack: Path = PACK) -> None:
        """Find the CLI and the stack, which is made when there is none yet; raises PlaceError without a CLI.

        ``mended`` is what was removed because a killed engine had cut it short (ops/attributes.py).
        """
        if shutil.which("pulumi") is None:
            raise PlaceError(NO_PULUMI)
        self.name = file.stack
        self.pack = pack
        beside = file.path.resolve().parent
        self.project = beside if (beside / "Pulumi.yaml").is_file() else PROJECT
        expected = self.project / f"Pulumi.{file.stack}.yaml"
        self._config = [] if file.path.resolve() == expected else ["--config-file", str(file.path.resolve())]
        self._workspace = automation.LocalWorkspace(work_dir=str(self.project))
        self.mended: list[Path] = []
        try:
            self._find()
        except NotFoundError:
            self._command("stack", "init", "--no-select", self.name)

    def preview(self, listener: Listener | None = None) -> events.Outcome:
        """Say what ``up`` would do, with the pack on."""
        return self._run(["preview", *self._policies()], listener)

    def up(self, listener: Listener | None = None) -> events.Outcome:
        """Bring the stack to what its file says; preview first, since stack policies block only there."""
        return self._run(["up", "--yes", "--skip-preview", *self._policies()], listener)

    def refresh(self, urns: Sequence[str], listener: Listener | None = None) -> events.Outcome:
        """Read these resources from where they run into the state; the program is not run."""
        targets = [word for urn in urns for word in ("--target", urn)]
        return self._run(["refresh", "--yes", "--skip-preview", *targets], listener)

    def tag(self, key: str) -> str | None:
        """Give one of the stack's tags, None when it has not been set."""
        return self._workspace.list_tags(self.name).get(key)

    def set_tag(self, key: str, value: str) -> None:
        """Set a tag; a backend that keeps none refuses."""
        self._workspace.set_tag(self.name, key, value)

    def state(self) -> dict[str, Any]:
        """Give the stack's deployment as it is recorded, secrets encrypted."""
        exported: dict[str, Any] = json.loads(self._command("stack", "export", "--stack", self.name))
        return exported

    def replace_state(self, state: dict[str, Any]) -> None:
        """Record another deployment; raises LockedError."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "state.json"
            path.write_text(json.dumps(state), encoding="utf-8")
            self._command("stack", "import", "--stack", self.name, "--file", str(path))

    def unlock(self) -> None:
        """Remove the stack's locks, whoever holds them."""
        self._command("cancel", "--yes", "--stack", self.name)

    def _find(self) -> None:
        asked = ("stack", "--stack", self.name, "--show-name")
        try:
            self._command(*asked)
        except NotFoundError:
            raise
        except FlotillaError as error:
            if not str(error).endswith(attributes.CUT_SHORT):
                raise
            self.mended = attributes.mend(json.loads(self._command("whoami", "--json"))["url"])
            self._command(*asked)  # also where nothing was: another run may have been writing them just then

    def _policies(self) -> list[str]:
        return ["--policy-pack", str(self.pack)]

    def _run(self, verb: list[str], listener: Listener | None) -> events.Outcome:
        with tempfile.TemporaryDirectory() as folder:
            log = Path(folder) / "events.jsonl"
            log.touch()
            ended = threading.Event()
            told: list[events.Event] = []
            reader = threading.Thread(target=_follow, args=(log, ended, told, listener))
            reader.start()
            failure = None
            try:
                with _interrupts_left_to_the_engine():
                    self._command(*verb, *self._config, "--stack", self.name, "--event-log", str(log))
            except LockedError:
                raise
            except FlotillaError as error:
                failure = error
            finally:
                ended.set()
                reader.join()
        outcome = events.read(told)
        if failure is not None and not (outcome.finished or outcome.errors):
            raise failure
        return outcome

    def _command(self, *arguments: str) -> str:
        """Run the CLI to its end and give its stdout; raises FlotillaError with the CLI's own last word."""
        said: list[str] = []
        environment = {
            "PULUMI_DEBUG_COMMANDS": "true",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_PYTHON_CMD": os.environ.get("PULUMI_PYTHON_CMD", sys.executable),
        }
        command = self._workspace.pulumi_command
        try:
            return command.run(list(arguments), str(self.project), environment, on_error=said.append).stdout
        except automation.StackNotFoundError:
            raise NotFoundError(f"{self.name}: there is no such stack yet") from None
        except automation.CommandError as error:
            text = "\n".join(said)
            if isinstance(error, automation.ConcurrentUpdateError):
                raise LockedError(self.name, text) from None
            raise FlotillaError(_last_word(text) or f"pulumi {arguments[0]} failed without a word") from None


@contextmanager
def _interrupts_left_to_the_engine() -> Iterator[None]:
    """Let Ctrl-C reach the engine alone, which cancels in good order; we go on until it has ended."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _last_word(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
    return (errors or lines or [""])[-1]


def _follow(log: Path, ended: threading.Event, told: list[events.Event], listener: Listener | None) -> None:
    """Read the log as it grows, and to its end once the engine has ended."""
    with log.open(encoding="utf-8") as file:
        for line in _lines(file.readline, ended):
            event = json.loads(line)
            told.append(event)
            if listener is not None:
                listener(event)


def _lines(readline: Callable[[], str], ended: threading.Event) -> Iterator[str]:
    """Give whole lines; a last one that a killed engine cut short is left out."""
    partial = ""
    while True:
        last = ended.is_set()
        while piece := readline():
            partial += piece
            if partial.endswith("\n"):
                yield partial
                partial = ""
        if last:
            return
        ended.wait(POLL_SECONDS)
