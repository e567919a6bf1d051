"""Of which kinds there may be something to remove."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.kubectl import Kubectl, KubectlError
from sandbox.pruning import INCOMPLETE, listed

SAID = f"error: {INCOMPLETE}: metrics.k8s.io/v1beta1: stale GroupVersion discovery: metrics.k8s.io/v1beta1"


def test_an_api_whose_own_server_is_away_hides_no_other_kind(script: Any) -> None:
    kubectl = Kubectl(path=script("kubectl", f"echo configmaps; echo deployments.apps; echo '{SAID}' >&2; exit 1"))
    assert listed(kubectl) == ["configmaps", "deployments.apps"]


def test_any_other_refusal_is_one(script: Any) -> None:
    kubectl = Kubectl(path=script("kubectl", "echo configmaps; echo 'error: forbidden' >&2; exit 1"))
    with pytest.raises(KubectlError, match="forbidden"):
        listed(kubectl)
