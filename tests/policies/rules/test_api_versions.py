"""An object stands in an API version that exists, and its kind in that version."""

from __future__ import annotations

from typing import Any

import pytest

from policies import apis
from policies.judge import judge

REMOVED, DEPRECATED, HOME = (f"FLT-API-00{number}" for number in (2, 3, 4))


def _object(api: str, kind: str) -> dict[str, Any]:
    return {"apiVersion": api, "kind": kind, "metadata": {"name": "x"}}


@pytest.mark.parametrize(
    ("api", "kind", "home"),
    [
        ("extensions/v1beta1", "Deployment", "apps/v1"),
        ("extensions/v1beta1", "DaemonSet", "apps/v1"),
        ("extensions/v1beta1", "Ingress", "networking.k8s.io/v1"),
        ("extensions/v1beta1", "NetworkPolicy", "networking.k8s.io/v1"),
        ("extensions/v1beta1", "PodSecurityPolicy", "nothing"),
        ("apps/v1beta1", "StatefulSet", "apps/v1"),
        ("apps/v1beta2", "Deployment", "apps/v1"),
        ("networking.k8s.io/v1beta1", "Ingress", "networking.k8s.io/v1"),
        ("networking.k8s.io/v1beta1", "IngressClass", "networking.k8s.io/v1"),
        ("policy/v1beta1", "PodDisruptionBudget", "policy/v1"),
        ("policy/v1beta1", "PodSecurityPolicy", "nothing"),
        ("batch/v1beta1", "CronJob", "batch/v1"),
        ("batch/v2alpha1", "CronJob", "batch/v1"),
        ("autoscaling/v2beta1", "HorizontalPodAutoscaler", "autoscaling/v2"),
        ("autoscaling/v2beta2", "HorizontalPodAutoscaler", "autoscaling/v2"),
        ("rbac.authorization.k8s.io/v1alpha1", "Role", "rbac.authorization.k8s.io/v1"),
        ("rbac.authorization.k8s.io/v1beta1", "ClusterRoleBinding", "rbac.authorization.k8s.io/v1"),
        ("apiextensions.k8s.io/v1beta1", "CustomResourceDefinition", "apiextensions.k8s.io/v1"),
        ("apiregistration.k8s.io/v1beta1", "APIService", "apiregistration.k8s.io/v1"),
        ("admissionregistration.k8s.io/v1beta1", "ValidatingWebhookConfiguration", "admissionregistration.k8s.io/v1"),
        ("storage.k8s.io/v1beta1", "StorageClass", "storage.k8s.io/v1"),
        ("storage.k8s.io/v1beta1", "CSIDriver", "storage.k8s.io/v1"),
        ("scheduling.k8s.io/v1beta1", "PriorityClass", "scheduling.k8s.io/v1"),
        ("certificates.k8s.io/v1beta1", "CertificateSigningRequest", "certificates.k8s.io/v1"),
        ("coordination.k8s.io/v1beta1", "Lease", "coordination.k8s.io/v1"),
        ("discovery.k8s.io/v1beta1", "EndpointSlice", "discovery.k8s.io/v1"),
        ("events.k8s.io/v1beta1", "Event", "events.k8s.io/v1"),
        ("flowcontrol.apiserver.k8s.io/v1beta1", "FlowSchema", "flowcontrol.apiserver.k8s.io/v1"),
        ("flowcontrol.apiserver.k8s.io/v1beta3", "PriorityLevelConfiguration", "flowcontrol.apiserver.k8s.io/v1"),
        ("node.k8s.io/v1beta1", "RuntimeClass", "node.k8s.io/v1"),
        ("resource.k8s.io/v1alpha2", "ResourceClaim", "resource.k8s.io/v1"),
        ("certmanager.k8s.io/v1alpha1", "Certificate", "cert-manager.io/v1"),
        ("cert-manager.io/v1alpha2", "ClusterIssuer", "cert-manager.io/v1"),
        ("cert-manager.io/v1beta1", "Certificate", "cert-manager.io/v1"),
        ("gateway.networking.k8s.io/v1alpha2", "HTTPRoute", "gateway.networking.k8s.io/v1"),
        ("networking.x-k8s.io/v1alpha1", "Gateway", "gateway.networking.k8s.io/v1"),
        ("keda.k8s.io/v1alpha1", "ScaledObject", "keda.sh/v1alpha1"),
    ],
)
def test_a_version_that_is_gone_is_found_with_what_to_write(found: Any, api: str, kind: str, home: str) -> None:
    manifest = _object(api, kind)
    assert found([manifest]) == {(REMOVED, f"{kind} x")}
    (message,) = (one.message for one in judge([manifest]) if one.rule.code == REMOVED)
    assert home in message.partition(";")[2]


@pytest.mark.parametrize(
    ("api", "kind"),
    [
        ("v1", "Endpoints"),
        ("gateway.networking.k8s.io/v1beta1", "HTTPRoute"),
        ("autoscaling.k8s.io/v1beta2", "VerticalPodAutoscaler"),
        ("resource.k8s.io/v1beta1", "ResourceClaim"),
        ("storage.k8s.io/v1beta1", "VolumeAttributesClass"),
    ],
)
def test_a_version_that_will_go_is_advice(found: Any, api: str, kind: str) -> None:
    assert found([_object(api, kind)]) == {(DEPRECATED, f"{kind} x")}


