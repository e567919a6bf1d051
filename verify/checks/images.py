"""Whether pods run the images that the stack plans, and whether the tags still name them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from fleet import naming
from fleet.model import FleetSpec, WorkloadSpec
from verify.catalog import check
from verify.checks.pods import CLUSTER, maker, running
from verify.cluster import Object, Snapshot
from verify.registry import Registry, UntoldError
from verify.results import Result

STALE = "stale image: a tag moved and IfNotPresent kept the old one, or a roll-out hangs"
PIN = "name the image by a digest or a version that never moves, and roll it out again"
SHORT = 19
"""Characters of a digest that are shown: ``sha256:`` and twelve, as tools do."""


def planned(seen: Snapshot, subject: str, workload: WorkloadSpec) -> Result:
    """Tell whether a workload's pods run the planned images, and those of one release the same digest."""
    wrong, digests = [], set()
    for release in workload.releases:
        chosen = naming.selector(workload.app, workload.instance, release.track)
        found = [pod for pod in running(seen) if chosen.items() <= pod["metadata"]["labels"].items()]
        others = {pod["spec"]["containers"][0]["image"] for pod in found} - {release.image.reference}
        wrong += [f"{release.track} runs {image}, expected {release.image.reference}" for image in sorted(others)]
        ids = {_digest(pod) for pod in found} - {""}
        if len(ids) > 1:
            wrong.append(
                f"pods of {release.image.reference} ({release.track}) run {len(ids)} digests: {', '.join(ids)}"
            )
        digests |= ids
    name = naming.released(workload.name, workload.stable.track)
    return check("images").judged(
        subject,
        "; ".join(wrong),
        f"{', '.join(sorted(digests)) or 'no pod'}",
        cause=STALE,
        resource=seen.resource("Deployment", name),
        remedy=PIN,
    )


def _digest(pod: Object) -> str:
    """Give the short digest of what a pod's first container runs; empty while it runs nothing."""
    status: Object = next(iter(pod["status"].get("containerStatuses", ())), {})
    return str(status.get("imageID", "")).rpartition("@")[2][:SHORT]


async def current(seen: Snapshot, spec: FleetSpec, registry: Registry) -> Result:
    """Tell whether every tag that the stack names is still, in its registry, what the pods run."""
    found = check("image-current")
    names = sorted({one.image.reference for each in spec.workloads for one in each.releases})
    tags = {name: pods for name in names if "@" not in name and (pods := list(_of_image(seen, name)))}
    if not tags:
        return found.untold(CLUSTER, "no pod says which digest it runs of a tag", elsewhere=True)
    answers = await asyncio.gather(*map(registry.digest, tags), return_exceptions=True)
    moved, silent = [], []
    for (name, pods), answer in zip(tags.items(), answers, strict=True):
        if isinstance(answer, UntoldError):
            silent.append(str(answer))
        elif isinstance(answer, BaseException):
            raise answer
        else:
            moved += [(name, answer, pod, digest) for pod, digest in pods if digest != answer]
    if moved:
        name, now, pod, digest = moved[0]
        running_it = f"{pod['metadata']['name']} runs {digest[:SHORT]} ({len(moved)} pods in all)"
        line = f"{name} is {now[:SHORT]} now, and {running_it}"
        return found.failed(CLUSTER, line, cause=STALE, resource=seen.resource(*maker(pod)), remedy=PIN)
    if silent:
        return found.untold(CLUSTER, f"the registry does not tell: {'; '.join(sorted(set(silent)))}", elsewhere=True)
    return found.passed(CLUSTER, f"{len(tags)} tags name what the pods run")


def _of_image(seen: Snapshot, reference: str) -> Iterator[tuple[Object, str]]:
    """Give the pods of an image with the digest that each runs; those that don't say it are left out.

    A runtime that was given an image by hand knows the digest of its configuration alone, which has no ``@``.
    """
    for pod in running(seen):
        status: Object = next(iter(pod["status"].get("containerStatuses", ())), {})
        _, at, digest = str(status.get("imageID", "")).rpartition("@")
        if at and pod["spec"]["containers"][0]["image"] == reference:
            yield pod, digest
