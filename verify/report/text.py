"""What people read in a terminal or a log: what failed and why, what could not be told, the score."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from verify.report.order import grouped, is_consequence, of_outcome, untold
from verify.results import FOLLOWS, Outcome, Result, Run

_MOST = 3
"""How many subjects of one check are shown in full; the others, who say the same, by name."""


def render(run: Run) -> str:
    """Give the whole report, ending with a line break."""
    return "\n".join(_lines(run)) + "\n"


def line(result: Result) -> str:
    """Give one result in one line: for live progress."""
    return f"{result.outcome.value.upper()} {result.subject} {result.check}: {shown(result.message)}"


def shown(text: str) -> str:
    """Replace what a terminal would obey rather than show: what a page says may hold any character."""
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text)


def _lines(run: Run) -> Iterator[str]:
    yield f"{run.target} ({run.purpose}), {run.started:%Y-%m-%d %H:%M:%S} UTC, {run.seconds:.1f} s"
    yield from _block("failed", of_outcome(run.results, Outcome.FAIL))
    yield from _block("could not tell", untold(run.results, elsewhere=False))
    yield from _said("can't be told in this place, and is no pass", untold(run.results, elsewhere=True))
    yield ""
    yield from _score(run)
    yield f"{run.outcome.value.upper()}{f': {shown(run.reason)}' if run.reason else ''}"


def _block(title: str, results: Sequence[Result]) -> Iterator[str]:
    if not results:
        return
    yield from ("", f"{title}: {len(results)}")
    origins = [one for one in results if not is_consequence(one)]
    for found in grouped(origins, lambda one: (one.check, one.cause)):
        for one in found[:_MOST]:
            yield from _entry(one)
        if names := ", ".join(one.subject for one in found[_MOST:]):
            yield f"  {found[0].check}: the same of {names}"
    yield from _consequences([one for one in results if is_consequence(one)])


def _consequences(results: Sequence[Result]) -> Iterator[str]:
    """Give a line for all subjects of which the same follows from the same: they are not to be mended by themselves."""
    told: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for one in results:
        told[one.subject][_origin(one)].append(one.check)
    alike: dict[str, list[str]] = defaultdict(list)
    for subject, origins in told.items():
        for origin, checks in origins.items():
            alike[f"{', '.join(checks)} {'follow' if len(checks) > 1 else 'follows'} from {origin}"].append(subject)
    for what, subjects in alike.items():
        yield f"  {', '.join(subjects)}: {shown(what)}"


def _origin(result: Result) -> str:
    """Give the check that explains a result, and whose, unless it is the same subject's."""
    check, _, subject = result.cause.removeprefix(FOLLOWS).partition(":")[0].partition(" of ")
    return check if subject == result.subject else f"{check} of {subject}"


def _entry(result: Result) -> Iterator[str]:
    yield f"  {result.subject} {result.check}: {shown(result.message)}"
    for name, text in (("cause", result.cause), ("resource", result.resource), ("remedy", result.remedy)):
        if text:
            yield f"    {name}: {shown(text)}"


def _said(title: str, results: Sequence[Result]) -> Iterator[str]:
    if not results:
        return
    yield from ("", f"{title}: {len(results)}")
    for found in grouped(results, lambda one: (one.check, one.message)):
        yield f"  {', '.join(one.subject for one in found)} {found[0].check}: {shown(found[0].message)}"


def _score(run: Run) -> Iterator[str]:
    count = sum(one.outcome is Outcome.PASS for one in run.results)
    parts = ", ".join(
        f"{part.part.value} {'not checked' if part.points is None else f'{part.points:.0f}'}"
        for part in run.score.parts
    )
    yield f"{count} of {len(run.results)} checks passed"
    if run.left_out:
        yield f"left out: {'; '.join(run.left_out)}"
    yield f"score {run.score.points} ({run.score.advice}; needed {run.score.needed}): {parts}"
