"""CORS lets in named origins, spelled as browsers spell them, wherever an object can say so."""

from __future__ import annotations

from typing import Any

import pytest

from policies.judge import judge
from policies.purpose import Purpose
from policies.values import UNKNOWN

WILD, PATTERN, SPELLING, PRODUCTION, DOUBT = (f"FLT-CORS-00{number}" for number in range(1, 6))
NGINX = "nginx.ingress.kubernetes.io/"
SHOP = "https://shop.example"


def _middleware(name: str = "checkout-cors", **headers: Any) -> dict[str, Any]:
    metadata = {"name": name, "namespace": "shop"}
    return {
        "apiVersion": "traefik.io/v1alpha1",
        "kind": "Middleware",
        "metadata": metadata,
        "spec": {"headers": headers},
    }


def _traefik(*origins: Any, **headers: Any) -> dict[str, Any]:
    return _middleware(accessControlAllowOriginList=list(origins), **headers)


def _regex(pattern: Any) -> dict[str, Any]:
    return _middleware(accessControlAllowOriginListRegex=[pattern])


def _sent(value: Any) -> dict[str, Any]:
    return _middleware(customResponseHeaders={"Access-Control-Allow-Origin": value})


def _ingress(**notes: Any) -> dict[str, Any]:
    annotations = {f"{NGINX}{key.replace('_', '-')}": value for key, value in notes.items()}
    metadata = {"name": "x", "annotations": annotations}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": metadata, "spec": {"rules": []}}


def _nginx(origins: Any, **notes: Any) -> dict[str, Any]:
    return _ingress(enable_cors="true", cors_allow_origin=origins, **notes)


def _route(*filters: Any, backend: bool = False) -> dict[str, Any]:
    rule = {"backendRefs": [{"name": "a", "filters": list(filters)}]} if backend else {"filters": list(filters)}
    spec = {"rules": [rule]}
    return {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute", "metadata": {"name": "x"}, "spec": spec}


def _gateway(*origins: Any, **cors: Any) -> dict[str, Any]:
    return _route({"type": "CORS", "cors": {"allowOrigins": list(origins)} | cors})


def _env(name: str, value: Any) -> dict[str, Any]:
    spec = {"containers": [{"name": "c", "image": "shop:1.4.2", "env": [{"name": name, "value": value}]}]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x", "namespace": "shop"}, "spec": spec}


def _args(*args: str) -> dict[str, Any]:
    spec = {"containers": [{"name": "c", "image": "shop:1.4.2", "args": list(args)}]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "spec": spec}


def _config(kind: str = "ConfigMap", **data: Any) -> dict[str, Any]:
    written = {key.replace("__", "."): value for key, value in data.items()}
    field = "data" if kind == "ConfigMap" else "stringData"
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": "x", "namespace": "shop"}, field: written}


def _cloudflare(kind: str, **inputs: Any) -> dict[str, Any]:
    return {"type": f"cloudflare:index/{kind[0].lower()}{kind[1:]}:{kind}", "name": "x", "inputs": inputs}


def _worker(name: str, value: Any, *more: Any) -> dict[str, Any]:
    binding = {"type": "plain_text", "name": name, "text": value}
    return _cloudflare("WorkersScript", scriptName="edge", bindings=[binding, *more])


def _bucket(*origins: Any, methods: Any = ("GET",)) -> dict[str, Any]:
    return _cloudflare("R2BucketCors", rules=[{"allowed": {"origins": list(origins), "methods": list(methods)}}])


def _codes(found: Any, *items: Any, **settings: Any) -> set[str]:
    return {code for code, _ in found(items, **settings)}


@pytest.mark.parametrize(
    "item",
    [
        _traefik("*"),
        _traefik(SHOP, "*"),
        _traefik("*", accessControlAllowCredentials=True),
        _traefik("*", accessControlAllowMethods=["GET"]),
        _traefik("null"),
        _traefik("https://*"),
        _traefik("https://*.pages.dev"),
        _middleware(accessControlAllowOriginList="*"),
        _sent("*"),
        _middleware(customResponseHeaders={"access-control-allow-origin": "*"}),
        _nginx("*"),
        _nginx(f"{SHOP}, *"),
        _nginx(""),
        _ingress(enable_cors="true"),
        _ingress(enable_cors=True, cors_allow_methods="GET, POST"),
        _ingress(configuration_snippet='more_set_headers "Access-Control-Allow-Origin: *";'),
        _gateway("*"),
        _gateway(SHOP, "*", allowCredentials=True),
        _route({"type": "CORS", "cors": {"allowOrigins": ["*"]}}, backend=True),
        _route({"responseHeaderModifier": {"set": [{"name": "Access-Control-Allow-Origin", "value": "*"}]}}),
        _route({"responseHeaderModifier": {"add": [{"name": "access-control-allow-origin", "value": "null"}]}}),
        _bucket("*", methods=("GET", "PUT")),
        _bucket("*", methods=()),
        _cloudflare("ZeroTrustAccessApplication", corsHeaders={"allowAllOrigins": True}),
        _cloudflare("ZeroTrustAccessApplication", corsHeaders={"allowedOrigins": ["*"]}),
        _cloudflare(
            "Ruleset",
            rules=[
                {"actionParameters": {"headers": {"Access-Control-Allow-Origin": {"operation": "set", "value": "*"}}}}
            ],
        ),
        _cloudflare("WorkersScript", content="headers.set('Access-Control-Allow-Origin', '*')"),
        _cloudflare("WorkersScript", content='const cors = {"Access-Control-Allow-Origin": "*"};'),
        _config(default__conf="location /api {\n  add_header Access-Control-Allow-Origin * always;\n}\n"),
        _config(default__conf='add_header "Access-Control-Allow-Origin" "*";\n'),
        _config(default__conf="add_header Access-Control-Allow-Origin $http_origin always;\n"),
        _config(server__py='self.send_header("Access-Control-Allow-Origin", "*")\n'),
    ],
)
def test_an_object_that_lets_every_site_in_is_found(found: Any, item: Any) -> None:
    assert WILD in _codes(found, item)
    assert _codes(found, item) <= {WILD, DOUBT}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CORS_ORIGIN", "*"),
        ("CORS_ORIGINS", f"{SHOP},*"),
        ("ALLOWED_ORIGINS", "*"),
        ("ALLOWED_ORIGINS", '["*"]'),
        ("ALLOW_ORIGIN", "*"),
        ("CORS", "*"),
        ("CORS_ALLOW_ALL_ORIGINS", "True"),
        ("CORS_ORIGIN_ALLOW_ALL", "1"),
        ("HASURA_GRAPHQL_CORS_DOMAIN", "*"),
        ("MINIO_API_CORS_ALLOW_ORIGIN", "*"),
        ("OLLAMA_ORIGINS", "*"),
        ("ACCESS_CONTROL_ALLOW_ORIGIN", "*"),
        ("corsAllowedOrigins", "*"),
        ("cors-allow-origin", "*"),
        ("ALLOWED_ORIGINS", "https://*"),
        ("ALLOWED_ORIGINS", "https://*.vercel.app"),
        ("ALLOWED_ORIGINS", "null"),
    ],
)
def test_a_setting_that_lets_every_site_in_is_found_wherever_it_is_told(found: Any, name: str, value: Any) -> None:
    for item in (_env(name, value), _config(**{name: value}), _worker(name, value), _args(f"--{name}={value}")):
        assert _codes(found, item) == {WILD}, item


