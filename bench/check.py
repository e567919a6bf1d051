"""``flotilla check`` against ``kube-score`` on the same files, then on ten times as many (bench/README.md)."""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench import fleets, measure, peers
from fleet.errors import FlotillaError
from policies.rules import RULES

GOAL = 0.5
"""Issue 4, "What it must reach": at most half the time of kube-score for 1,000 variants."""
LINEAR = 1.1
"""How much more than ten times ten times the objects may take before we call it more than linear."""
FEW, MANY = 1_000, 10_000
ROUNDS, ROUNDS_OF_MANY = 5, 3
OURS, THEIRS = "flotilla check", "kube-score"
FLOTILLA = Path(sys.executable).with_name("flotilla")


@dataclass(frozen=True, slots=True)
class Contest:
    """Both contestants over the rendered objects of one number of variants, in a folder of their own."""

    kube_score: Path
    folder: Path
    variants: int

    @property
    def said(self) -> Path:
        """What the last contestant printed."""
        return self.folder / "said"

    @property
    def files(self) -> list[Path]:
        """The manifests that both of them read."""
        return sorted((self.folder / "rendered/kubernetes").glob("*.yaml"))

    def write(self) -> None:
        """Render the fleet."""
        self.folder.mkdir()
        stack_file = fleets.write_stack_file(self.folder, self.variants)
        out = self.folder / "rendered"
        command: list[str | Path] = [FLOTILLA, "render", fleets.STACK, "--config", stack_file, "--out", out]
        measure.run(command, self.said, cwd=self.folder)

    def ours(self) -> measure.Sample:
        """Run ``flotilla check``, interpreter start and all."""
        return measure.run([FLOTILLA, "check", "rendered/kubernetes"], self.said, cwd=self.folder)

    def theirs(self) -> measure.Sample:
        """Run ``kube-score``; 1 is its exit code for what it calls critical."""
        command: list[str | Path] = [self.kube_score, "score", *self.files]
        return measure.run(command, self.said, cwd=self.folder, accepted=(0, 1))

    def objects(self) -> int:
        """Give the number of objects; raises FlotillaError unless we judged every one and they reported on many."""
        written = sum(
            len(re.findall(r"^kind: ", path.read_text(encoding="utf-8"), re.MULTILINE)) for path in self.files
        )
        self.ours()
        judged = re.search(r"^(\d+) resources judged", self.said.read_text(encoding="utf-8"), re.MULTILINE)
        if judged is None or int(judged[1]) != written:
            raise FlotillaError(f"bench: {written} objects were written, check judged {judged and judged[1]}")
        self.theirs()
        reported = len(re.findall(r"^\S+/\S+ \S+ in ", self.said.read_text(encoding="utf-8"), re.MULTILINE))
        if reported < self.variants:
            raise FlotillaError(f"bench: kube-score reported on {reported} of {written} objects only")
        return written


def bench(kube_score: Path, folder: Path, rounds: int | None) -> None:
    """Measure against kube-score, then how the time grows with the objects."""
    few, many = Contest(kube_score, folder / "few", FEW), Contest(kube_score, folder / "many", MANY)
    few.write()
    objects = few.objects()
    print(f"{len(RULES)} rules over {objects:,} objects")
    samples = measure.in_turns({OURS: few.ours, THEIRS: few.theirs}, rounds=rounds or ROUNDS, title=f"{FEW:,} variants")
    measure.report(f"{FEW:,} variants, {objects:,} objects", samples, goal=GOAL)
    many.write()
    grown = measure.in_turns(
        {"ten times": many.ours, "once": few.ours}, rounds=rounds or ROUNDS_OF_MANY, title=f"{MANY:,} variants"
    )
    shutil.rmtree(few.folder)
    judged = re.search(r"^(\d+) resources judged", many.said.read_text(encoding="utf-8"), re.MULTILINE)
    more = int(judged[1]) / objects if judged else 0
    longer = measure.middle(grown["ten times"], "cpu") / measure.middle(grown["once"], "cpu")
    print(f"\n{MANY:,} variants: {longer:.2f} times the processor time for {more:.2f} times the objects")
    measure.judge("growth of the time by the objects'", longer / more, LINEAR)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, help="measured runs of each")
    rounds = parser.parse_args().rounds
    try:
        with tempfile.TemporaryDirectory(prefix="flotilla-bench-") as folder:
            bench(peers.build(peers.KUBE_SCORE), Path(folder), rounds)
    except FlotillaError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
