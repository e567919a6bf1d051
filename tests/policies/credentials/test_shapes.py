"""Tokens are told by their shape, and what only looks like one is not.

Tokens are put together at run time, so that no scanner takes this file for a leak.
"""

from __future__ import annotations

import base64
import json

import pytest

from policies.credentials.shapes import decoded, publishable, shapes

BODY = "aB3dE5gH7jK9lM1nP3qR5tU7wX9zA1bC3dE5gH7jK9"
HEX = "0123456789abcdef" * 4
PEM = "-----BEGIN {}-----\nMIIEowIBAAKCAQEAabcdefghijklmnopqrstuvwxyz\n-----END {}-----\n"


def _jwt(**claims: str) -> str:
    parts = [json.dumps({"alg": "HS256"}), json.dumps(claims | {"iss": "shop.example"}), "signature"]
    return ".".join(base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in parts)


@pytest.mark.parametrize(
    "token",
    [
        "sk_" + "live_" + BODY[:24],
        "rk_" + "test_" + BODY[:24],
        "whsec_" + BODY[:32],
        "AKIA" + "Q3EGRI5WZ7LM2XKT",
        "ghp_" + BODY[:36],
        "github_" + "pat_" + BODY[:30],
        "glpat-" + BODY[:20],
        "xoxb-" + "123456789012-" + BODY[:24],
        "https://hooks.slack" + ".com/services/T0AB1CD2E/B0AB1CD2E/" + BODY[:24],
        "https://discord" + ".com/api/webhooks/123456789012345678/" + BODY,
        "AIza" + BODY[:35],
        "npm_" + BODY[:36],
        "pypi-" + BODY + BODY,
        "SG." + BODY[:22] + "." + BODY[:40],
        "SK" + HEX[:32],
        "dop_v1_" + HEX,
        "sk-" + BODY,
        "sk-ant-" + "api03-" + BODY,
        "123456789:AA" + BODY[:33],
        "AccountKey=" + BODY + "==",
        "https://a.blob.core.windows.net/x?sv=2022&sig=" + BODY,
        "hvs." + BODY,
        "AGE-SECRET-" + "KEY-1" + "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L" * 2,
        PEM.format("RSA PRIVATE KEY", "RSA PRIVATE KEY"),
        PEM.format("OPENSSH PRIVATE KEY", "OPENSSH PRIVATE KEY"),
        PEM.format("PRIVATE KEY", "PRIVATE KEY").replace("\n", "\\n"),
        base64.b64encode(PEM.format("EC PRIVATE KEY", "EC PRIVATE KEY").encode()).decode(),
        _jwt(sub="a"),
    ],
)
def test_a_token_is_found_alone_and_inside_text(token: str) -> None:
    assert len(list(shapes(token))) == 1
    assert len(list(shapes(f'key = "{token}"; next'))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "pk_live_" + BODY[:24],
        "sk_" + "live_xxxxxxxxxxxxxxxx",
        "sk_" + "live_REPLACE_ME",
        "sk_" + "live_your-key-here",
        "ghp_" + "x" * 36,
        PEM.format("PUBLIC KEY", "PUBLIC KEY"),
        PEM.format("CERTIFICATE", "CERTIFICATE"),
        base64.b64encode(PEM.format("CERTIFICATE", "CERTIFICATE").encode()).decode(),
        "text.replace('-----BEGIN PRIVATE KEY-----', '')",
        "sha384-oqVuAfXRKap7fdgcCY5uykM6+R9GqQ8K/uxy9rx7HNQlGYl1kPzQho1wx4JwY8wC",
        "registry.example/app@sha256:" + HEX,
        "12345678-1234-1234-1234-123456789abc",
        "task-force-of-the-checkout-team-of-2024",
        "npm_config_registry_url_of_the_whole_company",
        _jwt(role="anon"),
    ],
)
def test_publishable_public_and_made_up_ones_are_no_tokens(text: str) -> None:
    assert list(shapes(text)) == []


def test_a_payment_key_says_for_which_mode_it_was_made() -> None:
    assert [one.mode for one in shapes("rk_" + "live_" + BODY)] == ["live"]
    assert [one.mode for one in shapes("sk_" + "test_" + BODY)] == ["test"]
    assert [one.mode for one in shapes("ghp_" + BODY)] == [""]
    assert [one.mode for one in publishable("pk_" + "test_" + BODY)] == ["test"]


def test_base64_is_read_with_and_without_padding_and_only_if_text_stands_behind_it() -> None:
    assert decoded("aHVudGVyMg==") == "hunter2"
    assert decoded("aHVudGVyMg") == "hunter2"
    assert decoded("//79") is None
    assert decoded("not base64!") is None
