"""The forms of names, labels and quantities are those of the API server."""

from __future__ import annotations

import pytest

from policies.forms import FORMS, is_placeholder

GOOD = {
    "dns-label": ["a", "1a", "a-b", "a" * 63],
    "dns-subdomain": ["a.b", "1.2", "a" * 253],
    "label-value": ["", "A_b.c-1", "a" * 63],
    "label-key": ["a", "A_b.c", "example.com/A_b", "a" * 63],
    "annotation-key": ["a", "Example.com/A"],
    "data-key": [".a", "A_b-c.d"],
    "env-name": ["A", "a.b-c", "1A", "A B"],
    "path-segment": ["a:b", "A b", "..."],
    "quantity": ["1", "1.5Gi", "500m", "2e3", "-1", ".5", "1E", "1Ei", "100n"],
    "number-or-name": ["http", "25%", ""],
    "bytes": ["", "YQ==", "YWI=", "YWJj", "YW\nJj"],
    "ip": ["10.0.0.1", "::1"],
    "cidr": ["10.0.0.0/8", "10.1.2.3/8", "fd00::/8"],
}
BAD = {
    "dns-label": ["", "A", "a.b", "-a", "a-", "a_b", "a" * 64, "a\n"],
    "dns-subdomain": ["", ".a", "a..b", "a.-b", "A.b", "a" * 254],
    "label-value": ["-", "a-", "a b", "ä", "a" * 64],
    "label-key": ["", "a/", "/a", "a/b/c", "A.com/b", "a b", "a" * 64],
    "annotation-key": ["", "a b", "a_b/c"],
    "data-key": ["", "a/b", "a b"],
    "env-name": ["A=B", "Ä"],
    "path-segment": [".", "..", "a/b", "100%"],
    "quantity": ["", "1 Gi", "1MB", "512mb", "1g", "1k5", "one"],
    "number-or-name": ["80", "0"],
    "bytes": ["a", "a b", "YQ=", "plain text!", "YQ==YQ=="],
    "ip": ["", "10.0.0", "10.0.0.1/8", "a"],
    "cidr": ["10.0.0.0", "10.0.0.0/33", "a/8"],
}


@pytest.mark.parametrize(("form", "text"), [(form, text) for form, texts in GOOD.items() for text in texts])
def test_what_has_the_form_is_fine(form: str, text: str) -> None:
    assert FORMS[form](text) is None


@pytest.mark.parametrize(("form", "text"), [(form, text) for form, texts in BAD.items() for text in texts])
def test_what_has_not_is_told_what_the_form_is(form: str, text: str) -> None:
    assert FORMS[form](text)


def test_every_form_has_both_kinds_of_examples() -> None:
    assert set(GOOD) == set(BAD) == set(FORMS)


@pytest.mark.parametrize("text", ["${A}", "a-${A}-b", "{{ .Values.a }}", "$(A)"])
def test_what_is_to_be_filled_in_is_known(text: str) -> None:
    assert is_placeholder(text)
    assert not is_placeholder(text.replace("$", "").replace("{{", ""))
