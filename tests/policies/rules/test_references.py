"""What an object names is there."""

from __future__ import annotations

from typing import Any

import pytest

from policies.world import World

DEPLOYMENT = "Deployment checkout"
SPEC = "spec/template/spec"
CONTAINER = f"{SPEC}/containers/0"
READS = {("FLT-REF-007", "Deployment shop/checkout")}
DOUBTED = {("FLT-REF-015", "Deployment shop/checkout")}


def _object(kind: str, name: str = "settings", api: str = "v1", **fields: Any) -> dict[str, Any]:
    metadata = {"name": name, "namespace": "shop"} | fields.pop("metadata", {})
    return {"apiVersion": api, "kind": kind, "metadata": metadata} | fields


def _traefik(kind: str, name: str, **spec: Any) -> dict[str, Any]:
    return _object(kind, name, "traefik.io/v1alpha1", spec=spec)


@pytest.mark.parametrize(
    ("title", "path", "value"),
    [
        ("IngressRoute checkout-cart", "spec/routes/0/services/0/name", "chekout"),
        ("IngressRoute checkout-cart", "spec/routes/0/services/0/name", "cart"),
        ("IngressRoute checkout-secure", "spec/routes/0/services/0/name", "checkout-splitt"),
        ("IngressRoute checkout-secure", "spec/routes/0/services/0/kind", ...),
        ("TraefikService checkout-split", "spec/weighted/services/0/name", "gone"),
        ("TraefikService checkout-split", "spec/weighted/services/0/kind", "TraefikService"),
        ("TraefikService checkout-split", "spec", {"mirroring": {"name": "gone", "port": 80}}),
        (
            "TraefikService checkout-split",
            "spec",
            {"mirroring": {"name": "checkout", "port": 80, "mirrors": [{"name": "gone", "port": 80}]}},
        ),
        (
            "TraefikService checkout-split",
            "spec",
            {"highestRandomWeight": {"services": [{"name": "gone", "port": 80}]}},
        ),
        (
            "TraefikService checkout-split",
            "spec",
            {"failover": {"service": {"name": "checkout", "port": 80}, "fallback": {"name": "gone", "port": 80}}},
        ),
        ("Ingress checkout-docs", "spec/rules/0/http/paths/0/backend/service/name", "docs"),
        ("Ingress checkout-docs", "spec/rules/0/http/paths/0/backend", {"serviceName": "docs", "servicePort": 80}),
        ("Ingress checkout-docs", "spec/defaultBackend", {"service": {"name": "docs", "port": {"number": 80}}}),
        ("Ingress checkout-docs", "metadata/annotations", {"nginx.ingress.kubernetes.io/default-backend": "docs"}),
    ],
)
def test_a_backend_that_nobody_has_is_found(
    stack: Any, put: Any, found: Any, title: str, path: str, value: Any
) -> None:
    kind, _, name = title.partition(" ")
    assert found(stack) == set()
    assert found(put(stack, title, path, value)) == {("FLT-REF-002", f"{kind} shop/{name}")}
    assert found(put(stack, title, path, value), world=World.OPEN) == set()


@pytest.mark.parametrize(
    ("title", "path", "value"),
    [
        ("IngressRoute checkout-cart", "spec/routes/0/services/0/name", "api@internal"),
        ("IngressRoute checkout-cart", "spec/routes/0/services/0/name", "web@file"),
        ("IngressRoute checkout-cart", "spec/routes/0/services/0", {"name": "x", "namespace": "else", "port": 80}),
        (
            "Ingress checkout-docs",
            "spec/rules/0/http/paths/0/backend",
            {"resource": {"apiGroup": "k8s.example.com", "kind": "StorageBucket", "name": "static"}},
        ),
        (
            "Ingress checkout-docs",
            "spec/rules/0/http/paths/0/backend/service",
            {"name": "ssl-redirect", "port": {"name": "use-annotation"}},
        ),
    ],
)
def test_a_backend_that_comes_from_elsewhere_is_legal(
    stack: Any, put: Any, found: Any, title: str, path: str, value: Any
) -> None:
    assert found(put(stack, title, path, value)) == set()


