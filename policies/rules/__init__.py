"""Every rule there is, in one explicit tuple."""

from __future__ import annotations

from policies.findings import Rule
from policies.rules import api_groups, exempted, hosts, known, ports, pull_policy, secrets

RULES: tuple[Rule, ...] = (
    *known.RULES,
    *ports.RULES,
    *pull_policy.RULES,
    *hosts.RULES,
    *api_groups.RULES,
    *secrets.RULES,
    *exempted.RULES,
)
