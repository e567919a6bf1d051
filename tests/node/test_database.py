"""The fleet's database on a real node: rotated, restored, killed and migrated while shops sell."""

from __future__ import annotations

import base64
import os
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from fleet.errors import FlotillaError
from sandbox import secrets
from sandbox.apply import Outcome
from sandbox.kubectl import as_list
from sandbox.processes import PROC
from tests.node.fleet import Buyer, FleetInPlace
from tests.waiting import wait
from tests.workloads.books import books

SIGNED_IN = "SELECT DISTINCT usename FROM pg_stat_activity WHERE application_name LIKE 'checkout-%'"
MIGRATION_LOCK = 0x666C6F74
OTHER = {"checkout_a": "checkout_b", "checkout_b": "checkout_a"}


def raise_generation(place: FleetInPlace) -> Outcome:
    generations = place.raw.get("generations", {})
    place.raw = place.raw | {"generations": generations | {"database": generations.get("database", 1) + 1}}
    return place.up()


def passwords(place: FleetInPlace) -> dict[str, str]:
    """Give the password that each role's Secret holds."""
    found = {}
    for role in OTHER:
        name = f"database-{role[-1]}"
        found[role] = place.kubectl("get", "secret", name, "-o", "go-template={{.data.password | base64decode}}")
    return found


def may_sign_in(place: FleetInPlace, role: str, password: str) -> bool:
    """Try a password from the pod over its own address, where it is asked for."""
    script = 'PGPASSWORD="$1" psql -X -q --host="$POD_IP" --username="$2" --dbname=checkout --command=""'
    words = ("exec", "database-0", "-c", "roles", "--", "/bin/sh", "-c", f"{script} 2>&1 || true", "-", password, role)
    return "FATAL" not in place.kubectl(*words)


def failures(buyers: Sequence[Buyer]) -> list[str]:
    return [failure for buyer in buyers for failure in buyer.failures]


def opened(buyers: Sequence[Buyer]) -> set[str]:
    return {order for buyer in buyers for order in buyer.opened}


def orders(place: FleetInPlace) -> set[str]:
    return set(place.sql("SELECT id FROM orders"))


def test_buyers_see_it_when_a_password_changes_under_the_checkout(fleet_in_place: FleetInPlace) -> None:
    """The failure that a rotation must not be: shown first, so that the next test is known to see it."""
    place = fleet_in_place
    (role,) = place.sql(SIGNED_IN)
    secret = f"database-{role[-1]}"
    before = passwords(place)[role]
    with place.bought_from() as buyers:
        assert failures(buyers) == []
        # The server learns a new password, and the checkout does not: what one shared password amounts to.
        set_password(place, secret, "changed-abruptly")
        wait(lambda: not may_sign_in(place, role, before), "the new password to be the database's")
        place.sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{role}'")
        wait(lambda: bool(failures(buyers)), "buyers to fail")
        set_password(place, secret, before)
        wait(lambda: may_sign_in(place, role, before), "the old password to be the database's again")
    print(f"abrupt change: {len(opened(buyers))} opened, {len(failures(buyers))} failed: {failures(buyers)[0]}")


def set_password(place: FleetInPlace, secret: str, password: str) -> None:
    """Write a password as the sandbox does: under another manager's name it would count as somebody's own for good."""
    (live,) = place.items("get", "secret", secret)
    meta = {
        "name": secret,
        "namespace": place.spec.namespace,
        "annotations": {secrets.MADE: live["metadata"]["annotations"][secrets.MADE]},
    }
    data = {"password": base64.b64encode(password.encode()).decode()}
    written = {"apiVersion": "v1", "kind": "Secret", "metadata": meta, "type": live["type"], "data": data}
    place.kubectl(
        "apply", "--server-side", "--force-conflicts", f"--field-manager={secrets.MANAGER}", "-f", "-",
        stdin=as_list([written]),
    )  # fmt: skip


