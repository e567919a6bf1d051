"""A raised generation of the database's password under the real engine: what is in use is left alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.engine.conftest import Shop

TOUCHED = {"create", "update", "delete", "replace", "create-replacement", "delete-replaced"}


def test_a_raise_replaces_the_password_that_nobody_uses_and_leaves_the_server_alone(shop: Shop) -> None:
    shop.settle()
    before = shop.file.fleet().generations.database
    fresh, used = ("b", "a") if before % 2 else ("a", "b")
    shop.edit(lambda fleet: fleet.update(generations={"database": before + 1}))
    outcome = shop.up()
    assert outcome.refusals == ()
    touched = {step.name for step in outcome.steps if step.op in TOUCHED}
    passwords = {f"database-password-{fresh}", f"database-{fresh}-secret", f"checkout-database-{fresh}-secret"}
    rolled = {"checkout-deployment", "checkout-canary-deployment", "checkout-reconcile-cronjob"}
    dumped = {"database-backup-cronjob", "database-restore-cronjob"}
    jobs = {name for name in touched if name.startswith("checkout-migrate-")}
    assert touched - jobs == passwords | rolled | dumped
    # One for each of the two images, and those of before go.
    assert len(jobs) == 4
    assert not any(f"-{used}" in name for name in touched - jobs)
    replaced = {step.name for step in outcome.steps if step.op == "replace"}
    assert replaced == {f"database-password-{fresh}"}
