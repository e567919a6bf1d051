"""The images a plan asks for, made here where they are ours, and handed to whatever cluster shall run them."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from fleet.errors import PlaceError
from manifests.plan import Manifest
from sandbox import places
from sandbox.images.image import Image
from sandbox.images.recipes import image_for
from sandbox.progress import Progress

LOADERS: Mapping[str, tuple[str, ...]] = {
    "kind": ("kind", "load", "image-archive", "{archive}", "--name", "{cluster}"),
    "k3d": ("k3d", "image", "import", "{archive}", "--cluster", "{cluster}"),
}
"""How an archive gets into the clusters that run on this machine, by how their contexts begin."""


def references(manifests: Iterable[Manifest]) -> list[str]:
    """Give every image that the containers of a plan name."""
    return sorted({reference for manifest in manifests for reference in found_in(manifest.get("spec"))})


def found_in(part: Any) -> Iterator[str]:  # noqa: ANN401  (any part of an object)
    """Give the images of every list of containers under a part of a manifest."""
    if isinstance(part, Mapping):
        for name, inner in part.items():
            if name in {"containers", "initContainers"}:
                yield from (container["image"] for container in inner)
            yield from found_in(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from found_in(inner)


def make(wanted: Iterable[str], progress: Progress) -> dict[str, Image]:
    """Make those of the images that are ours, by reference; what is made already is found in the cache."""
    names = list(wanted)
    made: dict[str, Image] = {}
    with progress.stage(f"make {len(names)} images") as stage:
        for reference in names:
            stage.update(reference)
            image = image_for(reference)
            if image is not None:
                made[reference] = image
    return made


def hand_over(context: str, wanted: Iterable[str], progress: Progress) -> None:
    """Load our images into a cluster of kind or k3d; for any other, say what is needed."""
    names = list(wanted)
    program, _, cluster = context.partition("-")
    if program not in LOADERS or shutil.which(program) is None:
        progress.console.print(
            f"images are not brought into {context}: `flotilla sandbox images STACK --out DIR` writes them as archives "
            "to push to its registry",
            soft_wrap=True,
        )
        return
    for reference, image in make(names, progress).items():
        archive = written(reference, image, places.cache() / "images" / "archives")
        command = [word.format(archive=archive, cluster=cluster) for word in LOADERS[program]]
        with progress.stage(f"load {reference} by {program}"):
            answer = subprocess.run(command, capture_output=True, text=True, check=False)
        archive.unlink()
        if answer.returncode != 0:
            said = answer.stderr.strip().splitlines() or ["no message"]
            raise PlaceError(f"{' '.join(command)}: {said[-1]}")


def written(reference: str, image: Image, folder: Path) -> Path:
    """Write an image as an archive into a folder, and give the file."""
    archive = folder / f"{re.sub(r'[^A-Za-z0-9.]+', '-', reference)}.tar"
    image.write(reference, archive)
    return archive
