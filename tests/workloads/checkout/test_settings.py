from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from checkout import catalogue, settings
from checkout.catalogue import TEST_SKU
from checkout.settings import SecretFile, SettingsError


def test_what_is_missing_is_named() -> None:
    with pytest.raises(SettingsError, match="DATABASE_HOST is not set"):
        settings.database({})


def test_a_port_that_is_no_number_is_named() -> None:
    with pytest.raises(SettingsError, match="DATABASE_PORT is 'x'; it must be a number"):
        settings.database({"DATABASE_HOST": "h", "DATABASE_PORT": "x"})


def test_a_secret_is_read_anew_each_time(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("old\n")
    secret = SecretFile(file)
    assert secret.value() == "old"
    file.write_text("new\nold\n")
    assert secret.values() == ["new", "old"]
    file.write_text("")
    with pytest.raises(OSError, match="is empty"):
        secret.value()


def _load(folder: Path, shops: Any) -> catalogue.Catalogue:
    (folder / "shops.json").write_text(json.dumps(shops))
    return catalogue.load(folder / "shops.json")


def _product(**other: Any) -> dict[str, Any]:
    return {"sku": "a", "name": "A", "price": 5, "currency": "EUR", **other}


def test_a_shop_sells_the_shared_products_or_its_own(tmp_path: Path) -> None:
    shops = {"hero": {"origin": "https://h"}, "tang": {"origin": "https://t", "products": [_product(currency="JPY")]}}
    found = _load(tmp_path, {"products": [_product(), _product(sku=TEST_SKU)], "variants": shops})
    assert set(found["hero"].products) == {"a", TEST_SKU}
    assert found["hero"].products["a"].currency == "eur"
    assert {sku: one.currency for sku, one in found["tang"].products.items()} == {"a": "jpy"}
    assert found["tang"].origin == "https://t"


@pytest.mark.parametrize("price", [0, -1, 1.5, "5", True, None])
def test_a_price_that_can_t_be_is_refused(tmp_path: Path, price: object) -> None:
    with pytest.raises(SettingsError, match="price of a is"):
        _load(tmp_path, {"products": [_product(price=price)], "variants": {}})


@pytest.mark.parametrize("shops", [[], {"products": []}, {"variants": {}}, {"products": [1], "variants": {}}])
def test_a_file_that_is_no_catalogue_is_refused(tmp_path: Path, shops: object) -> None:
    with pytest.raises(SettingsError, match="is no catalogue"):
        _load(tmp_path, shops)
