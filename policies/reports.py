"""Findings in the formats that machines read: JSON, SARIF 2.1.0 and JUnit."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree as ET

from policies.files import Problem, Reading
from policies.findings import Finding, Level, Rule
from policies.judge import Judgement
from policies.rules import RULES
from policies.settings import Exemption
from policies.values import dotted

SARIF_VERSION = "2.1.0"
SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_SARIF_LEVELS = {Level.MANDATORY: "error", Level.ADVISORY: "warning"}
_INDEX = {rule.code: position for position, rule in enumerate(RULES)}


@dataclass(frozen=True, slots=True)
class Located:
    """A finding and the line of the field it is about; no line for a resource that came from no file."""

    finding: Finding
    line: int | None

    @property
    def file(self) -> str | None:
        """The file that the resource was read from."""
        return self.finding.resource.file

    @property
    def entry(self) -> dict[str, Any]:
        """The finding as the JSON contract has it (DESIGN, Interfaces that stay stable)."""
        return {
            "rule": self.finding.rule.code,
            "level": self.finding.level.value,
            "resource": self.finding.resource.title,
            "message": self.finding.message,
            "remediation": self.finding.remediation,
            "file": self.file,
            "line": self.line,
        }

    @property
    def sort_key(self) -> tuple[Any, ...]:
        """The order of the files, and within a file the order of the objects in it."""
        return self.file or "", self.finding.resource.document, self.line or 0, self.finding.sort_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A judgement with the places of its findings, and what could not be read."""

    judgement: Judgement
    located: Sequence[Located]
    problems: Sequence[Problem]
    judged: int

    @classmethod
    def of(cls, judgement: Judgement, reading: Reading) -> Report:
        """Find the lines of a judgement's findings in what was read, and put them in the order of the files."""
        located = [Located(finding, reading.line(finding)) for finding in judgement.findings]
        first: dict[tuple[str | None, str], tuple[Any, ...]] = {}
        for one in located:
            group = (one.file, one.finding.resource.title)
            first[group] = min(first.get(group, one.sort_key), one.sort_key)
        located.sort(key=lambda one: (first[one.file, one.finding.resource.title], one.sort_key))
        return cls(judgement=judgement, located=located, problems=reading.problems, judged=len(reading.resources))

    @property
    def mandatory(self) -> int:
        """How many findings are mandatory."""
        return sum(one.finding.level is Level.MANDATORY for one in self.located)


def as_json(report: Report) -> str:
    """Write ``{"findings": [...]}``; ``"exempted"``, ``"notes"`` and ``"problems"`` where there are any."""
    value: dict[str, Any] = {"findings": [one.entry for one in report.located]}
    if report.judgement.exempted:
        value["exempted"] = [
            {"rule": finding.rule.code, "resource": finding.resource.title, "message": finding.message}
            | {"reason": exemption.reason, "expires": exemption.expires.isoformat()}
            for finding, exemption in report.judgement.exempted
        ]
    if report.judgement.notes:
        value["notes"] = report.judgement.notes
    if report.problems:
        value["problems"] = [{"file": one.file, "line": one.line, "message": one.message} for one in report.problems]
    return json.dumps(value, indent=2, ensure_ascii=False)


def as_sarif(report: Report) -> str:
    """Write SARIF 2.1.0 (docs.oasis-open.org/sarif/sarif/v2.1.0), one run with every rule and its help.

    What is exempted is a result with a suppression, so that a code host shows it as dismissed and not as gone.
    """
    results = [_sarif_result(one.finding, one.line) for one in report.located]
    results += [_sarif_suppressed(finding, exemption) for finding, exemption in report.judgement.exempted]
    notifications = [
        {"level": "error", "message": {"text": one.message}, "locations": [_place(one.file, one.line)]}
        for one in report.problems
    ]
    notifications += [{"level": "note", "message": {"text": note}} for note in report.judgement.notes]
    run = {
        "tool": {"driver": {"name": "flotilla", "rules": [_sarif_rule(rule) for rule in RULES]}},
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {"executionSuccessful": not report.problems, "toolExecutionNotifications": notifications},
        ],
        "results": results,
    }
    return json.dumps({"$schema": SARIF_SCHEMA, "version": SARIF_VERSION, "runs": [run]}, indent=2, ensure_ascii=False)


