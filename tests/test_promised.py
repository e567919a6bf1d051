"""Tests of real parts are skipped only on machines that can't have them."""

from __future__ import annotations

import pytest

from fleet.errors import PlaceError
from sandbox.cluster import Cluster
from sandbox.node.node import Node
from tests import promised
from tests.node import cluster as node


def test_what_is_promised_and_cannot_be_made_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(promised, "is_promised", lambda: True)
    with pytest.raises(PlaceError, match="no compiler"), promised.skipping("cluster"):
        raise PlaceError("no compiler")


def test_elsewhere_the_tests_are_skipped_and_say_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(promised, "is_promised", lambda: False)
    with pytest.raises(pytest.skip.Exception, match="cluster: not run, no compiler"), promised.skipping("cluster"):
        raise PlaceError("no compiler")


def test_a_machine_whose_node_somebody_has_fails_the_tests_that_are_promised_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(_: Node) -> None:
        raise PlaceError("port 443: taken")

    monkeypatch.setattr(promised, "is_promised", lambda: True)
    monkeypatch.setattr(Node, "admit", refuse)
    with pytest.raises(PlaceError) as refused, promised.skipping("node"):
        node.admit(Cluster("nobodys", real=True))
    assert str(refused.value).startswith("port 443: taken; ")
    assert "`make demo-down`" in str(refused.value)
    assert "FLOTILLA_NODE_TESTS=skip" in str(refused.value)
