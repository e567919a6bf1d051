"""API versions that are gone, or going, and that no source of today's release names any more.

Kubernetes': https://kubernetes.io/docs/reference/using-api/deprecation-guide/ and the change logs before 1.16. Those of
other projects: the projects' own upgrade notes. ``since`` is the release that dropped them, of the project named.
"""

from __future__ import annotations

from typing import Final

Gone = tuple[str, str, str, str | None]
"""apiVersion, kinds (by spaces), since, and what to write instead; None: nothing took its place."""

_CERT_KINDS: Final = "Certificate Issuer ClusterIssuer CertificateRequest"
_ROLES: Final = "ClusterRole ClusterRoleBinding Role RoleBinding"

REMOVED: Final[tuple[Gone, ...]] = (
    ("extensions/v1beta1", "PodSecurityPolicy", "1.16", None),
    ("extensions/v1beta1", "HorizontalPodAutoscaler", "1.6", "autoscaling/v2"),
    ("extensions/v1beta1", "Job", "1.6", "batch/v1"),
    ("extensions/v1beta1", "ThirdPartyResource", "1.8", None),
    ("apps/v1alpha1", "PetSet", "1.5", None),
    ("apps/v1alpha1", "Deployment StatefulSet DaemonSet ReplicaSet", "1.9", "apps/v1"),
    ("batch/v2alpha1", "CronJob", "1.21", "batch/v1"),
    ("batch/v2alpha1", "Job", "1.21", "batch/v1"),
    ("batch/v2alpha1", "ScheduledJob", "1.8", None),
    ("batch/v1beta1", "Job", "1.25", "batch/v1"),
    ("autoscaling/v2alpha1", "HorizontalPodAutoscaler", "1.8", "autoscaling/v2"),
    ("autoscaling/v2beta1", "HorizontalPodAutoscaler", "1.25", "autoscaling/v2"),
    ("autoscaling/v2beta2", "HorizontalPodAutoscaler", "1.26", "autoscaling/v2"),
    ("policy/v1alpha1", "PodDisruptionBudget", "1.5", "policy/v1"),
    ("policy/v1beta1", "PodSecurityPolicy", "1.25", None),
    ("rbac.authorization.k8s.io/v1alpha1", _ROLES, "1.22", "rbac.authorization.k8s.io/v1"),
    ("admissionregistration.k8s.io/v1alpha1", "InitializerConfiguration", "1.14", None),
    ("scheduling.k8s.io/v1alpha1", "PriorityClass", "1.22", "scheduling.k8s.io/v1"),
    ("settings.k8s.io/v1alpha1", "PodPreset", "1.20", None),
    ("auditregistration.k8s.io/v1alpha1", "AuditSink", "1.19", None),
    ("node.k8s.io/v1alpha1", "RuntimeClass", "1.25", "node.k8s.io/v1"),
    ("discovery.k8s.io/v1alpha1", "EndpointSlice", "1.20", "discovery.k8s.io/v1"),
    ("storage.k8s.io/v1alpha1", "CSIDriver CSINode", "1.17", "storage.k8s.io/v1"),
    ("certificates.k8s.io/v1alpha1", "CertificateSigningRequest", "1.19", "certificates.k8s.io/v1"),
    ("networking.k8s.io/v1alpha1", "ClusterCIDR", "1.30", None),
    ("networking.k8s.io/v1alpha1", "IPAddress ServiceCIDR", "1.34", "networking.k8s.io/v1"),
    ("flowcontrol.apiserver.k8s.io/v1alpha1", "FlowSchema PriorityLevelConfiguration", "1.24",
     "flowcontrol.apiserver.k8s.io/v1"),
    ("coordination.k8s.io/v1alpha1", "LeaseCandidate", "1.32", "coordination.k8s.io/v1beta1"),
    ("resource.k8s.io/v1alpha1", "ResourceClaim ResourceClaimTemplate", "1.27", "resource.k8s.io/v1"),
    ("resource.k8s.io/v1alpha1", "ResourceClass PodScheduling", "1.27", None),
    ("resource.k8s.io/v1alpha2", "ResourceClaim ResourceClaimTemplate", "1.31", "resource.k8s.io/v1"),
    ("resource.k8s.io/v1alpha2", "ResourceClass PodSchedulingContext", "1.31", None),
    ("resource.k8s.io/v1alpha3", "ResourceClaim ResourceClaimTemplate DeviceClass ResourceSlice", "1.34",
     "resource.k8s.io/v1"),
    ("storagemigration.k8s.io/v1alpha1", "StorageVersionMigration", "1.35", "storagemigration.k8s.io/v1beta1"),
)  # fmt: skip

DEPRECATED: Final[tuple[Gone, ...]] = (
    ("v1", "Endpoints", "1.33", "discovery.k8s.io/v1 EndpointSlice"),
    ("v1", "ComponentStatus", "1.19", None),
)

GATEWAY: Final = "gateway.networking.k8s.io"
_GATEWAY_KINDS: Final = "Gateway GatewayClass HTTPRoute"

