"""Whatever an object names is there, and it is the right thing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fleet.load import load
from manifests.assumed import assumed_secrets

Manifest = dict[str, Any]
Raw = dict[str, Any]
Fleets = st.SearchStrategy[Raw]
Objects = Callable[..., Any]


def secrets_of(pod: Any) -> Iterator[tuple[str, str | None]]:
    """Give each Secret that a pod reads, and the key where one is named."""
    for volume in pod.spec["volumes"]:
        if "secret" in volume:
            yield volume["secret"]["secretName"], None
    for container in pod.containers:
        for variable in container.get("env", []):
            if "secretKeyRef" in variable.get("valueFrom", {}):
                reference = variable["valueFrom"]["secretKeyRef"]
                yield reference["name"], reference["key"]


def keys(secret: Manifest) -> list[str]:
    listed: str = secret["metadata"]["annotations"]["flotilla.dev/keys"]
    return listed.split(",")


@given(data=st.data())
def test_whatever_a_pod_names_is_planned_or_assumed(any_fleet: Fleets, objects: Objects, data: st.DataObject) -> None:
    raw = data.draw(any_fleet)
    found = objects(raw)
    there = found.names("Secret") | {one.inputs["metadata"]["name"] for one in assumed_secrets(load(raw, stack="dev"))}
    for pod in found.pods():
        assert pod.spec["serviceAccountName"] in found.names("ServiceAccount"), pod.owner
        assert {one["name"] for one in pod.spec.get("imagePullSecrets", [])} <= there, pod.owner
        assert {name for name, _ in secrets_of(pod)} <= found.names("Secret"), pod.owner
        for volume in pod.spec["volumes"]:
            if "configMap" in volume:
                assert volume["configMap"]["name"] in found.names("ConfigMap"), pod.owner
            if "persistentVolumeClaim" in volume:
                assert volume["persistentVolumeClaim"]["claimName"] in found.names("PersistentVolumeClaim"), pod.owner


@given(data=st.data())
def test_every_mount_has_a_volume_and_every_path_one_mount(
    any_fleet: Fleets, objects: Objects, data: st.DataObject
) -> None:
    for pod in objects(data.draw(any_fleet)).pods():
        volumes = Counter(volume["name"] for volume in pod.spec["volumes"])
        assert set(volumes.values()) == {1}
        mounted = {mount["name"] for container in pod.containers for mount in container["volumeMounts"]}
        assert mounted == set(volumes), pod.owner
        for container in pod.containers:
            paths = Counter(mount["mountPath"] for mount in container["volumeMounts"])
            assert set(paths.values()) == {1}, pod.owner


@given(data=st.data())
def test_every_file_that_a_variable_names_is_mounted(any_fleet: Fleets, objects: Objects, data: st.DataObject) -> None:
    found = objects(data.draw(any_fleet))
    for pod in found.pods():
        files = set(mounted_files(found, pod))
        for container in pod.containers:
            for variable in container.get("env", []):
                if variable["name"].endswith("_FILE") and variable["value"].startswith(("/run/", "/etc/")):
                    assert variable["value"] in files, pod.owner


def mounted_files(found: Any, pod: Any) -> Iterator[str]:
    volumes = {volume["name"]: volume for volume in pod.spec["volumes"]}
    for container in pod.containers:
        for mount in container["volumeMounts"]:
            volume = volumes[mount["name"]]
            if "secret" in volume:
                secret = found.named("Secret", volume["secret"]["secretName"])
                yield from (f"{mount['mountPath']}/{key}" for key in keys(secret))
            if "configMap" in volume:
                config = found.named("ConfigMap", volume["configMap"]["name"])
                yield from (f"{mount['mountPath']}/{key}" for key in config["data"])


@given(data=st.data())
def test_only_members_of_a_compartment_read_its_secrets(
    any_fleet: Fleets, objects: Objects, data: st.DataObject
) -> None:
    found = objects(data.draw(any_fleet))
    for pod in found.pods():
        for name, key in secrets_of(pod):
            secret = found.named("Secret", name)
            compartment = secret["metadata"]["labels"]["flotilla.dev/compartment"]
            assert pod.labels["flotilla.dev/compartment"] == compartment, pod.owner
            assert key is None or key in keys(secret)
            if pod.owner != "StatefulSet database":
                generation = secret["metadata"]["annotations"]["flotilla.dev/generation"]
                assert pod.template["metadata"]["annotations"][f"flotilla.dev/generation.{name}"] == generation


@given(data=st.data())
def test_the_stripe_key_is_read_by_the_checkout_and_its_reconciliation_alone(
    any_fleet: Fleets, objects: Objects, data: st.DataObject
) -> None:
    readers = {pod.owner for pod in objects(data.draw(any_fleet)).pods() if "stripe" in dict(secrets_of(pod))}
    known = {"Deployment checkout", "Deployment checkout-canary", "CronJob checkout-reconcile"}
    assert {"Deployment checkout", "CronJob checkout-reconcile"} <= readers <= known


@given(data=st.data())
def test_every_route_leads_to_a_service_port_through_middlewares_that_exist(
    any_fleet: Fleets, objects: Objects, data: st.DataObject
) -> None:
    found = objects(data.draw(any_fleet))
    for route in found.of("IngressRoute"):
        (rule,) = route["spec"]["routes"]
        assert {one["name"] for one in rule["middlewares"]} <= found.names("Middleware")
        (backend,) = rule["services"]
        assert_leads_somewhere(found, backend)


def assert_leads_somewhere(found: Any, backend: Manifest) -> None:
    if backend["kind"] == "Service":
        service = found.named("Service", backend["name"])
        assert backend["port"] in {port["name"] for port in service["spec"]["ports"]}
    elif backend["name"] != "noop@internal":
        split = found.named("TraefikService", backend["name"])["spec"]["weighted"]
        assert sum(member["weight"] for member in split["services"]) == 100
        assert len({member["name"] for member in split["services"]}) == 2
        for member in split["services"]:
            assert_leads_somewhere(found, member)


@given(data=st.data())
def test_every_certificate_is_there_and_covers_its_host(
    any_fleet: Fleets, objects: Objects, data: st.DataObject
) -> None:
    raw = data.draw(any_fleet)
    found, fleet = objects(raw), load(raw, stack="dev")
    covers = {one["spec"]["secretName"]: one["spec"]["dnsNames"] for one in found.of("Certificate")}
    for one in assumed_secrets(fleet):
        if one.inputs["type"] == "kubernetes.io/tls":
            covers[one.inputs["metadata"]["name"]] = one.inputs["metadata"]["annotations"]["flotilla.dev/hosts"].split(
                ","
            )
    for route in found.of("IngressRoute"):
        tls = route["spec"].get("tls", {})
        host = route["spec"]["routes"][0]["match"].removeprefix("Host(`").removesuffix("`)")
        if "secretName" in tls:
            assert host in covers[tls["secretName"]]
        assert bool(tls) == (route["spec"]["entryPoints"] == [fleet.traefik.websecure])


@given(data=st.data())
def test_each_host_has_one_route_for_each_entry_point(any_fleet: Fleets, objects: Objects, data: st.DataObject) -> None:
    raw = data.draw(any_fleet)
    routes = objects(raw).of("IngressRoute")
    taken = Counter((route["spec"]["entryPoints"][0], route["spec"]["routes"][0]["match"]) for route in routes)
    assert set(taken.values()) == {1}
    assert len(taken) == 2 * len(load(raw, stack="dev").workloads)


@given(data=st.data())
def test_an_autoscaler_or_replicas_own_the_count_and_never_both(
    any_fleet: Fleets, objects: Objects, data: st.DataObject
) -> None:
    found = objects(data.draw(any_fleet))
    scaled = Counter(one["spec"]["scaleTargetRef"]["name"] for one in found.of("HorizontalPodAutoscaler"))
    assert set(scaled) <= found.names("Deployment")
    for deployment in found.of("Deployment"):
        assert ("replicas" in deployment["spec"]) == (scaled[deployment["metadata"]["name"]] == 0)


@given(data=st.data())
def test_cors_lists_the_variants_origins_and_nothing_else(
    any_fleet: Fleets, objects: Objects, data: st.DataObject
) -> None:
    raw = data.draw(any_fleet)
    found, fleet = objects(raw), load(raw, stack="dev")
    origins = [f"https://{variant.workload.host}" for variant in fleet.variants]
    headers = found.named("Middleware", "checkout-cors")["spec"]["headers"]
    assert headers["accessControlAllowOriginList"] == origins
    (config,) = (one for one in found.of("ConfigMap") if one["metadata"]["name"].startswith("checkout-config-"))
    assert config["data"]["allowed-origins"].splitlines() == origins
