"""Whom pods' names are asked of."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.node import dns


@pytest.fixture
def resolvers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the machine's resolv.conf, not written yet."""
    monkeypatch.setattr(dns, "RESOLVERS", tmp_path / "resolv.conf")
    return tmp_path / "resolv.conf"


def corefile(folder: Path) -> str:
    dns.daemon(folder, kubeconfig=folder / "kubeconfig", log=folder / "log")
    return (folder / "Corefile").read_text()


def test_names_that_are_not_the_clusters_are_asked_of_the_machines_resolver(resolvers: Path, tmp_path: Path) -> None:
    resolvers.write_text("search example.com\nnameserver 192.0.2.1\n")
    assert f"\n    forward . {resolvers}\n    cache 5\n" in corefile(tmp_path)


@pytest.mark.parametrize("text", ["", "# nameserver 192.0.2.1\nsearch example.com\n", "nameserver\n", None])
def test_on_a_machine_that_asks_nobody_nobody_is_asked(resolvers: Path, tmp_path: Path, text: str | None) -> None:
    """CoreDNS would end: no valid upstream addresses found."""
    if text is not None:
        resolvers.write_text(text)
    written = corefile(tmp_path)
    assert "forward" not in written
    assert "    kubernetes cluster.local" in written
