"""Rooms 3 and 4: a route that nobody reads, and two for one host."""

from __future__ import annotations

import copy
import time
from pathlib import Path
from typing import TYPE_CHECKING

from fleet import naming
from sandbox.images import recipes
from sandbox.kubectl import KubectlError, as_list
from sandbox.wave import ARGUMENTS
from tests.incidents.museum.incident import SHOP, Expected, Incident
from tests.incidents.museum.manifests import Manifests, Object

if TYPE_CHECKING:
    from tests.incidents.fleet import Fleet

NAME = naming.storefront(SHOP)
DEAD_API, LIVE_API = "traefik.containo.us/v1alpha1", "traefik.io/v1alpha1"
LEFT = f"{NAME}-old"
LEFT_IMAGE = "registry.clearwatch.example/shops/leftover:1.0.0"
FLIPS = 40
"""So often in a row no fair coin falls on one side."""
RELOAD_SECONDS = 4
"""Twice the time after which Traefik has taken a change (providers.providersThrottleDuration, 2 s)."""


def dead_group(manifests: Manifests) -> None:
    manifests["IngressRoute", NAME]["apiVersion"] = DEAD_API


def old_definition() -> Object:
    """Give what a cluster still has that once ran Traefik 2: the kind, of which only the name matters here."""
    group, _, version = DEAD_API.partition("/")
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    names = {"kind": "IngressRoute", "plural": "ingressroutes", "singular": "ingressroute"}
    served = {"name": version, "served": True, "storage": True, "schema": schema}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"ingressroutes.{group}"},
        "spec": {"group": group, "scope": "Namespaced", "names": names, "versions": [served]},
    }


def refused_then_taken(fleet: Fleet, manifests: Manifests) -> None:
    """Apply it where the old kind is unknown, and where it is still known."""
    try:
        fleet.apply_objects(manifests.changed())
    except KubectlError as error:
        fleet.heard += [line for line in error.output.splitlines() if "no matches for kind" in line]
    assert fleet.heard, "a cluster without the old definitions took the dead API group"
    definition = old_definition()
    fleet.apply_objects([definition])
    name = f"customresourcedefinition/{definition['metadata']['name']}"
    fleet.kubectl("wait", "--for=condition=Established", name, "--timeout=120s")
    fleet.apply(manifests)


def forget_definition(fleet: Fleet) -> None:
    fleet.kubectl("delete", "--ignore-not-found", "customresourcedefinition", old_definition()["metadata"]["name"])


def leftover(manifests: Manifests) -> None:
    """Leave an old shop behind: its pods, its Service, and a route for the host that is another's now."""
    for kind in ("Deployment", "Service", "IngressRoute"):
        old = manifests.add(copy.deepcopy(manifests[kind, NAME]))
        old["metadata"]["name"] = LEFT
        for labels in _labels(old):
            labels["app.kubernetes.io/instance"] = f"{SHOP}-old"
    container = manifests.container(LEFT)
    container |= {"image": LEFT_IMAGE, "volumeMounts": container["volumeMounts"][:1]}
    volumes = manifests["Deployment", LEFT]["spec"]["template"]["spec"]["volumes"]
    del volumes[1:]
    manifests["IngressRoute", LEFT]["spec"]["routes"][0]["services"][0]["name"] = LEFT


def _labels(manifest: Object) -> list[Object]:
    """Give every place where a manifest says whose it is."""
    spec = manifest["spec"]
    found = [manifest["metadata"]["labels"]]
    if manifest["kind"] == "Deployment":
        found += [spec["selector"]["matchLabels"], spec["template"]["metadata"]["labels"]]
    return [*found, spec["selector"]] if manifest["kind"] == "Service" else found


def flip_the_coin(fleet: Fleet, manifests: Manifests) -> None:
    """Apply it, and have Traefik read its configuration anew until the leftover wins."""
    fleet.publish({LEFT_IMAGE: recipes.service(Path(__file__).parents[1] / "leftover")})
    fleet.apply(manifests)
    fleet.rolled_out(manifests)
    for flip in range(FLIPS):
        if _buttons_that_stay(fleet) == 0:
            fleet.heard.append(f"(configurations that Traefik read until the leftover won: {flip + 1})")
            return
        fleet.kubectl(*ARGUMENTS, "-f", "-", stdin=as_list([_coin(fleet, flip)]))
    raise AssertionError(f"the shop's own route won {FLIPS} times in a row")


def _buttons_that_stay(fleet: Fleet) -> int:
    """Give how many buttons the page has once that has not changed for as long as a reload may be put off."""
    buttons, since = fleet.look().buttons, time.monotonic()
    while time.monotonic() < since + RELOAD_SECONDS:
        time.sleep(0.2)
        if (now := fleet.look().buttons) != buttons:
            buttons, since = now, time.monotonic()
    return buttons


def _coin(fleet: Fleet, flip: int) -> Object:
    """Give a Middleware that nobody uses: any change makes Traefik rebuild its routes."""
    meta = {"name": "coin", "namespace": fleet.spec.namespace, "labels": {naming.FLEET: fleet.spec.namespace}}
    headers = {"customResponseHeaders": {"X-Coin": str(flip)}}
    return {"apiVersion": LIVE_API, "kind": "Middleware", "metadata": meta, "spec": {"headers": headers}}


INCIDENTS = (
    Incident(
        room=3,
        name="dead-group",
        title="The API group that nobody reads",
        story=(
            f"The route is written for `{DEAD_API}`, which Traefik 3 no longer reads. A cluster that never had "
            "Traefik 2 refuses it. One that still has the old definitions takes it, and kubectl says that all is well. "
            "There is no route."
        ),
        lesson="What the API server takes is not yet what anybody acts on.",
        change=dead_group,
        happens=refused_then_taken,
        mend=forget_definition,
        expected=Expected(
            check="route",
            cause="API group traefik.containo.us is dead",
            resource=f"IngressRoute/{NAME}",
            rules=("FLT-API-001",),
            status=404,
            buttons=False,
        ),
    ),
    Incident(
        room=4,
        name="two-routes",
        title="The page that was left over",
        story=(
            "The shop has moved to a new Deployment. The old one was never removed, and its route still names the same "
            "host. Traefik takes one of the two, and which is a coin flip each time that it reads its configuration: "
            "the shop works in the afternoon, and at night, when anything else in the cluster changes, an empty page "
            "answers 200."
        ),
        lesson="A host has one route. Verify asks a page who it is, and lists the routes of its host.",
        change=leftover,
        happens=flip_the_coin,
        buys=True,
        expected=Expected(
            check="marker",
            cause="two routes on one host",
            resource=f"IngressRoute/{LEFT}",
            rules=("FLT-HOST-001",),
            buttons=False,
        ),
    ),
)
