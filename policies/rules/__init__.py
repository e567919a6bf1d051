"""Every rule there is, in one explicit tuple."""

from __future__ import annotations

from policies.findings import Rule
from policies.rules import (
    api_groups,
    catch_all,
    certificates,
    entry_points,
    exempted,
    gateways,
    host_names,
    hosts,
    known,
    ports,
    pull_policy,
    reach,
    routes,
)

RULES: tuple[Rule, ...] = (
    *known.RULES,
    *ports.RULES,
    *pull_policy.RULES,
    *hosts.RULES,
    *host_names.RULES,
    *certificates.RULES,
    *catch_all.RULES,
    *routes.RULES,
    *reach.RULES,
    *entry_points.RULES,
    *gateways.RULES,
    *api_groups.RULES,
    *exempted.RULES,
)
