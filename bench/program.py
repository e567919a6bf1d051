"""``__main__.py`` against a flat program of the same objects, under the real Pulumi engine (bench/README.md)."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from bench import fleets, measure, sameness
from bench.room import VERBS, Project, write_provider
from fleet.errors import FlotillaError
from manifests.fleet import plan
from manifests.render import RESOURCES_FILE, render
from ops import stackfile

GOAL = 1.3
"""Issue 3, "What it must reach": at most 1.3 times a flat program, for preview and for up."""
VARIANTS = 300
ROUNDS = 5
OURS, FLAT = "__main__.py", "flat program"
FLAT_PROGRAM = Path(__file__).with_name("flat")


def furnish(folder: Path, variants: int) -> dict[str, Project]:
    """Give both projects, each with an empty stack that has everything it needs."""
    write_provider(folder)
    ours = Project(stackfile.PROJECT, folder / "flotilla")
    flat = Project(FLAT_PROGRAM, folder / "flat")
    ours.set_up(variants, {})
    render(plan(stackfile.read(fleets.STACK, fleets.write_stack_file(folder, variants)).fleet()), folder)
    flat.set_up(variants, {"resources": str(folder / RESOURCES_FILE)})
    return {OURS: ours, FLAT: flat}


def prove(projects: dict[str, Project]) -> int:
    """Raise FlotillaError unless both programs make the same objects; gives their number."""
    for project in projects.values():
        project.sample("up")
    ours, flat = (_comparable(project.registered()) for project in projects.values())
    sameness.require_same(ours, flat, remedy="correct bench/flat")
    print(f"both make the same {len(ours)} objects")
    return len(ours)


def _comparable(objects: dict[tuple[str, str], Any]) -> sameness.Objects:
    """Leave out what the engine has encrypted: the same value never looks the same twice."""
    return {
        key: {name: given for name, given in found.items() if name != "stringData"} for key, found in objects.items()
    }


def bench(folder: Path, variants: int, rounds: int) -> None:
    """Prove that the work is the same, then measure preview and up."""
    projects = furnish(folder, variants)
    objects = prove(projects)
    for verb in VERBS:
        contestants = {name: partial(project.sample, verb) for name, project in projects.items()}
        samples = measure.in_turns(contestants, rounds=rounds, title=verb)
        measure.report(f"{verb} of {variants:,} variants, {objects:,} objects", samples, goal=GOAL)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--variants", type=int, default=VARIANTS, help="how many shops")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="measured runs of each program and verb")
    arguments = parser.parse_args()
    if shutil.which("pulumi") is None:
        print("bench: the program was not measured, no pulumi on PATH")
        return
    try:
        with tempfile.TemporaryDirectory(prefix="flotilla-bench-") as folder:
            bench(Path(folder), arguments.variants, arguments.rounds)
    except FlotillaError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
