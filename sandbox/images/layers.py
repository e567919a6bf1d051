"""Layers: a folder becomes a tar that has the same bytes wherever and whenever it is made, kept by its digest."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sandbox import lock, places, unused

CHUNK = 1 << 20
FORMAT = 1
"""Raised when the same inputs shall give other layers."""
LOCK = "images"
"""Held while a blob is marked as used or removed, so that none goes that somebody has just been given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blob:
    """A file known by its SHA-256, as an image names its parts; ``size`` is in bytes."""

    digest: str
    size: int

    @property
    def path(self) -> Path:
        """Where it is kept."""
        return blobs() / self.digest.replace(":", "/")


def blobs() -> Path:
    """Give the folder of all blobs: the part of an OCI layout of that name."""
    return places.cache() / "images" / "blobs"


def layer(name: str, inputs: str, fill: Callable[[Path], None]) -> Blob:
    """Give the layer of what ``fill`` puts into an empty folder, made once for each value of ``inputs``."""
    key = hashlib.sha256(f"{FORMAT} {inputs}".encode()).hexdigest()[:16]
    known = places.cache() / "images" / "layers" / f"{name}-{key}"
    with lock.held(f"layer-{name}"):
        if (found := kept(known)) is not None:
            return found
        known.parent.mkdir(parents=True, exist_ok=True)
        making = f".making-{name}-"
        for abandoned in known.parent.glob(f"{making}*"):
            shutil.rmtree(abandoned, ignore_errors=True)
        with tempfile.TemporaryDirectory(dir=known.parent, prefix=making, ignore_cleanup_errors=True) as folder:
            root = Path(folder) / "root"
            root.mkdir()
            fill(root)
            made = pack(root, Path(folder) / "tar")
        partial = known.with_suffix(".partial")
        partial.write_text(made.digest, encoding="utf-8")
        partial.rename(known)
        return made


def kept(known: Path) -> Blob | None:
    """Give the layer that the file ``known`` names, None when it must be made; it counts as used now."""
    with lock.held(LOCK):
        if not known.exists():
            return None
        digest = known.read_text(encoding="utf-8")
        found = blobs() / digest.replace(":", "/")
        if not found.exists():
            return None
        unused.touch(known, found)
        return Blob(digest=digest, size=found.stat().st_size)


def pack(root: Path, draft: Path) -> Blob:
    """Keep everything under ``root`` as an uncompressed tar: sorted, owned by root, without times.

    Of modes only what matters is kept (executable or not), so that nobody's umask gets in. ``draft`` is where the tar
    is written first, on the disk of the cache.
    """
    with tarfile.open(draft, "w", format=tarfile.PAX_FORMAT) as archive:
        for path in sorted(root.rglob("*")):
            add(archive, path, str(path.relative_to(root)))
    digest = hashlib.sha256()
    with draft.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    made = Blob(digest=f"sha256:{digest.hexdigest()}", size=draft.stat().st_size)
    made.path.parent.mkdir(parents=True, exist_ok=True)
    draft.rename(made.path)
    return made


def keep(content: bytes) -> Blob:
    """Keep bytes as a blob."""
    made = Blob(digest=f"sha256:{hashlib.sha256(content).hexdigest()}", size=len(content))
    with lock.held(LOCK):
        if made.path.exists():
            unused.touch(made.path)
            return made
        made.path.parent.mkdir(parents=True, exist_ok=True)
        partial = made.path.with_suffix(f".partial-{os.getpid()}")
        partial.write_bytes(content)
        partial.rename(made.path)
    return made


def prune() -> None:
    """Remove the layers, blobs and archives that nothing has used for a month, and that no cluster here names."""
    folder = places.cache() / "images"
    with lock.held(LOCK):
        named = published()
        for file in (*folder.glob("layers/*"), *folder.glob("blobs/sha256/*"), *folder.glob("archives/*")):
            if file.name not in named:
                unused.remove(file)


def published() -> set[str]:
    """Give the names of the blobs that the registries of this user's clusters serve: a pod may ask for them again."""
    found: set[str] = set()
    for name in places.cache().glob("sandbox/*/node/registry/**/*"):
        try:
            manifest = blobs() / name.read_text(encoding="utf-8").replace(":", "/")
            parts = json.loads(manifest.read_text(encoding="utf-8"))
        except OSError:
            # A folder, or what its cluster has just taken along.
            continue
        digests = [part["digest"] for part in (parts["config"], *parts["layers"])]
        found |= {manifest.name, *(digest.partition(":")[2] for digest in digests)}
    return found


def add(archive: tarfile.TarFile, path: Path, name: str) -> None:
    """Add one path under ``name``: a folder, a link or a file; nothing else is part of an image."""
    info = tarfile.TarInfo(name)
    status = path.lstat()
    if path.is_symlink():
        info.type, info.mode, info.linkname = tarfile.SYMTYPE, 0o777, os.readlink(path)  # noqa: PTH115
        archive.addfile(info)
    elif path.is_dir():
        # /tmp and the like keep the bits that let everybody write.
        info.type, info.mode = tarfile.DIRTYPE, 0o1777 if status.st_mode & 0o1000 else 0o755
        archive.addfile(info)
    elif path.is_file():
        info.size, info.mode = status.st_size, 0o755 if status.st_mode & 0o100 else 0o644
        with path.open("rb") as content:
            archive.addfile(info, content)
