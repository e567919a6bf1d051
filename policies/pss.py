"""The Pod Security Standards as k8s.io/pod-security-admission v0.36.3 decides them: which clauses a pod breaks.

The clauses stand in ``pss_baseline`` and ``pss_restricted``; what an unknown value may turn out to be breaks none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from policies.pods import Pods
from policies.pss_baseline import BASELINE
from policies.pss_clauses import Breach, Clause, Subject
from policies.pss_restricted import RESTRICTED

__all__ = ["BASELINE", "LATEST", "LEVELS", "RESTRICTED", "Breach", "Clause", "Subject", "breaches"]

LATEST: Final = 36
"""The minor version of Kubernetes whose text ``latest`` stands for."""
LEVELS: Final = ("privileged", "baseline", "restricted")


def breaches(pods: Pods, level: str, minor: int = LATEST) -> Iterator[Breach]:
    """Give what breaks a level of the Standards as Kubernetes 1.``minor`` reads them (exact from 1.19 on)."""
    subject = Subject(pods, minor)
    if level == "baseline":
        clauses = [clause for clause in BASELINE if clause.since <= minor]
    elif level == "restricted":
        strict = [clause for clause in RESTRICTED if clause.since <= minor]
        overridden = {clause.overrides for clause in strict}
        clauses = [clause for clause in BASELINE if clause.since <= minor and clause.check not in overridden] + strict
    else:
        return
    for clause in clauses:
        for breach in clause.judge(subject):
            yield replace(breach, check=clause.check)
