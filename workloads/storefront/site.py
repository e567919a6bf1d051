"""The pages of one shop, rendered once: nothing in them depends on who asks."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from storefront import art, themes
from storefront.assets import Assets
from storefront.shop import Product, Shop

TEMPLATES = Path(__file__).parent / "templates"
IMPRINT = """ClearWatch Ltd
14 Harbour Row
Portsmouth PO1 3AX
United Kingdom
Company no. 01234567 (sample)
service@clearwatch.example"""
"""Who sells, where IMPRINT says nothing: a sample, as its domain shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """Which release of the image this is; every page, metric and log line says so."""

    track: str
    version: str


@dataclass(frozen=True, slots=True)
class Page:
    """A rendered page."""

    content: bytes
    etag: str

    @classmethod
    def of(cls, text: str) -> Page:
        """Take a rendered text."""
        content = text.encode()
        return cls(content, f'W/"{hashlib.sha256(content).hexdigest()[:16]}"')


class Site:
    """Every page of a shop, by path; ``missing`` answers for all other paths."""

    def __init__(self, shop: Shop, release: Release, assets: Assets, imprint: str | None = None) -> None:
        """Render them; ``imprint`` is who sells, one line of it a line."""
        theme = themes.find(shop.theme)
        self._words = {
            "shop": shop,
            "release": release,
            "assets": assets,
            "theme": theme,
            "imprint": (imprint or IMPRINT).splitlines(),
        }
        self.pages = {
            "/": self._page(f"themes/{theme.name}.html"),
            **{f"/{name}": self._page(f"{name}.html") for name in ("success", "cancel", "service", "imprint")},
        }
        for product in shop.catalogue:
            self.pages[f"/products/{product.sku}"] = self._page("product.html", product)
        self.missing = self._page("missing.html")

    def _page(self, template: str, product: Product | None = None) -> Page:
        return Page.of(_environment().get_template(template).render(**self._words, product=product))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["watch"] = _watch
    return environment


def _watch(product: Product, place: str, *, label: bool = True) -> Markup:
    """Draw a product; ``place`` keeps the ids of two drawings on one page apart."""
    return Markup(art.watch(product.sku, place, product.name if label else None))  # noqa: S704  (escaped by art)