def test_passwords_rotate_twice_while_shops_sell_and_nobody_notices(fleet_in_place: FleetInPlace) -> None:
    place = fleet_in_place
    first = place.sql(SIGNED_IN)[0]
    second, known = OTHER[first], passwords(place)
    server = started(place)
    with place.bought_from() as buyers:
        raise_generation(place)
        wait(lambda: place.sql(SIGNED_IN) == [second], "the pods of before to be gone")
        assert not may_sign_in(place, second, known[second]), "its password is a new one"
        assert may_sign_in(place, first, known[first]), "the pods of before could still sign in"
        between = passwords(place)
        assert between[first] == known[first]
        raise_generation(place)
        wait(lambda: place.sql(SIGNED_IN) == [first], "the pods of before to be gone")
        assert may_sign_in(place, second, between[second])
        assert not may_sign_in(place, first, known[first]), "the second raise ends what the first one let live"
    print(f"two rotations: {len(opened(buyers))} checkouts opened, {len(failures(buyers))} failed")
    assert failures(buyers) == []
    assert opened(buyers) <= orders(place)
    assert started(place) == server, "the server was not restarted"


def started(place: FleetInPlace) -> dict[str, str]:
    """Give when each container of the database's pod began."""
    statuses = place.items("get", "pod", "database-0")[0]["status"]["containerStatuses"]
    return {status["containerID"]: status["state"]["running"]["startedAt"] for status in statuses}


def run_job(place: FleetInPlace, cron_job: str, *, dump: str | None = None) -> tuple[bool, str]:
    """Make a Job of a CronJob as docs/runbooks/restore.md says, and give whether it was done and what it said."""
    name = f"{cron_job}-{time.monotonic_ns()}"
    made = place.kubectl("create", "job", name, f"--from=cronjob/{cron_job}", "--dry-run=client", "-o", "yaml")
    if dump is not None:
        made = place.kubectl("set", "env", "--local", "-f", "-", f"DUMP={dump}", "-o", "yaml", stdin=made)
    place.kubectl("create", "-f", "-", stdin=made)
    wait(lambda: ended(place, name) is not None, f"job {name} to end", 180)
    said = place.kubectl("logs", f"job/{name}", "-c", {"database-backup": "dump"}.get(cron_job, "restore"))
    return ended(place, name) == "Complete", said


def ended(place: FleetInPlace, job: str) -> str | None:
    status = place.items("get", "job", job)[0].get("status", {})
    types = [each["type"] for each in status.get("conditions", ()) if each["status"] == "True"]
    return next((one for one in types if one in ("Complete", "Failed")), None)


def test_a_backup_brings_back_every_row_and_a_truncated_one_touches_nothing(fleet_in_place: FleetInPlace) -> None:
    place = fleet_in_place
    with place.bought_from() as buyers:
        wait(lambda: len(opened(buyers)) > 10, "more than 10 orders")
    done, said = run_job(place, "database-backup")
    assert done, said
    name = re.search(r"kept (\S+)", said)
    assert name is not None
    place.kubectl("scale", "deployment/checkout", "--replicas=0")
    wait(lambda: not place.sql(SIGNED_IN), "the checkout to be gone")
    before = books(place.sql)
    assert len(before["orders"]) > 10

    whole = place.volume("database-backups") / name[1]
    truncated = whole.with_name("99990101T000000Z.dump")
    truncated.write_bytes(whole.read_bytes()[:-2000])
    place.sql("DELETE FROM orders WHERE id IN (SELECT id FROM orders LIMIT 5)")
    meanwhile = books(place.sql)
    assert meanwhile != before
    done, said = run_job(place, "database-restore")
    assert (done, "nothing was changed" in said) == (False, True), said
    assert books(place.sql) == meanwhile
    truncated.unlink()

    place.sql("DROP TABLE orders CASCADE")
    assert place.sql("SELECT to_regclass('orders')") == [""]
    done, said = run_job(place, "database-restore", dump=name[1])
    assert done, said
    assert books(place.sql) == before
    place.up()
    with place.bought_from() as buyers:
        pass
    assert failures(buyers) == []
    print(f"restored {sum(len(rows) for rows in before.values())} rows of {len(before['orders'])} orders")


def kill_server(place: FleetInPlace) -> None:
    """Kill Postgres itself, as the kernel does when memory runs out."""
    uid = place.items("get", "pod", "database-0")[0]["metadata"]["uid"]
    (server,) = servers(uid)
    os.kill(server, signal.SIGKILL)


def servers(pod: str) -> list[int]:
    """Give the pid of Postgres in a pod: what it forks looks like it until a client has said what for."""
    parents = {}
    for entry in PROC.glob("[0-9]*"):
        try:
            words, cgroup = (entry / "cmdline").read_bytes().split(b"\0"), (entry / "cgroup").read_text()
            status = (entry / "status").read_text()
        except OSError:
            continue
        if words[0].endswith(b"postgres") and b"-D" in words and pod in cgroup:
            parents[int(entry.name)] = int(status.partition("PPid:")[2].split()[0])
    return [pid for pid, parent in parents.items() if parent not in parents]


