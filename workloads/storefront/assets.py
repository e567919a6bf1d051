"""Files that pages refer to, each under a name that changes with its content."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

FOLDER = Path(__file__).parent / "assets"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
_REFERENCE = re.compile(rb"asset\(([a-z0-9.-]+)\)")
_ADDRESS = re.compile(r"([a-z0-9-]+)\.([0-9a-f]{16})(\.[a-z0-9]+)")


@dataclass(frozen=True)
class Asset:
    """One file: ``name`` is its file name, like ``shop.js``."""

    name: str
    content: bytes

    @cached_property
    def digest(self) -> str:
        """16 hex digits that change with the content."""
        return hashlib.sha256(self.content).hexdigest()[:16]

    @cached_property
    def url(self) -> str:
        """Where it is served: ``/assets/shop.<digest>.js``."""
        stem, dot, ending = self.name.rpartition(".")
        return f"/assets/{stem}.{self.digest}{dot}{ending}"

    @cached_property
    def integrity(self) -> str:
        """What a page says of it, so that a browser runs nothing else (W3C, Subresource Integrity)."""
        return "sha384-" + base64.b64encode(hashlib.sha384(self.content).digest()).decode()

    @property
    def media_type(self) -> str:
        """What the Content-Type header says."""
        return _TYPES[Path(self.name).suffix]


class Assets:
    """All files of the image."""

    def __init__(self, folder: Path = FOLDER) -> None:
        """Read them; style sheets come last, because they refer to the others by ``asset(name)``."""
        self._by_name: dict[str, Asset] = {}
        for path in sorted(_files(folder), key=lambda path: path.suffix == ".css"):
            content = _REFERENCE.sub(self._address_of, path.read_bytes())
            self._by_name[path.name] = Asset(path.name, content)

    def __getitem__(self, name: str) -> Asset:
        """Give a file by its name."""
        return self._by_name[name]

    def find(self, address: str) -> tuple[Asset, bool] | None:
        """Give the file at ``/assets/<address>``, and whether it is the very content that the address names.

        While traffic is split between two versions, a page of one may ask the other for its files: better the
        current file of that name than a page without style.
        """
        parts = _ADDRESS.fullmatch(address)
        asset = parts and self._by_name.get(parts[1] + parts[3])
        return (asset, asset.digest == parts[2]) if asset and parts else None

    def _address_of(self, reference: re.Match[bytes]) -> bytes:
        return self[reference[1].decode()].url.encode()


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.suffix in _TYPES)
