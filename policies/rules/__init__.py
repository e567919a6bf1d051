"""Every rule there is, in one explicit tuple."""

from __future__ import annotations

from policies.findings import Rule
from policies.rules import (
    accounts,
    admission,
    api_groups,
    cors,
    dashboards,
    encryption,
    exempted,
    exposure,
    hosts,
    known,
    pod_security,
    ports,
    pull_policy,
    rights,
    sessions,
    snippets,
)

RULES: tuple[Rule, ...] = (
    *known.RULES,
    *ports.RULES,
    *pull_policy.RULES,
    *hosts.RULES,
    *api_groups.RULES,
    *pod_security.RULES,
    *admission.RULES,
    *sessions.RULES,
    *rights.RULES,
    *accounts.RULES,
    *exposure.RULES,
    *dashboards.RULES,
    *encryption.RULES,
    *snippets.RULES,
    *cors.RULES,
    *exempted.RULES,
)
