"""The museum's fleet in a real sandbox: brought to its plan, changed by hand behind the rules' back, and verified."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx

from fleet import naming
from fleet.model import FleetSpec
from ops.sandbox import apply, planned_here, publish
from sandbox.cluster import Cluster
from sandbox.images.image import Image
from sandbox.kubectl import as_list
from sandbox.progress import Progress
from sandbox.wave import ARGUMENTS
from tests.incidents.museum.incident import SHOP, Incident
from tests.incidents.museum.manifests import Manifests, Object
from tests.incidents.plan import configured, manifests_of, planned
from tests.incidents.proved import Proved, prove
from tests.incidents.status import Status, ask, look, preflight
from tests.waiting import wait
from verify.page import read

LIMIT_SECONDS = 270


@dataclass
class Fleet:
    """The fleet in its cluster; ``heard`` is what kubectl said when something was applied by hand."""

    cluster: Cluster
    spec: FleetSpec = field(default_factory=planned)
    incident: Incident | None = None
    """What has happened to it and is not mended."""
    heard: list[str] = field(default_factory=list)
    remembered: str = ""
    """What an incident overwrote and no plan has."""

    def up(self) -> None:
        """Bring the fleet to its plan as `flotilla sandbox up` does."""
        resources, progress = planned_here(self.spec, real=True), Progress()
        publish(self.cluster, resources, progress)
        apply(self.cluster.kubectl, self.spec, resources, progress, self.cluster.volumes, limit_seconds=LIMIT_SECONDS)
        self.cluster.await_served(self.spec.namespace)
        for variant in self.spec.variants:
            self.await_release(variant.name)
        wait(
            lambda: preflight(self.host(naming.CHECKOUT), self.origin) == self.origin, "the checkout to allow the shop"
        )

    def down(self) -> None:
        """Remove the fleet from the cluster, which others use too; nobody waits for its pods to end."""
        self.kubectl("delete", "namespace", self.spec.namespace, "--wait=false")

    def publish(self, images: Mapping[str, Image]) -> None:
        """Let the registry have images under these references."""
        self.cluster.node.publish(images)

    def make(self, incident: Incident) -> Manifests:
        """Have an incident happen, and wait until a visitor sees of it what can be seen."""
        self.spec, self.incident, self.heard, self.remembered = planned(incident), incident, [], ""
        manifests = manifests_of(incident)
        incident.happens(self, manifests)
        wanted_status = (incident.expected.status, incident.expected.buttons)
        wait(lambda: seen(self.host(SHOP)) == wanted_status, f"{self.host(SHOP)} to answer {wanted_status}")
        return manifests

    def mend(self, incident: Incident) -> None:
        """Repair it as a person would: undo what the plan doesn't have, and apply the plan again."""
        try:
            incident.mend(self)
        finally:
            self.spec, self.incident = planned(), None
            self.up()

    def apply(self, manifests: Manifests) -> None:
        """Apply what was changed, as a person does who has no rules; remove what was taken away."""
        if gone := manifests.removed():
            self.kubectl("delete", "--ignore-not-found", "-f", "-", stdin=as_list(gone))
        self.apply_objects(manifests.changed())

    def apply_objects(self, objects: list[Object]) -> None:
        """Apply objects; raises KubectlError when the API server refuses one."""
        said = self.cluster.kubectl.run(*ARGUMENTS, "-f", "-", stdin=as_list(objects))
        self.heard += said.splitlines()

    def rolled_out(self, manifests: Manifests) -> None:
        """Wait until the Deployments that were changed are rolled out."""
        for each in manifests.changed():
            if each["kind"] == "Deployment":
                self.rollout(each["metadata"]["name"])

    def rollout(self, deployment: str) -> None:
        """Wait for one Deployment."""
        said = self.kubectl("rollout", "status", f"deployment/{deployment}", f"--timeout={LIMIT_SECONDS - 30}s")
        self.heard.append(said.splitlines()[-1])
        self.await_ended()

    def await_ended(self) -> None:
        """Wait until the pods that were replaced are gone: until then they may still be the ones that answer."""
        wait(lambda: not any("deletionTimestamp" in pod["metadata"] for pod in self.pods()), "older pods to be gone")

    def kubectl(self, *arguments: str, stdin: str | None = None) -> str:
        """Run kubectl in the fleet's namespace."""
        return self.cluster.kubectl.run(
            "-n", self.spec.namespace, *arguments, stdin=stdin, timeout_seconds=LIMIT_SECONDS
        )

    def pods(self, *chosen: str) -> list[Any]:
        """Give the pods of the fleet, or those that labels choose."""
        return self.cluster.kubectl.items(
            "get", "pods", "-n", self.spec.namespace, *(f"--selector={one}" for one in chosen)
        )

    def host(self, name: str) -> str:
        """Give the host of a shop or the checkout."""
        return naming.host(name, self.spec.domain)

    @property
    def origin(self) -> str:
        """The origin of the shop to which everything happens."""
        return naming.url(self.host(SHOP))

    def await_release(self, shop: str) -> None:
        """Wait until what answers for a shop is the version that is planned, and no older pod of it."""
        (variant,) = (one for one in self.spec.variants if one.name == shop)
        version = variant.workload.stable.image.version
        wait(partial(_is_served, variant.workload.host, version), f"{variant.workload.host} to serve {version}")
        self.await_ended()

    def look(self) -> Status:
        """Look at the shop as ClearWatch did; raises httpx.HTTPError."""
        return look(self.host(SHOP))

    def verify(self, *, buy: bool = False, shops: Sequence[str] = (SHOP,)) -> Proved:
        """Run `flotilla verify museum` for these shops, all without any."""
        return prove(configured(self.incident), buy=buy, shops=shops)


def seen(host: str) -> tuple[int, bool]:
    """Give what a status check looks at: the code, and whether there is a button; 0 where nothing answers."""
    try:
        status = look(host)
    except httpx.HTTPError:
        return 0, False
    return status.code, status.buttons > 0


def _is_served(host: str, version: str) -> bool:
    try:
        answer = ask("GET", host, "/")
    except httpx.HTTPError:
        return False
    return answer.status_code == 200 and read(answer.text).markers.get("version") == version
