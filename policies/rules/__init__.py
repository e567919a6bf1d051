"""Every rule there is, in one explicit tuple."""

from __future__ import annotations

from policies.findings import Rule
from policies.rules import (
    api_groups,
    exempted,
    hosts,
    image_names,
    known,
    monitor_ports,
    node_ports,
    port_allowances,
    port_clashes,
    port_values,
    ports,
    probe_ports,
    pull_policy,
    service_ports,
    told_ports,
)

RULES: tuple[Rule, ...] = (
    *known.RULES,
    *probe_ports.RULES,
    *ports.RULES,
    *told_ports.RULES,
    *port_values.RULES,
    *port_clashes.RULES,
    *node_ports.RULES,
    *monitor_ports.RULES,
    *port_allowances.RULES,
    *service_ports.RULES,
    *pull_policy.RULES,
    *image_names.RULES,
    *hosts.RULES,
    *api_groups.RULES,
    *exempted.RULES,
)