@pytest.mark.parametrize(
    "item",
    [
        _args("--cors-allow-origin", "*", "--port", "3000"),
        _args("serve --cors-origins=* --port 3000"),
        _config(application__properties="cors.allowed-origins=*\n"),
        _config(application__yaml="cors:\n  allowed-origins:\n    - https://shop.example\n    - '*'\n"),
        _config(application__yml="web:\n  cors:\n    allow: ['*']\n"),
        _config(shop__json='{\n  "cors": {\n    "origins": [\n      "*"\n    ]\n  }\n}\n'),
        _config(shop__toml='[http]\nallowed_origins = [\n  "*",\n]\n'),
        _config(shop__env="export CORS_ORIGINS='*'\n"),
        _config("Secret", CORS_ORIGINS="*"),
        _env("SETTINGS", '{"cors": {"origin": "*"}}'),
        _cloudflare("WorkerVersion", bindings=[{"type": "json", "name": "ALLOWED_ORIGINS", "json": '["*"]'}]),
        _cloudflare("WorkerScript", plainTextBindings=[{"name": "CORS_ORIGIN", "text": "*"}]),
        _cloudflare(
            "PagesProject",
            deploymentConfigs={"production": {"envVars": {"CORS_ORIGIN": {"type": "plain_text", "value": "*"}}}},
        ),
    ],
)
def test_every_way_of_telling_counts(found: Any, item: Any) -> None:
    assert _codes(found, item) == {WILD}


