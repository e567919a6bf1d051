"""A NetworkPolicy allows ports that the pods behind it serve."""

from __future__ import annotations

from typing import Any

import pytest

FOUND = {("FLT-PORT-012", "NetworkPolicy n")}


def pods(name: str, *ports: tuple[str, int]) -> dict[str, Any]:
    listed = [{"name": port, "containerPort": number} for port, number in ports]
    spec = {"containers": [{"name": "c", "image": "a:1.0.0", "ports": listed}]}
    template = {"metadata": {"labels": {"app": name}}, "spec": spec}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": {"template": template}}


SHOP = pods("shop", ("http", 3000), ("metrics", 9091))


def policy(direction: str, *rules: dict[str, Any], selector: dict[str, Any] | None = None) -> dict[str, Any]:
    chosen = {"matchLabels": {"app": "shop"}} if selector is None else selector
    spec = {"podSelector": chosen, direction: list(rules)}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "n"}, "spec": spec}


def rule(*ports: Any, **more: Any) -> dict[str, Any]:
    return {"ports": [port if isinstance(port, dict) else {"port": port} for port in ports]} | more


@pytest.mark.parametrize("ports", [[80], ["web"], [80, 9091], [80, 443]])
def test_a_port_that_the_selected_pods_do_not_serve_is_advice(found: Any, ports: list[Any]) -> None:
    assert found([SHOP, policy("ingress", rule(3000))]) == set()
    assert found([SHOP, policy("ingress", rule(*ports))]) == FOUND


@pytest.mark.parametrize(
    "rules",
    [
        [rule("http")],
        [rule(3000, 8080)],
        [rule({"port": 3000, "protocol": "UDP"})],
        [rule(3000), rule(9091)],
        [rule({"port": 2000, "endPort": 4000})],
        [rule({"protocol": "TCP"})],
        [{"from": []}],
    ],
)
def test_what_reaches_the_pods_is_fine(found: Any, rules: list[dict[str, Any]]) -> None:
    assert found([SHOP, policy("ingress", *rules)]) == set()


def test_a_policy_for_all_pods_or_for_none_at_hand_is_not_judged(found: Any) -> None:
    assert found([SHOP, policy("ingress", rule(80), selector={})]) == set()
    assert found([SHOP, policy("ingress", rule(80), selector={"matchLabels": {"app": "other"}})]) == set()
    assert found([pods("shop"), policy("ingress", rule(80))]) == set()


def test_an_egress_rule_leads_to_the_pods_own_port_too(found: Any) -> None:
    to_shop = {"to": [{"podSelector": {"matchLabels": {"app": "shop"}}}]}
    other = {"matchLabels": {"app": "other"}}
    assert found([SHOP, policy("egress", rule(3000, **to_shop), selector=other)]) == set()
    assert found([SHOP, policy("egress", rule(80, **to_shop), selector=other)]) == FOUND
    elsewhere = {"to": [*to_shop["to"], {"ipBlock": {"cidr": "10.0.0.0/8"}}]}
    assert found([SHOP, policy("egress", rule(80, **elsewhere), selector=other)]) == set()
