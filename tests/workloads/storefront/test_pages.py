"""Every page of every theme is valid, says what it is, and holds nothing that the policy would refuse."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
import pytest

from storefront import art, themes
from storefront.assets import Assets
from storefront.site import Site
from tests.workloads.storefront.conftest import PRODUCTS, RELEASE

Sites = Callable[..., Site]
THEMES = [theme.name for theme in themes.THEMES]
HTML = "{http://www.w3.org/1999/xhtml}"
EVERY = [*THEMES, "unheard-of"]


def parsed(content: bytes) -> Element:
    """Parse as a browser does, and fail where a browser would have to guess."""
    root: Element = html5lib.HTMLParser(strict=True).parse(content, transport_encoding="utf-8")
    return root


def pages(site: Site) -> Iterator[tuple[str, Element]]:
    for path, page in {**site.pages, "/missing": site.missing}.items():
        yield path, parsed(page.content)


def metas(root: Element) -> dict[str, str]:
    return {one.get("name", ""): one.get("content", "") for one in root.iter(f"{HTML}meta")}


@pytest.mark.parametrize("page", [b"<!doctype html><p>a</div>", b"<p>no doctype", b'<!doctype html><a id="1" id="2">'])
def test_the_check_itself_sees_what_is_not_valid(page: bytes) -> None:
    with pytest.raises(html5lib.html5parser.ParseError):
        parsed(page)


def test_there_are_fourteen_themes() -> None:
    assert len(THEMES) == 14


def skeleton(root: Element) -> tuple[str, ...]:
    """Give the classes of a page's elements in order: its layout without its words."""
    main = next(root.iter(f"{HTML}main"))
    return tuple(f"{one.tag}.{one.get('class', '')}" for one in main.iter() if str(one.tag).startswith(HTML))


def test_no_two_themes_share_a_layout(site: Sites) -> None:
    layouts = [skeleton(parsed(site(theme=name).pages["/"].content)) for name in THEMES]
    assert len(set(layouts)) == len(THEMES)


@pytest.mark.parametrize("theme", EVERY)
def test_every_page_is_valid_and_marked(theme: str, site: Sites) -> None:
    for path, root in pages(site(theme=theme)):
        found = metas(root)
        assert found["flotilla:variant"] == "acme", path
        assert found["flotilla:theme"] == (theme if theme in THEMES else "minimal"), path
        assert found["flotilla:version"] == RELEASE.version, path
        assert found["flotilla:track"] == RELEASE.track, path
        assert root.get("lang") == "en"
        assert len(list(root.iter(f"{HTML}h1"))) == 1, path
        assert next(root.iter(f"{HTML}title")).text


@pytest.mark.parametrize("theme", THEMES)
def test_nothing_is_inline_and_nothing_comes_from_elsewhere(theme: str, site: Sites) -> None:
    for path, root in pages(site(theme=theme)):
        for one in root.iter():
            names = {name.rpartition("}")[2] for name in one.attrib}
            assert not {name for name in names if name.startswith("on")} | names & {"style"}, path
            for attribute in ("src", "href"):
                assert one.get(attribute, "/").startswith(("/", "#")), path
        assert not list(root.iter(f"{HTML}style"))
        for script in root.iter(f"{HTML}script"):
            assert script.get("src")
            assert script.get("integrity", "").startswith("sha384-")
            assert not script.text


@pytest.mark.parametrize("theme", THEMES)
def test_every_product_can_be_bought_at_its_price(theme: str, site: Sites) -> None:
    content = site(theme=theme).pages["/"].content.decode()
    root = parsed(content.encode())
    offers = {one.get("data-sku"): one for one in root.iter(f"{HTML}div") if one.get("data-buy") is not None}
    assert set(offers) == {"field-38", "diver-41", "anything"}
    for product in PRODUCTS[:3]:
        offer = offers[str(product["sku"])]
        assert (offer.get("data-price"), offer.get("data-currency")) == (str(product["price"]), product["currency"])
        button = next(offer.iter(f"{HTML}button"))
        assert "disabled" in button.attrib
        assert "".join(button.itertext()).endswith(str(product["name"]))
    for shown in ("€1,489.00", "¥48,900", "CHF\N{NO-BREAK SPACE}0.05"):
        assert shown in content