def _sarif_rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "helpUri": rule.source,
        "help": {"text": rule.remediation},
        "defaultConfiguration": {"level": _SARIF_LEVELS[rule.level]},
    }


def _sarif_result(finding: Finding, line: int | None) -> dict[str, Any]:
    logical = {"logicalLocations": [{"fullyQualifiedName": finding.resource.title, "kind": "resource"}]}
    place = _place(finding.resource.file, line) if finding.resource.file else {}
    return {
        "ruleId": finding.rule.code,
        "ruleIndex": _INDEX[finding.rule.code],
        "level": _SARIF_LEVELS[finding.level],
        "message": {"text": f"{finding.resource.title}: {finding.message}. {finding.remediation}"},
        "locations": [place | logical],
        "partialFingerprints": {"flotillaFinding/v1": _fingerprint(finding)},
    }


def _fingerprint(finding: Finding) -> str:
    """Tell a finding from others by what it is about and not by its line, so that an edit above it makes no new one."""
    parts = (finding.rule.code, finding.resource.title, dotted(finding.path), finding.message)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _sarif_suppressed(finding: Finding, exemption: Exemption) -> dict[str, Any]:
    reason = f"{exemption.reason} (until {exemption.expires})"
    suppression = {"kind": "external", "status": "accepted", "justification": reason}
    return _sarif_result(finding, finding.resource.line) | {"suppressions": [suppression]}


def _place(file: str, line: int | None) -> dict[str, Any]:
    path = PurePath(file)
    uri = path.as_uri() if path.is_absolute() else quote(path.as_posix())
    return {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": {"startLine": line or 1}}}


def as_junit(report: Report) -> str:
    """Write JUnit XML: a test case per rule that holds, one per finding (a failure), one per problem (an error)."""
    cases = [_junit_finding(one) for one in report.located]
    broken = {one.finding.rule.code for one in report.located}
    cases += [_case(rule.code, rule.name) for rule in RULES if rule.code not in broken]
    for problem in report.problems:
        case = _case("input", f"{problem.file}:{problem.line}")
        ET.SubElement(case, "error", message=_printable(problem.message), type="input")
        cases.append(case)
    counts = {"tests": str(len(cases)), "failures": str(report.mandatory), "errors": str(len(report.problems))}
    root = ET.Element("testsuites", counts | {"name": "flotilla check"})
    suite = ET.SubElement(root, "testsuite", dict(root.attrib))
    suite.extend(cases)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True)


def _junit_finding(one: Located) -> ET.Element:
    finding = one.finding
    case = _case(finding.rule.code, f"{finding.rule.name}: {finding.resource.title}")
    if one.file:
        case.set("file", _printable(one.file))
        case.set("line", str(one.line or 1))
    text = f"{one.file or finding.resource.title}:{one.line or 1}: {finding.message}. {finding.remediation}"
    if finding.level is Level.MANDATORY:
        failure = ET.SubElement(case, "failure", message=_printable(finding.message), type=finding.rule.code)
        failure.text = _printable(text)
    else:
        ET.SubElement(case, "system-out").text = _printable(text)
    return case


def _case(classname: str, name: str) -> ET.Element:
    return ET.Element("testcase", classname=classname, name=_printable(name))


def _printable(text: str) -> str:
    """Replace what XML 1.0 has no way to write."""
    return "".join(
        character if character.isprintable() or character in "\n\t" else "\N{REPLACEMENT CHARACTER}"
        for character in text
    )