REMOVED_ELSEWHERE: Final[tuple[Gone, ...]] = (
    ("networking.x-k8s.io/v1alpha1", _GATEWAY_KINDS, "Gateway API 0.5", f"{GATEWAY}/v1"),
    ("networking.x-k8s.io/v1alpha1", "TCPRoute UDPRoute TLSRoute", "Gateway API 0.5", f"{GATEWAY}/v1alpha2"),
    ("networking.x-k8s.io/v1alpha1", "BackendPolicy", "Gateway API 0.5", None),
    (f"{GATEWAY}/v1alpha1", _GATEWAY_KINDS, "Gateway API 0.5", f"{GATEWAY}/v1"),
    (f"{GATEWAY}/v1alpha2", f"{_GATEWAY_KINDS} GRPCRoute", "Gateway API 1.0", f"{GATEWAY}/v1"),
    (f"{GATEWAY}/v1alpha2", "ReferenceGrant", "Gateway API 1.0", f"{GATEWAY}/v1beta1"),
    (f"{GATEWAY}/v1alpha2", "ReferencePolicy", "Gateway API 0.6", f"{GATEWAY}/v1beta1 ReferenceGrant"),
    (f"{GATEWAY}/v1alpha2", "BackendTLSPolicy", "Gateway API 1.1", f"{GATEWAY}/v1"),
    ("certmanager.k8s.io/v1alpha1", f"{_CERT_KINDS} Order Challenge", "cert-manager 0.11", "cert-manager.io/v1"),
    *((f"cert-manager.io/{old}", _CERT_KINDS, "cert-manager 1.6", "cert-manager.io/v1")
      for old in ("v1alpha2", "v1alpha3", "v1beta1")),
    *((f"acme.cert-manager.io/{old}", "Order Challenge", "cert-manager 1.6", "acme.cert-manager.io/v1")
      for old in ("v1alpha2", "v1alpha3", "v1beta1")),
    ("keda.k8s.io/v1alpha1", "ScaledObject ScaledJob TriggerAuthentication", "KEDA 2.0", "keda.sh/v1alpha1"),
    ("autoscaling.k8s.io/v1beta1", "VerticalPodAutoscaler", "the autoscaler's 0.6", "autoscaling.k8s.io/v1"),
    ("poc.autoscaling.k8s.io/v1alpha1", "VerticalPodAutoscaler", "the autoscaler's 0.3", "autoscaling.k8s.io/v1"),
    *((f"snapshot.storage.k8s.io/{old}", "VolumeSnapshot VolumeSnapshotClass VolumeSnapshotContent",
       f"external-snapshotter {since}", "snapshot.storage.k8s.io/v1")
      for old, since in (("v1alpha1", "2.0"), ("v1beta1", "6.0"))),
    ("contour.heptio.com/v1beta1", "IngressRoute", "Contour 1.6", "projectcontour.io/v1 HTTPProxy"),
    ("contour.heptio.com/v1beta1", "TLSCertificateDelegation", "Contour 1.6", "projectcontour.io/v1"),
    ("authentication.istio.io/v1alpha1", "Policy MeshPolicy", "Istio 1.6",
     "security.istio.io/v1 PeerAuthentication"),
    ("rbac.istio.io/v1alpha1", "ServiceRole ServiceRoleBinding ClusterRbacConfig RbacConfig", "Istio 1.6",
     "security.istio.io/v1 AuthorizationPolicy"),
    ("config.istio.io/v1alpha2", "handler instance rule adapter template", "Istio 1.8", None),
    ("serving.knative.dev/v1alpha1", "Service Configuration Revision Route", "Knative 0.25", "serving.knative.dev/v1"),
    ("serving.knative.dev/v1beta1", "Service Configuration Revision Route", "Knative 0.25", "serving.knative.dev/v1"),
    ("helm.fluxcd.io/v1", "HelmRelease", "Flux 2", "helm.toolkit.fluxcd.io/v2"),
    ("flux.weave.works/v1beta1", "HelmRelease", "Flux 2", "helm.toolkit.fluxcd.io/v2"),
)  # fmt: skip

DEPRECATED_ELSEWHERE: Final[tuple[Gone, ...]] = (
    (f"{GATEWAY}/v1beta1", _GATEWAY_KINDS, "Gateway API 1.0", f"{GATEWAY}/v1"),
    (f"{GATEWAY}/v1alpha3", "BackendTLSPolicy", "Gateway API 1.4", f"{GATEWAY}/v1"),
    ("autoscaling.k8s.io/v1beta2", "VerticalPodAutoscaler", "the autoscaler's 0.9", "autoscaling.k8s.io/v1"),
    ("external-secrets.io/v1alpha1", "ExternalSecret SecretStore ClusterSecretStore", "External Secrets 0.6",
     "external-secrets.io/v1"),
    ("external-secrets.io/v1beta1", "ExternalSecret SecretStore ClusterSecretStore ClusterExternalSecret",
     "External Secrets 0.16", "external-secrets.io/v1"),
)  # fmt: skip