def test_the_service_of_error_pages_has_to_exist(stack: Any, found: Any) -> None:
    for name, expected in (("checkout", set()), ("pages", {("FLT-REF-002", "Middleware shop/errors")})):
        service = {"name": name, "port": 80}
        assert found([*stack, _traefik("Middleware", "errors", errors={"query": "/", "service": service})]) == expected


def test_a_service_that_an_operator_makes_is_not_missed(stack: Any, put: Any, found: Any) -> None:
    wrong = put(stack, "IngressRoute checkout-cart", "spec/routes/0/services/0/name", "search-es-http")
    elastic = _object("Elasticsearch", "search", "elasticsearch.k8s.elastic.co/v1")
    assert found(wrong) != set()
    assert found([*wrong, elastic]) == set()


def test_a_release_brings_services_that_nobody_sees(stack: Any, put: Any, found: Any) -> None:
    wrong = put(stack, "IngressRoute checkout-cart", "spec/routes/0/services/0/name", "grafana")
    release = _object("HelmRelease", "monitoring", "helm.toolkit.fluxcd.io/v2", spec={"targetNamespace": "shop"})
    assert found([*wrong, release]) == set()
    slip = put(stack, "IngressRoute checkout-cart", "spec/routes/0/services/0/name", "chekout")
    assert found([*slip, release]) != set()


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        ("Middleware", "spec/routes/0/middlewares", [{"name": "compress"}]),
        ("TLSOption", "spec/tls/options", {"name": "compress"}),
        ("ServersTransport", "spec/routes/0/services/0/serversTransport", "compress"),
    ],
)
def test_what_a_route_goes_through_has_to_exist(
    stack: Any, put: Any, found: Any, kind: str, path: str, value: Any
) -> None:
    routed = put(stack, "IngressRoute checkout-cart", path, value)
    assert found(routed) == {("FLT-REF-003", "IngressRoute shop/checkout-cart")}
    assert found([*routed, _traefik(kind, "compress")]) == set()
    assert found([*routed, _traefik(kind, "compres")]) == {("FLT-REF-003", "IngressRoute shop/checkout-cart")}
    foreign = put(stack, "IngressRoute checkout-cart", path, "x@file" if isinstance(value, str) else [])
    assert found(foreign) == set()


def test_a_tcp_route_goes_through_middlewares_of_its_own_kind(stack: Any, found: Any) -> None:
    routes = [{"match": "HostSNI(`*`)", "middlewares": [{"name": "allow"}], "services": []}]
    route = _traefik("IngressRouteTCP", "tcp", routes=routes)
    assert found([*stack, route, _traefik("MiddlewareTCP", "allow")]) == set()
    assert found([*stack, route, _traefik("Middleware", "allow")]) == {("FLT-REF-003", "IngressRouteTCP shop/tcp")}


def test_a_chain_is_made_of_middlewares_that_exist(stack: Any, found: Any) -> None:
    chain = _traefik("Middleware", "all", chain={"middlewares": [{"name": "compress"}, {"name": "auth@file"}]})
    assert found([*stack, chain]) == {("FLT-REF-003", "Middleware shop/all")}
    assert found([*stack, chain, _traefik("Middleware", "compress")]) == set()


@pytest.mark.parametrize(
    ("written", "missing"),
    [
        ("shop-compress@kubernetescrd", False),
        ("shop-compress@kubernetescrd, auth@file", False),
        ("shop-compres@kubernetescrd", True),
        ("shop-compress@kubernetescrd,shop-gone@kubernetescrd", True),
        ("other-compress@kubernetescrd", True),
        ("elsewhere-gone@kubernetescrd", False),
    ],
)
def test_an_annotation_names_namespace_and_name_in_one(
    stack: Any, put: Any, found: Any, written: str, missing: Any
) -> None:
    notes = {"traefik.ingress.kubernetes.io/router.middlewares": written}
    annotated = put(stack, "Ingress checkout-docs", "metadata/annotations", notes)
    expected = {("FLT-REF-003", "Ingress shop/checkout-docs")} if missing else set()
    assert found([*annotated, _traefik("Middleware", "compress")]) == expected


