"""Every rule there is, in one explicit tuple."""

from __future__ import annotations

from policies.findings import Rule
from policies.rules import (
    api_groups,
    compartments,
    exempted,
    hosts,
    key_purposes,
    known,
    open_databases,
    ports,
    pull_policy,
    secrets,
    worker_secrets,
)

RULES: tuple[Rule, ...] = (
    *known.RULES,
    *ports.RULES,
    *pull_policy.RULES,
    *hosts.RULES,
    *api_groups.RULES,
    *secrets.RULES,
    *worker_secrets.RULES,
    *compartments.RULES,
    *key_purposes.RULES,
    *open_databases.RULES,
    *exempted.RULES,
)
