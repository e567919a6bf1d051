"""Traffic split as Traefik splits it: who comes without a cookie is drawn by weight, and kept to that by a cookie."""

from __future__ import annotations

from collections.abc import Mapping
from http.cookies import SimpleCookie

from tests.verify.scripted import Answer, Script

TRACKS = ("stable", "canary")


class Split:
    """Sends visitors to releases; every tenth without a cookie gets the canary, unless it ``draws`` otherwise."""

    def __init__(self, cookie: str, draws: tuple[str, ...] = ("stable",) * 9 + ("canary",)) -> None:
        self.cookie, self.draws, self.drawn = cookie, draws, 0

    def track(self, given: Mapping[str, str]) -> tuple[str, dict[str, str]]:
        """Give the track of a visitor, and the headers that keep it there."""
        held = SimpleCookie(given.get("cookie", "")).get(self.cookie)
        if held is not None and held.value in TRACKS:
            return held.value, {}
        track = self.draws[self.drawn % len(self.draws)]
        self.drawn += 1
        return track, {"Set-Cookie": f"{self.cookie}={track}; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax"}


def split(draw: Split, releases: Mapping[str, Script]) -> Script:
    """Answer as the release does to which a visitor is led."""

    def answer(method: str, path: str, given: Mapping[str, str]) -> Answer:
        track, kept = draw.track(given)
        status, headers, body = releases[track](method, path, given)
        return status, {**headers, **kept}, body

    return answer
