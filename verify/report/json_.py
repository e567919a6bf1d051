"""The run as JSON, for programs; pictures stay in the HTML report."""

from __future__ import annotations

import json
from typing import Any

from verify.results import Result, Run


def render(run: Run) -> str:
    """Give the run as one JSON object, ending with a line break."""
    return json.dumps(as_value(run), indent=2, ensure_ascii=False) + "\n"


def as_value(run: Run) -> dict[str, Any]:
    """Give the run as plain values; docs/verifying.md names the fields, and none is ever taken away."""
    return {
        "target": run.target,
        "purpose": run.purpose,
        "started": run.started.isoformat(),
        "seconds": round(run.seconds, 3),
        "outcome": run.outcome.value,
        "reason": run.reason,
        "score": {
            "points": run.score.points,
            "advice": run.score.advice,
            "needed": run.score.needed,
            "parts": {part.part.value: part.points for part in run.score.parts},
        },
        "shops": dict(run.shops),
        "environment": dict(run.environment),
        "left_out": list(run.left_out),
        "results": [_result(one) for one in run.results],
    }


def _result(result: Result) -> dict[str, Any]:
    return {
        "check": result.check,
        "part": result.part.value,
        "subject": result.subject,
        "outcome": result.outcome.value,
        "message": result.message,
        "cause": result.cause,
        "resource": result.resource,
        "remedy": result.remedy,
        "seconds": round(result.seconds, 3),
        "elsewhere": result.elsewhere,
    }
