"""The HTML report: one file that needs nothing else, says all that the run says, and can be read by everybody."""

from __future__ import annotations

import base64
import re
from xml.etree.ElementTree import Element

import html5lib
import pytest

from tests.verify.results import FAIL, PASS, UNKNOWN, result, run
from verify.catalog import CHECKS
from verify.report import html
from verify.results import Picture, Result

HTML = "{http://www.w3.org/1999/xhtml}"
HOSTILE = "<script>alert(1)</script>\"'&"
PICTURE = Picture(title="The shop", jpeg=b"\xff\xd8jpeg")
BOUGHT = [check.id for check in CHECKS if check.id.startswith("purchase.")]


def parsed(text: str) -> Element:
    """Parse as a browser does, and fail where a browser would have to guess."""
    root: Element = html5lib.HTMLParser(strict=True).parse(text)
    return root


def words(element: Element) -> str:
    return " ".join(" ".join(element.itertext()).split())


def section(text: str, identity: str) -> str:
    return next((words(one) for one in parsed(text).iter(f"{HTML}section") if one.get("id") == identity), "")


def sold() -> list[Result]:
    return [result(identity, PASS, seconds=0.5) for identity in BOUGHT]


def stopped() -> list[Result]:
    """A purchase that CORS stopped, as ``verify.causes`` leaves it."""
    blame = {"cause": "CORS", "resource": "Middleware/shops/checkout-cors", "remedy": "allow the origin"}
    told = [result("cors.allowed", FAIL, message="no Access-Control-Allow-Origin", **blame)]
    for before, identity in zip(("cors.allowed", *BOUGHT), BOUGHT, strict=False):
        if identity == "purchase.click":
            told.append(result(identity, FAIL, cause="follows from cors.allowed of hero: CORS"))
        elif BOUGHT.index(identity) > BOUGHT.index("purchase.click"):
            told.append(result(identity, UNKNOWN, cause=f"follows from {before} of hero: CORS"))
        else:
            told.append(result(identity, PASS))
    return told


def test_it_is_valid_and_needs_nothing_else() -> None:
    text = html.render(run(*sold(), result("purchase.page", PASS, "other", pictures=(PICTURE,))))
    root = parsed(text)
    assert not list(root.iter(f"{HTML}link"))
    for one in root.iter():
        assert one.get("src", "data:").startswith("data:")
    assert not re.search(r"url\(|@import", text)
    assert root.get("lang") == "en"


def test_a_picture_is_in_it_and_says_what_it_shows() -> None:
    told = [result("purchase.page", PASS, pictures=(PICTURE,)), result("purchase.success", PASS, pictures=(PICTURE,))]
    images = [one for one in parsed(html.render(run(*told))).iter(f"{HTML}img") if one.get("width")]
    data = base64.b64encode(PICTURE.jpeg).decode()
    assert [one.get("src") for one in images] == [f"data:image/jpeg;base64,{data}"] * 2
    assert all(one.get("alt") for one in images)


def test_what_a_page_says_is_text_and_never_markup() -> None:
    told = result("purchase.page", FAIL, message=HOSTILE, cause=HOSTILE, resource=HOSTILE, remedy=HOSTILE)
    text = html.render(run(told))
    assert HOSTILE not in text
    assert HOSTILE in section(text, "failures")


def test_a_run_that_passed_says_that_all_was_bought() -> None:
    text = html.render(run(*sold()))
    assert "A browser bought from the shop." in text
    assert "pass" in words(next(parsed(text).iter(f"{HTML}header")))
    assert section(text, "failures") == section(text, "untold") == ""


def test_what_failed_is_told_once_with_cause_resource_and_remedy() -> None:
    text = html.render(run(*stopped()))
    told = section(text, "failures")
    assert "CORS" in told
    assert "At fault Middleware/shops/checkout-cors" in told
    assert "Remedy Allow the origin" in told
    following = len(BOUGHT) - BOUGHT.index("purchase.click")
    assert f"{following} more results" in told
    assert len(re.findall('<article class="failure">', text)) == 1
    assert "not from hero" in text
    assert section(text, "untold") == "", "what follows from a failure needs no mending of its own"


def test_what_costs_points_only_comes_after_what_fails_the_run() -> None:
    told = section(html.render(run(result("memory", FAIL, "cluster", "91 %"), result("marker", FAIL))), "failures")
    assert told.index("marker") < told.index("memory")
    assert "costs points only" in told[told.index("marker") :]


@pytest.mark.parametrize("elsewhere", [True, False])
def test_what_could_not_be_told_is_said_and_is_no_pass(*, elsewhere: bool) -> None:
    untold = result("network-policy", UNKNOWN, "cluster", "nothing enforces it", elsewhere=elsewhere)
    text = html.render(run(*sold(), untold))
    there, other = ("elsewhere", "untold") if elsewhere else ("untold", "elsewhere")
    assert "nothing enforces it" in section(text, there)
    assert "no pass" in section(text, there) or "None of this counts as a pass" in section(text, there)
    assert section(text, other) == ""


def test_a_high_score_beside_a_failure_is_no_advice_to_release() -> None:
    told = [result(check.id, PASS, "cluster") for check in CHECKS if check.id != "marker"] + [result("marker", FAIL)]
    found = run(*told)
    assert found.score.points >= 70
    header = words(next(parsed(html.render(found)).iter(f"{HTML}header")))
    assert "Not to be released" in header
    assert f"The score alone: {found.score.advice}" in header


def test_every_result_is_in_the_table_of_all_checks() -> None:
    told = [result(check.id, PASS, message=f"seen by {check.id}") for check in CHECKS]
    table = section(html.render(run(*told)), "checks")
    assert [check.id for check in CHECKS if f"seen by {check.id}" not in table] == []


def test_a_shop_without_a_picture_or_a_purchase_is_there_all_the_same() -> None:
    text = html.render(run(result("marker", PASS)))
    assert "no picture" in section(text, "shops")
    assert "Nothing was bought in this run." in section(text, "purchases")
    assert "Nobody bought anything" in text


def test_a_run_of_nothing_can_be_shown() -> None:
    text = html.render(run())
    assert "not checked" in text
    parsed(text)


def test_ids_are_unique_and_every_link_within_leads_somewhere() -> None:
    root = parsed(html.render(run(*sold())))
    ids = [one.get("id") for one in root.iter() if one.get("id")]
    assert len(ids) == len(set(ids))
    for link in root.iter(f"{HTML}a"):
        place = link.get("href", "")
        assert not place.startswith("#") or place[1:] in ids
