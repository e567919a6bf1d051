"""Measures contestants in turns (A B A B ...), so that whatever else the machine does falls on all of them alike."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from fleet.errors import FlotillaError

STOPWATCH = Path(__file__).with_name("stopwatch.py")
LIMIT_SECONDS = 900
"""Longer than anything here takes on two busy cores."""
MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Sample:
    """What one run took: seconds on the clock and on processors, and the peak of resident memory in bytes."""

    seconds: float
    cpu: float
    peak: float


def run(
    command: Sequence[str | Path],
    output: Path,
    *,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    accepted: Container[int] = (0,),
) -> Sample:
    """Run a command, its standard output going to ``output``.

    ``accepted`` are the exit codes of a run that did its work. Raises FlotillaError when it fails or takes too long.
    """
    words = [sys.executable, "-I", "-S", STOPWATCH, str(LIMIT_SECONDS), output, *command]
    shown = " ".join(map(str, command))
    answer = subprocess.run(words, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        raise FlotillaError(f"bench: {shown}: could not be run: {_last_line(answer.stderr)}; run it by hand")
    taken = json.loads(answer.stdout)
    if taken["seconds"] >= LIMIT_SECONDS:
        raise FlotillaError(f"bench: {shown}: ended after {LIMIT_SECONDS} s; see what else runs on this machine")
    if taken["exit"] not in accepted:
        reason = _last_line(answer.stderr + output.read_text(encoding="utf-8"))
        raise FlotillaError(f"bench: {shown}: exit code {taken['exit']}: {reason}; run it by hand")
    return Sample(taken["seconds"], taken["cpu"], taken["peak"])


def in_turns(contestants: Mapping[str, Callable[[], Sample]], *, rounds: int, title: str) -> dict[str, list[Sample]]:
    """Run every contestant once unmeasured (caches, compiled Python), then ``rounds`` times in turns."""
    samples: dict[str, list[Sample]] = {name: [] for name in contestants}
    for number in range(rounds + 1):
        for name, contestant in contestants.items():
            sample = contestant()
            if number:
                samples[name].append(sample)
            label = f"round {number} of {rounds}" if number else "warm-up"
            print(f"  {title}, {label}: {name} {sample.seconds:.2f} s", file=sys.stderr, flush=True)
    return samples


def middle(samples: Iterable[Sample], what: str) -> float:
    """Give the median of one field of the samples."""
    values: list[float] = [getattr(sample, what) for sample in samples]
    return median(values)


def report(title: str, samples: Mapping[str, Sequence[Sample]], *, goal: float) -> None:
    """Print each contestant's medians, then the ratios of the first to the second: of time, against its goal.

    The ratio of processor time is steadier where other work shares the machine; no goal is set for it.
    """
    print(f"\n{title}; medians of {len(next(iter(samples.values())))} (fastest to slowest)")
    for name, taken in samples.items():
        times = sorted(sample.seconds for sample in taken)
        print(
            f"  {name:<16} {middle(taken, 'seconds'):7.2f} s ({times[0]:.2f} to {times[-1]:.2f})"
            f"  processors {middle(taken, 'cpu'):6.2f} s  peak {middle(taken, 'peak') / MIB:6.1f} MiB"
        )
    ours, theirs = samples.values()
    judge("time", middle(ours, "seconds") / middle(theirs, "seconds"), goal)
    print(f"  processor time: ratio {middle(ours, 'cpu') / middle(theirs, 'cpu'):.2f}", flush=True)


def judge(what: str, ratio: float, goal: float) -> None:
    """Print a ratio, and whether it is at most its goal."""
    verdict = "reached" if ratio <= goal else "MISSED"
    print(f"  {what}: ratio {ratio:.2f}, goal at most {goal:.2f}: {verdict}", flush=True)


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["no message"])[-1]
