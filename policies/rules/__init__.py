"""Every rule there is, in one explicit tuple."""

from __future__ import annotations

from policies.findings import Rule
from policies.rules import (
    api_groups,
    api_versions,
    exempted,
    fields,
    hosts,
    identity,
    keys,
    known,
    object_names,
    ports,
    pull_policy,
)

RULES: tuple[Rule, ...] = (
    *known.RULES,
    *ports.RULES,
    *pull_policy.RULES,
    *hosts.RULES,
    *api_groups.RULES,
    *api_versions.RULES,
    *identity.RULES,
    *object_names.RULES,
    *fields.RULES,
    *keys.RULES,
    *exempted.RULES,
)
