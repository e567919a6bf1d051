"""What the environment says, read once at the start; files with secrets are read again at each use."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class SettingsError(ValueError):
    """The environment lacks something or says something that can't be; one line names the variable and the remedy."""


@dataclass(frozen=True)
class SecretFile:
    """A file that holds secrets, one a line; rotation changes it under a running process."""

    path: Path

    def values(self) -> list[str]:
        """Give the secrets as they are now; raises OSError when the file is gone."""
        return self.path.read_text(encoding="utf-8").split()

    def value(self) -> str:
        """Give the first secret."""
        values = self.values()
        if not values:
            raise OSError(f"{self.path} is empty; it must hold a secret")
        return values[0]


@dataclass(frozen=True, kw_only=True)
class DatabaseSettings:
    """Where Postgres is."""

    host: str
    port: int
    name: str
    user: str
    password: SecretFile


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All that serving and reconciling need."""

    database: DatabaseSettings
    stripe_key: SecretFile
    webhook_secrets: SecretFile
    stripe_api: str | None
    stripe_timeout_seconds: float
    origins: tuple[str, ...]
    shops_file: Path | None
    verify_token: SecretFile | None
    port: int
    track: str
    version: str
    reconcile_after_seconds: int
    fleet: str


class _Reader:
    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def text(self, name: str, default: str | None = None) -> str:
        value = self._environment.get(name) or default
        if value is None:
            raise SettingsError(f"{name} is not set; see workloads/checkout/README.md")
        return value

    def number(self, name: str, default: str | None = None) -> float:
        value = self.text(name, default)
        try:
            return float(value)
        except ValueError:
            raise SettingsError(f"{name} is {value!r}; it must be a number") from None

    def path(self, name: str) -> Path | None:
        value = self._environment.get(name)
        return Path(value) if value else None

    def secret(self, name: str) -> SecretFile:
        return SecretFile(Path(self.text(name)))

    def lines(self, name: str) -> tuple[str, ...]:
        path = Path(self.text(name))
        try:
            return tuple(path.read_text(encoding="utf-8").split())
        except OSError as error:
            raise SettingsError(f"{name}: {path} can't be read ({error.strerror}); mount the file") from None


def database(environment: Mapping[str, str] = os.environ) -> DatabaseSettings:
    """Read what ``migrate`` needs; raises SettingsError."""
    read = _Reader(environment)
    return DatabaseSettings(
        host=read.text("DATABASE_HOST"),
        port=int(read.number("DATABASE_PORT", "5432")),
        name=read.text("DATABASE_NAME"),
        user=read.text("DATABASE_USER"),
        password=read.secret("DATABASE_PASSWORD_FILE"),
    )


def migration_patience_seconds(environment: Mapping[str, str] = os.environ) -> float:
    """Read how long ``migrate`` waits until it may sign in; raises SettingsError."""
    return _Reader(environment).number("MIGRATE_PATIENCE_SECONDS", "180")


def load(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read everything; raises SettingsError."""
    read = _Reader(environment)
    token = read.path("VERIFY_TOKEN_FILE")
    return Settings(
        database=database(environment),
        stripe_key=read.secret("STRIPE_SECRET_KEY_FILE"),
        webhook_secrets=read.secret("STRIPE_WEBHOOK_SECRET_FILE"),
        stripe_api=environment.get("STRIPE_API_BASE") or None,
        stripe_timeout_seconds=read.number("STRIPE_TIMEOUT_SECONDS", "5"),
        origins=read.lines("ALLOWED_ORIGINS_FILE"),
        shops_file=read.path("SHOPS_FILE"),
        verify_token=SecretFile(token) if token else None,
        port=int(read.number("PORT", "8080")),
        track=read.text("TRACK", "stable"),
        version=read.text("VERSION", "unknown"),
        reconcile_after_seconds=int(read.number("RECONCILE_AFTER_SECONDS", "120")),
        fleet=environment.get("FLEET", ""),
    )