def test_a_name_with_dashes_does_not_hide_that_the_namespace_is_missing(stack: Any, put: Any, found: Any) -> None:
    notes = {"traefik.ingress.kubernetes.io/router.middlewares": "strip-all@kubernetescrd"}
    annotated = put(stack, "Ingress checkout-docs", "metadata/annotations", notes)
    assert found([*annotated, _traefik("Middleware", "strip-all")]) == {("FLT-REF-003", "Ingress shop/checkout-docs")}


def test_a_namespace_with_dashes_parts_where_it_resolves(stack: Any, put: Any, found: Any) -> None:
    notes = {"traefik.ingress.kubernetes.io/router.middlewares": "my-web-shop-strip-all@kubernetescrd"}
    annotated = put(stack, "Ingress checkout-docs", "metadata/annotations", notes)
    middleware = _traefik("Middleware", "strip-all")
    assert found([*annotated, middleware | {"metadata": {"name": "strip-all", "namespace": "my-web-shop"}}]) == set()
    assert found([*annotated, middleware | {"metadata": {"name": "strip-all"}}]) == set()


@pytest.mark.parametrize(
    ("api", "kind", "field"),
    [
        ("autoscaling/v2", "HorizontalPodAutoscaler", "scaleTargetRef"),
        ("keda.sh/v1alpha1", "ScaledObject", "scaleTargetRef"),
        ("autoscaling.k8s.io/v1", "VerticalPodAutoscaler", "targetRef"),
    ],
)
def test_a_scale_target_has_to_exist(stack: Any, found: Any, api: str, kind: str, field: str) -> None:
    for target, missing in (
        ({"kind": "Deployment", "name": "checkout"}, False),
        ({"kind": "Deployment", "name": "checkout-api"}, True),
        ({"kind": "StatefulSet", "name": "checkout"}, True),
        ({"kind": "Rollout", "name": "elsewhere"}, False),
    ):
        scaler = _object(kind, "scaler", api, spec={field: {"apiVersion": "apps/v1"} | target})
        assert found([*stack, scaler]) == ({("FLT-REF-004", f"{kind} shop/scaler")} if missing else set())
        assert found([scaler]) == set()


def test_a_traefik_service_may_be_called_like_the_service_it_sends_to(found: Any) -> None:
    members = {"weighted": {"services": [{"name": "checkout", "port": 80, "weight": 1}]}}
    split = _object("TraefikService", "checkout", "traefik.io/v1alpha1", spec=members)
    assert found([split]) == set()
    other = _object("TraefikService", "split", "traefik.io/v1alpha1", spec=members)
    assert found([split, other]) == {("FLT-REF-002", "TraefikService shop/split")}


PLACES = [
    (f"{CONTAINER}/envFrom", lambda name, **more: [{"configMapRef": {"name": name} | more}]),
    (
        f"{CONTAINER}/env",
        lambda name, **more: [{"name": "X", "valueFrom": {"configMapKeyRef": {"name": name, "key": "a"} | more}}],
    ),
    (f"{SPEC}/initContainers/0/envFrom", lambda name, **more: [{"configMapRef": {"name": name} | more}]),
    (f"{SPEC}/volumes", lambda name, **more: [{"name": "v", "configMap": {"name": name} | more}]),
    (
        f"{SPEC}/volumes",
        lambda name, **more: [{"name": "v", "projected": {"sources": [{"configMap": {"name": name} | more}]}}],
    ),
]


