"""What a machine must have for a real node, and what is put back when the node goes."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fleet.errors import PlaceError
from sandbox.node import machine
from sandbox.node.addresses import CGROUP


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


@pytest.mark.usefixtures("sysctls")
def test_cgroups_that_can_not_be_written_mean_simulated_nodes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(machine, "has_capability", lambda _: True)
    monkeypatch.setattr(machine, "CGROUPS", tmp_path)
    assert machine.obstacle() == f"a real node needs cgroups that can be written, {tmp_path} has none"


def test_sysctls_that_can_not_be_written_mean_simulated_nodes(monkeypatch: pytest.MonkeyPatch, sysctls: Path) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(machine, "has_capability", lambda _: True)
    monkeypatch.setattr(os, "access", lambda path, _: Path(path) != sysctls / machine.FORWARDING)
    assert machine.obstacle() == (
        f"a real node needs to set net/ipv4/ip_forward, and {sysctls} is read-only in this container"
    )


def test_a_hierarchy_may_be_written_though_what_it_is_mounted_in_may_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A tmpfs that holds the hierarchies of version 1 is read-only on many machines."""
    cpu, memory = tmp_path / "cpu", tmp_path / "memory"
    monkeypatch.setattr(os, "access", lambda path, _: Path(path) in {cpu, memory})
    assert machine.cgroups_obstacle([cpu, memory]) is None
    monkeypatch.setattr(os, "access", lambda path, _: Path(path) == cpu)
    assert machine.cgroups_obstacle([cpu, memory]) == (f"a real node needs cgroups that can be written, {memory} can't")