@pytest.mark.parametrize("theme", THEMES)
def test_ids_are_unique_and_whatever_is_referred_to_is_there(theme: str, site: Sites) -> None:
    for path, root in pages(site(theme=theme)):
        ids = Counter(one.get("id") for one in root.iter() if one.get("id"))
        assert set(ids.values()) <= {1}, path
        painted = " ".join(value for one in root.iter() for value in one.attrib.values())
        assert set(re.findall(r"url\(#([^)]+)\)", painted)) <= set(ids), path
        for link in root.iter(f"{HTML}a"):
            place = link.get("href", "")
            if place.startswith("#"):
                assert place[1:] in ids, f"{path} {place}"


@pytest.mark.parametrize("theme", THEMES)
def test_headings_leave_out_no_level(theme: str, site: Sites) -> None:
    for path, root in pages(site(theme=theme)):
        levels = [
            int(str(one.tag)[-1]) for one in root.iter() if re.fullmatch(rf"{re.escape(HTML)}h[1-6]", str(one.tag))
        ]
        main = levels[levels.index(1) :]
        assert all(later <= earlier + 1 for earlier, later in pairwise(main)), (path, levels)


@pytest.mark.parametrize("theme", THEMES)
def test_without_javascript_the_page_says_how_to_buy(theme: str, site: Sites) -> None:
    for path, root in pages(site(theme=theme)):
        assert any("JavaScript" in "".join(one.itertext()) for one in root.iter(f"{HTML}noscript")), path


@pytest.mark.parametrize("theme", THEMES)
def test_every_page_says_who_sells(theme: str, site: Sites) -> None:
    for path, page in site(theme=theme).pages.items():
        assert b"Portsmouth PO1 3AX" in page.content, path


def test_the_test_product_has_a_page_and_stands_on_no_shelf(site: Sites) -> None:
    shop = site()
    assert b"flotilla-test" not in shop.pages["/"].content
    page = parsed(shop.pages["/products/flotilla-test"].content)
    assert metas(page)["robots"] == "noindex"
    assert any(one.get("data-sku") == "flotilla-test" for one in page.iter(f"{HTML}div"))


def test_words_from_the_catalogue_are_escaped(site: Sites) -> None:
    assert b"Field &lt;38&gt;" in site().pages["/"].content
    assert b"<38>" not in site().pages["/"].content


@pytest.mark.parametrize("number", [1, 2, 5, 30])
@pytest.mark.parametrize("theme", THEMES)
def test_a_theme_takes_any_number_of_products(theme: str, number: int, site: Sites) -> None:
    catalogue: list[Any] = [PRODUCTS[0] | {"sku": f"field-{one}"} for one in range(number)]
    page = site(theme=theme, catalogue=catalogue).pages["/"]
    parsed(page.content)
    assert {f'data-sku="field-{one}"' in page.content.decode() for one in range(number)} == {True}


@pytest.mark.parametrize("sku", [*art.STYLES, "unknown", "0"])
def test_every_watch_is_a_whole_drawing_that_says_what_it_is(sku: str) -> None:
    drawing = art.watch(sku, "here", 'The "best" <watch>')
    assert 'aria-label="The &quot;best&quot; &lt;watch&gt;, seen from the front"' in drawing
    assert art.watch(sku, "here", 'The "best" <watch>') == drawing
    assert 'aria-hidden="true"' in art.watch(sku, "here", None)


def test_every_theme_has_a_style_sheet() -> None:
    assets = Assets()
    assert all(len(assets[f"{name}.css"].content) > 1000 for name in THEMES)
