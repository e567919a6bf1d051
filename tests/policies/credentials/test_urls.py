"""A password in an address or a connection string is one, whatever the name it stands under."""

from __future__ import annotations

import pytest

from policies.credentials.urls import in_addresses


@pytest.mark.parametrize(
    "text",
    [
        "postgres://app:hunter2@database:5432/shop",
        "redis://:hunter2@redis:6379/0",
        "mongodb+srv://app:hunter2@a.example,b.example/shop?retryWrites=true",
        "postgres://app:hun/ter2@database/shop",
        "https://app:hunter2@registry.example/v2/",
        "app:hunter2@tcp(mysql:3306)/shop",
        "jdbc:postgresql://database/shop?user=app&password=hunter2",
        "jdbc:oracle:thin:app/hunter2@//database:1521/shop",
        "Server=database;User Id=sa;Password=hunter2;",
        "host=database user=app password=hunter2 dbname=shop",
        "amqp://guest:guest@rabbitmq:5672/",
    ],
)
def test_a_password_is_found(text: str) -> None:
    found = list(in_addresses(text))
    assert len(found) == 1
    assert found[0].value not in str(found[0])


@pytest.mark.parametrize(
    "text",
    [
        "postgres://database:5432/shop",
        "postgres://app@database/shop",
        "postgres://$(USER):$(PASSWORD)@database/shop",
        "postgres://app:${PASSWORD}@database/shop",
        "postgres://<user>:<password>@database/shop",
        "postgres://app:****@database/shop",
        "https://shop.example:8443/path@1.2",
        "https://0123456789abcdef0123456789abcdef@o1.ingest.sentry.io/1",
        "git@github.com:shop/shop.git",
        "mailto:shop@shop.example",
        "http://prometheus:9090/api?query=a:b@c",
        "host=database user=app dbname=shop sslmode=verify-full",
    ],
)
def test_an_address_without_a_password_is_fine(text: str) -> None:
    assert list(in_addresses(text)) == []


def test_a_comment_may_show_the_form_and_no_real_password() -> None:
    assert list(in_addresses("# such as postgres://user:password@host/db", prose=True)) == []
    assert list(in_addresses("# was postgres://app:x7Kp2mQ9@database/shop", prose=True))
