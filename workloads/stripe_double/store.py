"""What the double remembers: every object as Stripe would show it, in SQLite, so that a restart loses nothing."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from stripe_double.problems import Problem, missing

Object = dict[str, Any]
_KEPT_SECONDS = 24 * 3600
"""Stripe forgets a key once it is at least 24 hours old (API reference, Idempotent requests)."""
_TABLES = """
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, id TEXT NOT NULL UNIQUE,
    created INTEGER NOT NULL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS of_kind ON objects (kind, seq);
DROP TABLE IF EXISTS answers; -- of a state file older than the expiry of keys
CREATE TABLE IF NOT EXISTS claims (
    key TEXT PRIMARY KEY, request TEXT NOT NULL, status INTEGER, body TEXT, created INTEGER NOT NULL);
"""


def new_id(prefix: str) -> str:
    """Give an id like Stripe's: a prefix and random letters."""
    return f"{prefix}_{secrets.token_hex(14)}"


class Store:
    """The objects by kind and id, newest first; ``path`` may be ``:memory:``."""

    def __init__(self, path: Path | str = ":memory:") -> None:
        self._database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=NORMAL")
        self._database.executescript(_TABLES)

    def put(self, body: Object) -> Object:
        """Keep an object, new or changed; its ``object`` field is its kind."""
        self._database.execute(
            "INSERT INTO objects (kind, id, created, body) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET body = excluded.body",
            (body["object"], body["id"], body["created"], json.dumps(body)),
        )
        return body

    def get(self, kind: str, identity: str, param: str = "id") -> Object:
        """Give an object; raises Problem 404 naming ``param`` when there is none."""
        row = self._database.execute("SELECT body FROM objects WHERE kind = ? AND id = ?", (kind, identity)).fetchone()
        if row is None:
            raise missing(kind, identity, param)
        return dict(json.loads(row[0]))

    def remove(self, identity: str) -> None:
        """Forget an object."""
        self._database.execute("DELETE FROM objects WHERE id = ?", (identity,))

    def clear(self) -> None:
        """Forget everything but the webhook endpoints."""
        self._database.execute("DELETE FROM objects WHERE kind != 'webhook_endpoint'")
        self._database.execute("DELETE FROM claims")

    def every(self, kind: str, *, after: int = 0, before: int = 2**62, ascending: bool = False) -> Iterator[Object]:
        """Go through the objects of a kind whose place lies between, newest first unless ``ascending``."""
        order = "ASC" if ascending else "DESC"
        rows = self._database.execute(
            f"SELECT body FROM objects WHERE kind = ? AND seq > ? AND seq < ? ORDER BY seq {order}",  # noqa: S608
            (kind, after, before),
        )
        for row in rows:
            yield json.loads(row[0])

    def page(self, kind: str, params: Object, keep: Callable[[Object], bool]) -> tuple[list[Object], bool]:
        """Give one page, newest first, and whether there is more in the direction walked (Stripe, Pagination)."""
        limit, backwards = params.get("limit", 10), "ending_before" in params
        after = self._place(kind, params["ending_before"], "ending_before") if backwards else 0
        before = self._place(kind, params["starting_after"], "starting_after") if "starting_after" in params else 2**62
        found: list[Object] = []
        for body in self.every(kind, after=after, before=before, ascending=backwards):
            if _within(body["created"], params.get("created", {})) and keep(body):
                found.append(body)
                if len(found) > limit:
                    break
        page = found[:limit]
        return (page[::-1] if backwards else page), len(found) > limit

    def counts(self) -> dict[str, int]:
        """Say how many objects of each kind there are."""
        return dict(self._database.execute("SELECT kind, count(*) FROM objects GROUP BY kind").fetchall())

    def _place(self, kind: str, identity: str, param: str) -> int:
        row = self._database.execute("SELECT seq FROM objects WHERE kind = ? AND id = ?", (kind, identity)).fetchone()
        if row is None:
            raise missing(kind, identity, param)
        return int(row[0])

    # Idempotency keys ---------------------------------------------------------------------------------------------

    def begin(self, key: str, request: str, now: int) -> tuple[int, Object] | None:
        """Claim an Idempotency-Key; gives the answer to replay, None when the request shall be executed.

        Raises Problem 400 when the key came with other parameters, 409 when its first request still runs.
        A key that was claimed a day before ``now``, seconds since 1970, is as good as new.
        """
        self._database.execute("DELETE FROM claims WHERE created <= ?", (now - _KEPT_SECONDS,))
        row = self._database.execute("SELECT request, status, body FROM claims WHERE key = ?", (key,)).fetchone()
        if row is None:
            self._database.execute("INSERT INTO claims (key, request, created) VALUES (?, ?, ?)", (key, request, now))
            return None
        if row[0] != request:
            raise Problem(
                "Keys for idempotent requests can only be used with the same parameters they were first used with. "
                f"Try using a key other than '{key}' if you meant to execute a different request.",
                kind="idempotency_error",
            )
        if row[1] is None:
            raise Problem(
                "There is currently another in-progress request using this Idempotent Key: it is still going through.",
                status=409,
                kind="idempotency_error",
                code="idempotency_key_in_use",
            )
        return row[1], json.loads(row[2])

    def finish(self, key: str, status: int, body: Object) -> None:
        """Keep the answer to replay, an error of Stripe's own included."""
        self._database.execute("UPDATE claims SET status = ?, body = ? WHERE key = ?", (status, json.dumps(body), key))

    def abandon(self, key: str) -> None:
        """Free a key whose request never began to execute, because its parameters were refused."""
        self._database.execute("DELETE FROM claims WHERE key = ? AND status IS NULL", (key,))


def _within(moment: int, bounds: dict[str, int]) -> bool:
    return bounds.get("gte", 0) <= moment <= bounds.get("lte", 2**62) and bounds.get("gt", -1) < moment < bounds.get(
        "lt", 2**62
    )
