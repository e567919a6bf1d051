"""How every error is answered: JSON with a code for programs, a text for people and the id that the log knows it by."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response

from checkout.logs import CORRELATION


def problem(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> Response:
    """Give the answer; ``status`` is HTTP's."""
    error = {"code": code, "message": message, "correlationId": CORRELATION.get()}
    return JSONResponse({"error": error}, status, headers=headers)
