"""Whether pods run the images that the stack plans, and whether the tags still name them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping

from fleet import naming
from fleet.model import FleetSpec, WorkloadSpec
from verify.catalog import check
from verify.checks.pods import CLUSTER, labels, maker, running
from verify.cluster import Object, Snapshot
from verify.registry import Registry, UntoldError
from verify.results import Result

STALE = "stale image: a tag moved and IfNotPresent kept the old one, or a roll-out hangs"
PIN = "name the image by a digest or a version that never moves, and roll it out again"
SHORT = 19
"""Characters of a digest that are shown: ``sha256:`` and twelve, as tools do."""


def planned(seen: Snapshot, subject: str, workload: WorkloadSpec) -> Result:
    """Tell whether a workload's pods run the planned images, and those of one release the same digest."""
    wrong, digests, without = [], set(), []
    for release in workload.releases:
        chosen = naming.selector(workload.app, workload.instance, release.track)
        found = [pod for pod in running(seen) if chosen.items() <= labels(pod).items()]
        without += [] if found else [f"no pod of {release.image.reference} ({release.track}) is there"]
        others = {pod["spec"]["containers"][0]["image"] for pod in found} - {release.image.reference}
        wrong += [f"{release.track} runs {image}, expected {release.image.reference}" for image in sorted(others)]
        ids = {_digest(pod) for pod in found} - {""}
        if len(ids) > 1:
            wrong.append(
                f"pods of {release.image.reference} ({release.track}) run {len(ids)} digests: {', '.join(sorted(ids))}"
            )
        digests |= ids
    if without and not wrong:
        return check("images").untold(subject, "; ".join(without), requires=("pods",))
    name = naming.released(workload.name, workload.stable.track)
    return check("images").judged(
        subject,
        "; ".join(wrong),
        f"{', '.join(sorted(digests)) or 'as planned, of no known digest'}",
        cause=STALE,
        resource=seen.resource("Deployment", name),
        remedy=PIN,
    )


def _digest(pod: Object) -> str:
    """Give the short digest of what a pod's first container runs; empty while it runs nothing."""
    return _running(pod).rpartition("@")[2][:SHORT]


async def current(seen: Snapshot, spec: FleetSpec, registry: Registry) -> Result:
    """Tell whether every tag that the stack names is still, in its registry, what the pods run."""
    found = check("image-current")
    names = sorted({one.image.reference for each in spec.workloads for one in each.releases})
    tags = {name: _of_image(seen, name) for name in names if "@" not in name}
    if not tags:
        return found.untold(CLUSTER, f"all {len(names)} images are named by digest: no tag can move", elsewhere=True)
    asked = [name for name, pods in tags.items() if any("@" in image for _, image in pods)]
    answers = dict(zip(asked, await asyncio.gather(*(_asked(registry, name) for name in asked)), strict=True))
    if moved := list(_moved(tags, answers)):
        (name, now, pod, digest), count = moved[0], len(moved)
        line = f"{name} is {now} now, and {pod['metadata']['name']} runs {digest} ({count} pods in all)"
        return found.failed(CLUSTER, line, cause=STALE, resource=seen.resource(*maker(pod)), remedy=PIN)
    silent = {str(answer) for answer in answers.values() if isinstance(answer, UntoldError)}
    silent |= {f"no pod runs {name}" for name, pods in tags.items() if not pods or not all(image for _, image in pods)}
    if silent:
        return found.untold(CLUSTER, f"not told of every tag: {'; '.join(sorted(silent))}", remedy=ASK)
    if by_hand := [name for name, pods in tags.items() if not all("@" in image for _, image in pods)]:
        line = f"{', '.join(by_hand)}: given to the node by hand, so that no pod says which digest it runs"
        return found.untold(CLUSTER, line, elsewhere=True)
    return found.passed(CLUSTER, f"{len(tags)} tags name what the pods run")


def _moved(
    tags: Mapping[str, list[tuple[Object, str]]], answers: Mapping[str, str | UntoldError]
) -> Iterator[tuple[str, str, Object, str]]:
    """Give each tag, what it names now, and a pod of it that runs something else."""
    for name, answer in answers.items():
        for pod, image in tags[name]:
            digest = image.rpartition("@")[2]
            if isinstance(answer, str) and "@" in image and digest != answer:
                yield name, answer[:SHORT], pod, digest[:SHORT]


ASK = "the registry must be reached from here, and know the tag; a login is read from the stack's pull secret"


async def _asked(registry: Registry, name: str) -> str | UntoldError:
    try:
        return await registry.digest(name)
    except UntoldError as error:
        return error


def _of_image(seen: Snapshot, reference: str) -> list[tuple[Object, str]]:
    """Give the pods of an image with what each runs: empty before it does.

    A runtime that was given an image by hand knows the digest of its configuration alone, which has no ``@``.
    """
    found = (pod for pod in running(seen) if pod["spec"]["containers"][0]["image"] == reference)
    return [(pod, _running(pod)) for pod in found]


def _running(pod: Object) -> str:
    status: Object = next(iter(pod["status"].get("containerStatuses", ())), {})
    return str(status.get("imageID", ""))