@pytest.mark.parametrize(
    "item",
    [
        _traefik(SHOP, "https://brutal.shop.example:8443"),
        _traefik(UNKNOWN, SHOP),
        _middleware(accessControlAllowHeaders=["*"], accessControlAllowOriginList=[SHOP]),
        _middleware(accessControlExposeHeaders=["*"]),
        _middleware(customResponseHeaders={"X-Robots-Tag": "*", "Access-Control-Allow-Origin": SHOP}),
        _sent(""),
        _nginx("https://*.shop.example, https://shop.example"),
        _ingress(cors_allow_origin="*"),
        _ingress(enable_cors="false", cors_allow_origin="*"),
        _ingress(configuration_snippet='# more_set_headers "Access-Control-Allow-Origin: *";'),
        _gateway(SHOP, "https://*.shop.example"),
        _route({"requestHeaderModifier": {"set": [{"name": "Access-Control-Allow-Origin", "value": "*"}]}}),
        _bucket(SHOP, methods=("GET", "PUT")),
        _env("CORS_ALLOW_HEADERS", "*"),
        _env("CORS_ALLOWED_METHODS", "*"),
        _env("CORS_ENABLED", "true"),
        _env("CORS_ALLOW_CREDENTIALS", "true"),
        _env("CORS_ALLOW_ALL_ORIGINS", "False"),
        _env("CORS_MAX_AGE", "600"),
        _env("ALLOWED_HOSTS", "*"),
        _env("CORS_PATHS", "/*"),
        _env("ORIGINAL_PATH", "*"),
        _env("ALLOWED_ORIGINS", f"{SHOP}\nhttps://brutal.shop.example"),
        _env("ALLOWED_ORIGINS", "$(ORIGINS_FROM_ELSEWHERE)"),
        _env("ALLOWED_ORIGINS", ""),
        _env("API_ORIGIN", "http://checkout.shop.svc:3000"),
        _env("CORS_ALLOWED_ORIGINS", "capacitor://localhost,https://shop.example"),
        _config(default__conf="# add_header Access-Control-Allow-Origin *;\n"),
        _config(
            default__conf="map $http_origin $o {\n  https://shop.example $http_origin;\n}\n"
            "add_header Access-Control-Allow-Origin $http_origin;\n"
        ),
        _config(default__conf="add_header Access-Control-Allow-Origin $cors_origin;\n"),
        _config(default__conf="add_header Access-Control-Allow-Headers *;\n"),
        _worker("ENVIRONMENT", "production", {"type": "secret_text", "name": "CORS_ORIGIN", "text": "*"}),
    ],
)
def test_named_origins_and_other_stars_are_fine(found: Any, item: Any) -> None:
    assert _codes(found, item) == set()


@pytest.mark.parametrize(
    "pattern",
    [
        ".*",
        "",
        "^.+$",
        "^https://.*$",
        "https?://.*",
        "https://.*.shop.example",
        "https://shop.example",
        r"https://shop\.example",
        r"^https://shop\.example",
        r"^https://shop\.example(:\d+)?",
        r"shop\.example$",
        r"^https://.*shop\.example$",
        r"^https://shop\.example|https://app\.example$",
        r"^https://(www|api).shop.example$",
        r"^https://.*\.pages\.dev$",
        r"^https://.*\.com$",
        r"^https://[\w.-]+$",
        r"^(null|https://shop\.example)$",
        r"(?i)shop\.example",
        "https://*.shop.example",
        "*",
        "^https://(shop",
        r"^https://(?!evil).*\.shop\.example$",
    ],
)
def test_a_pattern_that_lets_strangers_in_or_breaks_is_found(found: Any, pattern: str) -> None:
    assert _codes(found, _regex(pattern)) == {PATTERN}


@pytest.mark.parametrize(
    "pattern",
    [
        r"^https://.*\.shop\.example$",
        r"^https://([a-z0-9-]+\.)?shop\.example$",
        r"^https://(brutal|hero)\.clearwatch\.example(:\d+)?$",
        r"\Ahttps://(?:[^.]+\.)+shop[.]example\z",
        r"(?i)^https://shop\.example$",
        r"^https://pr-\d+\.preview\.shop\.example$",
        r"^https://[a-z0-9]+\.my-shop\.pages\.dev$",
        r"^https://shop-[a-z0-9]{1,12}-team\.vercel\.app$",
        r"^http://localhost(:[0-9]+)?$",
        r"^https://\p{Latin}+\.shop\.example$",
        r"^https://([a-z]+\.)*shop\.co\.uk$",
    ],
)
def test_a_pattern_of_ones_own_sites_is_fine(found: Any, pattern: str) -> None:
    assert _codes(found, _regex(pattern)) == set()


def test_a_pattern_that_lets_the_unencrypted_site_in_too_is_advice(found: Any) -> None:
    assert _codes(found, _regex(r"^https?://shop\.example$")) == {DOUBT}


