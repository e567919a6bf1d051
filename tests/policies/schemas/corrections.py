"""What the OpenAPI document leaves out or says otherwise than the API server does.

Each was seen in the server's own answer (``tests/cluster/test_fields_oracle.py``) or in its validation code.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

_LABELS: Final = {"values": "label-value", "key_form": "label-key"}
_DATA: Final = {"values": "string", "key_form": "data-key"}
_OPERATORS: Final = ("In", "NotIn", "Exists", "DoesNotExist")


def _enum(*values: str) -> dict[str, Any]:
    return {"enum": list(values)}


def _pattern(pattern: str) -> dict[str, Any]:
    return {"type": "string", "pattern": pattern}


def _between(least: int, most: int | None = None) -> dict[str, Any]:
    return {"type": "int32", "minimum": least} | ({} if most is None else {"maximum": most})


_ID: Final = {"type": "int64", "minimum": 0, "maximum": 2**31 - 1}
_MODE: Final = _between(0, 0o777)
_MODED: Final = ("ConfigMap", "Secret", "Projected", "DownwardAPI")
_APPS: Final = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")
_COUNTS: Final = ("minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds")

NODES: Final[dict[tuple[str, str], Any]] = {
    ("meta.v1.ObjectMeta", "labels"): _LABELS,
    ("meta.v1.ObjectMeta", "annotations"): {"values": "string", "key_form": "annotation-key"},
    ("meta.v1.ObjectMeta", "namespace"): "dns-label",
    ("meta.v1.LabelSelector", "matchLabels"): _LABELS,
    ("meta.v1.LabelSelectorRequirement", "key"): "label-key",
    ("meta.v1.LabelSelectorRequirement", "operator"): _enum(*_OPERATORS),
    ("meta.v1.LabelSelectorRequirement", "values"): {"items": "label-value"},
    ("core.v1.ServiceSpec", "selector"): _LABELS,
    ("core.v1.ReplicationControllerSpec", "selector"): _LABELS,
    ("core.v1.PodSpec", "nodeSelector"): _LABELS,
    ("core.v1.NodeSelectorRequirement", "operator"): _enum(*_OPERATORS, "Gt", "Lt"),
    ("core.v1.Container", "name"): "dns-label",
    ("core.v1.EphemeralContainer", "name"): "dns-label",
    ("core.v1.Volume", "name"): "dns-label",
    ("core.v1.EnvVar", "name"): "env-name",
    ("core.v1.ConfigMap", "data"): _DATA,
    ("core.v1.ConfigMap", "binaryData"): {"values": "bytes", "key_form": "data-key"},
    ("core.v1.Secret", "data"): {"values": "bytes", "key_form": "data-key"},
    ("core.v1.Secret", "stringData"): _DATA,
    # No enumeration in Go, one in the validation.
    ("autoscaling.v2.MetricSpec", "type"): _enum("Object", "Pods", "Resource", "ContainerResource", "External"),
    ("autoscaling.v2.MetricTarget", "type"): _enum("Utilization", "Value", "AverageValue"),
    ("autoscaling.v2.HPAScalingRules", "selectPolicy"): _enum("Max", "Min", "Disabled"),
    ("autoscaling.v2.HPAScalingPolicy", "type"): _enum("Pods", "Percent"),
    ("rbac.v1.RoleRef", "kind"): _enum("Role", "ClusterRole"),
    ("rbac.v1.RoleRef", "apiGroup"): _enum("rbac.authorization.k8s.io"),
    ("rbac.v1.Subject", "kind"): _enum("User", "Group", "ServiceAccount"),
    ("apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy", "whenDeleted"): _enum("Retain", "Delete"),
    ("apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy", "whenScaled"): _enum("Retain", "Delete"),
    ("core.v1.ObjectFieldSelector", "fieldPath"): _pattern(
        r"^(metadata\.(name|namespace|uid|labels|annotations|(labels|annotations)\['[^']+'\])"
        r"|spec\.(nodeName|serviceAccountName)|status\.(hostIPs?|podIPs?))$"
    ),
    ("core.v1.ResourceFieldSelector", "resource"): _pattern(
        r"^(limits|requests)\.(cpu|memory|ephemeral-storage|hugepages-\w+)$"
    ),
    ("apiextensions.v1.CustomResourceDefinitionSpec", "scope"): _enum("Cluster", "Namespaced"),
    # Selectors that would select everything.
    **{(f"apps.v1.{kind}Spec", "selector"): "#meta.v1.LabelSelector!" for kind in _APPS},
    # Names of other objects, and of labels.
    ("core.v1.PodSpec", "serviceAccountName"): "dns-subdomain",
    ("core.v1.PodSpec", "priorityClassName"): "dns-subdomain",
    ("core.v1.PodSpec", "hostname"): "dns-label",
    ("core.v1.PodSpec", "subdomain"): "dns-label",
    ("core.v1.SecretKeySelector", "name"): "dns-subdomain",
    ("core.v1.SecretKeySelector", "key"): "data-key",
    ("core.v1.ConfigMapKeySelector", "name"): "dns-subdomain",
    ("core.v1.ConfigMapKeySelector", "key"): "data-key",
    ("core.v1.SecretEnvSource", "name"): "dns-subdomain",
    ("core.v1.ConfigMapEnvSource", "name"): "dns-subdomain",
    ("core.v1.Toleration", "key"): "label-key",
    ("core.v1.Toleration", "value"): "label-value",
    ("core.v1.NodeSelectorRequirement", "key"): "label-key",
    ("core.v1.PodAffinityTerm", "topologyKey"): "label-key",
    ("core.v1.PersistentVolumeClaimSpec", "storageClassName"): "dns-subdomain",
    ("core.v1.VolumeResourceRequirements", "requests"): {"values": "quantity", "required": ["storage"]},
    ("networking.v1.IPBlock", "cidr"): "cidr",
    ("networking.v1.IPBlock", "except"): {"items": "cidr"},
    ("core.v1.HostAlias", "ip"): "ip",
    ("core.v1.PodDNSConfig", "nameservers"): {"items": "ip"},
    ("core.v1.PersistentVolumeSpec", "capacity"): {"values": "quantity", "required": ["storage"]},
    # Types under conditions of their own, see COPIES.
    ("autoscaling.v2.MetricIdentifier", "selector"): "#autoscaling.v2.LabelSelector!",
    ("autoscaling.v2.HorizontalPodAutoscalerSpec", "scaleTargetRef"): "#autoscaling.v2.CrossVersionObjectReference!",
    ("autoscaling.v1.HorizontalPodAutoscalerSpec", "scaleTargetRef"): "#autoscaling.v1.CrossVersionObjectReference!",
    ("apps.v1.StatefulSetSpec", "volumeClaimTemplates"): {"items": "#core.v1.PersistentVolumeClaim!"},
    # Bounds.
    **{("core.v1.PodSecurityContext", name): _ID for name in ("runAsUser", "runAsGroup", "fsGroup")},
    ("core.v1.PodSecurityContext", "supplementalGroups"): {"items": _ID},
    **{("core.v1.SecurityContext", name): _ID for name in ("runAsUser", "runAsGroup")},
    **{(f"core.v1.{kind}VolumeSource", "defaultMode"): _MODE for kind in _MODED},
    ("core.v1.KeyToPath", "mode"): _MODE,
    ("core.v1.DownwardAPIVolumeFile", "mode"): _MODE,
    **{("apps.v1.DeploymentSpec", name): _between(0) for name in _COUNTS},
    ("apps.v1.StatefulSetSpec", "minReadySeconds"): _between(0),
    ("apps.v1.RollingUpdateStatefulSetStrategy", "partition"): _between(0),
    ("core.v1.TopologySpreadConstraint", "maxSkew"): _between(1),
    ("core.v1.WeightedPodAffinityTerm", "weight"): _between(1, 100),
    ("core.v1.PreferredSchedulingTerm", "weight"): _between(1, 100),
    ("core.v1.ClientIPConfig", "timeoutSeconds"): _between(1, 86400),
    ("core.v1.ServiceAccountTokenProjection", "expirationSeconds"): {"type": "int64", "minimum": 600},
    ("admissionregistration.v1.ValidatingWebhook", "timeoutSeconds"): _between(1, 30),
    ("admissionregistration.v1.MutatingWebhook", "timeoutSeconds"): _between(1, 30),
}
"""What stands in a field, by its type and name."""

_SPEC: Final = (
    "apps.v1.Deployment", "apps.v1.StatefulSet", "apps.v1.DaemonSet", "apps.v1.ReplicaSet", "batch.v1.Job",
    "batch.v1.CronJob", "batch.v1.JobTemplateSpec", "core.v1.Pod", "core.v1.PodTemplateSpec", "core.v1.Service",
    "core.v1.ReplicationController", "core.v1.PersistentVolume", "core.v1.PersistentVolumeClaim",
    "autoscaling.v2.HorizontalPodAutoscaler", "autoscaling.v1.HorizontalPodAutoscaler", "networking.v1.Ingress",
)  # fmt: skip
REQUIRED: Final[dict[str, tuple[str, ...]]] = {
    **dict.fromkeys(_SPEC, ("spec",)),
    "core.v1.Container": ("image",),
    "core.v1.EphemeralContainer": ("image",),
    "core.v1.PodTemplate": ("template",),
    "core.v1.ReplicationControllerSpec": ("template",),
    "apps.v1.ReplicaSetSpec": ("template",),
    "core.v1.PodDNSConfigOption": ("name",),
    "core.v1.SecretKeySelector": ("name",),
    "core.v1.ConfigMapKeySelector": ("name",),
    "core.v1.SecretEnvSource": ("name",),
    "core.v1.ConfigMapEnvSource": ("name",),
    "core.v1.ConfigMapVolumeSource": ("name",),
    "core.v1.ConfigMapProjection": ("name",),
    "core.v1.SecretVolumeSource": ("secretName",),
    "core.v1.SecretProjection": ("name",),
    "core.v1.PersistentVolumeClaimSpec": ("accessModes", "resources"),
    "core.v1.VolumeResourceRequirements": ("requests",),
    "core.v1.PersistentVolumeSpec": ("accessModes", "capacity"),
    "core.v1.ImageVolumeSource": ("reference",),
    "core.v1.EphemeralVolumeSource": ("volumeClaimTemplate",),
    "core.v1.SecretReference": ("name", "namespace"),
    "storage.v1.VolumeAttributesClass": ("parameters",),
    "apiregistration.v1.APIService": ("spec",),
    "apiregistration.v1.ServiceReference": ("name", "namespace"),
    "apiextensions.v1.CustomResourceValidation": ("openAPIV3Schema",),
    "flowcontrol.v1.FlowSchema": ("spec",),
    "flowcontrol.v1.PriorityLevelConfiguration": ("spec",),
    "networking.v1.ServiceCIDR": ("spec",),
    "networking.v1.ServiceCIDRSpec": ("cidrs",),
    "admissionregistration.v1.ValidatingAdmissionPolicy": ("spec",),
    "admissionregistration.v1.ValidatingAdmissionPolicySpec": ("matchConstraints",),
    "admissionregistration.v1.NamedRuleWithOperations": ("apiGroups", "apiVersions", "operations", "resources"),
    "core.v1.VolumeNodeAffinity": ("required",),
    "networking.v1.IngressClass": ("spec",),
    "networking.v1.IngressClassSpec": ("controller",),
    "networking.v1.IngressServiceBackend": ("port",),
    "core.v1.PersistentVolumeClaim!": ("metadata",),
    "meta.v1.ObjectMeta!": ("name",),
    "rbac.v1.AggregationRule": ("clusterRoleSelectors",),
    "apiextensions.v1.CustomResourceDefinitionVersion": ("schema",),
    "admissionregistration.v1.RuleWithOperations": ("apiGroups", "apiVersions", "operations", "resources"),
}
"""Fields that the server asks for, though the document does not."""

_CLAIM_VERSIONS: Final = ("v1", "v1beta1", "v1beta2")
_CLAIM_KINDS: Final = ("DeviceClass", "ResourceClaim", "ResourceClaimTemplate", "ResourceClaimTemplateSpec")
OPTIONAL: Final[dict[str, tuple[str, ...]]] = {
    "core.v1.HTTPHeader": ("value",),
    "core.v1.Sysctl": ("value",),
    "core.v1.TypedLocalObjectReference": ("kind",),
    "core.v1.LimitRangeSpec": ("limits",),
    "core.v1.SleepAction": ("seconds",),
    "core.v1.PreferredSchedulingTerm": ("preference",),
    "core.v1.ISCSIVolumeSource": ("lun",),
    "core.v1.ISCSIPersistentVolumeSource": ("lun",),
    "core.v1.Event": ("involvedObject",),
    "apps.v1.ControllerRevision": ("revision",),
    "storage.v1.CSIDriver": ("spec",),
    "storage.v1.CSINode": ("spec",),
    "storage.v1.CSINodeSpec": ("drivers",),
    "storage.v1.TokenRequest": ("audience",),
    **{f"resource.{version}.{kind}": ("spec",) for version in _CLAIM_VERSIONS for kind in _CLAIM_KINDS},
    "apiextensions.v1.CustomResourceDefinitionVersion": ("served",),
}
"""Fields that the document asks for and the server does not."""

_SOURCES: Final = (
    "awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "cinder", "csi", "fc", "flexVolume", "flocker",
    "gcePersistentDisk", "glusterfs", "hostPath", "iscsi", "local", "nfs", "photonPersistentDisk", "portworxVolume",
    "quobyte", "rbd", "scaleIO", "storageos", "vsphereVolume",
)  # fmt: skip
LEAST_ONE: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "core.v1.EnvVarSource": (("fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"),),
    "core.v1.EnvFromSource": (("configMapRef", "secretRef"),),
    "networking.v1.IngressBackend": (("service", "resource"),),
    "networking.v1.ServiceBackendPort": (("name", "number"),),
    "core.v1.LifecycleHandler": (("exec", "httpGet", "tcpSocket", "sleep"),),
    "core.v1.DownwardAPIVolumeFile": (("fieldRef", "resourceFieldRef"),),
    "admissionregistration.v1.WebhookClientConfig": (("service", "url"),),
    "networking.v1.NetworkPolicyPeer": (("podSelector", "namespaceSelector", "ipBlock"),),
    "networking.v1.IngressSpec": (("rules", "defaultBackend"),),
    "core.v1.EndpointSubset": (("addresses", "notReadyAddresses"),),
    "core.v1.PersistentVolumeSpec": (_SOURCES,),
    "core.v1.PodResourceClaim": (("resourceClaimName", "resourceClaimTemplateName"),),
    "storage.v1.VolumeAttachmentSource": (("persistentVolumeName", "inlineVolumeSpec"),),
    "resource.v1.DeviceRequest": (("exactly", "firstAvailable"),),
    "meta.v1.LabelSelector!": (("matchLabels", "matchExpressions"),),
}
"""Fields of which one must be there."""

_EXACTLY_ONE: Final = (
    "core.v1.EnvVarSource",
    "core.v1.EnvFromSource",
    "networking.v1.IngressBackend",
    "networking.v1.ServiceBackendPort",
    "core.v1.LifecycleHandler",
    "core.v1.DownwardAPIVolumeFile",
    "admissionregistration.v1.WebhookClientConfig",
    "core.v1.PersistentVolumeSpec",
    "core.v1.PodResourceClaim",
)
MOST_ONE: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "core.v1.EnvVar": (("value", "valueFrom"),),
    "networking.v1.NetworkPolicyPeer": (("podSelector", "ipBlock"), ("namespaceSelector", "ipBlock")),
    **{owner: LEAST_ONE[owner] for owner in _EXACTLY_ONE},
}
"""Fields of which one may be there."""

ONE_OF_REST: Final[dict[str, tuple[str, ...]]] = {"core.v1.Volume": ("name",), "core.v1.VolumeProjection": ()}
"""Types that take at most one of all their fields but these."""

_META: Final = {"metadata": "#meta.v1.ObjectMeta!"}
COPIES: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "meta.v1.LabelSelector!": ("meta.v1.LabelSelector", {}),
    "meta.v1.ObjectMeta!": ("meta.v1.ObjectMeta", {}),
    # The server never looks at the labels of a metric.
    "autoscaling.v2.LabelSelector!": ("meta.v1.LabelSelector", {"matchLabels": {"values": "string"}}),
    "core.v1.PersistentVolumeClaim!": ("core.v1.PersistentVolumeClaim", _META),
    "autoscaling.v2.CrossVersionObjectReference!": ("autoscaling.v2.CrossVersionObjectReference", {}),
    "autoscaling.v1.CrossVersionObjectReference!": ("autoscaling.v1.CrossVersionObjectReference", {}),
}
"""Types that are another one under conditions of their own."""

EMPTY_REFUSED: Final = {
    ("core.v1.PodSecurityContext", "fsGroupChangePolicy"),
    ("core.v1.PersistentVolumeClaimSpec", "volumeMode"),
    ("core.v1.PersistentVolumeSpec", "volumeMode"),
    ("core.v1.ServiceSpec", "internalTrafficPolicy"),
    ("core.v1.ServiceSpec", "ipFamilyPolicy"),
    ("storage.v1.StorageClass", "volumeBindingMode"),
    ("batch.v1.JobSpec", "completionMode"),
    ("policy.v1.PodDisruptionBudgetSpec", "unhealthyPodEvictionPolicy"),
    ("scheduling.v1.PriorityClass", "preemptionPolicy"),
    ("discovery.v1.EndpointPort", "protocol"),
    *((f"admissionregistration.v1.{kind}Webhook", name)
      for kind in ("Validating", "Mutating") for name in ("failurePolicy", "matchPolicy")),
}  # fmt: skip
"""Enumerations in which empty text is a value and a wrong one, where it is elsewhere a field left out."""

NOT_PARTED: Final = {
    ("core.v1.Container", "ports"),
    ("core.v1.EphemeralContainer", "ports"),
    ("core.v1.ServiceSpec", "ports"),
    ("core.v1.PodSpec", "hostAliases"),
    ("core.v1.PodSpec", "imagePullSecrets"),
    ("admissionregistration.v1.ValidatingAdmissionPolicySpec", "variables"),
}
"""Lists whose entries the server lets repeat their keys, or that the ports' own rules judge."""

SHADOWED: Final = {("core.v1.Container", "env"), ("core.v1.EphemeralContainer", "env")}
"""Lists in which a repeated key is taken by the server, and its last entry counts."""


def node(owner: str, field: str, found: Any) -> Any:
    """Give what stands in a field."""
    if (owner, field) in NODES:
        return NODES[owner, field]
    if (owner, field) in NOT_PARTED:
        return {"items": found["items"]}
    if (owner, field) in EMPTY_REFUSED:
        return found | {"strict": True}
    return found | {"shadowed": True} if (owner, field) in SHADOWED else found


def required(owner: str, names: list[str]) -> list[str]:
    """Give the fields that must be there."""
    return sorted(({*names, *REQUIRED.get(owner, ())}) - {*OPTIONAL.get(owner, ())})


def unions(owner: str, fields: Iterable[str]) -> dict[str, Any]:
    """Give the fields of which one must, or only one may, be there."""
    found = {"least_one": LEAST_ONE.get(owner), "most_one": MOST_ONE.get(owner)}
    if (others := ONE_OF_REST.get(owner)) is not None:
        found["most_one"] = (tuple(sorted({*fields} - {*others})),)
    return {name: [list(one) for one in groups] for name, groups in found.items() if groups}