def delete_pod(place: FleetInPlace) -> None:
    place.kubectl("delete", "pod", "database-0", "--wait=true")


def take_away(place: FleetInPlace) -> None:
    """Leave the fleet without a database."""
    place.kubectl("scale", "statefulset/database", "--replicas=0")


def is_told_of(buyers: Sequence[Buyer]) -> bool:
    """Say whether buyers were told that the database is away."""
    return any("database_unavailable" in failure for failure in failures(buyers))


@pytest.mark.parametrize("harm", [kill_server, delete_pod, take_away])
def test_no_acknowledged_order_is_lost_with_the_database(
    fleet_in_place: FleetInPlace, harm: Callable[[FleetInPlace], None]
) -> None:
    place = fleet_in_place
    with place.bought_from() as buyers:
        wait(lambda: bool(opened(buyers)), "an order")
        sold = len(opened(buyers))
        harm(place)
        if harm is take_away:
            wait(lambda: is_told_of(buyers), "the checkout to lose its patience")
            place.kubectl("scale", "statefulset/database", "--replicas=1")
        place.kubectl("rollout", "status", "statefulset/database", "--timeout=200s")
        place.kubectl("rollout", "status", "deployment/checkout", "--timeout=200s")
        again = len(opened(buyers))
        wait(lambda: len(opened(buyers)) > again + 5, "buyers to be served again")
    lost = opened(buyers) - orders(place)
    codes = sorted({failure.split()[0] for failure in failures(buyers)})
    counts = f"{len(opened(buyers))} acknowledged ({sold} before), {len(failures(buyers))} refused {codes}"
    print(f"{harm.__name__}: {counts}, {len(lost)} lost")
    assert lost == set()


@contextmanager
def held_back(place: FleetInPlace) -> Iterator[None]:
    """Hold the lock that every migration takes (workloads/checkout/migrate.py) for the length of the block."""
    ours = f"SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid = {MIGRATION_LOCK}"

    def hold() -> None:
        # It ends by being cut off.
        with suppress(FlotillaError):
            place.sql(f"SELECT pg_advisory_lock({MIGRATION_LOCK}), pg_sleep(200)")

    holding = threading.Thread(target=hold)
    holding.start()
    wait(lambda: bool(place.sql(ours)), "the lock")
    try:
        yield
    finally:
        place.sql(f"SELECT pg_terminate_backend(pid) FROM ({ours}) AS holding")
        holding.join()


def versions(place: FleetInPlace) -> set[str]:
    pods = place.items("get", "pods", "-l", "app.kubernetes.io/name=checkout")
    return {pod["metadata"]["labels"]["version"] for pod in pods if "deletionTimestamp" not in pod["metadata"]}


def migrations(place: FleetInPlace) -> dict[str, Any]:
    jobs = place.items("get", "jobs", "-l", "app.kubernetes.io/name=checkout-migrate")
    return {job["metadata"]["labels"]["version"]: job for job in jobs}


def test_a_new_version_starts_only_after_its_migration_and_a_second_run_changes_nothing(
    fleet_in_place: FleetInPlace,
) -> None:
    place = fleet_in_place
    schema = place.sql("SELECT t::text FROM schema_migrations t ORDER BY 1")
    place.raw["checkout"]["image"] = "checkout:1.6.0"
    applying = threading.Thread(target=place.up)
    with held_back(place), place.bought_from() as buyers:
        applying.start()
        wait(lambda: "1.6.0" in migrations(place), "the migration to begin")
        time.sleep(5)
        assert migrations(place)["1.6.0"].get("status", {}).get("succeeded") is None
        assert versions(place) == {"1.4.2"}
    applying.join()
    assert failures(buyers) == [], "the old version sells while the new one's migration waits"
    job = migrations(place)["1.6.0"]
    assert versions(place) == {"1.6.0"}
    for pod in place.items("get", "pods", "-l", "app.kubernetes.io/name=checkout,version=1.6.0"):
        assert pod["metadata"]["creationTimestamp"] >= job["status"]["completionTime"]
    place.kubectl("delete", "job", job["metadata"]["name"])
    before = books(place.sql)
    place.up()
    assert migrations(place)["1.6.0"]["status"]["succeeded"] == 1
    assert books(place.sql) == before
    assert place.sql("SELECT t::text FROM schema_migrations t ORDER BY 1") == schema
