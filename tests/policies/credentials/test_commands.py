"""A command gives a password away in as many ways as there are clients."""

from __future__ import annotations

import pytest

from policies.credentials.places import in_command


def _found(words: list[str]) -> list[str]:
    return [place.found.value for place in in_command([((number,), word) for number, word in enumerate(words)], "here")]


@pytest.mark.parametrize(
    ("words", "value"),
    [
        (["--password=hunter2"], "hunter2"),
        (["--password", "hunter2"], "hunter2"),
        (["-password", "hunter2"], "hunter2"),
        (["--client-secret=abc"], "abc"),
        (["java", "-Dspring.datasource.password=hunter2", "-jar", "app.jar"], "hunter2"),
        (["mysql", "-uroot", "-phunter2"], "hunter2"),
        (["sh", "-c", "mysqladmin ping -h 127.0.0.1 -u root -phunter2"], "hunter2"),
        (["redis-server", "--requirepass", "hunter2"], "hunter2"),
        (["sh", "-c", "redis-cli -a 'hunter2' ping"], "hunter2"),
        (["sshpass", "-p", "hunter2", "ssh", "host"], "hunter2"),
        (["curl", "-u", "app:hunter2", "http://api"], "hunter2"),
        (["sh", "-c", "curl -fsS -u app:hunter2 http://api"], "hunter2"),
        (["curl", "-H", "Authorization: Bearer abc123def", "http://api"], "abc123def"),
        (["curl", "-H", "Authorization: Basic dXNlcjpwYXNz"], "dXNlcjpwYXNz"),
        (["wget", "--header=X-Api-Key: abc123"], "abc123"),
        (["curl", "http://api/x?api_key=abc123"], "abc123"),
        (["sh", "-c", "export TOKEN=abc123; run"], "abc123"),
        (["sh", "-c", "PGPASSWORD=hunter2 psql -h database"], "hunter2"),
        (["sh", "-c", "docker login -u app -p hunter2 registry.example"], "hunter2"),
        (["sh", "-c", "echo 'root:hunter2' | chpasswd"], "hunter2"),
        (["sh", "-c", "psql -c \"ALTER USER app WITH PASSWORD 'hunter2'\""], "hunter2"),
        (["psql", "postgres://app:hunter2@database/shop"], "hunter2"),
        (["helm", "upgrade", "--set", "auth.password=hunter2"], "hunter2"),
        (["--basic-auth", "admin:hunter2"], "admin:hunter2"),
    ],
)
def test_a_password_in_a_command_is_found_once(words: list[str], value: str) -> None:
    assert _found(words) == [value]


@pytest.mark.parametrize(
    "words",
    [
        ["--password-file=/run/secrets/password"],
        ["--password", "$(PASSWORD)"],
        ["--token", "--verbose"],
        ["--password-stdin"],
        ["--secret-name=database"],
        ["--cert-secret", "shop-tls"],
        ["--default-ssl-certificate=shop/tls"],
        ["--authorization-mode=RBAC"],
        ["--use-service-account-credentials=true"],
        ["--pass-access-token=true"],
        ["--anonymous-auth=false"],
        ["mysql", "-p$(PASSWORD)"],
        ["mysqld", "--port=3306"],
        ["nc", "-p", "8080"],
        ["sh", "-c", 'mysql -uroot -p"$MYSQL_ROOT_PASSWORD" shop'],
        ["sh", "-c", "mysql -u root -p"],
        ["sh", "-c", 'redis-cli -a "$REDIS_PASSWORD" ping'],
        ["sh", "-c", 'export PGPASSWORD="$(cat /run/secrets/password)"'],
        ["sh", "-c", 'if [ -z "$TOKEN" ]; then echo "TOKEN is missing"; fi'],
        ["sh", "-c", 'curl -H "Authorization: Bearer $TOKEN" http://api'],
        ["curl", "-u", "$(USER):$(PASSWORD)", "http://api"],
        ["sh", "-c", "curl -sf http://app:8080/healthz"],
        ["sh", "-c", "docker run -p 80:80 app"],
        ["pg_isready", "-U", "checkout", "-d", "checkout"],
    ],
)
def test_a_command_that_takes_its_password_from_elsewhere_is_fine(words: list[str]) -> None:
    assert _found(words) == []
