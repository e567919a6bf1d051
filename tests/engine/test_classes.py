"""The real engine and the real pack stop each class of mistake before anything is made.

The program is the repository's own; a transform of the stack spoils one thing in what it registers, as a careless
change of the program would. What Pulumi alone says of it is in ``test_policies``: nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ops.stackfile import PROJECT as CHECKOUT

if TYPE_CHECKING:
    from tests.engine.conftest import Room

PROGRAM = """
import runpy, sys
import pulumi

def spoil(args):
    type_, props, opts = args.type_.rpartition(":")[2], args.props, args.opts
    meta = props.get("metadata") or {{}}
    name = meta.get("name") if isinstance(meta, dict) else getattr(meta, "name", None)
    name = name or props.get("name")
    def pod():
        return props["spec"]["template"]["spec"]
    {body}
    return pulumi.ResourceTransformResult(props, opts)

pulumi.runtime.register_stack_transform(spoil)
sys.path.insert(0, {checkout!r})
runpy.run_path({checkout!r} + "/__main__.py", run_name="__main__")
"""
EDGE = {"accountId": "0123456789abcdef0123456789abcdef", "location": "weur"}

CLASSES = {
    "ports": ("PORT", "checkout", 'if type_ == "Service": props["spec"]["ports"][0]["targetPort"] = 9999'),
    "images": (
        "IMAGE",
        "checkout",
        'if type_ == "Deployment": pod()["containers"][0]["image"] = "shop/checkout:latest"',
    ),
    "hosts": (
        "HOST",
        "storefront-brutal",
        'if type_ == "IngressRoute": props["spec"]["routes"][0]["match"] = "Host(`hero.clearwatch.localhost`)"',
    ),
    "apis": (
        "API",
        "storefront-brutal",
        'if type_ == "IngressRoute": props["apiVersion"] = "traefik.containo.us/v1alpha1"',
    ),
    "fields": ("FIELD", "storefront-brutal", 'if type_ == "IngressRoute": props["spec"]["routs"] = []'),
    "references": (
        "REF",
        "storefront-brutal",
        'if type_ == "IngressRoute": props["spec"]["routes"][0]["middlewares"] = [{"name": "security-header"}]',
    ),
    "secrets": (
        "SECRET",
        "checkout",
        'if type_ == "Deployment": pod()["containers"][0]["env"].append({"name": "API_TOKEN", "value": "hunter2"})',
    ),
    "resilience": (
        "RESOURCE",
        "checkout",
        'if type_ == "Deployment": pod()["containers"][0]["resources"]["limits"] = {"memory": "1Mi"}',
    ),
    "security": (
        "SECURITY",
        "checkout",
        'if type_ == "Deployment": pod()["containers"][0]["securityContext"]["privileged"] = True',
    ),
    "cors": (
        "CORS",
        "checkout-cors",
        'if type_ == "Middleware": props["spec"]["headers"]["accessControlAllowOriginList"] = ["*"]',
    ),
    "canary": (
        "CANARY",
        "checkout",
        'if type_ == "TraefikService": props["spec"]["weighted"]["services"][0]["weight"] = 5',
    ),
    "edge": (
        "STORAGE",
        None,
        'if type_ == "D1Database": opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(protect=False))',
    ),
}
"""Each class: the family of the rule that must stop it, whose object is spoilt (None: any), and how."""


def _production(fleet: dict[str, Any]) -> None:
    fleet.update(purpose="production", edge=EDGE)
    del fleet["checkout"]["stripeApi"]


@pytest.mark.parametrize("name", CLASSES)
def test_the_pack_refuses_each_class_of_mistake_under_the_real_engine(room: Room, tmp_path: Path, name: str) -> None:
    family, subject, body = CLASSES[name]
    if subject is not None:
        body = f"if name == {subject!r}:\n        {body}"
    (tmp_path / "__main__.py").write_text(PROGRAM.format(checkout=str(CHECKOUT), body=body))
    spoilt = room.shop(f"class-{name}", _production if subject is None else lambda _: None, program=tmp_path)
    if subject is None:
        live = f"sk_live_{'x' * 40}"
        for key in ("stripeSecretKey", "stripeWebhookSecret"):
            assert spoilt.pulumi("config", "set", "--secret", f"flotilla:{key}", live).returncode == 0
    outcome = spoilt.preview()
    families = {word.split("-")[1] for line in outcome.refusals for word in line.split() if word.startswith("FLT-")}
    assert family in families, outcome.refusals
    assert not any("can't run policy" in line for line in outcome.refusals)
