"""A volume for every claim of the plan, so that claims are bound by the real controller and pods can start.

The volumes are folders in the cluster's state; one whose claim is gone goes too. Each is its claim's from the start, so
that claims are bound before their first pod runs, on simulated nodes too, whatever class they name. Claims that no plan
has are served by the node's provisioner. A cluster that is not ours brings its own storage and gets none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from fleet import naming
from manifests.plan import Manifest
from sandbox import places
from sandbox.kubectl import Kubectl, LiveObject, as_list
from sandbox.ownership import applied

MANAGER = "flotilla-sandbox-volumes"
DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"
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
    since gone is replaced: the API server never binds it again. A claim that was made anew meanwhile and has storage of
    the provisioner's keeps that.
    """
    asked = list(claims(manifests))
    if not asked:
        return
    default = default_class(kubectl)
    every = [volume(claim, folder, default) for claim in asked]
    # Before the claims: one that is bound meanwhile is not taken for one that is gone.
    made_before = kubectl.live(every)
    there = {claim_of(live): live for live in kubectl.live(asked)}
    elsewhere = {name for name, live in there.items() if has_another(live)}
    ours = [live for live in made_before if is_ours(live, folder)]
    remove(kubectl, [live for live in ours if is_left(live, there.get(reference_of(live)))])
    wanted = [made for made in every if reference_of(made) not in elsewhere]
    if not wanted:
        return
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    for made in wanted:
        place = Path(made["spec"]["hostPath"]["path"])
        place.mkdir(parents=True, exist_ok=True)
        # Kubelets give no hostPath to a pod's group, so everybody may write; nobody else on this machine gets here.
        place.chmod(0o777)
    arguments = ["apply", "--server-side", "--force-conflicts", f"--field-manager={MANAGER}", "--validate=strict"]
    kubectl.run(*arguments, "-f", "-", stdin=as_list(wanted))


def is_left(volume: LiveObject, claim: LiveObject | None) -> bool:
    """Say whether a live volume was bound to a claim that is gone, or to one that was of the same name as ``claim``.

    Its phase says so too, but only once its controller has seen it.
    """
    if volume["status"].get("phase") in {"Released", "Failed"}:
        return True
    bound_to: str | None = volume["spec"]["claimRef"].get("uid")
    return bound_to is not None and (claim is None or claim["metadata"]["uid"] != bound_to)


def has_another(claim: LiveObject) -> bool:
    """Say whether a live claim is bound to a volume that is not made here."""
    return claim["spec"].get("volumeName", "") not in {"", name_of(claim)}


def default_class(kubectl: Kubectl) -> str:
    """Give the StorageClass that the API server writes into a claim which names none, empty when there is none."""
    classes = kubectl.items("get", "storageclasses")
    default = [each for each in classes if each["metadata"].get("annotations", {}).get(DEFAULT_CLASS) == "true"]
    return str(default[0]["metadata"]["name"]) if default else ""


def volume(claim: Manifest, folder: Path, default: str) -> dict[str, Any]:
    """Give the volume of one claim: as large, as shareable and of the same class as the claim, or ``default``."""
    meta, spec = claim["metadata"], claim["spec"]
    owned = {name: value for name, value in meta.get("labels", {}).items() if name in {naming.FLEET, STATEFUL_SET}}
    path = folder / meta["namespace"] / meta["name"]
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": name_of(claim), "labels": owned},
        "spec": {
            "capacity": {"storage": spec["resources"]["requests"]["storage"]},
            "accessModes": spec["accessModes"],
            "volumeMode": spec.get("volumeMode", "Filesystem"),
            "storageClassName": spec.get("storageClassName", default),
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


def prune(kubectl: Kubectl, manifests: Sequence[Manifest], fleet: str, folder: Path) -> list[str]:
    """Remove the claims of StatefulSets that are gone and the volumes whose claims are; give the claims' names.

    Only volumes that were made here, under ``folder``, are looked at.
    """
    sets = {claim_of(manifest) for manifest in manifests if manifest["kind"] == "StatefulSet"}
    chosen = f"{naming.FLEET}={fleet}"
    labelled = kubectl.items("get", "persistentvolumes", "-l", chosen, "--show-managed-fields")
    volumes = [each for each in labelled if is_ours(each, folder)]
    orphans = [each for each in volumes if owner(each) and (reference_of(each)[0], owner(each)) not in sets]
    for orphan in orphans:
        reference = orphan["spec"]["claimRef"]
        arguments = ["persistentvolumeclaim", reference["name"], "-n", reference["namespace"]]
        kubectl.run("delete", *arguments, "--ignore-not-found", "--timeout=30s")
    left = {claim_of(each) for each in kubectl.items("get", "persistentvolumeclaims", "-A")}
    remove(kubectl, [each for each in volumes if reference_of(each) not in left])
    return [f"PersistentVolumeClaim {'/'.join(reference_of(each))}" for each in orphans]


def remove(kubectl: Kubectl, volumes: Sequence[LiveObject]) -> None:
    """Remove volumes that were made here, and their folders."""
    for each in volumes:
        kubectl.run("delete", "persistentvolume", each["metadata"]["name"], "--ignore-not-found", "--timeout=30s")
        places.remove(Path(each["spec"]["hostPath"]["path"]))


def is_ours(live: LiveObject, folder: Path) -> bool:
    """Say whether a volume was made here; the label alone says little, and removing is done as root.

    ``live`` must be read with its managed fields.
    """
    spec = live["spec"]
    if applied(live, MANAGER) is None or not spec.keys() >= {"claimRef", "hostPath"}:
        return False
    return Path(spec["hostPath"]["path"]) == folder.joinpath(*reference_of(live))


def name_of(claim: Manifest) -> str:
    """Give what the volume of a claim is called."""
    return ".".join(claim_of(claim))


def owner(live: LiveObject) -> str:
    """Give the StatefulSet a volume was made for, empty when its claim stands in the plan itself."""
    return str(live["metadata"].get("labels", {}).get(STATEFUL_SET, ""))


def claim_of(live: Manifest) -> tuple[str, str]:
    """Give the namespace and name of a claim or a StatefulSet."""
    return live["metadata"]["namespace"], live["metadata"]["name"]


def reference_of(live: Manifest) -> tuple[str, str]:
    """Give the namespace and name of the claim that a volume is for."""
    return live["spec"]["claimRef"]["namespace"], live["spec"]["claimRef"]["name"]
