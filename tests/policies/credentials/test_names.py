"""A name is judged by its words, never by a part of one."""

from __future__ import annotations

import pytest

from policies.credentials.names import Trust, meaning, words


@pytest.mark.parametrize(
    "name",
    [
        "PASSWORD",
        "DB_PASSWORD",
        "dbPassword",
        "DBPASSWORD",
        "PGPASSWORD",
        "MYSQL_ROOT_PASSWORD",
        "spring.datasource.password",
        "POSTGRES_PASSWORD_PROD",
        "PASSWORD1",
        "ADMIN_PASS",
        "DB_PWD",
        "default_pass",
        "REDIS_AUTH",
        "JWT_SECRET",
        "clientSecret",
        "OAUTH2_PROXY_COOKIE_SECRET",
        "SECRET_KEY_BASE",
        "AWS_SECRET_ACCESS_KEY",
        "apiKey",
        "APIKEY",
        "X-Api-Key",
        "GITHUB_TOKEN",
        "authToken",
        "RABBITMQ_ERLANG_COOKIE",
        "encryptionKey",
    ],
)
def test_a_name_of_a_credential_promises_one_however_it_is_written(name: str) -> None:
    promised = meaning(name)
    assert promised is not None
    assert promised.trust is Trust.ANY


@pytest.mark.parametrize(
    "name",
    [
        "TOKEN_TTL_SECONDS",
        "PASSWORD_MIN_LENGTH",
        "PASSWORD_FILE",
        "PASSWORD_HASH",
        "SECRET_NAME",
        "SECRET_KEY_REF",
        "TOKEN_URL",
        "AUTH_MODE",
        "POSTGRES_HOST_AUTH_METHOD",
        "API_KEY_HEADER",
        "AWS_ACCESS_KEY_ID",
        "CSRF_COOKIE_NAME",
        "PUBLIC_KEY",
        "STRIPE_PUBLISHABLE_KEY",
        "RECAPTCHA_SITE_KEY",
        "NEXT_PUBLIC_API_KEY",
        "KEY_PREFIX",
        "PARTITION_KEY",
        "IDEMPOTENCY_KEY",
        "PAD_TOKEN",
        "PWD",
        "OLDPWD",
        "PROXY_PASS",
        "TRUSTSTORE_PASSWORD",
        "MONKEY",
        "AUTHOR",
        "COMPASS",
        "PASSTHROUGH",
        "TOKENIZER",
        "checksum/secret",
    ],
)
def test_a_name_about_something_else_promises_none(name: str) -> None:
    assert meaning(name) is None


@pytest.mark.parametrize(
    "name", ["USE_TOKEN", "MYSQL_ALLOW_RANDOM_PASSWORD", "MAX_TOKENS", "TLS_SECRET", "API_KEY_STRIPE", "LICENSE_KEY"]
)
def test_a_doubtful_name_wants_a_value_that_looks_drawn(name: str) -> None:
    promised = meaning(name)
    assert promised is not None
    assert promised.trust is Trust.RANDOM


def test_words_end_at_signs_and_at_camel_case() -> None:
    assert words("my.dbPassword_v2") == ["my", "db", "password", "v"]
    assert words("NEO4J_AUTH") == ["neo4j", "auth"]
    assert words("OIDCClientSecret") == ["oidc", "client", "secret"]
