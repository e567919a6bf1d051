"""What is taken out of iptables when a node goes: what is ours, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from fleet.errors import PlaceError
from sandbox.debian import Unpacked
from sandbox.node import network

THEIRS = """\
*mangle
:PREROUTING ACCEPT [0:0]
:KUBE-KUBELET-CANARY - [0:0]
COMMIT
*nat
:POSTROUTING ACCEPT [0:0]
:DOCKER - [0:0]
:KUBE-POSTROUTING - [0:0]
:KUBE-SERVICES - [0:0]
-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING
-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
-A KUBE-POSTROUTING -j MASQUERADE
"""
OURS = "-A POSTROUTING -s 10.77.0.0/24 ! -d 10.77.0.0/24 -m comment --comment flotilla-sandbox -j MASQUERADE\n"
Script = Callable[[str, str], Path]


@pytest.fixture
def machine(script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Give what makes iptables-save say something; what iptables-restore is told lands in the file given back."""

    def says(listing: str) -> Path:
        (tmp_path / "listing").write_text(listing)
        told = tmp_path / "told"
        script("iptables-save", f"cat {tmp_path}/listing")
        script("ip6tables-save", "exit 1")
        script("iptables-restore", f'echo "$@" > {told}\ncat >> {told}')
        folder = script("ip6tables-restore", "exit 1").parent
        monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
        return told

    return says


def test_our_rules_and_all_chains_of_kubernetes_go_and_the_marked_tables_last(machine: Callable[[str], Path]) -> None:
    told = machine(f"{THEIRS}{OURS}COMMIT\n")
    network.clear(Unpacked(root=None), ours=False)
    assert told.read_text().splitlines() == [
        "--noflush --wait=10",
        "*mangle",
        "-F KUBE-KUBELET-CANARY",
        "-X KUBE-KUBELET-CANARY",
        "COMMIT",
        "*nat",
        '-D POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING',
        OURS.strip().replace("-A", "-D"),
        "-F KUBE-POSTROUTING",
        "-F KUBE-SERVICES",
        "-X KUBE-POSTROUTING",
        "-X KUBE-SERVICES",
        "COMMIT",
    ]


def test_chains_of_kubernetes_without_a_rule_of_ours_are_somebody_elses(machine: Callable[[str], Path]) -> None:
    told = machine(f"{THEIRS}COMMIT\n")
    network.clear(Unpacked(root=None), ours=False)
    assert not told.exists()
    with pytest.raises(PlaceError, match="it is a Kubernetes node already; use that with KUBECONFIG, or --simulated"):
        network.refuse_foreign(Unpacked(root=None))


def test_chains_that_an_own_node_left_refuse_nothing(machine: Callable[[str], Path]) -> None:
    machine(f"{THEIRS}{OURS}COMMIT\n")
    network.refuse_foreign(Unpacked(root=None))


def test_chains_go_without_a_rule_of_ours_where_the_machine_is_ours(machine: Callable[[str], Path]) -> None:
    """Somebody flushed the rules: the chains that are left would be in the way of every later start."""
    told = machine(f"{THEIRS}COMMIT\n")
    network.clear(Unpacked(root=None), ours=True)
    assert "-X KUBE-SERVICES" in told.read_text().splitlines()
    assert "DOCKER" not in told.read_text()


def test_a_rule_that_can_not_be_removed_is_named_with_its_table(machine: Callable[[str], Path], script: Script) -> None:
    machine(f"{THEIRS}{OURS}COMMIT\n")
    script("iptables-restore", "cat > /dev/null; echo 'iptables-restore: line 8 failed' >&2; exit 1")
    with pytest.raises(PlaceError) as refused:
        network.clear(Unpacked(root=None), ours=True)
    assert str(refused.value) == (
        "iptables: table nat, -F KUBE-POSTROUTING: iptables-restore: line 8 failed; run `flotilla sandbox down` again"
    )


def test_a_machine_whose_rules_can_not_be_listed_is_no_clean_one(
    machine: Callable[[str], Path], script: Script
) -> None:
    machine("")
    script("iptables-save", "echo 'Could not fetch rule set generation id' >&2; exit 1")
    for look in (network.refuse_foreign, lambda tools: network.clear(tools, ours=True)):
        with pytest.raises(PlaceError, match="iptables-save: Could not fetch rule set generation id; see that"):
            look(Unpacked(root=None))


@pytest.mark.parametrize(
    ("listing", "code", "whole"),
    [
        (f"{THEIRS}-A PREROUTING -j KUBE-SERVICES\n", 0, True),
        (THEIRS, 0, False),
        (f"{THEIRS}-j KUBE-SERVICES\n", 1, False),
    ],
    ids=["all is there", "Services lead nowhere", "pods are not let through"],
)
def test_rules_that_were_flushed_are_missed(
    machine: Callable[[str], Path], script: Script, listing: str, code: int, *, whole: bool
) -> None:
    machine(listing)
    script("iptables", f"exit {code}")
    assert network.is_whole(Unpacked(root=None)) is whole


def test_a_rule_that_is_refused_is_said_in_one_line(machine: Callable[[str], Path], script: Script) -> None:
    machine("")
    script(
        "iptables", "printf 'iptables v1.8: no such table\\nPerhaps your kernel needs to be upgraded.\\n' >&2; exit 3"
    )
    with pytest.raises(
        PlaceError, match=r"^iptables: Perhaps your kernel needs to be upgraded\.; see that this kernel"
    ):
        network.let_through(Unpacked(root=None))
