"""``flotilla render`` against ``helm template`` of a chart that makes the same objects (bench/README.md)."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench import fleets, measure, peers, sameness
from fleet.errors import FlotillaError

GOAL = 2.0
"""Issue 3, "What it must reach": at most 2 times as long as helm template."""
ROUNDS = {1_000: 7, 10_000: 3}
"""How often each number of variants is measured."""
PROVEN_WITH = 20
"""Variants of both kinds, two of them special: enough that both chart and plan take every branch."""
OURS, THEIRS = "flotilla render", "helm template"


@dataclass(frozen=True, slots=True)
class Contest:
    """Both contestants over one number of variants, in a folder of their own."""

    helm: Path
    folder: Path
    variants: int

    @property
    def rendered(self) -> Path:
        """The folder that we write."""
        return self.folder / "rendered"

    @property
    def templated(self) -> Path:
        """The file that Helm's output goes to."""
        return self.folder / "templated.yaml"

    def ours(self) -> measure.Sample:
        """Run ``flotilla render``, interpreter start and all."""
        flotilla = Path(sys.executable).with_name("flotilla")
        stack_file = self.folder / f"Pulumi.{fleets.STACK}.yaml"
        command: list[str | Path] = [flotilla, "render", fleets.STACK, "--config", stack_file, "--out", self.rendered]
        return measure.run(command, self.folder / "said", cwd=self.folder)

    def theirs(self) -> measure.Sample:
        """Run ``helm template``, in a home of its own so that no plugin or setting of the user's counts."""
        values = self.folder / "values.yaml"
        env = {**os.environ, "HOME": str(self.folder)}
        return measure.run(peers.template(self.helm, values), self.templated, cwd=self.folder, env=env)

    def write(self) -> None:
        """Write what both of them read."""
        self.folder.mkdir()
        fleets.write_stack_file(self.folder, self.variants)
        fleets.write_values(self.folder, self.variants)

    def objects(self) -> int:
        """Give the number of objects; raises FlotillaError when the two outputs differ in it."""
        ours = sum(_kinds(path) for path in (self.rendered / "kubernetes").iterdir())
        theirs = _kinds(self.templated)
        if ours != theirs:
            raise FlotillaError(f"bench: {ours} objects from us and {theirs} from Helm; correct bench/chart")
        return ours

    def prove(self) -> None:
        """Raise FlotillaError unless both make the same objects, compared as data."""
        self.write()
        self.ours()
        self.theirs()
        ours = sameness.read((self.rendered / "kubernetes").iterdir())
        sameness.require_same(ours, sameness.read([self.templated]), remedy="correct bench/chart")
        print(f"both make the same {len(ours)} objects for {self.variants} variants")


def _kinds(path: Path) -> int:
    return len(re.findall(r"^kind: ", path.read_text(encoding="utf-8"), re.MULTILINE))


def contest(helm_path: Path, folder: Path, variants: int, rounds: int) -> tuple[int, float]:
    """Measure and report one number of variants; gives the number of objects and our peak memory in bytes."""
    both = Contest(helm_path, folder, variants)
    both.write()
    contestants = {OURS: both.ours, THEIRS: both.theirs}
    samples = measure.in_turns(contestants, rounds=rounds, title=f"{variants:,} variants")
    objects = both.objects()
    measure.report(f"{variants:,} variants, {objects:,} objects", samples, goal=GOAL)
    shutil.rmtree(folder)
    return objects, measure.middle(samples[OURS], "peak")


def bench(helm_path: Path, folder: Path, rounds: int | None) -> None:
    """Prove that the work is the same, then measure every number of variants and what memory does between them."""
    Contest(helm_path, folder / "proof", PROVEN_WITH).prove()
    results = [
        contest(helm_path, folder / str(variants), variants, rounds or usual) for variants, usual in ROUNDS.items()
    ]
    (few, small), (many, large) = results
    print(f"\nmemory of {OURS}: {large / small:.2f} times as much for {many / few:.2f} times the objects")
    measure.judge("memory's growth by the objects'", (large / small) / (many / few), 1.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, help="measured runs of each, for every number of variants")
    rounds = parser.parse_args().rounds
    try:
        with tempfile.TemporaryDirectory(prefix="flotilla-bench-") as folder:
            bench(peers.build(peers.HELM), Path(folder), rounds)
    except FlotillaError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