@pytest.mark.parametrize(("path", "make"), PLACES)
def test_a_config_map_is_found_missing_wherever_it_is_read(
    stack: Any, put: Any, found: Any, path: str, make: Any
) -> None:
    config = _object("ConfigMap", "checkout-config", data={"a": "b"})
    assert found([*put(stack, DEPLOYMENT, path, make("checkout-config")), config]) == set()
    wrong = put(stack, DEPLOYMENT, path, make("checkout-confg"))
    assert found([*wrong, config]) == READS
    assert found(wrong) == set()
    assert found(wrong, world=World.CLOSED) >= READS
    assert found([*put(stack, DEPLOYMENT, path, make("checkout-confg", optional=True)), config]) == set()


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        ("Secret", f"{CONTAINER}/envFrom", [{"secretRef": {"name": "settingz"}}]),
        ("Secret", f"{SPEC}/volumes", [{"name": "v", "secret": {"secretName": "settingz"}}]),
        ("Secret", f"{SPEC}/volumes", [{"name": "v", "csi": {"nodePublishSecretRef": {"name": "settingz"}}}]),
        ("Secret", f"{SPEC}/imagePullSecrets", [{"name": "settingz"}]),
        ("ServiceAccount", f"{SPEC}/serviceAccountName", "settingz"),
        ("ServiceAccount", f"{SPEC}/serviceAccount", "settingz"),
        (
            "PersistentVolumeClaim",
            f"{SPEC}/volumes",
            [{"name": "v", "persistentVolumeClaim": {"claimName": "settingz"}}],
        ),
    ],
)
def test_a_misspelt_name_is_found_for_every_kind(
    stack: Any, put: Any, found: Any, kind: str, path: str, value: Any
) -> None:
    wrong = put(stack, DEPLOYMENT, path, value)
    assert found([*wrong, _object(kind, "settings")]) == READS
    assert found([*wrong, _object(kind, "settingz")]) == set()
    assert found(wrong) == set()


@pytest.mark.parametrize(
    "maker",
    [
        _object("Certificate", "c", "cert-manager.io/v1", spec={"secretName": "stripe"}),
        _object("ExternalSecret", "stripe", "external-secrets.io/v1", spec={}),
        _object("ExternalSecret", "e", "external-secrets.io/v1", spec={"target": {"name": "stripe"}}),
        _object("SealedSecret", "stripe", "bitnami.com/v1alpha1", spec={}),
        _object("VaultStaticSecret", "v", "secrets.hashicorp.com/v1beta1", spec={"destination": {"name": "stripe"}}),
        _object("Thing", "t", "operators.example/v1", spec={"deep": [{"secret": "stripe"}]}),
        _object("Kustomization", "k", "kustomize.config.k8s.io/v1beta1", secretGenerator=[{"name": "stripe"}]),
    ],
    ids=lambda maker: maker["kind"],
)
def test_a_secret_that_others_make_is_not_missed(stack: Any, put: Any, found: Any, maker: dict[str, Any]) -> None:
    reading = [*put(stack, DEPLOYMENT, f"{CONTAINER}/envFrom", [{"secretRef": {"name": "stripe"}}])]
    other = _object("Secret", "database", data={"a": "b"})
    assert found([*reading, other]) == DOUBTED
    assert found([*reading, other, maker]) == set()


def test_a_secret_that_a_hook_is_told_to_make_is_not_missed(stack: Any, put: Any, found: Any) -> None:
    reading = put(stack, DEPLOYMENT, f"{CONTAINER}/envFrom", [{"secretRef": {"name": "admission"}}])
    containers = [{"name": "c", "image": "certgen:1.0.0", "args": ["create", "--secret-name=admission"]}]
    job = _object("Job", "certgen", "batch/v1", spec={"template": {"spec": {"containers": containers}}})
    other = _object("Secret", "database", data={"a": "b"})
    assert found([*reading, other]) == DOUBTED
    assert found([*reading, other, job]) == set()


def test_a_config_map_that_nobody_reads_beside_one_that_is_missing_is_a_mistake(
    stack: Any, put: Any, found: Any
) -> None:
    reading = put(stack, DEPLOYMENT, f"{CONTAINER}/envFrom", [{"configMapRef": {"name": "prices"}}])
    assert found([*reading, _object("ConfigMap", "checkout", data={"a": "b"})]) == READS
    dashboard = _object("ConfigMap", "board", metadata={"labels": {"grafana_dashboard": "1"}}, data={"a": "b"})
    assert found([*reading, dashboard]) == DOUBTED


