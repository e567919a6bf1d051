"""A volume for every claim of the plan, so that claims are bound by the real controller and pods can start.

The volumes are folders in the cluster's state; one whose claim is gone goes too. A cluster that is not ours brings its
own storage and gets none.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from fleet import naming
from manifests.plan import Manifest
from sandbox.kubectl import Kubectl, LiveObject, as_list

MANAGER = "flotilla-sandbox-volumes"
STATEFUL_SET = "flotilla.dev/stateful-set"
"""Of a volume: the StatefulSet from whose template its claim comes; such claims outlive it unless we remove them."""


def claims(manifests: Iterable[Manifest]) -> Iterator[Manifest]:
    """Give every claim the plan leads to: its own, and those that StatefulSets make from their templates."""
    for manifest in manifests:
        if manifest["kind"] == "PersistentVolumeClaim":
            yield manifest
        elif manifest["kind"] == "StatefulSet":
            yield from template_claims(manifest)


def template_claims(stateful_set: Manifest) -> Iterator[Manifest]:
    """Give the claims of a StatefulSet, named as its controller names them (Kubernetes documentation, StatefulSet)."""
    meta, spec = stateful_set["metadata"], stateful_set["spec"]
    for template in spec.get("volumeClaimTemplates", ()):
        for ordinal in range(spec.get("replicas", 1)):
            name = f"{template['metadata']['name']}-{meta['name']}-{ordinal}"
            labels = {STATEFUL_SET: meta["name"], naming.FLEET: meta.get("labels", {}).get(naming.FLEET, "")}
            made = {"name": name, "namespace": meta["namespace"], "labels": labels}
            yield {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": made, "spec": template["spec"]}


def provide(kubectl: Kubectl, manifests: Iterable[Manifest], folder: Path) -> None:
    """Make the volumes for the claims of these manifests, as folders under ``folder``.

    A volume is bound to its one claim from the start, so no other can take it. One that was left by a claim which has
    since been made anew is replaced: the API server never binds it again.
    """
    wanted = [volume(claim, folder) for claim in claims(manifests)]
    if not wanted:
        return
    remove(kubectl, [live for live in kubectl.live(wanted) if live["status"].get("phase") in {"Released", "Failed"}])
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    for made in wanted:
        place = Path(made["spec"]["hostPath"]["path"])
        place.mkdir(parents=True, exist_ok=True)
        # Kubelets give no hostPath to a pod's group, so everybody may write; nobody else on this machine gets here.
        place.chmod(0o777)
    arguments = ["apply", "--server-side", "--force-conflicts", f"--field-manager={MANAGER}", "--validate=strict"]
    kubectl.run(*arguments, "-f", "-", stdin=as_list(wanted))


def volume(claim: Manifest, folder: Path) -> dict[str, Any]:
    """Give the volume of one claim: as large, as shareable and of the same class as the claim asks for."""
    meta, spec = claim["metadata"], claim["spec"]
    owned = {name: value for name, value in meta.get("labels", {}).items() if name in {naming.FLEET, STATEFUL_SET}}
    path = folder / meta["namespace"] / meta["name"]
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": f"{meta['namespace']}.{meta['name']}", "labels": owned},
        "spec": {
            "capacity": {"storage": spec["resources"]["requests"]["storage"]},
            "accessModes": spec["accessModes"],
            "volumeMode": spec.get("volumeMode", "Filesystem"),
            "storageClassName": spec.get("storageClassName", ""),
            "persistentVolumeReclaimPolicy": "Retain",
            "claimRef": {
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "namespace": meta["namespace"],
                "name": meta["name"],
            },
            "hostPath": {"path": str(path), "type": "DirectoryOrCreate"},
        },
    }


def prune(kubectl: Kubectl, manifests: Sequence[Manifest], fleet: str) -> list[str]:
    """Remove the claims of StatefulSets that are gone and the volumes whose claims are; give the claims' names."""
    sets = {manifest["metadata"]["name"] for manifest in manifests if manifest["kind"] == "StatefulSet"}
    chosen = f"{naming.FLEET}={fleet}"
    volumes = kubectl.items("get", "persistentvolumes", "-l", chosen)
    orphans = [each for each in volumes if owner(each) and owner(each) not in sets]
    for orphan in orphans:
        reference = orphan["spec"]["claimRef"]
        arguments = ["persistentvolumeclaim", reference["name"], "-n", reference["namespace"]]
        kubectl.run("delete", *arguments, "--ignore-not-found", "--timeout=30s")
    left = {claim_of(each) for each in kubectl.items("get", "persistentvolumeclaims", "-A")}
    remove(kubectl, [each for each in volumes if reference_of(each) not in left])
    return [f"PersistentVolumeClaim {'/'.join(reference_of(each))}" for each in orphans]


def remove(kubectl: Kubectl, volumes: Sequence[LiveObject]) -> None:
    """Remove volumes and their folders."""
    for each in volumes:
        kubectl.run("delete", "persistentvolume", each["metadata"]["name"], "--ignore-not-found", "--timeout=30s")
        shutil.rmtree(each["spec"]["hostPath"]["path"], ignore_errors=True)


def owner(live: LiveObject) -> str:
    """Give the StatefulSet a volume was made for, empty when its claim stands in the plan itself."""
    return str(live["metadata"].get("labels", {}).get(STATEFUL_SET, ""))


def claim_of(live: LiveObject) -> tuple[str, str]:
    """Give a live claim's namespace and name."""
    return live["metadata"]["namespace"], live["metadata"]["name"]


def reference_of(live: LiveObject) -> tuple[str, str]:
    """Give the namespace and name of the claim that a volume is for."""
    return live["spec"]["claimRef"]["namespace"], live["spec"]["claimRef"]["name"]
