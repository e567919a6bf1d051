"""Every selector finds its own pods, only those, and ports agree from the route to the container."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

Manifest = dict[str, Any]
Raw = dict[str, Any]
Fleets = st.SearchStrategy[Raw]
Objects = Callable[..., Any]
Selects = Callable[[Manifest, Manifest], bool]
RUNS_PODS = ("Deployment", "StatefulSet")


def selected(selector: Manifest, pods: list[Any], selects: Selects) -> list[str]:
    return [pod.owner for pod in pods if selects(selector, pod.labels)]


@given(data=st.data())
def test_a_workload_selects_its_own_pods_and_no_others(
    any_fleet: Fleets, objects: Objects, selects: Selects, data: st.DataObject
) -> None:
    found = objects(data.draw(any_fleet))
    pods = list(found.pods())
    for workload in found.of(*RUNS_PODS):
        owner = f"{workload['kind']} {workload['metadata']['name']}"
        assert selected(workload["spec"]["selector"], pods, selects) == [owner]


@given(data=st.data())
def test_a_service_or_budget_selects_one_release(
    any_fleet: Fleets, objects: Objects, selects: Selects, data: st.DataObject
) -> None:
    found = objects(data.draw(any_fleet))
    pods = list(found.pods())
    for one in found.of("Service", "PodDisruptionBudget"):
        selector = one["spec"]["selector"]
        labels = selector if one["kind"] == "PodDisruptionBudget" else {"matchLabels": selector}
        (owner,) = selected(labels, pods, selects)
        assert owner.split()[1] == one["metadata"]["name"]


@given(data=st.data())
def test_pods_are_spread_among_their_own_release(
    any_fleet: Fleets, objects: Objects, selects: Selects, data: st.DataObject
) -> None:
    found = objects(data.draw(any_fleet))
    pods = list(found.pods())
    for pod in pods:
        for constraint in pod.spec.get("topologySpreadConstraints", []):
            assert selected(constraint["labelSelector"], pods, selects) == [pod.owner]


@given(data=st.data())
def test_every_pod_is_guarded_by_a_network_policy(
    any_fleet: Fleets, objects: Objects, selects: Selects, data: st.DataObject
) -> None:
    found = objects(data.draw(any_fleet))
    policies = found.of("NetworkPolicy")
    for pod in found.pods():
        guards = [policy for policy in policies if selects(policy["spec"]["podSelector"], pod.labels)]
        assert len(guards) == 1, pod.owner
        assert guards[0]["spec"]["policyTypes"] == ["Ingress", "Egress"]


def ports(pod: Any) -> dict[str, int]:
    return {port["name"]: port["containerPort"] for one in pod.containers for port in one.get("ports", [])}


@given(data=st.data())
def test_ports_agree_from_the_service_to_the_application(
    any_fleet: Fleets, objects: Objects, selects: Selects, data: st.DataObject
) -> None:
    found = objects(data.draw(any_fleet))
    pods = list(found.pods())
    for service in found.of("Service"):
        (pod,) = [pod for pod in pods if selects({"matchLabels": service["spec"]["selector"]}, pod.labels)]
        for port in service["spec"]["ports"]:
            assert port["targetPort"] in ports(pod)
    for pod in pods:
        for container in pod.containers:
            assert_agrees(container)


def assert_agrees(container: Manifest) -> None:
    """Hold probes and the PORT variable to the container's own port."""
    named = {port["name"]: port["containerPort"] for port in container.get("ports", [])}
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        if "httpGet" in container.get(probe, {}):
            assert container[probe]["httpGet"]["port"] in named
    variables = {variable["name"]: variable.get("value") for variable in container.get("env", [])}
    if "PORT" in variables:
        assert [str(port) for port in named.values()] == [variables["PORT"]]
    assert len(variables) == len(container.get("env", [])), "a variable stands twice"


@given(data=st.data())
def test_a_network_policy_opens_the_port_that_its_pods_serve(
    any_fleet: Fleets, objects: Objects, selects: Selects, data: st.DataObject
) -> None:
    found = objects(data.draw(any_fleet))
    pods = list(found.pods())
    for policy in found.of("NetworkPolicy"):
        opened = {port["port"] for rule in policy["spec"]["ingress"] for port in rule["ports"]}
        served = {
            port for pod in pods if selects(policy["spec"]["podSelector"], pod.labels) for port in ports(pod).values()
        }
        assert opened == served, policy["metadata"]["name"]


@given(data=st.data())
def test_a_monitor_selects_every_service_of_its_application(
    any_fleet: Fleets, objects: Objects, selects: Selects, data: st.DataObject
) -> None:
    found = objects(data.draw(any_fleet))
    services = found.of("Service")
    for monitor in found.of("ServiceMonitor"):
        app = monitor["metadata"]["name"]
        scraped = [one for one in services if selects(monitor["spec"]["selector"], one["metadata"]["labels"])]
        named = [one for one in services if one["metadata"]["labels"]["app.kubernetes.io/name"] == app]
        assert scraped == named
        assert scraped
        for endpoint in monitor["spec"]["endpoints"]:
            assert all(endpoint["port"] in {port["name"] for port in one["spec"]["ports"]} for one in scraped)
