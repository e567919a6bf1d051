"""Every rule there is, in one explicit tuple."""

from __future__ import annotations

from policies.findings import Rule
from policies.rules import (
    api_groups,
    controllers,
    crossings,
    exempted,
    hosts,
    keys,
    known,
    mounts,
    parents,
    ports,
    pull_policy,
    references,
    selectors,
)

RULES: tuple[Rule, ...] = (
    *known.RULES,
    *ports.RULES,
    *pull_policy.RULES,
    *hosts.RULES,
    *api_groups.RULES,
    *selectors.RULES,
    *references.RULES,
    *controllers.RULES,
    *keys.RULES,
    *mounts.RULES,
    *parents.RULES,
    *crossings.RULES,
    *exempted.RULES,
)
