"""Traefik's objects live in one API group and version."""

from __future__ import annotations

from typing import Any

import pytest


def _object(api: str, kind: str) -> dict[str, Any]:
    return {"apiVersion": api, "kind": kind, "metadata": {"name": "x"}, "spec": {}}


@pytest.mark.parametrize(
    ("api", "kind"),
    [
        ("traefik.containo.us/v1alpha1", "IngressRoute"),
        ("traefik.containo.us/v1alpha1", "Middleware"),
        ("Traefik.containo.us/v1alpha1", "TLSOption"),
        ("traefik.io/v1", "IngressRoute"),
        ("traefik.io/v1beta1", "ServersTransport"),
        ("traefik/v1alpha1", "Middleware"),
        ("networking.k8s.io/v1", "IngressRoute"),
        ("v1", "TraefikService"),
    ],
)
def test_an_api_that_traefik_does_not_read_is_found(found: Any, api: str, kind: str) -> None:
    assert found([_object(api, kind)]) == {("FLT-API-001", f"{kind} x")}


@pytest.mark.parametrize(
    ("api", "kind"),
    [
        ("traefik.io/v1alpha1", "IngressRoute"),
        ("traefik.io/v1alpha1", "TLSStore"),
        ("hub.traefik.io/v1alpha1", "API"),
        ("contour.heptio.com/v1beta1", "IngressRoute"),
        ("example.com/v1", "Middleware"),
        ("networking.k8s.io/v1", "Ingress"),
    ],
)
def test_a_live_api_and_other_projects_kinds_are_fine(found: Any, api: str, kind: str) -> None:
    assert found([_object(api, kind)]) == set()