def test_a_name_in_another_namespace_where_nobody_uses_it_is_a_mistake(stack: Any, put: Any, found: Any) -> None:
    reading = put(stack, DEPLOYMENT, f"{CONTAINER}/envFrom", [{"secretRef": {"name": "stripe"}}])
    elsewhere = _object("Secret", "stripe", metadata={"namespace": "default"}, data={"a": "b"})
    assert found([*reading, elsewhere]) == READS
    assert found([*reading, elsewhere | {"metadata": {"name": "stripe"}}]) == set()


def test_a_secret_read_as_a_config_map_is_a_mistake(stack: Any, put: Any, found: Any) -> None:
    reading = put(stack, DEPLOYMENT, f"{CONTAINER}/envFrom", [{"configMapRef": {"name": "stripe"}}])
    assert found([*reading, _object("Secret", "stripe", data={"a": "b"})]) == READS


@pytest.mark.parametrize("name", ["default"])
def test_what_kubernetes_makes_itself_is_there(stack: Any, put: Any, found: Any, name: str) -> None:
    reading = put(stack, DEPLOYMENT, f"{SPEC}/serviceAccountName", name)
    reading = put(reading, DEPLOYMENT, f"{CONTAINER}/envFrom", [{"configMapRef": {"name": "kube-root-ca.crt"}}])
    closed = found(reading, world=World.CLOSED)
    assert not closed & READS


def test_certificates_are_made_by_others_unless_a_name_is_misspelt(stack: Any, found: Any, put: Any) -> None:
    assert found(stack) == set()
    made = _object("Certificate", "c", "cert-manager.io/v1", spec={"secretName": "checkout-tls"})
    assert found([*stack, made]) == set()
    wrong = put(stack, "IngressRoute checkout-cart", "spec/tls/secretName", "chekout-tls")
    assert found([*wrong, made]) == {("FLT-REF-007", "IngressRoute shop/checkout-cart")}


def test_an_issuer_of_the_whole_cluster_is_named_by_its_kind(found: Any) -> None:
    spec = {"secretName": "tls", "issuerRef": {"name": "letsencrypt"}}
    certificate = _object("Certificate", "c", "cert-manager.io/v1", spec=spec)
    issuer = {"apiVersion": "cert-manager.io/v1", "kind": "ClusterIssuer", "metadata": {"name": "letsencrypt"}}
    assert found([certificate, issuer]) == {("FLT-REF-007", "Certificate shop/c")}
    spec["issuerRef"] = {"name": "letsencrypt", "kind": "ClusterIssuer"}
    assert found([certificate, issuer]) == set()


@pytest.mark.parametrize(("name", "missing"), [("checkout", False), ("cart", True), ("chekout", True)])
def test_a_stateful_set_names_a_service_that_exists(stack: Any, put: Any, found: Any, name: str, missing: Any) -> None:
    stack[0]["kind"] = "StatefulSet"
    stack[0]["spec"]["serviceName"] = name
    assert found(stack) == ({("FLT-REF-010", "StatefulSet shop/checkout")} if missing else set())
    assert found([stack[0]]) == set()


def test_a_stateful_set_makes_its_claims(stack: Any, put: Any, found: Any) -> None:
    volumes = [{"name": "v", "persistentVolumeClaim": {"claimName": "data-db-1"}}]
    reading = put(stack, DEPLOYMENT, f"{SPEC}/volumes", volumes)
    database = _object("StatefulSet", "db", "apps/v1", spec={"replicas": 2, "volumeClaimTemplates": []})
    database["spec"]["volumeClaimTemplates"] = [{"metadata": {"name": "data"}}]
    claim = _object("PersistentVolumeClaim", "data-db-3")
    assert found([*reading, claim]) == READS
    assert found([*reading, claim, database]) == set()


RBAC = "rbac.authorization.k8s.io/v1"


def _binding(role: dict[str, str], subject: dict[str, str], kind: str = "RoleBinding") -> dict[str, Any]:
    return _object(kind, "b", RBAC, roleRef=role, subjects=[{"kind": "ServiceAccount"} | subject])


