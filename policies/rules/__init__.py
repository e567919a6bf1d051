"""Every rule there is, in one explicit tuple."""

from __future__ import annotations

from policies.findings import Rule
from policies.rules import admission, api_groups, cors, exempted, hosts, known, pod_security, ports, pull_policy

RULES: tuple[Rule, ...] = (
    *known.RULES,
    *ports.RULES,
    *pull_policy.RULES,
    *hosts.RULES,
    *api_groups.RULES,
    *pod_security.RULES,
    *admission.RULES,
    *cors.RULES,
    *exempted.RULES,
)
