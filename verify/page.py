"""A shop's page as its checks read it: what it says of itself, what it sells, and the scripts it names. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

MARKER = "flotilla:"
"""How the names of the meta tags begin by which a shop says what it is (workloads/storefront/templates/base.html)."""
_UNSEEN = frozenset({"script", "style", "title", "noscript", "template", "svg"})


@dataclass(frozen=True, slots=True)
class Offer:
    """A buy button: the product, its price in minor units, and the currency."""

    sku: str
    price: str
    currency: str


@dataclass(slots=True)
class Page:
    """One page; ``text`` is what a person reads, white space folded."""

    markers: dict[str, str] = field(default_factory=dict)
    offers: list[Offer] = field(default_factory=list)
    scripts: list[str] = field(default_factory=list)
    text: str = ""


def read(html: str) -> Page:
    """Read a page; what is no HTML gives an empty one."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader.page.text = " ".join(" ".join(reader.words).split())
    return reader.page


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page()
        self.words: list[str] = []
        self.unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "meta" and given.get("name", "").startswith(MARKER):
            self.page.markers[given["name"].removeprefix(MARKER)] = given.get("content", "")
        if "data-buy" in given:
            price, currency = given.get("data-price", ""), given.get("data-currency", "")
            self.page.offers.append(Offer(given.get("data-sku", ""), price, currency))
        if tag == "script" and given.get("src"):
            self.page.scripts.append(given["src"])
        self.unseen += tag in _UNSEEN

    def handle_endtag(self, tag: str) -> None:
        self.unseen -= tag in _UNSEEN and self.unseen > 0

    def handle_data(self, data: str) -> None:
        if not self.unseen:
            self.words.append(data)
