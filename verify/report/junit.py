"""The run as JUnit, for what shows tests: a suite for each subject, a case for each check.

What could not be told is an error and no skip, for a skip shows as good, and so is the purchase where it was left out;
only what can't be told in this place by nature, and a part that nobody asked for, is one.
"""

from __future__ import annotations

import re
from itertools import groupby
from xml.etree import ElementTree as ET

from verify.results import UNBOUGHT, Outcome, Result, Run

_LEFT_OUT = "left out"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML 1.0 document may hold (W3C, Extensible Markup Language, Char)."""


def render(run: Run) -> str:
    """Give the run as JUnit XML, ending with a line break."""
    about = {"name": f"flotilla verify {run.target}", "time": f"{run.seconds:.3f}"}
    left = ["error" if what == UNBOUGHT else "skipped" for what in run.left_out]
    root = ET.Element("testsuites", about | _counts([*map(_kind, run.results), *left]))
    ordered = sorted(run.results, key=lambda one: one.subject)
    for subject, group in groupby(ordered, key=lambda one: one.subject):
        results = tuple(group)
        dated = {"name": subject, "timestamp": run.started.isoformat()}
        suite = ET.SubElement(root, "testsuite", dated | _counts([*map(_kind, results)]))
        for one in results:
            _case(suite, one)
    if left:
        suite = ET.SubElement(root, "testsuite", {"name": _LEFT_OUT, **_counts(left)})
        for kind, what in zip(left, run.left_out, strict=True):
            case = ET.SubElement(suite, "testcase", classname=_LEFT_OUT, name=what, time="0")
            ET.SubElement(case, kind, message=f"{_LEFT_OUT}: {what}")
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _case(suite: ET.Element, result: Result) -> None:
    name = f"{result.subject}.{result.part.value}"
    case = ET.SubElement(suite, "testcase", classname=name, name=result.check, time=f"{result.seconds:.3f}")
    if result.outcome is Outcome.PASS:
        return
    about = ET.SubElement(case, _kind(result), message=_clean(result.message))
    told = (("cause", result.cause), ("resource", result.resource), ("remedy", result.remedy))
    about.text = _clean("\n".join(f"{word}: {text}" for word, text in told if text))


def _kind(result: Result) -> str:
    """Give the element that a result becomes; empty for a pass."""
    if result.outcome is Outcome.PASS:
        return ""
    if result.outcome is Outcome.FAIL:
        return "failure"
    return "skipped" if result.elsewhere else "error"


def _counts(kinds: list[str]) -> dict[str, str]:
    named = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    return {"tests": str(len(kinds)), **{name: str(kinds.count(kind)) for name, kind in named.items()}}


def _clean(text: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
