"""Fields exist, have their type, and hold what the API server takes."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from policies.conformity import issues
from policies.findings import Level
from policies.judge import judge
from policies.resources import from_manifest
from policies.rules import RULES
from policies.values import UNKNOWN

EXISTS, TYPE, MISSING, CHOICE, VALUE, REPEATED, SHADOWED = (f"FLT-FIELD-00{number}" for number in range(1, 8))
DEPRECATED, WHOLE = "FLT-FIELD-010", "FLT-FIELD-011"


def _pod_spec() -> dict[str, Any]:
    container = {
        "name": "app",
        "image": "registry.example/shop/app:1.4.2",
        "env": [{"name": "PORT", "value": "3000"}, {"name": "TOKEN", "valueFrom": {"secretKeyRef": _key("token")}}],
        "ports": [{"containerPort": 3000, "protocol": "TCP"}],
        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}, {"name": "conf", "mountPath": "/etc/app"}],
        "livenessProbe": {"httpGet": {"path": "/", "port": 3000}},
        "securityContext": {"runAsUser": 1000},
        "resources": {"limits": {"cpu": 1, "memory": "64Mi"}},
    }
    volumes = [{"name": "tmp", "emptyDir": {}}, {"name": "conf", "configMap": {"name": "conf", "defaultMode": 0o644}}]
    return {"containers": [container], "volumes": volumes, "nodeSelector": {"zone": "a"}}


def _key(name: str) -> dict[str, Any]:
    return {"name": "keys", "key": name}


def _workload(kind: str = "Deployment") -> dict[str, Any]:
    template = {"metadata": {"labels": {"app": "shop"}, "annotations": {"note": "x"}}, "spec": _pod_spec()}
    spec = {"replicas": 2, "selector": {"matchLabels": {"app": "shop"}}, "template": template}
    if kind == "DaemonSet":
        del spec["replicas"]
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": "shop", "labels": {"app": "shop"}},
        "spec": spec,
    }


def _object(api: str, kind: str, **body: Any) -> dict[str, Any]:
    return {"apiVersion": api, "kind": kind, "metadata": {"name": "shop"}, **body}


CLEAN = {
    "Deployment": _workload(),
    "StatefulSet": _workload("StatefulSet"),
    "DaemonSet": _workload("DaemonSet"),
    "Job": _object(
        "batch/v1", "Job", spec={"template": {"spec": {**_pod_spec(), "restartPolicy": "Never"}}, "backoffLimit": 1}
    ),
    "Service": _object(
        "v1",
        "Service",
        spec={"type": "ClusterIP", "selector": {"app": "shop"}, "ports": [{"port": 80, "targetPort": "http"}]},
    ),
    "Ingress": _object(
        "networking.k8s.io/v1",
        "Ingress",
        spec={"rules": [{"host": "a.example", "http": {"paths": [
            {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "shop", "port": {"number": 80}}}}
        ]}}]},
    ),
    "ConfigMap": _object("v1", "ConfigMap", data={"region": "eu"}),
    "Secret": _object("v1", "Secret", data={"token": "aGVsbG8="}, stringData={"other": "text"}),
    "Role": _object(
        "rbac.authorization.k8s.io/v1", "Role", rules=[{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]
    ),
    "RoleBinding": _object(
        "rbac.authorization.k8s.io/v1",
        "RoleBinding",
        roleRef={"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "reader"},
        subjects=[{"kind": "ServiceAccount", "name": "shop", "namespace": "shop"}],
    ),
    "PersistentVolumeClaim": _object(
        "v1",
        "PersistentVolumeClaim",
        spec={"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    ),
    "HorizontalPodAutoscaler": _object(
        "autoscaling/v2",
        "HorizontalPodAutoscaler",
        spec={"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "shop"}, "maxReplicas": 3},
    ),
    "NetworkPolicy": _object(
        "networking.k8s.io/v1",
        "NetworkPolicy",
        spec={
            "podSelector": {},
            "policyTypes": ["Ingress"],
            "ingress": [{"from": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]}],
        },
    ),
    "IngressRoute": _object(
        "traefik.io/v1alpha1",
        "IngressRoute",
        spec={
            "entryPoints": ["websecure"],
            "routes": [{
                "match": "Host(`a.example`)",
                "kind": "Rule",
                "priority": 10,
                "middlewares": [{"name": "headers"}],
                "services": [{"name": "shop", "port": "http", "weight": 1, "sticky": {"cookie": {"secure": True}}}],
            }],
            "tls": {},
        },
    ),
    "Middleware": _object("traefik.io/v1alpha1", "Middleware", spec={"stripPrefix": {"prefixes": ["/a"]}}),
    "HTTPRoute": _object(
        "gateway.networking.k8s.io/v1",
        "HTTPRoute",
        spec={"rules": [{
            "matches": [{"path": {"type": "PathPrefix", "value": "/"}}],
            "backendRefs": [{"name": "a", "port": 80}],
        }]},
    ),
    "Certificate": _object(
        "cert-manager.io/v1",
        "Certificate",
        spec={"secretName": "tls", "dnsNames": ["a.example"], "issuerRef": {"name": "ca", "kind": "ClusterIssuer"}},
    ),
    "ServiceMonitor": _object(
        "monitoring.coreos.com/v1",
        "ServiceMonitor",
        spec={"selector": {"matchLabels": {"app": "shop"}}, "endpoints": [{"port": "metrics", "interval": "15s"}]},
    ),
    "CustomResourceDefinition": {
        **_object("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
        "metadata": {"name": "boats.example.com"},
        "spec": {
            "group": "example.com",
            "scope": "Namespaced",
            "names": {"plural": "boats", "kind": "Boat"},
            "versions": [{
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": {"type": "object"}}}},
            }],
        },
    },
}  # fmt: skip
POD = "spec/template/spec"
APP = f"{POD}/containers/0"


def _changed(kind: str, path: str, value: Any) -> dict[str, Any]:
    """Give a clean object in which one field differs; ``...`` removes it, and ``name->other`` renames it."""
    changed = copy.deepcopy(CLEAN[kind])
    *steps, last = (int(step) if step.isdecimal() else step for step in path.split("/"))
    target: Any = changed
    for step in steps:
        target = target[step]
    old, arrow, new = str(last).partition("->")
    if arrow:
        target[new] = target.pop(old)
    elif value is ...:
        del target[last]
    else:
        target[last] = value
    return changed


@pytest.mark.parametrize("kind", CLEAN)
def test_a_clean_object_has_no_finding(found: Any, kind: str) -> None:
    assert found([CLEAN[kind]]) == set()


BROKEN: list[tuple[str, str, str, Any]] = [
    (EXISTS, "Deployment", "spec/containers", [{"name": "app"}]),
    (EXISTS, "Deployment", f"{APP}/imagepullPolicy", "Always"),
    (EXISTS, "Deployment", f"{APP}/livenessProbe->livenessprobe", None),
    (EXISTS, "Deployment", f"{APP}/ports/0/containerPort->containerport", None),
    (EXISTS, "Deployment", f"{APP}/env/0/value->values", None),
    (EXISTS, "Deployment", f"{APP}/securityContext/resources", {"limits": {"cpu": 1}}),
    (EXISTS, "Deployment", "spec/selector/matchLabel", {"app": "shop"}),
    (EXISTS, "Deployment", "metadata/lables", {"app": "shop"}),
    (EXISTS, "Deployment", "replicas", 2),
    (EXISTS, "DaemonSet", "spec/replicas", 2),
    (EXISTS, "StatefulSet", "spec/volumeClaimTemplate", []),
    (EXISTS, "Job", "spec/backofflimit", 1),
    (EXISTS, "Service", "spec/ports/0/nodeport", 30080),
    (EXISTS, "Ingress", "spec/rules/0/http/paths/0/backend/serviceName", "shop"),
    (EXISTS, "ConfigMap", "spec", {}),
    (EXISTS, "RoleBinding", "roleRef/namespace", "shop"),
    (EXISTS, "IngressRoute", "spec/entrypoints", ["web"]),
    (EXISTS, "IngressRoute", "spec/routes/0/middleware", []),
    (EXISTS, "IngressRoute", "spec/routes/0/services->service", None),
    (EXISTS, "IngressRoute", "spec/routes/0/services/0/weigth", 1),
    (EXISTS, "IngressRoute", "spec/routes/0/services/0/sticky/cookies", {}),
    (EXISTS, "Middleware", "spec/stripPrefix/prefix", "/a"),
    (EXISTS, "HTTPRoute", "spec/rules/0/backendRefs/0/servicePort", 80),
    (EXISTS, "ServiceMonitor", "spec/endpoints/0/targetport", 80),
    (EXISTS, "CustomResourceDefinition", "spec/version", "v1"),
    (TYPE, "Deployment", "spec/replicas", "3"),
    (TYPE, "Deployment", "spec/replicas", 2.5),
    (TYPE, "Deployment", "spec/replicas", True),
    (TYPE, "Deployment", f"{APP}/ports/0/containerPort", "8080"),
    (TYPE, "Deployment", f"{APP}/env/0/value", 3000),
    (TYPE, "Deployment", f"{APP}/env/0/value", True),
    (TYPE, "Deployment", f"{APP}/env", {"PORT": "3000"}),
    (TYPE, "Deployment", f"{APP}/command", "sh -c true"),
    (TYPE, "Deployment", f"{APP}/args", ["--port", 8080]),
    (TYPE, "Deployment", f"{APP}/securityContext/runAsUser", "1000"),
    (TYPE, "Deployment", f"{APP}/resources/limits", ["cpu"]),
    (TYPE, "Deployment", f"{POD}/hostNetwork", "true"),
    (TYPE, "Deployment", f"{POD}/nodeSelector/zone", True),
    (TYPE, "Deployment", f"{POD}/containers", {"name": "app"}),
    (TYPE, "Deployment", f"{POD}/containers/0", "app"),
    (TYPE, "Deployment", "spec/template/metadata/annotations/note", True),
    (TYPE, "Deployment", "metadata/labels/version", 2),
    (TYPE, "Deployment", "metadata/labels", ["app"]),
    (TYPE, "Service", "spec/ports/0/port", "80"),
    (TYPE, "Service", "spec/ports/0/targetPort", True),
    (TYPE, "Service", "spec/selector/app", 1),
    (TYPE, "ConfigMap", "data/workers", 4),
    (TYPE, "ConfigMap", "data/tree", {"a": "b"}),
    (TYPE, "Secret", "stringData/pin", 1234),
    (TYPE, "Role", "rules/0/verbs", "get"),
    (TYPE, "Ingress", "spec/rules/0/http/paths/0/backend/service/port", 80),
    (TYPE, "IngressRoute", "spec/entryPoints", "web"),
    (MISSING, "IngressRoute", "spec/entryPoints/0", None),
    (TYPE, "IngressRoute", "spec/routes/0/services/0/weight", "1"),
    (TYPE, "IngressRoute", "spec/routes/0/services/0/sticky", True),
    (TYPE, "CustomResourceDefinition", "spec/versions/0/served", "true"),
    (WHOLE, "Deployment", "spec", ...),
    (WHOLE, "Deployment", "spec", {"replicas": 3}),
    (WHOLE, "Deployment", "spec", {"template": {"spec": {"nodeSelector": {"zone": "a"}}}}),
    (WHOLE, "Job", f"{APP}/image", ...),
    (WHOLE, "CustomResourceDefinition", "spec", {"scope": "Namespaced"}),
    (MISSING, "Deployment", "spec/selector", ...),
    (MISSING, "Deployment", "spec/selector", {}),
    (MISSING, "Deployment", f"{POD}/containers", None),
    (MISSING, "Deployment", f"{APP}/name", ...),
    (MISSING, "Deployment", f"{APP}/image", ""),
    (MISSING, "Deployment", f"{APP}/env/0/name", ...),
    (MISSING, "Deployment", f"{APP}/env/1/valueFrom", {}),
    (MISSING, "Deployment", f"{APP}/env/1/valueFrom/secretKeyRef/key", ...),
    (MISSING, "Deployment", f"{APP}/volumeMounts/0/mountPath", ...),
    (MISSING, "Deployment", f"{APP}/volumeMounts/0", None),
    (MISSING, "Deployment", f"{APP}/livenessProbe/httpGet/port", ...),
    (MISSING, "Deployment", f"{POD}/volumes/1/configMap/name", ...),
    (MISSING, "Service", "spec/ports", ...),
    (MISSING, "Service", "spec/ports/0/port", ...),
    (MISSING, "Ingress", "spec/rules/0/http/paths/0/pathType", ...),
    (MISSING, "Ingress", "spec/rules/0/http/paths/0/backend/service/port", {}),
    (MISSING, "Ingress", "spec/rules", ...),
    (MISSING, "Role", "rules/0/apiGroups", ...),
    (MISSING, "RoleBinding", "roleRef", ...),
    (MISSING, "PersistentVolumeClaim", "spec/resources/requests", {}),
    (MISSING, "PersistentVolumeClaim", "spec/accessModes", ...),
    (MISSING, "HorizontalPodAutoscaler", "spec/scaleTargetRef/apiVersion", ...),
    (MISSING, "NetworkPolicy", "spec/ingress/0/from/0", {}),
    (MISSING, "IngressRoute", "spec/routes", ...),
    (MISSING, "IngressRoute", "spec/routes/0/services/0/name", ...),
    (MISSING, "Certificate", "spec/issuerRef", ...),
    (MISSING, "CustomResourceDefinition", "spec/names/plural", ...),
    (CHOICE, "Deployment", f"{APP}/ports/0/protocol", "tcp"),
    (CHOICE, "Deployment", f"{POD}/dnsPolicy", "clusterFirst"),
    (CHOICE, "Deployment", "spec/selector/matchExpressions", [{"key": "a", "operator": "in", "values": ["b"]}]),
    (CHOICE, "Deployment", f"{POD}/tolerations", [{"key": "a", "operator": "Exists", "effect": "NoSchedul"}]),
    (CHOICE, "Service", "spec/type", "ClusterIp"),
    (CHOICE, "Service", "spec/sessionAffinity", "clientIP"),
    (CHOICE, "Service", "spec/internalTrafficPolicy", ""),
    (CHOICE, "Ingress", "spec/rules/0/http/paths/0/pathType", "prefix"),
    (CHOICE, "PersistentVolumeClaim", "spec/accessModes/0", "RWO"),
    (CHOICE, "RoleBinding", "subjects/0/kind", "serviceAccount"),
    (CHOICE, "NetworkPolicy", "spec/policyTypes/0", "ingress"),
    (CHOICE, "IngressRoute", "spec/routes/0/kind", "rule"),
    (CHOICE, "IngressRoute", "spec/routes/0/services/0/kind", "traefikservice"),
    (CHOICE, "HTTPRoute", "spec/rules/0/matches/0/path/type", "Prefix"),
    (VALUE, "Deployment", f"{POD}/volumes/1/configMap/defaultMode", 644),
    (VALUE, "Deployment", f"{APP}/securityContext/runAsUser", -1),
    (VALUE, "Deployment", f"{APP}/env/1/value", "both"),
    (VALUE, "Deployment", f"{APP}/env/1/valueFrom/configMapKeyRef", _key("a")),
    (VALUE, "Deployment", f"{APP}/env/1/valueFrom", {"fieldRef": {"fieldPath": "status.podIp"}}),
    (VALUE, "Deployment", f"{POD}/volumes/1/emptyDir", {}),
    (VALUE, "Deployment", f"{POD}/tolerations", [{"key": "a", "operator": "Exists", "value": "b"}]),
    (VALUE, "Deployment", "spec/selector/matchExpressions", [{"key": "a", "operator": "Exists", "values": ["b"]}]),
    (VALUE, "Deployment", "spec/replicas", 2**40),
    (VALUE, "Ingress", "spec/rules/0/http/paths/0/path", "cart"),
    (VALUE, "Secret", "data/token", "plain text"),
    (VALUE, "NetworkPolicy", "spec/ingress/0/from/0/ipBlock/cidr", "10.0.0.1"),
    (VALUE, "NetworkPolicy", "spec/ingress/0/from/0/podSelector", {}),
    (VALUE, "ServiceMonitor", "spec/endpoints/0/interval", "15 seconds"),
    (VALUE, "HTTPRoute", "spec/rules/0/backendRefs/0/weight", -1),
    (REPEATED, "Deployment", f"{APP}/volumeMounts/1/mountPath", "/tmp"),
    (REPEATED, "Deployment", f"{POD}/volumes/1/name", "tmp"),
    (REPEATED, "Deployment", f"{POD}/containers", [_pod_spec()["containers"][0]] * 2),
    (REPEATED, "Deployment", f"{POD}/initContainers", _pod_spec()["containers"]),
    (SHADOWED, "Deployment", f"{APP}/env/1/name", "PORT"),
    (DEPRECATED, "Middleware", "spec", {"ipWhiteList": {"sourceRange": ["10.0.0.0/8"]}}),
    (DEPRECATED, "Middleware", "spec/stripPrefix/forceSlash", False),
]


@pytest.mark.parametrize(("code", "kind", "path", "value"), BROKEN)
def test_one_broken_field_is_one_finding(found: Any, code: str, kind: str, path: str, value: Any) -> None:
    name = CLEAN[kind]["metadata"]["name"]
    # Rules that know what a field is for speak first; here they are off.
    levels = {rule.code: Level.DISABLED for rule in RULES if not rule.code.startswith("FLT-FIELD-")}
    assert found([_changed(kind, path, value)], levels=levels) == {(code, f"{kind} {name}")}


FINE: list[tuple[str, str, Any]] = [
    ("Deployment", "status", {"replicas": 2, "whatever": True}),
    ("Deployment", "metadata/creationTimestamp", None),
    ("Deployment", "metadata/managedFields", [{"manager": "kubectl", "fieldsV1": {"f:spec": {}}}]),
    ("Deployment", "metadata/resourceVersion", "123"),
    ("Deployment", "spec/replicas", UNKNOWN),
    ("Deployment", "spec/replicas", None),
    ("Deployment", "spec/replicas", 3),
    ("Deployment", "spec/replicas", "${REPLICAS}"),
    ("Deployment", "spec/template", UNKNOWN),
    ("Deployment", "spec/selector", UNKNOWN),
    ("Deployment", f"{POD}/containers", [UNKNOWN]),
    ("Deployment", f"{APP}/image", UNKNOWN),
    ("Deployment", f"{APP}/env", UNKNOWN),
    ("Deployment", f"{APP}/env/0", {"name": "EMPTY"}),
    ("Deployment", f"{APP}/env/0/value", None),
    ("Deployment", f"{APP}/env/0/value", "$(OTHER)"),
    ("Deployment", f"{APP}/env/1/valueFrom/secretKeyRef", UNKNOWN),
    ("Deployment", f"{APP}/ports/0/protocol", ""),
    ("Deployment", f"{APP}/ports", [{"containerPort": 53, "protocol": "UDP"}, {"containerPort": 53}]),
    ("Deployment", f"{APP}/resources/limits/memory", 134217728),
    ("Deployment", f"{APP}/resources/limits/cpu", 0.5),
    ("Deployment", f"{APP}/resources", None),
    ("Deployment", f"{APP}/livenessProbe/httpGet/port", "http"),
    ("Deployment", f"{POD}/volumes/0", {"name": "tmp"}),
    ("Deployment", f"{POD}/volumes/0/emptyDir", None),
    ("Deployment", f"{POD}/tolerations", [{"operator": "Exists"}]),
    ("Deployment", f"{POD}/serviceAccount", "old-name-of-a-field"),
    ("Deployment", "spec/strategy", {"rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 0}}),
    ("StatefulSet", "spec/volumeClaimTemplates", [CLEAN["PersistentVolumeClaim"]]),
    ("Service", "spec", {"type": "ExternalName", "externalName": "api.example.com"}),
    ("Service", "spec", {"clusterIP": "None", "selector": {"app": "db"}}),
    ("Service", "spec/ports", [{"port": 80, "name": "a"}, {"port": 80, "name": "b", "protocol": "UDP"}]),
    ("Ingress", "spec/rules/0/http/paths/0", {"pathType": "ImplementationSpecific", "backend": {"resource": {
        "apiGroup": "k8s.example.com", "kind": "Bucket", "name": "assets"}}}),
    ("Ingress", "spec", {"defaultBackend": {"service": {"name": "shop", "port": {"name": "http"}}}}),
    ("ConfigMap", "data", None),
    ("ConfigMap", "binaryData", {"logo.png": "aGVsbG8="}),
    ("Secret", "data/token", UNKNOWN),
    ("Secret", "data/token", "aGVs\nbG8="),
    ("Role", "rules", []),
    ("NetworkPolicy", "spec", {"podSelector": {}}),
    ("NetworkPolicy", "spec/ingress", [{}]),
    ("IngressRoute", "spec/tls", None),
    ("IngressRoute", "spec/routes/0/services/0/port", 80),
    ("IngressRoute", "spec/routes/0/services/0/kind", "TraefikService"),
    ("IngressRoute", "spec/routes/0/middlewares", UNKNOWN),
    ("Middleware", "spec", {"plugin": {"any-plugin": {"any": ["thing"], "at": {"all": 1}}}}),
    ("Middleware", "spec", {"rateLimit": {"average": 100, "period": "1m"}}),
    ("CustomResourceDefinition", "spec/versions/0/schema/openAPIV3Schema/properties/spec", {
        "type": "object", "x-kubernetes-preserve-unknown-fields": True, "properties": {"a": {
            "anyOf": [{"type": "integer"}, {"type": "string"}], "x-kubernetes-int-or-string": True,
            "default": {"any": "thing"}}}}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "path", "value"), FINE)
def test_what_is_legal_but_unusual_is_not_found(found: Any, kind: str, path: str, value: Any) -> None:
    assert found([_changed(kind, path, value)]) - {("FLT-PLAN-001", f"{kind} shop")} == set()


def test_kinds_of_other_projects_and_unknown_versions_are_left_alone(found: Any) -> None:
    foreign = {
        "apiVersion": "example.com/v1",
        "kind": "Deployment",
        "metadata": {"name": 5},
        "spec": {"anything": True},
    }
    assert found([foreign, {**foreign, "apiVersion": "serving.knative.dev/v1", "kind": "Service"}]) == set()


def test_a_part_of_an_object_need_not_be_whole(found: Any) -> None:
    entry = {"type": "kubernetes:apps/v1:DeploymentPatch", "name": "p", "inputs": {"spec": {"replicas": 2}}, "opts": {}}
    assert found([entry]) == set()


def test_what_the_provider_adds_for_itself_is_no_field_of_the_object(found: Any) -> None:
    entry = {"type": "kubernetes:core/v1:ConfigMap", "name": "p", "inputs": {"data": {"a": "b"}}, "opts": {}}
    assert found([entry]) == set()
    assert found([entry | {"inputs": {"__fieldManager": "pulumi", "data": {"a": "b"}}}]) == set()


@pytest.mark.parametrize(
    ("kind", "path", "value", "expected"),
    [
        ("Deployment", f"{APP}/imagepullpolicy", "Always", "did you mean imagePullPolicy?"),
        ("Deployment", "spec/containers", [], "it belongs to spec.template.spec"),
        ("Deployment", f"{APP}/hostNetwork", True, "it belongs to spec.template.spec"),
        ("IngressRoute", "spec/routes/0/service", [], "did you mean services?"),
        ("Service", "spec/type", "ClusterIp", "sets spec.type to 'ClusterIp', which is none of ClusterIP, "),
        ("Deployment", "spec/replicas", "3", "gives spec.replicas as text, where a whole number belongs"),
    ],
)
def test_the_message_says_what_was_meant(kind: str, path: str, value: Any, expected: str) -> None:
    (issue,) = issues(from_manifest(_changed(kind, path, value)))
    assert expected in issue.message


def test_no_message_shows_a_value_that_may_be_secret() -> None:
    secret = "sk_live_4eC39HqLyjWDarjtT1zdp7dc"
    changed = [
        _changed("Secret", "data/token", f"{secret}!"),
        _changed("Secret", "stringData/other", {"a": secret}),
        _changed("Secret", "immutable", secret),
        _changed("Deployment", f"{APP}/env/0/value", [secret]),
        _changed("Deployment", f"{APP}/env/1/valueFrom", {"secretKeyRef": {"name": f"{secret}_", "key": f"/{secret}"}}),
        _changed("Deployment", f"{APP}/name", secret),
        _changed("ConfigMap", "metadata/labels", {"key": f"{secret}="}),
    ]
    messages = [finding.message for one in changed for finding in judge([one]) if "FIELD" in finding.rule.code]
    messages += [issue.message for one in changed for issue in issues(from_manifest(one))]
    assert len(messages) > len(changed)
    assert not [message for message in messages if secret in message]


def test_one_mistake_is_not_said_twice() -> None:
    renamed = _changed("Deployment", f"{APP}/livenessProbe/httpGet/port->Port", None)
    assert [issue.message for issue in issues(from_manifest(renamed))] == [
        "has spec.template.spec.containers[0].livenessProbe.httpGet.Port, which is no field; did you mean port?"
    ]
