"""The doubles are as strict as the providers they stand for: on a real API server, and in what they replace."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.kubectl import as_list
from tests.engine.doubles import differences
from tests.engine.doubles.edge import Edge
from tests.engine.doubles.faults import RefusedError
from tests.engine.doubles.kubernetes import Kubernetes
from tests.engine.doubles.passwords import Passwords
from tests.engine.doubles.provider import NotReadyError
from tests.engine.doubles.values import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.engine.conftest import Room

Plain = dict[str, Any]
URN = "urn:pulumi:dev::flotilla::{token}::it"
OBJECT = URN.format(token="kubernetes:x:Y")
PASSWORD = URN.format(token="random:index/randomPassword:RandomPassword")
BUCKET = URN.format(token="cloudflare:index/r2Bucket:R2Bucket")
DATABASE = URN.format(token="cloudflare:index/d1Database:D1Database")


def manifest(kind: str, name: str, version: str = "v1", **body: Any) -> Plain:
    """Give a manifest in the default namespace."""
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name, "namespace": "default"}, **body}


def deployment(name: str, **pod: Any) -> Plain:
    """Give a Deployment of one pod."""
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "image": "x:1"}], **pod}}
    spec = {"replicas": 1, "selector": {"matchLabels": labels}, "template": template}
    return manifest("Deployment", name, "apps/v1", spec=spec)


@pytest.fixture(scope="module")
def kubernetes(room: Room) -> Iterator[Kubernetes]:
    """Give the provider, configured as the fleet configures it."""
    double = Kubernetes("0")
    double.configure({"context": room.context, "enableSecretMutable": "true"})
    yield double
    double.close()


def create(double: Kubernetes, inputs: Plain) -> Plain:
    """Create for good and give the state."""
    return double.create(OBJECT, inputs, preview=False, timeout=0)[1]


def test_an_object_that_exists_is_not_created_again(kubernetes: Kubernetes) -> None:
    inputs = manifest("ConfigMap", "twice", data={"a": "1"})
    create(kubernetes, inputs)
    with pytest.raises(RefusedError, match=r'configmaps "twice" already exists'):
        create(kubernetes, inputs)


def test_a_field_that_the_kind_does_not_have_is_refused(kubernetes: Kubernetes) -> None:
    with pytest.raises(RefusedError, match=r'unknown field "colour"'):
        create(kubernetes, manifest("ConfigMap", "strict", colour="red"))


def test_a_preview_makes_nothing_and_a_second_look_sees_no_difference(kubernetes: Kubernetes) -> None:
    inputs = deployment(
        "looked-at", containers=[{"name": "c", "image": "x:1", "resources": {"limits": {"cpu": "1000m"}}}]
    )
    kubernetes.create(OBJECT, inputs, preview=True, timeout=0)
    state = create(kubernetes, inputs)
    assert kubernetes.diff(OBJECT, state, inputs).kinds == {}


def test_a_field_of_another_manager_is_a_conflict_once_an_update_has_applied(
    kubernetes: Kubernetes, room: Room
) -> None:
    inputs = manifest("ConfigMap", "owned", data={"a": "1"})
    state = kubernetes.update(
        OBJECT, create(kubernetes, inputs), {**inputs, "data": {"a": "2"}}, preview=False, timeout=0
    )
    taking = ["apply", "--server-side", "--force-conflicts", "--field-manager=somebody", "-f", "-"]
    room.kubectl.run(*taking, stdin=as_list([{**inputs, "data": {"a": "3"}}]))
    with pytest.raises(RefusedError, match=r'conflict with "somebody"'):
        kubernetes.update(OBJECT, state, {**inputs, "data": {"a": "4"}}, preview=False, timeout=0)


def test_a_roll_out_is_waited_for_and_one_that_never_ends_fails_with_its_state(kubernetes: Kubernetes) -> None:
    ready = create(kubernetes, deployment("ready"))
    assert ready["status"]["availableReplicas"] == 1
    stuck = deployment("stuck", nodeSelector={"no": "such-node"})
    stuck["metadata"]["annotations"] = {"pulumi.com/timeoutSeconds": "1"}
    with pytest.raises(NotReadyError, match="failed to fully initialize") as told:
        create(kubernetes, stuck)
    assert told.value.identity == "stuck"
    skipped = deployment("skipped", nodeSelector={"no": "such-node"})
    skipped["metadata"]["annotations"] = {"pulumi.com/skipAwait": "true"}
    assert create(kubernetes, skipped)["metadata"]["uid"]


def test_a_delete_waits_until_the_object_and_its_pods_are_gone(kubernetes: Kubernetes, room: Room) -> None:
    state = create(kubernetes, deployment("going"))
    kubernetes.delete(OBJECT, "going", state, timeout=0)
    assert room.kubectl.items("get", "deployments,replicasets", "-n", "default", "-l", "app=going") == []


def test_a_secrets_value_is_secret_in_the_state_and_may_change_in_place(kubernetes: Kubernetes) -> None:
    inputs = manifest("Secret", "hidden", stringData={"password": Secret("p")})
    state = create(kubernetes, inputs)
    assert isinstance(state["data"], Secret)
    change = kubernetes.diff(OBJECT, state, {**inputs, "stringData": {"password": Secret("q")}})
    assert set(change.kinds) == {"data.password"}
    assert change.replaces == ()


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        (("apps/v1", "Deployment"), "spec.selector.matchLabels.app"),
        (("apps/v1", "StatefulSet"), "spec.volumeClaimTemplates[0].spec.accessModes"),
        (("batch/v1", "Job"), "spec.template.spec.containers[0].image"),
        (("rbac.authorization.k8s.io/v1", "RoleBinding"), "roleRef.name"),
        (("v1", "PersistentVolumeClaim"), "spec.storageClassName"),
    ],
)
def test_the_documented_fields_replace_and_their_neighbours_do_not(kind: tuple[str, str], path: str) -> None:
    keys = tuple(path.replace("[0]", ".0").split("."))
    assert differences.replacing(differences.REPLACES[kind], keys, "new")
    assert not differences.replacing(differences.REPLACES[kind], ("metadata", "labels", "app"), "new")


def test_a_config_map_is_replaced_by_delete_first_when_its_data_changes(kubernetes: Kubernetes) -> None:
    inputs = manifest("ConfigMap", "fixed", data={"a": "1"})
    change = kubernetes.diff(OBJECT, create(kubernetes, inputs), {**inputs, "data": {"a": "2"}})
    assert change.replaces == ("data.a",)
    assert change.delete_first


@pytest.mark.parametrize(
    ("written", "kept"), [("1000m", "1"), ("0.5", "500m"), ("1Gi", "1Gi"), ("1500m", "1500m"), (2, "2")]
)
def test_quantities_are_compared_as_the_api_server_writes_them(written: object, kept: str) -> None:
    found = differences.normalised({"kind": "Pod", "spec": {"resources": {"limits": {"cpu": written}}}})
    assert found["spec"]["resources"]["limits"]["cpu"] == kept


def test_a_password_is_secret_and_replaced_when_a_keeper_changes() -> None:
    double = Passwords("0")
    inputs: Plain = {"length": 20, "special": False, "keepers": {"generation": "1"}}
    _, state = double.create(PASSWORD, inputs, preview=False, timeout=0)
    assert isinstance(state["result"], Secret)
    assert len(state["result"].value) == 20
    assert double.diff(PASSWORD, state, inputs).kinds == {}
    assert double.diff(PASSWORD, state, {**inputs, "keepers": {"generation": "2"}}).replaces == ("keepers",)
    assert double.check(PASSWORD, {}, {"length": 0})[1]


def test_a_bucket_with_objects_is_not_deleted_and_another_name_replaces_it(room: Room) -> None:
    double = Edge("0")
    inputs = {"accountId": "a", "name": "bucket"}
    identity, state = double.create(BUCKET, inputs, preview=False, timeout=0)
    assert double.diff(BUCKET, state, {**inputs, "name": "other"}).replaces == ("name",)
    account = json.loads(room.account.read_text())
    (key,) = [key for key in account if key.endswith("/bucket")]
    account[key]["objects"] = 1
    room.account.write_text(json.dumps(account))
    with pytest.raises(RefusedError, match="not empty"):
        double.delete(BUCKET, identity, state, timeout=0)
    account[key]["objects"] = 0
    room.account.write_text(json.dumps(account))
    double.delete(BUCKET, identity, state, timeout=0)
    assert double.read(BUCKET, identity, state, inputs) is None


def test_a_location_hint_added_to_a_database_replaces_it(room: Room) -> None:
    double = Edge("0")
    inputs: Plain = {"accountId": "a", "name": "hinted", "readReplication": {"mode": "disabled"}}
    identity, state = double.create(DATABASE, inputs, preview=False, timeout=0)
    assert double.diff(DATABASE, state, inputs).kinds == {}
    assert double.diff(DATABASE, state, {**inputs, "primaryLocationHint": "weur"}).replaces == ("primaryLocationHint",)
    assert double.check(DATABASE, {}, {"name": "x", "colour": "red"})[1]
    double.delete(DATABASE, identity, state, timeout=0)
