"""What ``flotilla verify`` is pointed at, and what it says to arguments that can't be."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer

from fleet.errors import FlotillaError, PlaceError, UsageError
from ops import verify as command
from ops.verify_target import Options, find, secret_token
from sandbox import authority, browser
from sandbox.kubectl import Kubectl
from tests.verify.results import FAIL, PASS, UNKNOWN, result, run
from verify.report.formats import Format
from verify.results import Result
from verify.target import Release, Target


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Begin with a machine that knows no cluster and no token."""
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.delenv("FLOTILLA_VERIFY_TOKEN", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def test_a_stack_tells_its_shops_releases_and_prices() -> None:
    target = find("dev", Options(cluster=False))
    assert len(target.shops) == 14
    assert (target.purpose, target.checkout) == ("disposable", "https://checkout.clearwatch.localhost")
    assert target.checkout_releases == {Release("stable", "1.4.2"), Release("canary", "1.5.0")}
    hero = next(shop for shop in target.shops if shop.name == "hero")
    assert (hero.host, hero.theme) == ("hero.clearwatch.localhost", "hero")
    assert hero.releases == {Release("stable", "2.3.0")}
    assert hero.test_product is not None
    assert (hero.test_product.amount, hero.test_product.currency) == (24900, "EUR")
    assert target.address_of(hero.host) == "127.0.0.1"


def test_in_production_the_test_product_is_free() -> None:
    products = [shop.test_product for shop in find("prod", Options(cluster=False)).shops]
    assert {product and product.amount for product in products} == {0}


def test_a_release_without_traffic_is_not_expected() -> None:
    target = find("staging", Options(cluster=False))
    assert all(release.version for release in target.checkout_releases)
    assert target.spec is not None
    weights = {one.image.version: one.weight for one in target.spec.checkout.workload.releases}
    assert {release.version for release in target.checkout_releases} == {name for name, one in weights.items() if one}


def test_the_sandbox_s_authority_is_trusted_where_the_stack_is_the_sandbox_s() -> None:
    assert find("dev", Options(cluster=False)).trust == authority.path()
    assert find("prod", Options(cluster=False)).trust is None
    assert find("dev", Options(cluster=False, ca=Path("own.crt"))).trust == Path("own.crt")


def test_a_sandbox_that_does_not_run_is_no_target() -> None:
    with pytest.raises(PlaceError, match="stack dev: its sandbox does not run; `flotilla sandbox up dev` starts it"):
        find("dev", Options())


@pytest.mark.parametrize(
    ("target", "options", "line"),
    [
        ("nowhere", {}, "Pulumi.nowhere.yaml: there is no such stack file"),
        ("dev", {"shops": ("pirate",)}, "--shop pirate: stack dev has no such shop; it has brutal, constitution"),
        ("dev", {"checkout": "https://c.example"}, "--checkout: a stack knows its own"),
        ("https://shop.example", {}, "https://shop.example: is a shop's address; name its checkout's too"),
        ("https://shop.example/x", {"checkout": "https://c.example"}, "TARGET 'https://shop.example/x': is no origin"),
        ("ftp://shop.example", {"checkout": "https://c.example"}, "TARGET 'ftp://shop.example': is no origin"),
        ("https://shop.example", {"checkout": "c.example"}, "--checkout 'c.example': is no origin"),
        ("https://shop.example", {"checkout": "https://c.example", "shops": ("hero",)}, "is one shop and no stack"),
        ("dev", {"resolve": ("hero",)}, "--resolve hero: is no HOST=ADDRESS"),
        ("dev", {"token_file": Path("/nowhere")}, "--token-file /nowhere: can't be read"),
    ],
)
def test_what_can_t_be_a_target_is_said_in_one_line(target: str, options: dict[str, Any], line: str) -> None:
    with pytest.raises(UsageError) as caught:
        find(target, Options(cluster=False, **options))
    assert line in str(caught.value)
    assert "\n" not in str(caught.value)


def test_two_addresses_are_a_target_of_which_nothing_is_expected() -> None:
    target = find("https://shop.example/", Options(checkout="https://pay.example", resolve=("shop.example=192.0.2.1",)))
    (shop,) = target.shops
    assert (shop.url, shop.name, shop.theme, shop.releases, shop.products) == (
        "https://shop.example", "shop.example", "", frozenset(), (),
    )  # fmt: skip
    assert (target.checkout, target.cluster, target.namespace) == ("https://pay.example", None, "")
    assert target.address_of("shop.example") == "192.0.2.1"
    assert target.address_of("pay.example") is None


def test_shops_that_are_named_are_the_only_ones() -> None:
    assert [shop.name for shop in find("dev", Options(cluster=False, shops=("hero", "tang"))).shops] == ["hero", "tang"]


def test_the_token_comes_from_the_file_before_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FLOTILLA_VERIFY_TOKEN", "from-the-environment")
    file = tmp_path / "token"
    file.write_text("from-the-file\n")
    assert find("dev", Options(cluster=False)).token == "from-the-environment"
    target = find("dev", Options(cluster=False, token_file=file))
    assert target.token == "from-the-file"
    assert "from-the-file" not in repr(target)
    file.write_text(" \n")
    with pytest.raises(UsageError, match="is empty; it must hold the token"):
        find("dev", Options(cluster=False, token_file=file))


def _kubectl(folder: Path, said: str, code: int = 0) -> Kubectl:
    program = folder / "kubectl"
    program.write_text(f"#!/bin/sh\ncat <<'E'\n{said}\nE\necho 'Error from server (Forbidden)' >&2\nexit {code}\n")
    program.chmod(0o755)
    return Kubectl(path=program)


def test_the_token_is_read_from_the_cluster_s_secret(tmp_path: Path) -> None:
    data = {"token": base64.b64encode(b"secret-of-the-cluster\n").decode()}
    assert secret_token(_kubectl(tmp_path, json.dumps({"data": data})), "space") == "secret-of-the-cluster"
    assert secret_token(_kubectl(tmp_path, ""), "space") is None
    assert secret_token(_kubectl(tmp_path, "", 1), "space") is None
    with pytest.raises(UsageError, match="Secret space/verify: has no key token with a text; put the token there"):
        secret_token(_kubectl(tmp_path, json.dumps({"data": {"other": "eA=="}})), "space")


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Give a way to call the command with results that are given, and its exit code."""

    def call(*results: Result, **options: Any) -> int:
        async def checks(_target: Target, *, needed: int | None, on_result: Any, **_: Any) -> Any:
            for one in results:
                on_result(one)
            return run(*results, needed=70 if needed is None else needed)

        monkeypatch.setattr(command, "run_checks", checks)
        monkeypatch.setattr(authority, "path", lambda: None)
        with pytest.raises(typer.Exit) as caught:
            command.verify("dev", **({"cluster": False, "purchase": False} | options))
        return caught.value.exit_code

    return call


@pytest.mark.parametrize(
    ("results", "gate", "code"),
    [
        ([result("route", PASS)], None, 0),
        ([result("route", FAIL)], None, 1),
        ([result("route", PASS), result("live", UNKNOWN)], None, 3),
        ([result("route", PASS), result("live", UNKNOWN, elsewhere=True)], None, 0),
        ([result("headers", FAIL), result("marker", PASS)], None, 0),
        ([result("headers", FAIL), result("marker", PASS)], 85, 1),
    ],
)
def test_the_exit_code_says_how_it_ended(
    running: Callable[..., int], results: list[Result], gate: int | None, code: int
) -> None:
    assert running(*results, gate=gate) == code


def test_the_report_goes_to_standard_output_and_what_happens_to_standard_error(
    running: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    running(result("route", FAIL, message="hero answers 404"), output="json")
    said = capsys.readouterr()
    assert json.loads(said.out)["outcome"] == "fail"
    assert "FAIL hero route: hero answers 404" in said.err


def test_reports_go_into_a_folder_and_the_text_to_the_terminal_too(
    running: Callable[..., int], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    running(result("route", PASS), output="json,junit", out=tmp_path / "out")
    assert {file.name for file in (tmp_path / "out").iterdir()} == {"report.json", "junit.xml"}
    said = capsys.readouterr().out
    assert "\nPASS\n" in said
    assert f"report: {tmp_path / 'out' / 'report.json'}\n" in said


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ({"output": "yaml"}, "--format yaml: is none of text, json, junit, html"),
        ({"output": "json,html"}, "--format json,html: several reports need a folder; name it with --out DIR"),
        ({"ca": Path("/nowhere")}, "/nowhere: holds no certificates to trust"),
    ],
)
def test_options_that_can_t_be_are_said_before_anything_runs(options: dict[str, Any], line: str) -> None:
    with pytest.raises(FlotillaError) as caught:
        command.verify("dev", cluster=False, **options)
    assert line in str(caught.value)
    assert caught.value.exit_code == 2


def test_a_browser_that_is_named_and_is_none_is_bad_input(
    running: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLOTILLA_CHROMIUM", "/nowhere/chromium")
    with pytest.raises(UsageError, match="FLOTILLA_CHROMIUM: /nowhere/chromium is no program"):
        running(result("route", PASS), purchase=True)


def test_the_browser_that_was_found_is_the_one_that_buys(
    running: Callable[..., int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    own = tmp_path / "own-chromium"
    own.write_text("#!/bin/sh\n")
    own.chmod(0o755)
    monkeypatch.setenv("PLACE", "kept")
    monkeypatch.setenv("FLOTILLA_CHROMIUM", "")
    found = browser.Browser(program=own, environment={"PLACE": "changed"})
    monkeypatch.setattr(browser, "chromium", lambda _: found)
    running(result("route", PASS), purchase=True)
    assert (os.environ["FLOTILLA_CHROMIUM"], os.environ["PLACE"]) == (str(own), "changed")


def test_a_report_that_can_t_be_written_is_said(running: Callable[..., int], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match=r"--out .*: can't be written: .*; name another place"):
        running(result("route", PASS), output=str(Format.JSON), out=tmp_path / "file" / "below" / "x.json")
