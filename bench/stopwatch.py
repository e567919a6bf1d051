"""Runs one command and tells what it took: ``python -I -S stopwatch.py LIMIT OUTPUT COMMAND...`` prints JSON.

A process of its own, because Linux counts what the caller held at the fork as the child's peak memory (getrusage(2),
ru_maxrss): this one holds next to nothing.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time


def run(limit: int, output: str, command: list[str]) -> dict[str, float]:
    """Give seconds on the clock and on processors, peak memory in bytes and exit code; standard output goes to a file.

    After ``limit`` seconds the command is asked to end (SIGTERM), and so is it when we are.
    Processor time and memory cover the command and every descendant that was waited for: the time of all of them, the
    memory of the largest (getrusage(2), RUSAGE_CHILDREN).
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    redirect = [(os.POSIX_SPAWN_OPEN, 1, output, flags, 0o644)]
    began = time.perf_counter()
    process = os.posix_spawnp(command[0], command, os.environ, file_actions=redirect)
    for number in (signal.SIGALRM, signal.SIGTERM):
        signal.signal(number, lambda *_: os.kill(process, signal.SIGTERM))
    signal.alarm(limit)
    _, status, usage = os.wait4(process, 0)
    seconds = time.perf_counter() - began
    cpu = usage.ru_utime + usage.ru_stime
    return {"seconds": seconds, "cpu": cpu, "peak": usage.ru_maxrss * 1024, "exit": os.waitstatus_to_exitcode(status)}


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]), sys.argv[2], sys.argv[3:])))
