"""Security headers of every answer (OWASP, HTTP Headers Cheat Sheet)."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_DENIED = ("accelerometer", "camera", "geolocation", "gyroscope", "microphone", "payment", "usb", "browsing-topics")
_FIXED = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in _DENIED),
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def content_security_policy(checkout_url: str) -> str:
    """Give the policy: nothing inline, nothing from elsewhere, and no talk but with the checkout."""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self'",
            "font-src 'self'",
            f"connect-src {checkout_url}",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
        )
    )


class SecurityHeaders:
    """Adds the headers to whatever an application answers."""

    def __init__(self, app: ASGIApp, checkout_url: str) -> None:
        """Let pages talk to ``checkout_url``, an origin, and to nobody else."""
        self._app = app
        self._headers = {**_FIXED, "Content-Security-Policy": content_security_policy(checkout_url)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._headers)
            await send(message)

        await self._app(scope, receive, secured)
