"""Tokens that can be told by their shape alone, wherever they stand.

Prefixes as their makers document them; github.com/gitleaks/gitleaks keeps the longest public list. Lengths are the
least that anybody would use, not the exact ones, since makers change them. Publishable keys are meant to be seen.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from policies.credentials.remembered import remembered

BROWSER_KEY: Final = "a Google API key"
"""The one kind that a browser may have too, if the name says so; Google narrows it by site."""
TEST: Final = "test"
LIVE: Final = "live"

_START = r"(?<![A-Za-z0-9_.+/-])"
_PEM_BODY = r"(?:\\[rn]|\s|[A-Za-z-]{1,30}: [^\n\\]{0,200}(?:\\n|\n)){0,20}[A-Za-z0-9+/=]{16,}"
"""Headers, if any, and enough base64: source code that only looks for such a key has none."""
_BODY = r"[A-Za-z0-9]"
_URLSAFE = r"[A-Za-z0-9_-]"


@dataclass(frozen=True, slots=True)
class Shape:
    """A token in a text: what it is, for which mode it was made (``test``, ``live`` or empty), and where it stands."""

    noun: str
    mode: str
    value: str = field(repr=False)
    start: int


# Noun and pattern. The pattern starts with a literal: searching for all of them at once is then one pass.
_PAYMENT: Final = (
    ("a Stripe-like secret key", rf"(?:sk|rk)_(?:org_)?(?:live|test)_{_BODY}{{8,}}"),
    ("a webhook signing secret", r"whsec_[A-Za-z0-9+/=_-]{12,}"),
    ("a Flutterwave secret key", rf"FLWSECK(?:_TEST)?-{_BODY}{{12,}}(?:-X)?"),
    ("a Shippo token", r"shippo_(?:live|test)_[a-f0-9]{20,}"),
    ("a Square access token", r"(?:sq0atp-|sq0csp-|sandbox-sq0csp-)[A-Za-z0-9_-]{20,}"),
    ("a Braintree access token", r"access_token\$(?:production|sandbox)\$[a-z0-9]{8,}\$[a-f0-9]{16,}"),
    ("a Shopify token", r"shp(?:at|ca|pa|ss)_[A-Fa-f0-9]{20,}"),
)
_CLOUD: Final = (
    ("an AWS access key", r"(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])"),
    (BROWSER_KEY, r"AIza[A-Za-z0-9_-]{30,}"),
    ("a Google OAuth secret", r"GOCSPX-[A-Za-z0-9_-]{20,}"),
    ("a Google access token", r"ya29\.[A-Za-z0-9_-]{20,}"),
    ("a DigitalOcean token", r"do[opr]_v1_[a-f0-9]{32,}"),
    ("a Cloudflare origin key", r"v1\.0-[a-f0-9]{24}-[a-f0-9]{100,}"),
    ("a Vault token", r"hv[sbr]\.[A-Za-z0-9_-]{20,}"),
    ("a Terraform token", rf"{_BODY}{{14}}\.atlasv1\.[A-Za-z0-9_-]{{40,}}"),
    ("a Pulumi token", r"pul-[a-f0-9]{40}"),
    ("a Databricks token", r"dapi[a-f0-9]{32}"),
    ("a Doppler token", r"dp\.(?:pt|st|ct|sa|scim|audit)\.[A-Za-z0-9_.-]{30,}"),
    ("a PlanetScale credential", r"pscale_(?:tkn|pw|oauth)_[A-Za-z0-9_.=-]{20,}"),
    ("a Supabase secret", r"(?:sbp_[a-f0-9]{40}|sb_secret_[A-Za-z0-9_-]{20,})"),
    ("a Fly token", r"(?:fo1_|fm[12]_)[A-Za-z0-9+/=_-]{40,}"),
)
_CODE: Final = (
    ("a GitHub token", rf"(?:gh[pousr]_{_BODY}{{20,}}|github_pat_[A-Za-z0-9_]{{20,}})"),
    (
        "a GitLab token",
        rf"(?:gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|oas|soat|ffct)-{_URLSAFE}{{18,}}|GR1348941{_URLSAFE}{{18,}})",
    ),
    ("an npm token", rf"npm_{_BODY}{{30,}}"),
    ("a PyPI token", rf"pypi-{_URLSAFE}{{40,}}"),
    ("a RubyGems token", r"rubygems_[a-f0-9]{40,}"),
    ("a Docker Hub token", r"dckr_(?:pat|oat)_[A-Za-z0-9_-]{20,}"),
    ("an Atlassian token", r"ATATT3[A-Za-z0-9_=-]{40,}"),
    ("a Sentry token", r"sntry[su]_[A-Za-z0-9+/=_-]{40,}"),
    ("a Grafana token", r"gl(?:sa|c)_[A-Za-z0-9+/=_]{30,}"),
    ("a New Relic key", r"NRAK-[A-Z0-9]{20,}"),
    ("a Dynatrace token", r"dt0[a-z]\d\d\.[A-Z0-9]{20,}\.[A-Z0-9]{40,}"),
    ("a Linear key", rf"lin_api_{_BODY}{{30,}}"),
    ("a Postman key", r"PMAK-[a-f0-9]{20,}-[a-f0-9]{30,}"),
)
_MESSAGE: Final = (
    ("a Slack token", r"(?:xox[abceoprs]-[A-Za-z0-9-]{10,}|xapp-\d-[A-Za-z0-9-]{10,})"),
    ("a SendGrid key", r"SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}"),
    ("a Twilio key", r"SK[0-9a-f]{32}(?![0-9A-Za-z])"),
    ("a Mailgun key", r"key-[0-9a-f]{32}(?![0-9A-Za-z])"),
    ("a Mailchimp key", r"[0-9a-f]{32}-us\d{1,2}(?!\d)"),
    ("a Telegram bot token", r"\d{8,10}:AA[A-Za-z0-9_-]{32,34}(?![A-Za-z0-9_-])"),
    ("an OpenAI key", r"(?:sk-(?:proj|svcacct|admin|None)-[A-Za-z0-9_-]{20,}|sk-[A-Za-z0-9]{20,})"),
    ("an Anthropic key", r"sk-ant-[A-Za-z0-9_-]{20,}"),
    ("a Hugging Face token", r"(?:hf|api_org)_[A-Za-z]{30,}"),
    ("a Resend key", rf"re_{_BODY}{{8,}}_{_BODY}{{20,}}"),
    ("a Notion token", rf"ntn_{_BODY}{{40,}}"),
)
_WHEREVER: Final = (
    ("a Slack webhook URL", r"hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9_+/]{16,}"),
    ("a Discord webhook URL", r"discord(?:app)?\.com/api/webhooks/\d{16,}/[A-Za-z0-9_-]{20,}"),
    ("a Teams webhook URL", r"webhook\.office\.com/webhookb2/[A-Za-z0-9@-]{36,}/IncomingWebhook/[A-Za-z0-9]{20,}"),
    ("an Azure storage key", r"(?:AccountKey|SharedAccessKey)=[A-Za-z0-9+/=]{16,}"),
    ("an Azure SAS signature", r"[?&;]sig=[A-Za-z0-9%+/=_-]{20,}"),
    ("a JSON Web Token", rf"(?<![A-Za-z0-9_-])eyJ{_URLSAFE}{{8,}}\.eyJ{_URLSAFE}{{8,}}\.{_URLSAFE}{{8,}}"),
    ("an age secret key", r"AGE-SECRET-KEY-1[0-9A-Z]{50,}"),
    ("a private key", rf"-----BEGIN (?:[A-Z0-9]{{1,20}} ){{0,4}}PRIVATE KEY(?: BLOCK)?-----{_PEM_BODY}"),
    ("a private key", r"PuTTY-User-Key-File-\d: "),
    ("a private key", r"LS0tLS1CRUdJTi[A-Za-z0-9+/=]{40,}"),
)
_PREFIXED: Final = (*_PAYMENT, *_CLOUD, *_CODE, *_MESSAGE)
_EACH: Final = (
    *((noun, re.compile(_START + pattern)) for noun, pattern in _PREFIXED),
    *((noun, re.compile(pattern)) for noun, pattern in _WHEREVER),
)
_ANY: Final = re.compile(
    "|".join([rf"{_START}(?:{'|'.join(pattern for _, pattern in _PREFIXED)})", *(pattern for _, pattern in _WHEREVER)])
)
_SHORTEST: Final = 16

# Test keys that their makers print for everyone to use, and that let everything pass.
_PUBLISHABLE: Final = re.compile(rf"{_START}pk_(live|test)_[A-Za-z0-9$=_-]{{8,}}")
_MODES: Final = (
    (re.compile(r"(?:sk|rk)_(?:org_)?test_|FLWSECK_TEST|shippo_test_|sandbox-sq0csp-|access_token\$sandbox"), TEST),
    (re.compile(r"(?:sk|rk)_(?:org_)?live_|FLWSECK-|shippo_live_|access_token\$production"), LIVE),
)
_FILLER: Final = re.compile(
    r"(?i)replace[-_]?me|replace[-_]?(?:this|with)|your[-_]|[-_]here\b|placeholder|change[-_]me|insert[-_]|redacted|"
    r"x{6,}|\*{3,}|\.{3,}|(?:sk|rk)_(?:live|test)_([a-z0-9])\1*$"
)


@remembered
def shapes(text: str) -> Iterator[Shape]:
    """Give the tokens in ``text`` that are no placeholders, in the order in which they stand."""
    if len(text) < _SHORTEST or not _ANY.search(text):
        return
    for match in _ANY.finditer(text):
        value = match[0]
        noun = next(noun for noun, pattern in _EACH if pattern.match(text, match.start()))
        if not _is_harmless(noun, value):
            mode = next((mode for pattern, mode in _MODES if pattern.search(value)), "")
            yield Shape(noun, mode, value, match.start())


def publishable(text: str) -> Iterator[Shape]:
    """Give the publishable keys in ``text``: no secrets, but made for one mode."""
    for match in _PUBLISHABLE.finditer(text) if "pk_" in text else ():
        if not _FILLER.search(match[0]):
            yield Shape("a publishable key", match[1], match[0], match.start())


def decoded(text: str) -> str | None:
    """Give the text behind base64, standard or for URLs, whole or without its padding; None when there is none."""
    compact = "".join(text.split())
    if len(compact) % 4 == 1 or not re.fullmatch(r"[A-Za-z0-9+/_-]+={0,2}", compact):
        return None
    try:
        return base64.b64decode(
            compact + "=" * (-len(compact) % 4), altchars=b"-_" if "-" in compact or "_" in compact else None
        ).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None


def _is_harmless(noun: str, value: str) -> bool:
    if noun == "an AWS access key":
        return _FILLER.search(value) is not None
    if value.startswith("LS0tLS1CRUdJTi"):
        return "PRIVATE KEY" not in (decoded(value[: len(value) // 4 * 4]) or "")
    if noun == "a JSON Web Token":
        # Supabase's anonymous key is a JWT that is published; its role says so.
        return '"role":"anon"' in (decoded(value.split(".")[1]) or "").replace(" ", "")
    return noun != "a private key" and _FILLER.search(value) is not None
