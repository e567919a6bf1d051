"""The images a plan asks for, made here where they are ours, and handed to whatever cluster shall run them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fleet.errors import PlaceError, UsageError
from manifests.plan import Manifest
from sandbox import builder, places, postgres, programs
from sandbox.images import layers, recipes
from sandbox.images.image import Image
from sandbox.progress import Progress
from sandbox.tools import CRANE

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


def make(wanted: Iterable[str], progress: Progress, *, anywhere: bool = False) -> dict[str, Image]:
    """Make those of the images that are ours, by reference; what is made already is found in the cache.

    With ``anywhere`` also what ``workloads/`` has under the name of a real registry. What nothing has used for a month
    goes afterwards.
    """
    names = list(wanted)
    made: dict[str, Image] = {}
    with progress.stage(f"make {len(names)} images") as stage:
        for reference in names:
            stage.update(reference)
            image = recipes.image_for(reference, anywhere=anywhere)
            if image is not None:
                made[reference] = image
                if recipes.serves_postgres(reference):
                    stage.note(f"{reference}: is Postgres {postgres.VERSION} here, PyPI's")
        layers.prune()
    return made


def hand_over(context: str, wanted: Iterable[str], progress: Progress) -> None:
    """Bring our images to where a cluster finds them: into kind or k3d themselves, for any other to their registry."""
    names = list(wanted)
    program, _, cluster = context.partition("-")
    if program not in LOADERS:
        send(context, names, progress)
    elif shutil.which(program) is None:
        progress.console.print(
            f"images are not brought into {context}: {program} is not on PATH; "
            "`flotilla sandbox images STACK --out DIR` writes them as archives to load",
            soft_wrap=True,
        )
    else:
        for reference, image in make(names, progress).items():
            with progress.stage(f"load {reference} by {program}"), archived(reference, image) as archive:
                command = [word.format(archive=archive, cluster=cluster) for word in LOADERS[program]]
                remedy = f"see that {context} runs, and that `{program}` works with it"
                programs.run(command, subject=" ".join(command), remedy=remedy)


def send(target: str, wanted: Sequence[str], progress: Progress, *, anywhere: bool = False) -> None:
    """Push what is ours to the registry that its name says; ``anywhere`` is as in ``make``.

    What names a registry that can't exist is not pushed: the user is told, or UsageError raised where it was asked for.
    """
    nowhere = [reference for reference in wanted if recipes.is_reserved(reference)]
    if nowhere:
        complaint = (
            f"images are not brought to {target}: {', '.join(nowhere)}: no such registry can exist; set "
            "registry.prefix in the stack file to one of yours, then `flotilla sandbox images STACK --push`"
        )
        if anywhere:
            raise UsageError(complaint)
        progress.console.print(complaint, soft_wrap=True)
    # Postgres comes from where it says: what is not here is only asked of us where nothing can be pulled.
    pulled = [each for each in wanted if each not in nowhere and not recipes.serves_postgres(each)]
    if pulled:
        push(make(pulled, progress, anywhere=anywhere), progress)


def push(images: Mapping[str, Image], progress: Progress) -> None:
    """Push images as whoever `docker login` or `crane auth login` signed in; a tag that is there is left alone.

    Raises PlaceError with the registry's own last words.
    """
    if not images:
        return
    crane = find_crane(progress)
    for reference, image in images.items():
        with progress.stage(f"push {reference}") as stage:
            if is_there(crane, reference):
                stage.note("is there already, and no tag is moved")
                continue
            with archived(reference, image) as archive:
                host = reference.partition("/")[0]
                remedy = f"sign in with `docker login {host}`, and see that you may push there"
                programs.run([crane, "push", archive, reference], subject=f"push {reference}", remedy=remedy)


def find_crane(progress: Progress) -> Path:
    """Give the crane on PATH, else our own, built the first time."""
    if on_path := shutil.which("crane"):
        return Path(on_path)
    builder.build(progress, [CRANE])
    return CRANE.path


def is_there(crane: Path, reference: str) -> bool:
    """Say whether a registry has that tag already, as far as it tells us."""
    try:
        programs.run([crane, "digest", reference], remedy="")
    except PlaceError:
        return False
    return True


@contextmanager
def archived(reference: str, image: Image) -> Iterator[Path]:
    """Give an archive of an image for the length of the block."""
    archive = written(reference, image, places.cache() / "images" / "archives")
    try:
        yield archive
    finally:
        archive.unlink()


def written(reference: str, image: Image, folder: Path) -> Path:
    """Write an image as an archive into a folder, and give the file."""
    archive = folder / f"{re.sub(r'[^A-Za-z0-9.]+', '-', reference)}.tar"
    image.write(reference, archive)
    return archive
