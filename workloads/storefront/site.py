"""The pages of one shop, rendered once: nothing in them depends on who asks."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
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
        """Render them."""
        self._environment = _environment(shop, release, assets, imprint or IMPRINT)
        self.pages = {
            "/": self._page(f"themes/{self._environment.globals['theme'].name}.html"),
            "/success": self._page("success.html"),
            "/cancel": self._page("cancel.html"),
            "/service": self._page("service.html"),
            "/imprint": self._page("imprint.html"),
        }
        for product in shop.catalogue:
            self.pages[f"/products/{product.sku}"] = self._page("product.html", product)
        self.missing = self._page("missing.html")

    def _page(self, template: str, product: Product | None = None) -> Page:
        return Page.of(self._environment.get_template(template).render(product=product))


def _environment(shop: Shop, release: Release, assets: Assets, imprint: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        shop=shop,
        release=release,
        assets=assets,
        theme=themes.find(shop.theme),
        imprint=imprint.splitlines(),
        watch=_watch,
    )
    return environment


def _watch(product: Product, place: str, *, label: bool = True) -> Markup:
    """Draw a product; ``place`` keeps the ids of two drawings on one page apart."""
    return Markup(art.watch(product.sku, place, product.name if label else None))  # noqa: S704  (escaped by art)
