"""Pods on a real node do what they do in any cluster."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from fleet.errors import FlotillaError
from sandbox.cluster import Cluster
from sandbox.node import machine
from sandbox.node.addresses import ADDRESS
from tests.node.served import DOMAIN, NAMESPACE, NEWER, Clicking, Served, get
from tests.waiting import wait

ADDRESSES = Path("/proc/net/if_inet6")
DISABLED = machine.SYSCTLS / "net/ipv6/conf/default/disable_ipv6"


def test_a_deployment_answers_over_https_on_loopback_with_a_certificate_of_the_authority(served: Served) -> None:
    served.apply()
    served.await_answer("version 1.0.0")
    assert get(f"nobody.{DOMAIN}")[0] == 404
    with pytest.raises(ssl.SSLCertVerificationError):
        get(served.host, trusting=False)


def test_a_rolling_update_loses_no_request(served: Served) -> None:
    served.apply(replicas=2)
    served.await_answer("version 1.0.0")
    customer = Clicking(served)
    customer.start()
    served.apply(image=NEWER, replicas=2)
    wait(lambda: any("version 1.1.0" in answer for answer in customer.answers), "the customer to be served by the new")
    customer.end()
    assert customer.failures == []
    assert {answer.split()[1] for answer in customer.answers} == {"1.0.0", "1.1.0"}


def test_a_pod_whose_liveness_probe_fails_is_restarted(served: Served) -> None:
    probe = {"httpGet": {"path": "/live", "port": "http"}, "periodSeconds": 1, "failureThreshold": 2}
    served.apply(livenessProbe=probe, lifecycle={})
    served.await_answer("as you wish", "/breaks")
    wait(lambda: any(status["restartCount"] for status in served.statuses()), "a restart")
    served.await_answer("alive", "/live")


def test_a_pod_gives_this_machine_no_address(served: Served) -> None:
    """For a browser here the network would have changed, and it drops what it is loading (ERR_NETWORK_CHANGED)."""
    if not ADDRESSES.exists() or DISABLED.read_text().strip() == "1":
        pytest.skip("pods: not run, devices get no IPv6 address here")
    before = addresses()
    setting = machine.SYSCTLS / machine.LINK_ADDRESSES
    ours = setting.read_text()
    setting.write_text("0")  # the kernel's default: the failure is shown first
    try:
        served.apply()
        wait(lambda: addresses() - before, "an address of the pod's device")
    finally:
        setting.write_text(ours)
    served.pods_gone()
    wait(lambda: addresses() <= before, "it to go with the pod")
    served.apply(replicas=2)
    assert len(served.pods()) == 2
    assert addresses() <= before


def test_a_pod_finds_services_and_shops_by_name(served: Served) -> None:
    served.apply()
    served.await_answer("version")
    page = f"import urllib.request as u; print(u.urlopen('http://{served.name}.{NAMESPACE}.svc/', timeout=10).read())"
    wait(lambda: "version 1.0.0" in served.python(page), "the Service to lead to the pod")
    assert served.python(f"import socket; print(socket.gethostbyname('{served.host}'))") == ADDRESS
    through = (
        "import ssl, urllib.request as u; c = ssl._create_unverified_context(); "
        f"print(u.urlopen('https://{served.host}/', context=c, timeout=10).read())"
    )
    assert "version 1.0.0" in served.python(through)


def test_logs_and_usage_can_be_asked_for(served: Served, real_cluster: Cluster) -> None:
    served.apply()
    served.await_answer("version")
    assert "GET /ready" in served.kubectl("logs", f"deploy/{served.name}")
    wait(lambda: is_measured(real_cluster), "metrics of the node")


def is_measured(cluster: Cluster) -> bool:
    try:
        return bool(cluster.kubectl.run("top", "nodes", "--no-headers"))
    except FlotillaError:
        return False


def addresses() -> set[str]:
    """Give the devices of this machine that have an IPv6 address."""
    return {line.split()[-1] for line in ADDRESSES.read_text().splitlines()}
