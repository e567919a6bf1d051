"""Long-running programs of the node: started in the background, found again by their command line, ended by it."""

from __future__ import annotations

import os
import ssl
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPException
from pathlib import Path

from fleet.errors import PlaceError

POLL_SECONDS, LOOKS = 0.1, 5
"""How often in a row it must not be seen to count as ended: it has no name while it begins."""
STANDARD = 2
"""The last of the files every program has: input, output, errors."""
ANSWER_SECONDS = 2.0
"""How long a program on this machine may take to say that it is well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Daemon:
    """A program with its arguments, one of which names the cluster's folder; what it says goes to ``log``.

    ``health`` is the URL that it answers with 200 while it is well, empty when it has none.
    """

    name: str
    program: Path
    arguments: tuple[str, ...]
    log: Path
    health: str = ""
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))

    def start(self) -> None:
        """Start it in a session of its own, so that no terminal's Ctrl-C reaches it, and with no file of ours.

        A pipe or lock that this process was given would stay open as long as the daemon runs, and whoever waits for its
        end (a CI system, flock(1)) would wait for that.
        """
        self.log.parent.mkdir(parents=True, exist_ok=True)
        append = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        os.posix_spawn(
            self.program,
            [str(self.program), *self.arguments],
            self.environment,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_OPEN, 1, str(self.log), append, 0o600),
                (os.POSIX_SPAWN_DUP2, 1, 2),
                *((os.POSIX_SPAWN_CLOSE, number) for number in inherited()),
            ],
            setsid=True,
        )

    def await_until(self, ready: Callable[[], bool], *, runs: Callable[[], bool], limit_seconds: float) -> None:
        """Wait until it is ready. Raises PlaceError with the last line of its log when it ends or takes too long."""
        deadline = time.monotonic() + limit_seconds
        looks = 0
        while not ready():
            looks = 0 if runs() else looks + 1
            if looks == LOOKS:
                raise PlaceError(f"{self.name}: stopped: {self.last_words()}; the whole log is {self.log}")
            if time.monotonic() > deadline:
                raise PlaceError(
                    f"{self.name}: not ready after {limit_seconds:.0f} s: {self.last_words()}; "
                    f"the whole log is {self.log}"
                )
            time.sleep(POLL_SECONDS)

    def is_well(self) -> bool:
        """Say whether it calls itself well, or has no way to."""
        return not self.health or answers(self.health)

    def last_words(self) -> str:
        """Give the last line of the log."""
        try:
            lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            lines = []
        return next((line for line in reversed(lines) if line.strip()), "no message")


def inherited() -> list[int]:
    """Give the open files, beside the standard ones, that a program started from here would have too."""
    numbers = [int(entry.name) for entry in Path("/proc/self/fd").iterdir()]
    return [number for number in numbers if number > STANDARD and is_inheritable(number)]


def is_inheritable(number: int) -> bool:
    """Say whether a file is open and passed on; the one that listed them is closed by now."""
    try:
        return os.get_inheritable(number)
    except OSError:
        return False


def answers(url: str) -> bool:
    """Say whether that URL of this machine is answered with 200."""
    try:
        status, _ = ask(url)
    except OSError:
        return False
    return status == HTTPStatus.OK


def ask(url: str) -> tuple[int, bytes]:
    """Give status and body of what a URL of this machine answers; no proxy is asked, and any certificate will do.

    Raises OSError where nothing answers, not in time, with an error, or not to the end.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    direct = [urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)]
    try:
        with urllib.request.build_opener(*direct).open(url, timeout=ANSWER_SECONDS) as answer:
            return answer.status, answer.read()
    except HTTPException as error:
        raise ConnectionError(f"{url}: {error!r}") from error
