"""Findings in the formats that machines read: JSON, SARIF 2.1.0 and JUnit."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree as ET

from policies.files import Problem
from policies.findings import Finding, Level
from policies.rules import RULES

SARIF_VERSION = "2.1.0"
SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_SARIF_LEVELS = {Level.MANDATORY: "error", Level.ADVISORY: "warning"}


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


def as_json(located: Sequence[Located], problems: Sequence[Problem]) -> str:
    """Write ``{"findings": [...]}``, with ``"problems"`` where input could not be read."""
    report: dict[str, Any] = {"findings": [one.entry for one in located]}
    if problems:
        report["problems"] = [{"file": one.file, "line": one.line, "message": one.message} for one in problems]
    return json.dumps(report, indent=2, ensure_ascii=False)


def as_sarif(located: Sequence[Located], problems: Sequence[Problem]) -> str:
    """Write SARIF 2.1.0 (docs.oasis-open.org/sarif/sarif/v2.1.0), one run with every rule and its help."""
    run = {
        "tool": {"driver": {"name": "flotilla", "rules": [_sarif_rule(index) for index in range(len(RULES))]}},
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": not problems,
                "toolExecutionNotifications": [
                    {"level": "error", "message": {"text": one.message}, "locations": [_place(one.file, one.line)]}
                    for one in problems
                ],
            }
        ],
        "results": [_sarif_result(one) for one in located],
    }
    return json.dumps({"$schema": SARIF_SCHEMA, "version": SARIF_VERSION, "runs": [run]}, indent=2, ensure_ascii=False)


def _sarif_rule(index: int) -> dict[str, Any]:
    rule = RULES[index]
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "helpUri": rule.source,
        "help": {"text": rule.remediation},
        "defaultConfiguration": {"level": _SARIF_LEVELS[rule.level]},
    }


def _sarif_result(one: Located) -> dict[str, Any]:
    finding = one.finding
    result = {
        "ruleId": finding.rule.code,
        "ruleIndex": RULES.index(finding.rule),
        "level": _SARIF_LEVELS[finding.level],
        "message": {"text": f"{finding.resource.title}: {finding.message}. {finding.remediation}"},
    }
    logical = {"logicalLocations": [{"fullyQualifiedName": finding.resource.title, "kind": "resource"}]}
    place = _place(one.file, one.line) if one.file else {}
    return result | {"locations": [place | logical]}


def _place(file: str, line: int | None) -> dict[str, Any]:
    path = PurePath(file)
    uri = path.as_uri() if path.is_absolute() else quote(path.as_posix())
    return {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": {"startLine": line or 1}}}


def as_junit(located: Sequence[Located], problems: Sequence[Problem]) -> str:
    """Write JUnit XML: a test case per rule that holds, one per finding (a failure), one per problem (an error)."""
    cases = [_junit_finding(one) for one in located]
    broken = {one.finding.rule.code for one in located}
    cases += [_case(rule.code, rule.name) for rule in RULES if rule.code not in broken]
    for problem in problems:
        case = _case("input", f"{problem.file}:{problem.line}")
        ET.SubElement(case, "error", message=_printable(problem.message), type="input")
        cases.append(case)
    failures = sum(one.finding.level is Level.MANDATORY for one in located)
    counts = {"tests": str(len(cases)), "failures": str(failures), "errors": str(len(problems))}
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
