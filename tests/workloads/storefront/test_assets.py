"""Assets carry their content in their names, and one version answers for the files of another."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import pytest

from storefront.assets import Assets


@pytest.fixture
def assets(tmp_path: Path) -> Assets:
    (tmp_path / "fonts").mkdir()
    (tmp_path / "fonts" / "serif.woff2").write_bytes(b"font")
    (tmp_path / "a.css").write_text('@font-face { src: url("asset(serif.woff2)") }')
    (tmp_path / "a.js").write_text("1")
    (tmp_path / "README.md").write_text("not served")
    return Assets(tmp_path)


def address(url: str) -> str:
    return url.removeprefix("/assets/")


def test_the_name_changes_with_the_content(assets: Assets, tmp_path: Path) -> None:
    before = assets["a.js"].url
    assert re.fullmatch(r"/assets/a\.[0-9a-f]{16}\.js", before)
    (tmp_path / "a.js").write_text("2")
    assert Assets(tmp_path)["a.js"].url != before


def test_a_style_sheet_refers_to_hashed_names(assets: Assets) -> None:
    assert assets["serif.woff2"].url.encode() in assets["a.css"].content


def test_integrity_is_of_the_content(assets: Assets) -> None:
    assert assets["a.js"].integrity == f"sha384-{base64.b64encode(hashlib.sha384(b'1').digest()).decode()}"


def test_another_versions_address_gives_the_current_file_as_not_exact(assets: Assets) -> None:
    own = assets["a.js"]
    assert assets.find(address(own.url)) == (own, True)
    assert assets.find(f"a.{'0' * 16}.js") == (own, False)


@pytest.mark.parametrize("name", ["b.0123456789abcdef.js", "a.js", "a.xyz.js", "../a.0123456789abcdef.js", "README.md"])
def test_what_is_no_asset_is_not_found(assets: Assets, name: str) -> None:
    assert assets.find(name) is None


def test_no_style_sheet_of_the_image_asks_for_something_elsewhere() -> None:
    assets = Assets()
    for name in assets._by_name:
        if name.endswith(".css"):
            content = assets[name].content.decode()
            assert "asset(" not in content
            assert not re.search(r"url\([\"']?(?!/assets/)|@import", content.replace('url("/assets/', "url(/assets/"))
