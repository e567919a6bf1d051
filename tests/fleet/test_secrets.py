"""A fleet asks for exactly the secrets it needs, and for each of them encrypted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fleet import secrets
from fleet.errors import UsageError
from fleet.load import load

Raw = dict[str, Any]
NEEDED = {
    "dev": {"stripeSecretKey", "stripeWebhookSecret"},
    "pr": {"stripeSecretKey", "stripeWebhookSecret", "registryPassword"},
    "staging": {"stripeSecretKey", "stripeWebhookSecret", "registryPassword", "cloudflareApiToken"},
    "prod": set(secrets.ALL) - {"databasePassword"},
}


def asked(raw: Raw, keys: dict[str, bool]) -> set[str]:
    with pytest.raises(UsageError) as caught:
        load(raw, stack="dev", secret_keys=keys)
    return {line.split("flotilla:")[1].split(":")[0] for line in str(caught.value).split("\n")}


def test_each_stack_asks_for_what_it_needs(stack_name: str, stack_config: Callable[[str], Raw]) -> None:
    raw, needed = stack_config(stack_name), NEEDED[stack_name]
    assert asked(raw, {}) == needed
    for key in needed:
        assert asked(raw, dict.fromkeys(needed - {key}, True)) == {key}
    load(raw, stack=stack_name, secret_keys=dict.fromkeys(needed, True))


def test_a_secret_in_plain_text_is_refused(stack_name: str, stack_config: Callable[[str], Raw]) -> None:
    needed = NEEDED[stack_name]
    assert asked(stack_config(stack_name), dict.fromkeys(needed, False)) == needed


def test_an_external_database_needs_its_password(minimal: Raw) -> None:
    assert "databasePassword" in asked(minimal, {})


def test_rendering_asks_for_no_secret(minimal: Raw) -> None:
    assert load(minimal, stack="dev").checkout


def test_a_line_about_a_secret_never_holds_its_value(minimal: Raw) -> None:
    with pytest.raises(UsageError) as caught:
        load(minimal, stack="dev", secret_keys={"stripeSecretKey": False})
    first = str(caught.value).split("\n")[0]
    assert first == (
        "Pulumi.dev.yaml: flotilla:stripeSecretKey: stands there in plain text: a secret must be encrypted; "
        "pulumi config set --secret flotilla:stripeSecretKey --stack dev"
    )
