"""Room 2: ports that disagree, at each link from the application to the route."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fleet import naming
from tests.incidents.museum.incident import SHOP, Expected, Incident
from tests.incidents.museum.manifests import Manifests
from tests.waiting import wait

if TYPE_CHECKING:
    from tests.incidents.fleet import Fleet

NAME = naming.storefront(SHOP)
APP, PROBED = 3000, 3006
"""ClearWatch's own numbers; the container declares what the plan does, and not 3004."""
DECLARED = 8080
PROBES = ("livenessProbe", "readinessProbe", "startupProbe")


def app_elsewhere(manifests: Manifests) -> None:
    """Tell the app to listen on another port than its container declares; as at ClearWatch nothing probes it."""
    container = manifests.container(NAME)
    next(each for each in container["env"] if each["name"] == "PORT")["value"] = str(APP)
    for probe in PROBES:
        del container[probe]


def probes_elsewhere(manifests: Manifests) -> None:
    """Let the probes ask another port than the app's."""
    container = manifests.container(NAME)
    # ClearWatch had no startup probe. Soon, so that nobody waits for the crash loop.
    del container["startupProbe"]
    container["livenessProbe"] |= {"periodSeconds": 1, "timeoutSeconds": 1, "failureThreshold": 1}
    for probe in ("livenessProbe", "readinessProbe"):
        container[probe]["httpGet"]["port"] = PROBED


def apply_and_watch(fleet: Fleet, manifests: Manifests) -> None:
    """Apply it and wait until Kubernetes itself calls it a crash loop."""
    fleet.apply(manifests)
    wait(
        lambda: any(
            "CrashLoopBackOff" in str(each["status"]) for each in fleet.pods(f"app.kubernetes.io/instance={SHOP}")
        ),
        "a crash loop",
        120,
    )


def wrong_number(manifests: Manifests) -> None:
    manifests["Service", NAME]["spec"]["ports"][0]["targetPort"] = APP


def wrong_name(manifests: Manifests) -> None:
    manifests["Service", NAME]["spec"]["ports"][0]["targetPort"] = "web"


def wrong_route(manifests: Manifests) -> None:
    manifests["IngressRoute", NAME]["spec"]["routes"][0]["services"][0]["port"] = APP


INCIDENTS = (
    Incident(
        room=2,
        name="app-port",
        title="The app's port",
        story=(
            f"The app is told to listen on {APP}, and its container declares {DECLARED}. Nobody probes it: its pods "
            "count as ready. The Service and the route follow what is declared, and Traefik gets no connection."
        ),
        lesson="All objects of the cluster agree, and they are wrong together: only the app knows where it listens.",
        change=app_elsewhere,
        expected=Expected(
            check="route",
            cause="nothing listens on the port that the Service leads to",
            resource=f"Deployment/{NAME}",
            rules=("FLT-PORT-004",),
            status=502,
            buttons=False,
        ),
    ),
    Incident(
        room=2,
        name="probes-port",
        title="The probes' port",
        story=(
            f"The app listens where its container says, and its probes ask {PROBED}: the kubelet kills a process that "
            "works, again and again. The roll-out never ends, so the pods of the release before it still answer, and "
            "whoever looks at the shop sees nothing."
        ),
        lesson="One port has one name, and probes, Service and route say the name.",
        change=probes_elsewhere,
        happens=apply_and_watch,
        expected=Expected(
            check="pods",
            cause=f"its livenessProbe asks port {PROBED}, and the app is told to listen on {DECLARED}",
            resource=f"Deployment/{NAME}",
            rules=("FLT-PORT-001",),
        ),
    ),
    Incident(
        room=2,
        name="service-number",
        title="The Service's number",
        story=f"The Service sends requests to port {APP}, where no container listens. Traefik gets no connection.",
        lesson="A status check sees this one, and cannot say why: the pods are ready, and the route is right.",
        change=wrong_number,
        expected=Expected(
            check="route",
            cause=f"targetPort {APP} is none of the container's ports",
            resource=f"Service/{NAME}",
            rules=("FLT-PORT-002",),
            status=502,
            buttons=False,
        ),
    ),
    Incident(
        room=2,
        name="service-name",
        title="The Service's name for a port",
        story=(
            "The Service names a port that no container has. Kubernetes makes an EndpointSlice without a port, and "
            "Traefik leaves the route out."
        ),
        lesson="To a visitor it looks like a shop that never was: 404.",
        change=wrong_name,
        expected=Expected(
            check="route",
            cause="targetPort web is none of the container's ports",
            resource=f"Service/{NAME}",
            rules=("FLT-PORT-002",),
            status=404,
            buttons=False,
        ),
    ),
    Incident(
        room=2,
        name="route-port",
        title="The route's port",
        story=f"The route asks the Service for port {APP}, which the Service does not offer. Traefik leaves it out.",
        lesson="The same 404, with another object at fault.",
        change=wrong_route,
        expected=Expected(
            check="route",
            cause=f"names port {APP}, which Service {NAME} does not offer",
            resource=f"IngressRoute/{NAME}",
            rules=("FLT-PORT-003",),
            status=404,
            buttons=False,
        ),
    ),
)
