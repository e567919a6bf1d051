"""The Pod Security Standards as k8s.io/pod-security-admission v0.36.3 decides them: which clauses a pod breaks.

The clauses stand in ``pss_baseline`` and ``pss_restricted``; what an unknown value may turn out to be breaks none.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Final

from policies.pods import Pods
from policies.pss_baseline import BASELINE
from policies.pss_clauses import Breach, Clause, Subject
from policies.pss_restricted import RESTRICTED

__all__ = ["BASELINE", "LATEST", "LEVELS", "RESTRICTED", "Breach", "Clause", "Subject", "breaches"]

LATEST: Final = 36
"""The minor version of Kubernetes whose text ``latest`` stands for."""
LEVELS: Final = ("privileged", "baseline", "restricted")


def breaches(pods: Pods, level: str, minor: int = LATEST) -> tuple[Breach, ...]:
    """Give what breaks a level of the Standards as Kubernetes 1.``minor`` reads them (exact from 1.19 on).

    The same answer to every rule that asks, worked out once.
    """
    key = f"pss {level} {minor}"
    if key not in pods.resource.derived:
        subject = Subject(pods, minor)
        found = (replace(one, check=clause.check) for clause in _clauses(level, minor) for one in clause.judge(subject))
        pods.resource.derived[key] = tuple(found)
    result: tuple[Breach, ...] = pods.resource.derived[key]
    return result


@cache
def _clauses(level: str, minor: int) -> tuple[Clause, ...]:
    weak, strict = ([one for one in clauses if one.since <= minor] for clauses in (BASELINE, RESTRICTED))
    if level != "restricted":
        return tuple(weak) if level == "baseline" else ()
    overridden = {one.overrides for one in strict}
    return (*(one for one in weak if one.check not in overridden), *strict)
