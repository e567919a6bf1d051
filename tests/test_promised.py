"""Tests of real parts are skipped only on machines that can't have them."""

from __future__ import annotations

import pytest

from fleet.errors import PlaceError
from tests import promised


def test_what_is_promised_and_cannot_be_made_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(promised, "is_promised", lambda: True)
    with pytest.raises(PlaceError, match="no compiler"), promised.skipping("cluster"):
        raise PlaceError("no compiler")


def test_elsewhere_the_tests_are_skipped_and_say_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(promised, "is_promised", lambda: False)
    with pytest.raises(pytest.skip.Exception, match="cluster: not run, no compiler"), promised.skipping("cluster"):
        raise PlaceError("no compiler")
