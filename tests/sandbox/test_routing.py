"""What Traefik does not serve yet is told from its own API, thing by thing."""

from __future__ import annotations

import copy
import socket
import threading
from pathlib import Path
from typing import Any

import pytest

from fleet.errors import FlotillaError
from sandbox import ports
from sandbox.kubectl import Kubectl
from sandbox.node import daemons, routing
from tests.waiting import LIMIT_SECONDS

NAMES: dict[str, Any] = {"namespace": "shops", "labels": {}}
OBJECTS: list[dict[str, Any]] = [
    {
        "kind": "IngressRoute",
        "metadata": {**NAMES, "name": "checkout"},
        "spec": {"routes": [{"services": [{"kind": "TraefikService", "name": "checkout"}]}]},
    },
    {
        "kind": "IngressRoute",
        "metadata": {**NAMES, "name": "hero"},
        "spec": {"routes": [{"services": [{"name": "hero", "port": "http"}]}]},
    },
    {
        "kind": "TraefikService",
        "metadata": {**NAMES, "name": "checkout"},
        "spec": {
            "weighted": {"services": [{"name": "stable", "weight": 90}, {"name": "canary", "weight": 10}]},
        },
    },
    *(
        {
            "kind": "EndpointSlice",
            "metadata": NAMES | {"name": f"{name}-x7", "labels": {routing.SERVICE: name}},
            "endpoints": [{"addresses": [address], "conditions": {"ready": ready}}],
        }
        for name, address, ready in (
            ("stable", "10.0.0.1", True),
            ("canary", "10.0.0.2", True),
            ("hero", "fd00::3", True),
            ("hero", "10.0.0.4", False),
            ("database", "10.0.0.5", True),
        )
    ),
]
HASH = "-beb29b3caf0d6d63d04f@kubernetescrd"
SERVED: dict[str, Any] = {
    "routers": {f"shops-checkout{HASH}": {}, f"shops-hero{HASH}": {}},
    "services": {
        "shops-checkout@kubernetescrd": {"weighted": {"services": [{"weight": 90}, {"weight": 10}]}},
        "shops-stable-http@kubernetescrd": {"loadBalancer": {"servers": [{"url": "http://10.0.0.1:8080"}]}},
        "shops-canary-http@kubernetescrd": {"loadBalancer": {"servers": [{"url": "http://10.0.0.2:8080"}]}},
        f"shops-hero{HASH}": {"loadBalancer": {"servers": [{"url": "http://[fd00::3]:8080"}]}},
    },
}


def without(*path: str) -> dict[str, Any]:
    """Give what is served, but for one part of it."""
    served = copy.deepcopy(SERVED)
    part = served
    for step in path[:-1]:
        part = part[step]
    del part[path[-1]]
    return served


def test_what_is_served_whole_lacks_nothing() -> None:
    assert list(routing.lacking(OBJECTS, SERVED)) == []


@pytest.mark.parametrize(
    ("served", "told"),
    [
        (without("routers", f"shops-hero{HASH}"), ["route hero"]),
        (without("services", "shops-canary-http@kubernetescrd"), ["pod 10.0.0.2 of canary"]),
        (without("services", f"shops-hero{HASH}"), ["pod fd00::3 of hero"]),
        (without("services", "shops-checkout@kubernetescrd"), ["the weights of checkout"]),
    ],
)
def test_each_thing_that_is_not_served_yet_is_told(served: dict[str, Any], told: list[str]) -> None:
    assert list(routing.lacking(OBJECTS, served)) == told


def test_weights_of_before_are_not_those_of_now() -> None:
    served = copy.deepcopy(SERVED)
    served["services"]["shops-checkout@kubernetescrd"]["weighted"]["services"][1]["weight"] = 5
    assert list(routing.lacking(OBJECTS, served)) == ["the weights of checkout"]


def test_a_route_of_a_longer_name_is_another() -> None:
    served = without("routers", f"shops-hero{HASH}")
    served["routers"][f"shops-hero-redirect{HASH}"] = {}
    assert list(routing.lacking(OBJECTS, served)) == ["route hero"]


class Looks:
    """A cluster and a Traefik that has one more thing at each look."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, answers: list[dict[str, Any]]) -> None:
        self.answers, self.kubectl = answers, Kubectl(path=Path("kubectl"))
        monkeypatch.setattr(Kubectl, "items", lambda *_, **__: OBJECTS)
        monkeypatch.setattr(routing, "read", lambda _: answers.pop(0) if answers[1:] else answers[0])
        monkeypatch.setattr(routing, "PAUSE_SECONDS", 0)


def test_it_waits_until_all_is_served(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = Looks(monkeypatch, [{}, without("routers", f"shops-hero{HASH}"), SERVED])
    routing.await_served(looks.kubectl, "shops", 1)
    assert looks.answers == [SERVED]


def test_what_is_never_served_is_named_with_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = Looks(monkeypatch, [without("routers", f"shops-hero{HASH}")])
    with pytest.raises(FlotillaError, match=r"shops: Traefik does not serve route hero after 0 s; `flotilla sandbox"):
        routing.await_served(looks.kubectl, "shops", 1, limit_seconds=0)


def test_a_traefik_that_ends_in_the_middle_of_its_answer_has_said_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(daemons, "ANSWER_SECONDS", LIMIT_SECONDS)
    with socket.create_server((ports.LOOPBACK, 0)) as server:

        def answer() -> None:
            asked, _ = server.accept()
            with asked:
                asked.recv(4096)
                asked.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 4096\r\n\r\n{"routers":')

        answering = threading.Thread(target=answer)
        answering.start()
        assert routing.read(server.getsockname()[1]) == {}
        answering.join()
