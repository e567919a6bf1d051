"""What a machine must have for a real node, and what is put back when the node goes."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from sandbox.node import machine


def test_who_is_not_root_has_simulated_nodes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert machine.obstacle() == "a real node needs root"


def test_another_system_has_simulated_nodes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert machine.obstacle() == "a real node needs Linux"


def test_a_container_without_capabilities_has_simulated_nodes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(machine, "has_capability", lambda bit: bit != machine.NEEDED["CAP_SYS_ADMIN"])
    assert machine.obstacle() == "a real node needs CAP_SYS_ADMIN, which root lacks in this container"


def test_cgroups_that_can_not_be_written_mean_simulated_nodes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(machine, "has_capability", lambda _: True)
    monkeypatch.setattr(machine, "CGROUPS", tmp_path)
    assert machine.obstacle() == f"a real node needs cgroups that can be written, {tmp_path} has none"


@pytest.fixture
def sysctls(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Give a tree of sysctls of which this kernel lacks one."""
    root = tmp_path / "sys"
    for name in machine.CHANGED[:-1]:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("0\n")
    monkeypatch.setattr(machine, "SYSCTLS", root)
    return root


def test_sysctls_are_put_back_as_they_were_before_the_first_start(sysctls: Path, tmp_path: Path) -> None:
    remembered = tmp_path / "sysctls.json"
    machine.set_sysctls(remembered)
    assert {(sysctls / name).read_text() for name in machine.SET} == {"1"}
    (sysctls / "vm/overcommit_memory").write_text("1\n")
    machine.set_sysctls(remembered)
    machine.restore_sysctls(remembered)
    assert {(sysctls / name).read_text().strip() for name in machine.CHANGED[:-1]} == {"0"}


def test_a_kernel_without_ipv6_needs_no_word_about_it(sysctls: Path, tmp_path: Path) -> None:
    (sysctls / machine.LINK_ADDRESSES).unlink()
    machine.set_sysctls(tmp_path / "sysctls.json")
    assert not (sysctls / machine.LINK_ADDRESSES).exists()
    assert (sysctls / machine.FORWARDING).read_text() == "1"


def test_without_anything_remembered_nothing_is_put_back(sysctls: Path, tmp_path: Path) -> None:
    (sysctls / machine.FORWARDING).write_text("1\n")
    machine.restore_sysctls(tmp_path / "never-written.json")
    assert (sysctls / machine.FORWARDING).read_text() == "1\n"
