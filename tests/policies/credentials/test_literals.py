"""A value is a credential only if nothing is put in its place and nothing else is meant by it."""

from __future__ import annotations

import pytest

from policies.credentials.literals import is_literal, is_random
from policies.credentials.names import Meaning, meaning


def _promise(name: str) -> Meaning:
    promised = meaning(name)
    assert promised is not None
    return promised


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PASSWORD", "hunter2"),
        ("PASSWORD", "changeme"),
        ("PASSWORD", "password"),
        ("PASSWORD", "12345678"),
        ("PASSWORD", "p4$$w0rd"),
        ("PASSWORD", "a/b"),
        ("JWT_SECRET", "my-jwt-secret"),
        ("API_KEY", "test"),
        ("GITHUB_TOKEN", "abcd1234"),
        ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYz1234567Key"),
        ("HEROKU_API_KEY", "12345678-1234-1234-1234-123456789abc"),
        ("API_KEY_STRIPE", "a1b2c3d4e5f6"),
        ("TLS_SECRET", "a1b2c3d4e5f6a1b2"),
    ],
)
def test_a_literal_is_found_the_weak_ones_too(name: str, value: str) -> None:
    assert is_literal(value, _promise(name))


@pytest.mark.parametrize(
    "value",
    [
        "",
        "  ",
        "$(DB_PASSWORD)",
        "${DB_PASSWORD}",
        "${DB_PASSWORD:-}",
        "$DB_PASSWORD",
        "{{ .Values.password }}",
        "<%= password %>",
        "%(password)s",
        "%PASSWORD%",
        "<password>",
        "REPLACE_ME",
        "your-password-here",
        "xxxxxxxx",
        "********",
        "...",
        "[REDACTED]",
        "ENC[AES256_GCM,data:abc,iv:x]",
        "ENC(abcdef)",
        "{cipher}abcdef",
        "vault:secret/data/db#password",
        "arn:aws:secretsmanager:eu-west-1:1:secret:db",
        "op://vault/item/password",
        "$__file{/etc/secrets/password}",
        "$2y$10$abcdefghijklmnopqrstuv",
        "/run/secrets/password",
        "https://vault.example/v1/secret",
        "true",
        "none",
        "required",
        "DB_PASSWORD",
    ],
)
@pytest.mark.parametrize("name", ["PASSWORD", "API_KEY", "JWT_SECRET", "TLS_SECRET"])
def test_what_stands_for_something_else_is_no_credential(name: str, value: str) -> None:
    assert not is_literal(value, _promise(name))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AUTH_TOKEN", "jwt"),
        ("API_KEY", "X-Api-Key"),
        ("TOKEN", "3600"),
        ("TOKEN", "15m"),
        ("DB_SECRET", "database-credentials"),
        ("TLS_SECRET", "shop-tls"),
        ("IMAGE_PULL_SECRET", "regcred"),
        ("STRIPE_KEY", "pk_live_a1b2c3d4e5f6g7h8"),
        ("MAX_TOKENS", "4096"),
        ("USE_TOKEN", "true"),
    ],
)
def test_modes_numbers_and_names_of_objects_are_no_tokens(name: str, value: str) -> None:
    assert not is_literal(value, _promise(name))


@pytest.mark.parametrize(
    "value",
    [
        "us-east-1a",
        "my-app-v2-prod-01",
        "2024-01-02T10:00:00Z",
        "v1.25.3",
        "shop.example.com",
        "registry.example/shop/app@sha256:" + "0" * 64,
        "sha256:" + "a" * 64,
        "/var/lib/app1/data2",
        "a sentence of words",
    ],
)
def test_what_people_write_does_not_look_drawn(value: str) -> None:
    assert not is_random(value)


@pytest.mark.parametrize("value", ["a1b2c3d4e5f6", "9f86d081884c7d659a2feaa0c55ad015", "Zx81kQ2mP0aB7cD4"])
def test_what_a_generator_writes_looks_drawn(value: str) -> None:
    assert is_random(value)
