"""What Stripe answers when it refuses: status, type, code and message (Stripe API reference, Errors)."""

from __future__ import annotations

from typing import Any


class Problem(Exception):  # noqa: N818  (it is an answer, not a defect of the double)
    """A refusal that reaches the client as JSON."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.error = {"message": message, "type": kind, "code": code, "param": param}

    @property
    def body(self) -> dict[str, Any]:
        """The JSON body; absent fields are left out, as Stripe does."""
        return {"error": {name: value for name, value in self.error.items() if value is not None}}


def missing(kind: str, identity: str, param: str) -> Problem:
    """Say that an object does not exist."""
    return Problem(f"No such {kind}: '{identity}'", status=404, code="resource_missing", param=param)


def unexpected() -> Problem:
    """Say what Stripe says when it fails itself."""
    return Problem("An unknown error occurred", status=500, kind="api_error")