@pytest.mark.parametrize(
    ("api", "kind", "meant"),
    [
        ("v1", "Deployment", "apps/v1"),
        ("apps/v1", "Service", "Service is in v1"),
        ("apps/v1", "Ingress", "networking.k8s.io/v1"),
        ("apps/v1beta3", "Deployment", "apps/v1"),
        ("apps/v2", "Deployment", "apps/v1"),
        ("apps/V1", "Deployment", "apps/v1"),
        ("Apps/v1", "Deployment", "apps/v1"),
        ("app/v1", "Deployment", "apps/v1"),
        ("apps", "Deployment", "apps/v1"),
        ("V1", "Service", "Service is in v1"),
        ("v2", "Service", "Service is in v1"),
        ("core/v1", "Service", "Service is in v1"),
        ("batch/v2", "CronJob", "batch/v1"),
        ("extensions/v1", "Deployment", "apps/v1"),
        ("networking.k8s.io/v2", "Ingress", "networking.k8s.io/v1"),
        ("networking.k8.io/v1", "Ingress", "networking.k8s.io/v1"),
        ("network.k8s.io/v1", "NetworkPolicy", "networking.k8s.io/v1"),
        ("rbac.k8s.io/v1", "Role", "rbac.authorization.k8s.io/v1"),
        ("rbac.authorization.k8s.io", "Role", "rbac.authorization.k8s.io/v1"),
        ("v1", "HorizontalPodAutoscaler", "autoscaling/v2"),
        ("policy/v1", "PodDisruptionBudgets", "PodDisruptionBudget?"),
        ("apps/v1", "deployment", "Deployment?"),
        ("apps/v1", "Deploymnet", "Deployment?"),
        ("v1", "Configmap", "ConfigMap?"),
        ("v1", "Whatever", "a kind that v1 does not have"),
        ("cert-manager.io/v2", "Certificate", "cert-manager.io/v1"),
        ("cert-manager.io/v1", "Certificates", "Certificate?"),
        ("gateway.networking.k8s.io/v2", "HTTPRoute", "gateway.networking.k8s.io/v1"),
        ("monitoring.coreos.com/v1beta1", "ServiceMonitor", "monitoring.coreos.com/v1"),
        ("traefik.io/v1alpha1", "Ingressroute", "IngressRoute?"),
    ],
)
def test_a_kind_that_is_not_where_it_is_said_to_be_is_found(found: Any, api: str, kind: str, meant: str) -> None:
    manifest = _object(api, kind)
    assert found([manifest]) == {(HOME, f"{kind} x")}
    (message,) = (one.message for one in judge([manifest]) if one.rule.code == HOME)
    assert meant in message


@pytest.mark.parametrize(
    ("api", "kind"),
    [
        *((version, kind) for version, kinds in sorted(apis.served().items()) for kind in sorted(kinds)[:1]),
        ("apps/v1", "DeploymentList"),
        ("v1", "List"),
        ("v1", "Template"),
        ("serving.knative.dev/v1", "Service"),
        ("crd.antrea.io/v1beta1", "NetworkPolicy"),
        ("projectcalico.org/v3", "NetworkPolicy"),
        ("config.openshift.io/v1", "Ingress"),
        ("networking.gke.io/v1", "ManagedCertificate"),
        ("apps.kruise.io/v1beta1", "StatefulSet"),
        ("batch.volcano.sh/v1alpha1", "Job"),
        ("kubeadm.k8s.io/v1beta4", "ClusterConfiguration"),
        ("kubelet.config.k8s.io/v1beta1", "KubeletConfiguration"),
        ("audit.k8s.io/v1", "Event"),
        ("audit.k8s.io/v1", "Policy"),
        ("kustomize.config.k8s.io/v1beta1", "Kustomization"),
        ("snapshot.storage.k8s.io/v1", "VolumeSnapshot"),
        ("metrics.k8s.io/v1beta1", "PodMetrics"),
        ("scheduling.x-k8s.io/v1alpha1", "PodGroup"),
        ("skaffold/v4beta6", "Config"),
        ("keda.sh/v1alpha1", "ScaledObject"),
        ("autoscaling.k8s.io/v1", "VerticalPodAutoscaler"),
        ("networking.istio.io/v1alpha3", "VirtualService"),
        ("gateway.networking.k8s.io/v1alpha2", "TCPRoute"),
        ("monitoring.coreos.com/v1", "PrometheusRule"),
        ("traefik.io/v1alpha1", "IngressRouteUDP"),
    ],
)
def test_what_lives_there_and_what_others_made_is_fine(found: Any, api: str, kind: str) -> None:
    assert {code for code, _ in found([_object(api, kind)])} <= {DEPRECATED}


def test_a_kubeconfig_is_no_object(found: Any) -> None:
    assert found([{"apiVersion": "v1", "kind": "Config", "clusters": [], "contexts": []}]) == set()


@pytest.mark.parametrize(
    "token", ["yaml:ConfigGroup", "yaml/v2:ConfigFile", "helm.sh/v3:Release", "kustomize/v2:Directory"]
)
def test_what_pulumi_renders_by_itself_is_no_object(found: Any, token: str) -> None:
    assert found([{"type": f"kubernetes:{token}", "name": "x", "inputs": {"chart": "a"}, "opts": {}}]) == set()


def test_pulumi_s_type_says_what_the_inputs_leave_out(found: Any) -> None:
    entry = {"type": "kubernetes:policy/v1beta1:PodDisruptionBudget", "name": "x", "inputs": {}, "opts": {}}
    assert found([entry]) == {(REMOVED, "PodDisruptionBudget x")}
    assert found([entry | {"type": "kubernetes:policy/v1:PodDisruptionBudget"}]) == set()


def test_no_removed_version_is_served() -> None:
    gone = [
        (version, kind) for version, kinds in apis.served().items() for kind in kinds if apis.removed(version, kind)
    ]
    assert gone == []
