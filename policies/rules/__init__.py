"""Every rule there is, in one explicit tuple."""

from __future__ import annotations

from policies.findings import Rule
from policies.rules import (
    api_groups,
    bindings,
    buckets,
    crons,
    databases,
    edge_hosts,
    edge_names,
    edge_references,
    edge_rollouts,
    exempted,
    hosts,
    known,
    ports,
    pull_policy,
    replacement,
    storage,
    volumes,
    workers,
)

RULES: tuple[Rule, ...] = (
    *known.RULES,
    *ports.RULES,
    *pull_policy.RULES,
    *hosts.RULES,
    *api_groups.RULES,
    *storage.RULES,
    *replacement.RULES,
    *databases.RULES,
    *volumes.RULES,
    *edge_names.RULES,
    *buckets.RULES,
    *crons.RULES,
    *edge_references.RULES,
    *bindings.RULES,
    *workers.RULES,
    *edge_hosts.RULES,
    *edge_rollouts.RULES,
    *exempted.RULES,
)
