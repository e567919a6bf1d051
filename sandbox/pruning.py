"""Removes what the fleet no longer has: what the sandbox once applied and the plan does not name any more.

Only objects that ``flotilla-sandbox`` owns are looked at. So what controllers make of them (pods, endpoints, claims of
StatefulSets), what people made by hand, and another engine's fleet are never touched.
"""

from __future__ import annotations

from collections.abc import Iterable

from fleet import naming
from manifests.plan import Manifest
from sandbox.kubectl import Kubectl, KubectlError, LiveObject, as_list
from sandbox.ownership import applied

MADE_BY_CONTROLLERS = {
    "events",
    "events.events.k8s.io",
    "pods",
    "endpoints",
    "endpointslices.discovery.k8s.io",
    "replicasets.apps",
    "controllerrevisions.apps",
    "leases.coordination.k8s.io",
    "nodes",
    "persistentvolumes",
    "certificaterequests.cert-manager.io",
}
"""Kinds that no plan has: not asked for, because some are many."""
ORDER = ("IngressRoute", "TraefikService", "HorizontalPodAutoscaler", "CronJob", "Deployment", "StatefulSet", "Job")
"""What goes first: traffic before what serves it, what makes pods before what the pods read."""
LAST = ("PersistentVolumeClaim", "Namespace")
DELETE_SECONDS = 90
INCOMPLETE = "unable to retrieve the complete list of server APIs"
"""How kubectl says that it lists what it could learn (k8s.io/client-go/discovery, ErrGroupDiscoveryFailed)."""

Identity = tuple[str, str, str, str]
"""An API group, a kind, a namespace (empty for none) and a name."""


def prune(kubectl: Kubectl, planned: Iterable[Manifest], fleet: str, *, keep_claims: bool = False) -> list[str]:
    """Delete what is labelled as of ``fleet``, was applied by the sandbox and is not planned; give what was deleted.

    ``keep_claims`` spares volume claims, whose data is nobody's to delete in a cluster that is not ours.
    """
    named = {identity(manifest) for manifest in planned}
    gone = [live for live in applied_to(kubectl, fleet) if identity(live) not in named]
    if keep_claims:
        gone = [live for live in gone if live["kind"] != "PersistentVolumeClaim"]
    gone.sort(key=rank)
    if gone:
        stubs = [stub(live) for live in gone]
        limit = f"--timeout={DELETE_SECONDS}s"
        kubectl.run(
            "delete", "-f", "-", "--ignore-not-found", limit, stdin=as_list(stubs), timeout_seconds=DELETE_SECONDS + 30
        )
    return [f"{live['kind']} {live['metadata']['name']}" for live in gone]


def applied_to(kubectl: Kubectl, fleet: str) -> list[LiveObject]:
    """Give every object of ``fleet`` that the sandbox has applied, of whatever kind the cluster knows."""
    kinds = ",".join(name for name in listed(kubectl) if name not in MADE_BY_CONTROLLERS)
    chosen = f"{naming.FLEET}={fleet}"
    found = kubectl.items("get", kinds, "-A", "-l", chosen, "--show-managed-fields", "--ignore-not-found")
    return [live for live in found if applied(live) is not None]


def listed(kubectl: Kubectl) -> list[str]:
    """Give every kind that the cluster knows, but those of an API whose own server does not answer just now.

    metrics-server is such a one: busy for five seconds when it is asked, it counts as away for a minute. No plan has
    kinds of such APIs, only built-in ones and custom resources.
    """
    try:
        return kubectl.run("api-resources", "--verbs=list,delete", "-o", "name").split()
    except KubectlError as error:
        if INCOMPLETE not in error.output:
            raise
        return error.answer.split()


def identity(manifest: Manifest) -> Identity:
    """Give what an object is; its API version may change and it is still the same object."""
    group = manifest["apiVersion"].rpartition("/")[0]
    meta = manifest["metadata"]
    return group, manifest["kind"], meta.get("namespace", ""), meta["name"]


def rank(live: LiveObject) -> int:
    """Give when an object is deleted, smallest first."""
    kind = live["kind"]
    if kind in LAST:
        return len(ORDER) + 1 + LAST.index(kind)
    return ORDER.index(kind) if kind in ORDER else len(ORDER)


def stub(live: LiveObject) -> Manifest:
    """Give as much of an object as it takes to delete it."""
    meta = {name: live["metadata"][name] for name in ("name", "namespace") if name in live["metadata"]}
    return {"apiVersion": live["apiVersion"], "kind": live["kind"], "metadata": meta}