@pytest.mark.parametrize(
    ("role", "subject", "missing"),
    [
        ({"kind": "Role", "name": "reader"}, {"name": "app"}, False),
        ({"kind": "Role", "name": "reader"}, {"name": "app", "namespace": "shop"}, False),
        ({"kind": "Role", "name": "readers"}, {"name": "app"}, True),
        ({"kind": "ClusterRole", "name": "reader"}, {"name": "app"}, True),
        ({"kind": "ClusterRole", "name": "view"}, {"name": "app"}, False),
        ({"kind": "ClusterRole", "name": "system:auth-delegator"}, {"name": "app"}, False),
        ({"kind": "Role", "name": "reader"}, {"name": "apps-runner"}, True),
        ({"kind": "Role", "name": "reader"}, {"name": "app", "namespace": "default"}, True),
        ({"kind": "Role", "name": "reader"}, {"name": "other", "namespace": "elsewhere"}, False),
        ({"kind": "Role", "name": "reader"}, {"name": "default"}, False),
    ],
)
def test_a_binding_joins_what_exists(found: Any, role: Any, subject: Any, missing: Any) -> None:
    held = [_object("Role", "reader", RBAC), _object("ServiceAccount", "app")]
    expected = {("FLT-REF-011", "RoleBinding shop/b")} if missing else set()
    assert found([*held, _binding(role, subject)]) == expected


@pytest.mark.parametrize(
    ("role", "subject"),
    [
        ({"kind": "Role", "name": "reader"}, {"name": "app", "namespace": "shop"}),
        ({"kind": "ClusterRole", "name": "view"}, {"name": "app"}),
    ],
)
def test_a_cluster_role_binding_has_no_namespace_to_lend(found: Any, role: Any, subject: Any) -> None:
    binding = _binding(role, subject, "ClusterRoleBinding")
    assert found([binding]) == {("FLT-REF-011", "ClusterRoleBinding shop/b")}


def test_classes_are_missed_in_a_closed_world_only(stack: Any, put: Any, found: Any) -> None:
    claim = _object("PersistentVolumeClaim", "data", spec={"storageClassName": "fast"})
    assert found([claim]) == set()
    assert found([claim], world=World.CLOSED) == {("FLT-REF-021", "PersistentVolumeClaim shop/data")}
    held = {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": "fast"}}
    assert found([claim, held], world=World.CLOSED) == set()
    urgent = put(stack, DEPLOYMENT, f"{SPEC}/priorityClassName", "system-cluster-critical")
    assert not found(urgent, world=World.CLOSED) & {("FLT-REF-021", "Deployment shop/checkout")}


def test_webhooks_api_services_and_tokens_name_what_is_there(stack: Any, found: Any) -> None:
    def hook(name: str) -> dict[str, Any]:
        service = {"name": name, "namespace": "shop"}
        webhooks = [{"name": "a.b.c", "clientConfig": {"service": service}}]
        api = "admissionregistration.k8s.io/v1"
        return _object("ValidatingWebhookConfiguration", "hook", api) | {"webhooks": webhooks}

    assert found([*stack, hook("checkout")]) == set()
    assert {code for code, _ in found([*stack, hook("chekout")])} == {"FLT-REF-002"}
    api = _object(
        "APIService", "v1.x", "apiregistration.k8s.io/v1", spec={"service": {"name": "chekout", "namespace": "shop"}}
    )
    assert {code for code, _ in found([*stack, api])} == {"FLT-REF-002"}


@pytest.mark.parametrize("address", ["http://checkout/auth", "http://checkout.shop.svc", "https://sso.example/auth"])
def test_a_forward_auth_asks_a_service_that_is_there(stack: Any, found: Any, address: str) -> None:
    def asking(text: str) -> dict[str, Any]:
        spec = {"forwardAuth": {"address": text}}
        return _object("Middleware", "auth", "traefik.io/v1alpha1", spec=spec)

    assert found([*stack, asking(address)]) == set()
    assert {code for code, _ in found([*stack, asking("http://chekout.shop.svc:81/auth")])} == {"FLT-REF-002"}
