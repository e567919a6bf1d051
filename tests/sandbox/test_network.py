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
    network.clear(Unpacked(root=None))
    assert told.read_text().splitlines() == [
        "--noflush",
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
    network.clear(Unpacked(root=None))
    assert not told.exists()
    with pytest.raises(PlaceError, match="it is a Kubernetes node already; use that with KUBECONFIG, or --simulated"):
        network.refuse_foreign(Unpacked(root=None))


def test_chains_that_an_own_node_left_refuse_nothing(machine: Callable[[str], Path]) -> None:
    machine(f"{THEIRS}{OURS}COMMIT\n")
    network.refuse_foreign(Unpacked(root=None))
