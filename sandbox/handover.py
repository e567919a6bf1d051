"""Hands ``spec.replicas`` over to an autoscaler, or takes it back, without a dip.

A field whose only owner drops it goes back to its default: a Deployment of five pods would fall to one until its
autoscaler notices (field-guide canary.md, section 2; seen on a real API server by the tests). So a second field manager
holds the live count first. The sandbox and ``flotilla up`` both do this before they apply.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from manifests.plan import Manifest, Planned
from sandbox.kubectl import Kubectl, LiveObject, as_list
from sandbox.ownership import Owner, owners

HANDOVER = "flotilla-handover"
"""The field manager that holds a count between two owners."""
AUTOSCALER = "kube-controller-manager"
"""Under which manager an autoscaler's counts are written: that of the process its controller runs in."""
PULUMI = "pulumi-kubernetes"
"""Under which manager Pulumi's provider creates by POST; its next update takes these fields over and then applies."""
SCALED = ("Deployment", "StatefulSet")


def hand_over(kubectl: Kubectl, resources: Iterable[Planned]) -> list[str]:
    """Prepare every planned Deployment and StatefulSet for an apply of its plan, and say what was done, a line each.

    Planned without a count, while an apply owns it: the live count is held, so that dropping the field changes nothing.
    Planned with a count that an autoscaler wrote: the autoscaler is removed if the plan has none, and the planned count
    is set at once. A hold that is not needed any more is given up. Doing it twice does nothing.
    """
    plan = [resource.inputs for resource in resources if resource.is_kubernetes]
    workloads = {key(manifest): manifest for manifest in plan if manifest["kind"] in SCALED}
    autoscaled = {target(manifest) for manifest in plan if manifest["kind"] == "HorizontalPodAutoscaler"}
    done: list[str] = []
    for live in kubectl.live(list(workloads.values())):
        planned = workloads[key(live)]["spec"].get("replicas")
        if planned is None:
            done.extend(hold(kubectl, live))
        else:
            done.extend(take_back(kubectl, live, planned, keep_autoscaler=key(live) in autoscaled))
    return done


def hold(kubectl: Kubectl, live: LiveObject) -> Iterator[str]:
    """Hold the live count when nothing but an apply that is about to drop it owns it.

    A count of 0 is held as 1: at 0 an autoscaler is switched off (Kubernetes documentation, HPA, implicit maintenance).
    """
    who = owners(live, "spec", "replicas")
    if who and all(about_to_drop(owner) for owner in who):
        count = max(live["spec"]["replicas"], 1)
        write(kubectl, live, {"replicas": count})
        yield f"{title(live)}: {count} replicas held for its autoscaler"


def about_to_drop(owner: Owner) -> bool:
    """Say whether this owner will give the field up by leaving it out of its next apply."""
    return owner.manager == PULUMI or (owner.operation == "Apply" and owner.manager != HANDOVER)


def take_back(kubectl: Kubectl, live: LiveObject, planned: int, *, keep_autoscaler: bool) -> Iterator[str]:
    """Set the planned count where only an autoscaler or an interrupted hand-over stands behind the live one.

    A hold beside an apply that owns the count has served, and is given up. A count that nobody owns is an autoscaler's
    too: the API server does not always record who wrote through the scale subresource.
    """
    who = {owner.manager for owner in owners(live, "spec", "replicas")}
    if who - {AUTOSCALER, HANDOVER}:
        if HANDOVER in who:
            write(kubectl, live, {})
        return
    if not keep_autoscaler:
        yield from remove_autoscalers(kubectl, live)
    if AUTOSCALER in who or live["spec"]["replicas"] != planned:
        write(kubectl, live, {"replicas": planned})
        yield f"{title(live)}: {planned} replicas taken back from its autoscaler"


def remove_autoscalers(kubectl: Kubectl, live: LiveObject) -> Iterator[str]:
    """Remove the autoscalers of a workload whose plan has none: they would overrule the planned count."""
    namespace = live["metadata"]["namespace"]
    for scaler in kubectl.items("get", "horizontalpodautoscalers", "-n", namespace):
        if target(scaler) == key(live):
            name = scaler["metadata"]["name"]
            kubectl.run("delete", "horizontalpodautoscaler", name, "-n", namespace, "--ignore-not-found")
            yield f"{title(live)}: autoscaler {name} removed, the plan has none"


def write(kubectl: Kubectl, live: LiveObject, spec: Mapping[str, Any]) -> None:
    """Apply ``spec`` as the holding manager; an empty one gives the hold up."""
    meta = {"name": live["metadata"]["name"], "namespace": live["metadata"]["namespace"]}
    held = {"apiVersion": live["apiVersion"], "kind": live["kind"], "metadata": meta, "spec": dict(spec)}
    arguments = ["apply", "--server-side", "--force-conflicts", f"--field-manager={HANDOVER}"]
    kubectl.run(*arguments, "--validate=ignore", "-f", "-", stdin=as_list([held]))


def key(manifest: Manifest) -> tuple[str, str, str]:
    """Give the kind, namespace and name of a workload."""
    meta = manifest["metadata"]
    return manifest["kind"], meta.get("namespace", "default"), meta["name"]


def target(autoscaler: Manifest) -> tuple[str, str, str]:
    """Give the kind, namespace and name of what an autoscaler scales."""
    reference = autoscaler["spec"]["scaleTargetRef"]
    return reference["kind"], autoscaler["metadata"].get("namespace", "default"), reference["name"]


def title(live: LiveObject) -> str:
    """Give how messages name a workload."""
    return f"{live['kind']} {live['metadata']['namespace']}/{live['metadata']['name']}"