@pytest.fixture
def unified(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Give the root of a hierarchy of version 2 that hands on one of two controllers, as a container sees it."""
    root = tmp_path / "cgroup"
    root.mkdir()
    for name, text in {
        "cgroup.controllers": "cpu memory\n",
        "cgroup.subtree_control": "cpu\n",
        "cgroup.procs": "1\n",
        "cgroup.type": "domain\n",
    }.items():
        (root / name).write_text(text)
    monkeypatch.setattr(machine, "hierarchies", lambda: iter([root]))
    return root


def test_a_container_whose_processes_are_in_its_root_cgroup_has_simulated_nodes(unified: Path) -> None:
    assert machine.cgroups_obstacle([unified]) == (
        f"a real node needs the cgroup controllers memory, which {unified} can't hand on while processes are in it"
    )


@pytest.mark.parametrize(
    ("file", "text"),
    [("cgroup.procs", ""), ("cgroup.subtree_control", "cpu memory\n"), ("cgroup.type", None)],
    ids=["nobody is in it", "it hands all on", "it is the machine's own root"],
)
def test_a_root_cgroup_that_can_hand_its_controllers_on_is_no_obstacle(
    unified: Path, file: str, text: str | None
) -> None:
    if text is None:
        (unified / file).unlink()
    else:
        (unified / file).write_text(text)
    assert machine.cgroups_obstacle([unified]) is None


def test_controllers_that_the_root_handed_on_for_us_are_given_back(unified: Path, tmp_path: Path) -> None:
    (unified / CGROUP).mkdir()
    (unified / CGROUP / "cgroup.controllers").write_text("")
    (unified / CGROUP / machine.CONTROL).write_text("")
    remembered = tmp_path / "cgroups.json"
    machine.make_cgroups(remembered)
    assert (unified / machine.CONTROL).read_text() == "+memory"
    machine.make_cgroups(remembered)
    for file in (unified / CGROUP).iterdir():
        file.unlink()
    machine.remove_cgroups(remembered)
    assert (unified / machine.CONTROL).read_text() == "-memory"
    assert not (unified / CGROUP).exists()
    assert not remembered.exists()


@pytest.fixture
def busy(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Give what makes removing a folder fail as often as said: a killed process is still in the cgroup."""

    def times(number: int) -> None:
        left, rmdir = [None] * number, Path.rmdir

        def fail_first(folder: Path) -> None:
            if left:
                left.pop()
                raise OSError(errno.EBUSY, "Device or resource busy", str(folder))
            rmdir(folder)

        monkeypatch.setattr(Path, "rmdir", fail_first)

    return times


def test_a_cgroup_that_is_busy_for_a_moment_is_removed_all_the_same(
    unified: Path, tmp_path: Path, busy: Callable[[int], None]
) -> None:
    (unified / CGROUP).mkdir()
    busy(3)
    machine.remove_cgroups(tmp_path / "never-written.json")
    assert not (unified / CGROUP).exists()


def test_a_cgroup_that_stays_busy_is_named(
    unified: Path, tmp_path: Path, busy: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    (unified / CGROUP).mkdir()
    monkeypatch.setattr(machine, "KILL_SECONDS", 0.1)
    busy(1_000_000)
    with pytest.raises(PlaceError, match=f"^{unified / CGROUP}: can't be removed: Device or resource busy; end "):
        machine.remove_cgroups(tmp_path / "never-written.json")


def test_a_path_that_is_too_long_for_a_socket_is_refused(tmp_path: Path) -> None:
    machine.refuse_long([Path("/" + "x" * (machine.SOCKET_LENGTH - 1))])
    with pytest.raises(PlaceError, match=r"too long for a Unix socket \(107\); set XDG_CACHE_HOME to a shorter one"):
        machine.refuse_long([Path("/" + "é" * (machine.SOCKET_LENGTH // 2 + 1))])


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


@pytest.fixture
def kernel(sysctls: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the kernel do what it does when forwarding changes (net/ipv4/devinet.c), with two devices."""
    for device in ("default", "eth0", "wlan0"):
        file = sysctls / f"net/ipv4/conf/{device}/forwarding"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("1\n" if device == "wlan0" else "0\n")
    write = Path.write_text

    def follow(path: Path, text: str, *more: Any, **named: Any) -> int:
        written = write(path, text, *more, **named)
        if path == sysctls / machine.FORWARDING:
            write(sysctls / "net/ipv4/conf/all/accept_redirects", "0\n" if text == "1" else "1\n")
            for each in sysctls.glob("net/ipv4/conf/*/forwarding"):
                write(each, text)
        return written

    monkeypatch.setattr(Path, "write_text", follow)
    return sysctls


def test_what_the_kernel_changes_along_with_forwarding_is_put_back_too(kernel: Path, tmp_path: Path) -> None:
    def state() -> dict[str, str]:
        return {str(file): file.read_text().strip() for file in kernel.rglob("*") if file.is_file()}

    before = state()
    machine.set_sysctls(tmp_path / "sysctls.json")
    assert (kernel / "net/ipv4/conf/eth0/forwarding").read_text() == "1"
    machine.restore_sysctls(tmp_path / "sysctls.json")
    assert state() == before


def test_a_device_that_is_gone_meanwhile_needs_nothing_put_back(kernel: Path, tmp_path: Path) -> None:
    machine.set_sysctls(tmp_path / "sysctls.json")
    (kernel / "net/ipv4/conf/wlan0/forwarding").unlink()
    machine.restore_sysctls(tmp_path / "sysctls.json")
    assert not (kernel / "net/ipv4/conf/wlan0/forwarding").exists()


def test_a_sysctl_that_may_not_be_set_is_said_in_one_line(
    sysctls: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remembered = tmp_path / "sysctls.json"
    remembered.write_text("{}")

    def read_only(path: Path, *_: Any, **__: Any) -> int:
        raise OSError(errno.EROFS, "Read-only file system", str(path))

    monkeypatch.setattr(Path, "write_text", read_only)
    with pytest.raises(PlaceError, match="net/ipv4/ip_forward: can't be set to 1: Read-only file system; start the"):
        machine.set_sysctls(remembered)
