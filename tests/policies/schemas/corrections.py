"""What the OpenAPI document leaves out or says otherwise than the API server does.

Each was seen in the server's own answer (``tests/cluster/test_fields_oracle.py``) or in its validation code.
"""

from __future__ import annotations

from typing import Any, Final

_LABELS: Final = {"values": "label-value", "key_form": "label-key"}
_DATA: Final = {"values": "string", "key_form": "data-key"}
_AMOUNTS: Final = {"values": "amount"}
_LIMITS: Final = ("default", "defaultRequest", "max", "maxLimitRequestRatio", "min")
_OPERATORS: Final = ("In", "NotIn", "Exists", "DoesNotExist")


def _enum(*values: str) -> dict[str, Any]:
    return {"enum": list(values)}


NODES: Final[dict[tuple[str, str], Any]] = {
    ("meta.v1.ObjectMeta", "labels"): _LABELS,
    ("meta.v1.ObjectMeta", "annotations"): {"values": "string", "key_form": "annotation-key"},
    ("meta.v1.ObjectMeta", "namespace"): "namespace",
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
    # Rules of other concerns judge these: images, probes, roll-outs, schedules, autoscalers.
    ("core.v1.Container", "imagePullPolicy"): "string",
    ("core.v1.EphemeralContainer", "imagePullPolicy"): "string",
    ("core.v1.HTTPGetAction", "scheme"): "string",
    ("core.v1.PodSpec", "restartPolicy"): "string",
    ("apps.v1.DeploymentStrategy", "type"): "string",
    ("apps.v1.DaemonSetUpdateStrategy", "type"): "string",
    ("apps.v1.StatefulSetUpdateStrategy", "type"): "string",
    ("batch.v1.CronJobSpec", "concurrencyPolicy"): "string",
    ("core.v1.ResourceRequirements", "limits"): _AMOUNTS,
    ("core.v1.ResourceRequirements", "requests"): _AMOUNTS,
    ("core.v1.VolumeResourceRequirements", "limits"): _AMOUNTS,
    ("core.v1.VolumeResourceRequirements", "requests"): _AMOUNTS,
    ("core.v1.EmptyDirVolumeSource", "sizeLimit"): "amount",
    ("core.v1.ResourceQuotaSpec", "hard"): _AMOUNTS,
    **{("core.v1.LimitRangeItem", name): _AMOUNTS for name in _LIMITS},
    **{("autoscaling.v2.MetricTarget", name): "amount" for name in ("averageValue", "value")},
    # No enumeration in Go, one in the validation.
    ("autoscaling.v2.HPAScalingRules", "selectPolicy"): _enum("Max", "Min", "Disabled"),
    ("autoscaling.v2.HPAScalingPolicy", "type"): _enum("Pods", "Percent"),
    ("rbac.v1.RoleRef", "kind"): _enum("Role", "ClusterRole"),
    ("rbac.v1.RoleRef", "apiGroup"): _enum("rbac.authorization.k8s.io"),
    ("rbac.v1.Subject", "kind"): _enum("User", "Group", "ServiceAccount"),
    # The server never looks at these labels.
    ("autoscaling.v2.MetricIdentifier", "selector"): "object",
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
}
"""Fields that the server asks for, though the document does not."""

OPTIONAL: Final[dict[str, tuple[str, ...]]] = {
    "core.v1.HTTPHeader": ("value",),
    "core.v1.Sysctl": ("value",),
    "core.v1.TypedLocalObjectReference": ("kind",),
    "core.v1.LimitRangeSpec": ("limits",),
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionVersion": ("served",),
    # Rules of other concerns say it.
    "batch.v1.CronJobSpec": ("schedule",),
    "autoscaling.v2.HorizontalPodAutoscalerSpec": ("maxReplicas",),
    "autoscaling.v1.HorizontalPodAutoscalerSpec": ("maxReplicas",),
    "autoscaling.v2.MetricSpec": ("type",),
}
"""Fields that the document asks for and the server does not."""

LEAST_ONE: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "core.v1.EnvVarSource": (("fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"),),
    "core.v1.EnvFromSource": (("configMapRef", "secretRef"),),
    "networking.v1.IngressBackend": (("service", "resource"),),
    "networking.v1.ServiceBackendPort": (("name", "number"),),
}
"""Fields of which one must be there."""

MOST_ONE: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "core.v1.EnvVar": (("value", "valueFrom"),),
    **LEAST_ONE,
}
"""Fields of which one may be there."""

NOT_PARTED: Final = {
    ("core.v1.Container", "ports"),
    ("core.v1.EphemeralContainer", "ports"),
    ("core.v1.ServiceSpec", "ports"),
    ("core.v1.PodSpec", "hostAliases"),
    ("core.v1.PodSpec", "imagePullSecrets"),
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
    return found | {"shadowed": True} if (owner, field) in SHADOWED else found


def required(owner: str, names: list[str]) -> list[str]:
    """Give the fields that must be there."""
    return sorted(({*names, *REQUIRED.get(owner, ())}) - {*OPTIONAL.get(owner, ())})


def unions(owner: str) -> dict[str, Any]:
    """Give the fields of which one must, or only one may, be there."""
    found = {"least_one": LEAST_ONE.get(owner), "most_one": MOST_ONE.get(owner)}
    return {name: [list(one) for one in groups] for name, groups in found.items() if groups}
