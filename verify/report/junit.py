"""The run as JUnit, for what shows tests: a suite for each subject, a case for each check.

What could not be told is an error and no skip, for a skip shows as good; only what can't be told in this place by
nature is one.
"""

from __future__ import annotations

import re
from itertools import groupby
from xml.etree import ElementTree as ET

from verify.results import Outcome, Result, Run

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML 1.0 document may hold (W3C, Extensible Markup Language, Char)."""


def render(run: Run) -> str:
    """Give the run as JUnit XML, ending with a line break."""
    about = {"name": f"flotilla verify {run.target}", "time": f"{run.seconds:.3f}"}
    root = ET.Element("testsuites", about | _counts(run.results))
    ordered = sorted(run.results, key=lambda one: one.subject)
    for subject, group in groupby(ordered, key=lambda one: one.subject):
        results = tuple(group)
        dated = {"name": subject, "timestamp": run.started.isoformat()}
        suite = ET.SubElement(root, "testsuite", dated | _counts(results))
        for one in results:
            _case(suite, one)
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
    if result.outcome is Outcome.FAIL:
        return "failure"
    return "skipped" if result.elsewhere else "error"


def _counts(results: tuple[Result, ...]) -> dict[str, str]:
    kinds = [_kind(one) for one in results if one.outcome is not Outcome.PASS]
    named = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    return {"tests": str(len(results)), **{name: str(kinds.count(kind)) for name, kind in named.items()}}


def _clean(text: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
