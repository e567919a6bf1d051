"""Which KUBECONFIG names a cluster that is not ours."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sandbox import foreign
from sandbox.cluster import Cluster


@pytest.mark.usefixtures("cache")
def test_the_sandboxs_own_kubeconfig_names_no_foreign_cluster(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    own = Cluster().kubeconfig
    monkeypatch.setenv("KUBECONFIG", str(own))
    assert not foreign.is_named()
    own.parent.mkdir(parents=True)
    own.touch()
    (tmp_path / "link").symlink_to(own)
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "link"))
    assert not foreign.is_named()


@pytest.mark.usefixtures("cache")
def test_any_other_kubeconfig_does_also_beside_the_sandboxs_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for named in (tmp_path / "theirs", f"{Cluster().kubeconfig}{os.pathsep}{tmp_path / 'theirs'}"):
        monkeypatch.setenv("KUBECONFIG", str(named))
        assert foreign.is_named()
    monkeypatch.delenv("KUBECONFIG")
    assert not foreign.is_named()
