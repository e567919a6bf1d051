"""What a raised generation of the database's password does to the plan: little enough that nobody notices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

Raw = dict[str, Any]
Objects = Callable[..., Any]


def raised(raw: Raw, generation: int) -> Raw:
    return raw | {"generations": raw.get("generations", {}) | {"database": generation}}


def of_own(raw: Raw) -> bool:
    return "cluster" in raw["database"]


def mounted(pod: Any) -> set[str]:
    return {volume["secret"]["secretName"] for volume in pod.spec["volumes"] if "secret" in volume}


def signs_in_as(pod: Any) -> set[str]:
    variables = [variable for container in pod.containers for variable in container.get("env", ())]
    return {each["value"] for each in variables if each["name"] in ("DATABASE_USER", "PGUSER")}


@given(data=st.data(), generation=st.integers(1, 5))
def test_a_raise_leaves_the_server_alone_and_every_password_that_pods_sign_in_with(
    any_fleet: st.SearchStrategy[Raw], objects: Objects, data: st.DataObject, generation: int
) -> None:
    raw = data.draw(any_fleet.filter(of_own))
    before, after = (objects(raised(raw, each)) for each in (generation, generation + 1))
    assert before.of("StatefulSet") == after.of("StatefulSet")
    secrets = {name: before.named("Secret", name) for name in before.names("Secret")}
    changed = {name for name, secret in secrets.items() if secret != after.named("Secret", name)}
    letter = "b" if generation % 2 else "a"
    assert changed == {f"database-{letter}", f"checkout-database-{letter}"}
    for pod in before.pods():
        assert pod.owner == "StatefulSet database" or not mounted(pod) & changed, pod.owner


@given(data=st.data(), generation=st.integers(1, 5))
def test_a_raise_rolls_whoever_signs_in_onto_the_other_role(
    any_fleet: st.SearchStrategy[Raw], objects: Objects, data: st.DataObject, generation: int
) -> None:
    raw = data.draw(any_fleet.filter(of_own))
    before, after = (
        {pod.owner: pod for pod in objects(raised(raw, each)).pods()} for each in (generation, generation + 1)
    )
    users = ("checkout_b", "checkout_a")
    signing_in = {owner: pod for owner, pod in after.items() if signs_in_as(pod)}
    assert {"Deployment checkout", "CronJob checkout-reconcile", "CronJob database-backup"} <= signing_in.keys()
    for owner, pod in signing_in.items():
        assert signs_in_as(pod) == {users[(generation + 1) % 2]}, owner
        if owner in before:
            assert signs_in_as(before[owner]) == {users[generation % 2]}, owner
        else:
            assert owner.startswith("Job checkout-migrate-"), "a Job's template never changes; another one comes"
    assert not {owner for owner in after.keys() & before.keys() if owner.startswith("Job ")}


@given(data=st.data())
def test_an_external_database_keeps_its_one_password(
    any_fleet: st.SearchStrategy[Raw], objects: Objects, data: st.DataObject
) -> None:
    raw = data.draw(any_fleet) | {"database": {"external": {"host": "db.example", "user": "cashier"}}}
    for generation in (1, 2):
        found = objects(raised(raw, generation))
        assert {user for pod in found.pods() for user in signs_in_as(pod)} == {"cashier"}
        assert {name for name in found.names("Secret") if "database" in name} == {"database", "checkout-database"}
