"""What ``flotilla up`` looks at before the engine starts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ops import identity
from sandbox.kubectl import as_list

if TYPE_CHECKING:
    from tests.engine.conftest import Room, Shop


def test_another_cluster_than_the_last_is_refused_until_it_is_accepted(shop: Shop, room: Room) -> None:
    shop.settle()
    shop.stack.set_tag(identity.TAG, "00000000-0000-0000-0000-000000000000")
    refused = shop.flotilla("preview")
    assert refused.returncode == 1
    assert "last ran on 00000000" in refused.stderr
    assert "--accept-cluster" in refused.stderr
    accepted = shop.flotilla("up", "--yes", "--accept-cluster")
    assert accepted.returncode == 0, accepted.stderr
    assert shop.stack.tag(identity.TAG) == identity.cluster_uid(room.kubectl)


def test_up_without_a_terminal_asks_for_yes_and_changes_nothing(shop: Shop, room: Room) -> None:
    shop.settle()
    live = ["get", "deployment", "checkout", "-n", shop.namespace]
    before = room.kubectl.json(*live)["metadata"]["generation"]
    shop.edit(lambda fleet: fleet["checkout"].update(replicas=fleet["checkout"]["replicas"] + 10))
    answer = shop.flotilla("up")
    assert answer.returncode == 2
    assert "say --yes" in answer.stderr
    assert room.kubectl.json(*live)["metadata"]["generation"] == before


def test_weights_that_the_guard_holds_are_not_applied_over(shop: Shop, room: Room) -> None:
    shop.settle()
    weights = [{"name": "checkout", "port": 80, "weight": 100}]
    name = {"name": "checkout", "namespace": shop.namespace}
    held: dict[str, Any] = {"apiVersion": "traefik.io/v1alpha1", "kind": "TraefikService", "metadata": name}
    held["spec"] = {"weighted": {"services": weights}}
    taking = ["apply", "--server-side", "--force-conflicts", "--field-manager=flotilla-guard", "-f", "-"]
    room.kubectl.run(*taking, stdin=as_list([held]))
    shop.edit(lambda fleet: fleet["canary"]["checkout"].update(step=fleet["canary"]["checkout"]["step"] - 1))
    raw = shop.up()
    assert any("conflict" in refusal for refusal in raw.refusals)
    answer = shop.flotilla("up", "--yes")
    assert answer.returncode == 1
    assert "flotilla canary acknowledge" in answer.stderr
    assert "preview" not in answer.stdout
    room.kubectl.run("delete", "traefikservice", "checkout", "-n", shop.namespace)
    assert shop.pulumi("refresh", "--yes", "--skip-preview").returncode == 0
    shop.settle()


def test_missing_secrets_are_told_in_the_words_of_the_program(shop: Shop) -> None:
    assert shop.pulumi("config", "rm", "flotilla:stripeSecretKey").returncode == 0
    from_flotilla = shop.flotilla("preview").stderr.replace("flotilla: ", "", 1).strip()
    from_pulumi = shop.pulumi("preview").stdout
    setting = ["config", "set", "--secret", "flotilla:stripeSecretKey", "sk_test_" + "x" * 40]
    assert shop.pulumi(*setting).returncode == 0
    assert "stripeSecretKey: is missing" in from_flotilla
    assert from_flotilla in from_pulumi
