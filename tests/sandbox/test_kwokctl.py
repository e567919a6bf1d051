"""What kwokctl is told for simulated nodes and for a real one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sandbox.kwokctl import PORTS, configuration


def flags(component: str, *, real: bool) -> dict[str, Any]:
    told: Any = configuration(dict.fromkeys(PORTS, 1), Path("/pki"), real=real)
    return {
        flag["key"]: flag
        for patch in told["componentsPatches"]
        if patch["name"] == component
        for flag in patch["extraArgs"]
    }


def test_a_node_that_reports_every_50_seconds_is_never_given_up_after_40() -> None:
    assert flags("kube-controller-manager", real=True)["node-monitor-grace-period"]["value"] == "40s"
    assert "node-monitor-grace-period" not in flags("kube-controller-manager", real=False)


@pytest.mark.parametrize("real", [True, False])
def test_only_a_flag_that_kwokctl_sets_itself_is_overridden(real: bool) -> None:  # noqa: FBT001  (a parameter)
    assert flags("kwok-controller", real=real)["manage-all-nodes"]["override"] is True
    certificate = flags("kube-apiserver", real=real)["kubelet-client-certificate"]
    assert certificate == {"key": "kubelet-client-certificate", "value": "/pki/admin.crt"}
