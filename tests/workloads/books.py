"""The checkout's books, to be compared row by row."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

TABLES = (
    "orders",
    "stripe_events",
    "fulfilments",
    "reviews",
    "reconcile_cursor",
    "reconcile_runs",
    "schema_migrations",
)
T = TypeVar("T")


def books(ask: Callable[[str], T]) -> dict[str, T]:
    """Give every row of every table, by a way to ask the database."""
    return {name: ask(f"SELECT t::text FROM {name} t ORDER BY 1") for name in TABLES}
