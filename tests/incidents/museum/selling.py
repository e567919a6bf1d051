"""Room 5: shops that answer 200, with a button, and can't sell."""

from __future__ import annotations

import base64
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from fleet import naming
from sandbox.images import recipes
from sandbox.kubectl import as_list
from tests.incidents.museum.incident import SHOP, Config, Expected, Incident
from tests.incidents.museum.manifests import Manifests, Object
from tests.incidents.status import ask, preflight
from tests.waiting import wait

if TYPE_CHECKING:
    from tests.incidents.fleet import Fleet

NAME = naming.storefront(SHOP)
BROKEN = "storefront:2.4.0"
MARKER = "flotilla:"
KEY = "stripe-secret-key"
LIVE_KEY = "sk_live_" + "51QmuseumOfIncidents0nobodysKey"
"""In two parts, so that nobody who searches for keys takes it for one."""


def broken_release(config: Config) -> None:
    """Plan a release for the shop alone, as any other is planned."""
    config["variants"] = [{"name": SHOP, "image": BROKEN}, *(one for one in config["variants"] if one != SHOP)]


def publish_and_apply(fleet: Fleet, manifests: Manifests) -> None:
    """Build the storefront with a script that looks for what its pages no longer say, and roll it out."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(shutil.copytree(recipes.WORKLOADS / naming.STOREFRONT, Path(folder) / naming.STOREFRONT))
        script = source / "assets" / "shop.js"
        text = script.read_text()
        assert MARKER in text
        script.write_text(text.replace(MARKER, "shop:"))
        fleet.publish({manifests.container(NAME)["image"]: recipes.service(source)})
    fleet.apply_objects(list(manifests.objects()))
    fleet.heard = [line for line in fleet.heard if f"/{NAME} " in line]
    fleet.rollout(NAME)
    fleet.await_release(SHOP)


def slash_in_origin(manifests: Manifests) -> None:
    """Write the shop's origin as one would an address."""
    origins = manifests["Middleware", naming.CHECKOUT_CORS]["spec"]["headers"]["accessControlAllowOriginList"]
    number = next(number for number, origin in enumerate(origins) if f"//{SHOP}." in origin)
    origins[number] += "/"


def until_not_allowed(fleet: Fleet, manifests: Manifests) -> None:
    fleet.apply(manifests)
    checkout = fleet.host(naming.CHECKOUT)
    wait(lambda: preflight(checkout, fleet.origin) != fleet.origin, "the shop's origin to be refused")


def other_selector(manifests: Manifests) -> None:
    manifests["Service", naming.CHECKOUT]["spec"]["selector"]["app.kubernetes.io/name"] = "check-out"


def until_unreachable(fleet: Fleet, manifests: Manifests) -> None:
    fleet.apply(manifests)
    checkout = fleet.host(naming.CHECKOUT)
    wait(lambda: ask("GET", checkout, "/health/live").status_code != 200, "the checkout to be out of reach")


def live_key(manifests: Manifests) -> None:
    """Put the key of the shop's other account into the Secret."""
    manifests["Secret", naming.STRIPE_SECRET]["stringData"] = {KEY: LIVE_KEY}


def until_refused(fleet: Fleet, manifests: Manifests) -> None:
    """Apply the key and restart the checkout, which reads it anew."""
    fleet.remembered = fleet.cluster.kubectl.live([manifests["Secret", naming.STRIPE_SECRET]])[0]["data"][KEY]
    fleet.apply(manifests)
    _restart(fleet)


def right_key(fleet: Fleet) -> None:
    """Put the right key back, where it was taken: a plan never holds one, so that applying it again brings none."""
    if not fleet.remembered:
        return
    meta = {"name": naming.STRIPE_SECRET, "namespace": fleet.spec.namespace}
    secret: Object = {"apiVersion": "v1", "kind": "Secret", "metadata": meta, "data": {KEY: fleet.remembered}}
    arguments = ("apply", "--server-side", "--force-conflicts", "--field-manager=by-hand")
    fleet.kubectl(*arguments, "-f", "-", stdin=as_list([secret]))
    assert base64.b64decode(fleet.remembered).startswith(b"sk_test_")
    _restart(fleet)


def _restart(fleet: Fleet) -> None:
    fleet.heard += fleet.kubectl("rollout", "restart", f"deployment/{naming.CHECKOUT}").splitlines()
    fleet.rollout(naming.CHECKOUT)


INCIDENTS = (
    Incident(
        room=5,
        name="script",
        title="A script that breaks",
        story=(
            "A release renames what its pages say in their meta tags, and forgets the script that reads them. Every "
            "page is served, and its button is in the page's source. Only a browser notices that nothing happens."
        ),
        lesson=(
            "No manifest shows it, so no rule can: this plan is clean, and is meant to be. What stops it is the gate: "
            "`flotilla verify` buys in a real browser, ends with 1, and the release is not done."
        ),
        release=broken_release,
        happens=publish_and_apply,
        buys=True,
        expected=Expected(
            check="purchase.script",
            cause="a script of the page is broken",
            resource=f"Deployment/{NAME}",
            rules=(),
        ),
    ),
    Incident(
        room=5,
        name="cors",
        title="An origin that is spelt wrong",
        story=(
            "The checkout allows `https://hero.museum.localhost/`. Browsers say it without the slash at the end, so "
            "that the shop's script never gets its answer. `curl` knows nothing of origins and sees nothing wrong."
        ),
        lesson="Origins come from the plan, exactly as browsers spell them.",
        change=slash_in_origin,
        happens=until_not_allowed,
        buys=True,
        expected=Expected(
            check="cors.allowed",
            cause="CORS: the checkout does not allow this shop's origin",
            resource=f"Middleware/{naming.CHECKOUT_CORS}",
            rules=("FLT-CORS-003",),
        ),
    ),
    Incident(
        room=5,
        name="unreachable",
        title="A checkout that nobody reaches",
        story=(
            "The Service of the checkout selects pods by a label that none has. The checkout runs and is ready; the "
            "shops are as pretty as ever."
        ),
        lesson="A shop is not well unless its checkout is.",
        change=other_selector,
        happens=until_unreachable,
        buys=True,
        expected=Expected(
            check="route",
            subject=naming.CHECKOUT,
            cause="matches no pod",
            resource=f"Service/{naming.CHECKOUT}",
            rules=("FLT-REF-001",),
        ),
    ),
    Incident(
        room=5,
        name="stripe-key",
        title="The wrong key",
        story=(
            "Somebody puts a live key where a test key belongs; the account that is asked does not know it. The shop "
            "and the checkout answer 200 to whoever looks. Only who clicks learns that Stripe says 401."
        ),
        lesson="The checkout's own `/health` asks Stripe; test keys and live keys keep to their stacks.",
        change=live_key,
        happens=until_refused,
        mend=right_key,
        buys=True,
        expected=Expected(
            check="health",
            subject=naming.CHECKOUT,
            cause="Stripe refuses the key",
            resource=f"Secret/{naming.STRIPE_SECRET}",
            rules=("FLT-SECRET-007",),
        ),
    ),
)