def test_patterns_in_settings_are_read_as_whole_ones(found: Any) -> None:
    assert _codes(found, _env("CORS_ALLOWED_ORIGIN_REGEXES", r"^https://.*shop\.example$")) == {PATTERN}
    assert _codes(found, _args("--web.cors.origin=.*")) == {PATTERN}
    assert _codes(found, _args(r"--web.cors.origin=https?://(shop|app)\.example")) == set()
    assert _codes(found, _env("ALLOWED_ORIGIN_PATTERNS", "https://shop.example")) == set()


def test_an_annotation_without_a_scheme_matches_only_the_end(found: Any) -> None:
    assert _codes(found, _nginx("shop.example")) == {PATTERN}


@pytest.mark.parametrize(
    "item",
    [
        _traefik("https://shop.example/"),
        _traefik("https://shop.example/cart"),
        _traefik("shop.example"),
        _traefik("https://*.shop.example"),
        _traefik("https://Shop.example"),
        _traefik("https://shop.example:443"),
        _traefik(""),
        _sent("https://a.shop.example, https://b.shop.example"),
        _sent("https://shop.example/"),
        _nginx("https://shop.example/"),
        _gateway("https://shop.example/cart"),
        _bucket("https://shop.example/"),
    ],
)
def test_what_no_browser_sends_is_found(found: Any, item: Any) -> None:
    assert _codes(found, item) == {SPELLING}


def test_an_application_may_read_its_own_setting_otherwise(found: Any) -> None:
    for value in ("https://shop.example/", "shop.example", "https://shop.example:443"):
        assert _codes(found, _env("ALLOWED_ORIGINS", value)) == {DOUBT}
    assert _codes(found, _env("APP_ORIGIN", "https://shop.example/")) == set()


@pytest.mark.parametrize(
    "origin", ["http://localhost:3000", "http://shop.example", "https://127.0.0.1:8443", "https://shop.local"]
)
def test_production_lets_in_no_developers_machine(found: Any, origin: str) -> None:
    for item in (_traefik(origin), _nginx(origin), _gateway(origin), _env("CORS_ORIGINS", f"{SHOP},{origin}")):
        assert _codes(found, item, purpose=Purpose.PRODUCTION) == {PRODUCTION}
        assert _codes(found, item, purpose=Purpose.TEST) == set()
        assert _codes(found, item) == set()


def test_a_worker_says_itself_what_it_is_for(found: Any) -> None:
    stage = {"type": "plain_text", "name": "ENVIRONMENT", "text": "production"}
    assert _codes(found, _worker("ALLOWED_ORIGINS", "http://localhost:8787", stage)) == {PRODUCTION}
    assert _codes(found, _worker("ALLOWED_ORIGINS", "http://localhost:8787", stage | {"text": "staging"})) == set()
    assert _codes(found, _worker("ALLOWED_ORIGINS", SHOP, stage)) == set()


def test_a_star_in_a_setting_is_for_tests_only(found: Any) -> None:
    item = _worker("ALLOWED_ORIGINS", "https://*.shop.example")
    assert _codes(found, item) == _codes(found, item, purpose=Purpose.PRODUCTION) == {PRODUCTION}
    assert _codes(found, item, purpose=Purpose.TEST) == _codes(found, item, purpose=Purpose.DISPOSABLE) == set()


def test_where_an_application_sends_requests_to_is_no_cors(found: Any) -> None:
    for name in ("API_ORIGIN", "UPSTREAM_ORIGIN", "ORIGIN"):
        assert _codes(found, _env(name, "http://checkout.shop.svc:3000"), purpose=Purpose.PRODUCTION) == set()


def test_what_is_there_for_everybody_to_read_is_advice(found: Any) -> None:
    fonts = _middleware("fonts", accessControlAllowOriginList=["*"], accessControlAllowMethods=["GET", "HEAD"])
    conf = "location ~* \\.(woff2|ttf)$ {\n  add_header Access-Control-Allow-Origin *;\n}\n"
    read = _nginx("*", cors_allow_methods="GET", cors_allow_credentials="false")
    assert _codes(found, read) == {WILD}
    read["spec"]["rules"] = [{"host": "cdn.shop.example"}]
    for item in (fonts, _bucket("*", methods=("GET", "HEAD")), _config(default__conf=conf), read):
        assert _codes(found, item) == {DOUBT}
    fonts["spec"]["headers"]["accessControlAllowCredentials"] = True
    assert _codes(found, fonts) == {WILD}


def test_a_secrets_value_is_never_shown() -> None:
    item = _config("Secret", ALLOWED_ORIGINS="https://*.pages.dev", CORS_ORIGIN_REGEX="^https://hidden.shop.example")
    findings = [one for one in judge([item]) if one.rule.code.startswith("FLT-CORS")]
    assert len(findings) == 2
    assert not [one.message for one in findings if "pages.dev" in one.message or "hidden" in one.message]
