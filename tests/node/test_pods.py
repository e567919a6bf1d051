"""Pods on a real node do what they do in any cluster."""

from __future__ import annotations

import ssl

import pytest

from sandbox.cluster import Cluster
from tests.node.conftest import DOMAIN, IMAGE, NAMESPACE, NEWER, Clicking, Served, get, wait


def test_a_deployment_answers_over_https_on_loopback_with_a_certificate_of_the_authority(served: Served) -> None:
    served.apply()
    served.await_answer("version 1.0.0")
    assert "as 10001" in served.get()[1]
    assert get(f"nobody.{DOMAIN}")[0] == 404


def test_who_does_not_trust_the_authority_refuses_the_certificate(served: Served) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        get(served.host, trusting=False)


def test_a_rolling_update_loses_no_request(served: Served) -> None:
    served.apply(replicas=2)
    served.await_answer("version 1.0.0")
    customer = Clicking(served)
    customer.start()
    served.apply(image=NEWER, replicas=2)
    served.await_answer("version 1.1.0")
    customer.end()
    assert customer.failures == []
    assert {answer.split()[1] for answer in customer.answers} == {"1.0.0", "1.1.0"}


def test_a_pod_whose_liveness_probe_fails_is_restarted(served: Served) -> None:
    probe = {"httpGet": {"path": "/live", "port": "http"}, "periodSeconds": 1, "failureThreshold": 2}
    served.apply(livenessProbe=probe, lifecycle={})
    served.await_answer("as you wish", "/breaks")
    wait(lambda: any(status["restartCount"] for status in statuses(served)), "a restart")
    served.await_answer("alive", "/live")


def test_a_pod_finds_services_and_shops_by_name_and_the_world_where_there_is_one(served: Served) -> None:
    served.apply()
    served.await_answer("version")
    asks = f"import urllib.request as u; print(u.urlopen('http://{served.name}.{NAMESPACE}.svc/', timeout=10).read())"
    assert "version 1.0.0" in served.kubectl("exec", f"deploy/{served.name}", "--", "python3", "-c", asks)
    names = f"import socket; print(socket.gethostbyname('{served.host}'))"
    assert served.kubectl("exec", f"deploy/{served.name}", "--", "python3", "-c", names).strip() == "10.78.0.1"
    through = (
        "import ssl, urllib.request as u; c = ssl._create_unverified_context(); "
        f"print(u.urlopen('https://{served.host}/', context=c, timeout=10).read())"
    )
    assert "version 1.0.0" in served.kubectl("exec", f"deploy/{served.name}", "--", "python3", "-c", through)


def test_logs_and_usage_can_be_asked_for(served: Served, real_cluster: Cluster) -> None:
    served.apply()
    served.await_answer("version")
    assert "GET /ready" in served.kubectl("logs", f"deploy/{served.name}")
    wait(lambda: is_measured(real_cluster), "metrics of the node", 90)


def test_always_pulls_what_the_tag_stands_for_now(served: Served, real_cluster: Cluster) -> None:
    served.apply(imagePullPolicy="Always")
    served.await_answer("version 1.0.0")
    events = served.kubectl("get", "events", "-o", "jsonpath={.items[*].message}")
    assert f'Successfully pulled image "{IMAGE}"' in events


def is_measured(cluster: Cluster) -> bool:
    try:
        return bool(cluster.kubectl.run("top", "nodes", "--no-headers"))
    except Exception:
        return False


def statuses(served: Served) -> list[dict[str, int]]:
    return [status for pod in served.pods() for status in pod["status"].get("containerStatuses", [])]
