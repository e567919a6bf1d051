"""What a browser complained of while it was in a shop, and what the click on Buy asked of the checkout."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.async_api import ConsoleMessage, Page, Request, Response
from playwright.async_api import Error as PlaywrightError

_CALLS = ("fetch", "xhr")
_CHECKOUT = "/api/checkout"
_TOLD_BETTER = "Failed to load resource"
"""Chromium's console line for an asset whose answer or failure is seen as such."""
_LEFT = "net::ERR_ABORTED"
"""A request that ended because the page was left: nothing is wrong with it."""


@dataclass(slots=True)
class Click:
    """The one call that a click on Buy makes: its correlation id, and how it ended."""

    url: str
    correlation_id: str
    answer: Response | None = None
    failure: str = ""

    @property
    def status(self) -> int | None:
        """The answer's HTTP status; None where there was no answer."""
        return self.answer.status if self.answer else None

    async def code(self) -> str:
        """Give the error code of the answer (workloads/checkout/README.md, Interface); empty where there is none."""
        try:
            body = await self.answer.json() if self.answer else None
        except (PlaywrightError, ValueError):
            return ""
        error = body.get("error") if isinstance(body, dict) else None
        return str(error.get("code", "")) if isinstance(error, dict) else ""


@dataclass  # without slots: playwright notes on it which of its methods listen
class Watch:
    """What was seen so far on the pages of a shop, each line once, in the order it came."""

    scripts: list[str] = field(default_factory=list)
    assets: list[str] = field(default_factory=list)
    blocked: list[str] = field(default_factory=list)
    """Calls that the browser forbade: CORS, or the page's own Content-Security-Policy."""
    clicks: list[Click] = field(default_factory=list)
    _is_there: Callable[[], bool] = field(default=lambda: False, repr=False)

    def attach(self, page: Page, origin: str) -> None:
        """See what ``page`` does from now on; what it complains of away from ``origin`` is no matter of the shop's."""
        self._is_there = lambda: urlsplit(page.url).netloc == urlsplit(origin).netloc
        page.on("pageerror", lambda error: self._note(self.scripts, f"{error.name}: {error.message}"))
        page.on("console", self._console)
        page.on("request", self._request)
        page.on("requestfailed", self._failed)
        page.on("response", self._response)

    @property
    def click(self) -> Click | None:
        """The last click's call, if it made one."""
        return self.clicks[-1] if self.clicks else None

    def forget(self, reason: str) -> bool:
        """Drop the assets that did not come for this reason; gives whether there were any."""
        kept = [line for line in self.assets if reason not in line]
        dropped = len(kept) < len(self.assets)
        self.assets = kept
        return dropped

    def _note(self, lines: list[str], text: str) -> None:
        line = " ".join(text.split())
        if self._is_there() and line not in lines:
            lines.append(line)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type != "error" or message.text.startswith(_TOLD_BETTER):
            return
        forbidden = "CORS policy" in message.text or "connect-src" in message.text
        self._note(self.blocked if forbidden else self.scripts, message.text)

    def _request(self, request: Request) -> None:
        if request.method == "POST" and urlsplit(request.url).path == _CHECKOUT:
            self.clicks.append(Click(request.url, request.headers.get("x-correlation-id", "")))

    def _failed(self, request: Request) -> None:
        failure = request.failure or "failed"
        if request.resource_type in _CALLS:
            for click in (one for one in self.clicks if one.url == request.url and one.answer is None):
                click.failure = failure
        elif failure != _LEFT and not _is_page(request):
            self._note(self.assets, f"{_short(request.url)}: {failure}")

    def _response(self, response: Response) -> None:
        request = response.request
        if request.resource_type in _CALLS:
            for click in (one for one in self.clicks if one.url == request.url and request.method == "POST"):
                click.answer = response
        elif response.status >= 400 and not _is_page(request):
            self._note(self.assets, f"{_short(response.url)}: HTTP {response.status}")


def _is_page(request: Request) -> bool:
    """Say whether this is the page itself, whose status is judged where it is opened."""
    try:
        return request.is_navigation_request()
    except PlaywrightError:  # the page is already gone
        return request.resource_type == "document"


def _short(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.netloc}{parts.path}"
