"""An image: layers and a configuration, published under names or written as an archive (OCI image specification)."""

from __future__ import annotations

import io
import json
import os
import platform
import re
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.images.layers import Blob, keep

MEDIA = "application/vnd.oci.image"
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
"""Go's names of what ``uname -m`` says, which images use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """What an image is: its layers from the bottom up, and how its program is started."""

    layers: Sequence[Blob]
    entrypoint: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    user: str = ""
    folder: str = "/"
    stop_signal: str = ""
    """What ends its program; empty for SIGTERM."""

    def configuration(self) -> dict[str, Any]:
        """Give the image's configuration."""
        settings: dict[str, Any] = {
            "Entrypoint": list(self.entrypoint),
            "Env": [f"{name}={value}" for name, value in sorted(self.environment.items())],
            "WorkingDir": self.folder,
            **({"User": self.user} if self.user else {}),
            **({"StopSignal": self.stop_signal} if self.stop_signal else {}),
        }
        return {
            "architecture": ARCHITECTURES.get(platform.machine(), platform.machine()),
            "os": "linux",
            "config": settings,
            "rootfs": {"type": "layers", "diff_ids": [layer.digest for layer in self.layers]},
        }

    def keep(self) -> tuple[Blob, Blob]:
        """Keep the configuration and the manifest as blobs, and give the manifest and the configuration."""
        config = keep(encoded(self.configuration()))
        manifest = {
            "schemaVersion": 2,
            "mediaType": f"{MEDIA}.manifest.v1+json",
            "config": descriptor(f"{MEDIA}.config.v1+json", config),
            "layers": [descriptor(f"{MEDIA}.layer.v1.tar", layer) for layer in self.layers],
        }
        return keep(encoded(manifest)), config

    def publish(self, reference: str, names: Path) -> None:
        """Make the registry of the folder ``names`` answer with this image for a reference."""
        manifest, _ = self.keep()
        host, _, rest = qualified(reference).partition("/")
        repository, _, tag = rest.rpartition(":")
        file = names / host / repository / tag
        file.parent.mkdir(parents=True, exist_ok=True)
        partial = file.with_name(f".{tag}.partial-{os.getpid()}")
        partial.write_text(manifest.digest, encoding="utf-8")
        partial.rename(file)

    def write(self, reference: str, target: Path) -> None:
        """Write an archive of the image under a reference: an OCI layout that is also what ``docker save`` writes.

        containerd and kind read the one, crane and older Dockers the other.
        """
        manifest, config = self.keep()
        named = qualified(reference)
        # The first is what containerd reads, the second what everybody else does.
        called = {"io.containerd.image.name": named, "org.opencontainers.image.ref.name": named}
        entry = {**descriptor(f"{MEDIA}.manifest.v1+json", manifest), "annotations": called}
        index = encoded({"schemaVersion": 2, "mediaType": f"{MEDIA}.index.v1+json", "manifests": [entry]})
        saved = {"Config": place(config), "RepoTags": [named], "Layers": [place(layer) for layer in self.layers]}
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_suffix(f".partial-{os.getpid()}")
        with tarfile.open(partial, "w") as archive:
            add(archive, "oci-layout", encoded({"imageLayoutVersion": "1.0.0"}))
            add(archive, "index.json", index)
            add(archive, "manifest.json", encoded([saved]))
            for blob in {each.digest: each for each in (manifest, config, *self.layers)}.values():
                info = tarfile.TarInfo(place(blob))
                info.size = blob.size
                with blob.path.open("rb") as file:
                    archive.addfile(info, file)
        partial.rename(target)


def qualified(reference: str) -> str:
    """Give a reference as runtimes ask for it: Docker Hub's short names are in ``library`` there."""
    return re.sub(r"^docker\.io/(?=[^/]+$)", "docker.io/library/", reference)


def place(blob: Blob) -> str:
    """Give where an archive holds a blob (OCI image layout)."""
    return f"blobs/{blob.digest.replace(':', '/')}"


def encoded(value: object) -> bytes:
    """Write JSON that depends on the value alone."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def descriptor(media_type: str, blob: Blob) -> dict[str, Any]:
    """Describe a blob as a manifest does."""
    return {"mediaType": media_type, "digest": blob.digest, "size": blob.size}


def add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    """Add a small file."""
    info = tarfile.TarInfo(name)
    info.size = len(content)
    archive.addfile(info, io.BytesIO(content))
