"""Container images as a fleet names them: a reference, the version it stands for, and whether it can change."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

# The OCI distribution specification's grammar (github.com/distribution/reference), anchored, in named parts.
_REFERENCE = re.compile(
    r"(?:(?P<host>(?:localhost|[a-zA-Z0-9-]+(?:\.[a-zA-Z0-9-]+)+|[a-zA-Z0-9-]+(?=:[0-9]))(?::[0-9]+)?)/)?"
    r"(?P<path>[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)*)"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?"
    r"(?:@(?P<digest>sha256:[a-f0-9]{64}))?"
)
# What a release is named after: a full version, or a commit. Anything else (main, latest, 1.4) may move.
_IMMUTABLE_TAG = re.compile(r"v?\d+\.\d+\.\d+(?:[-_.][0-9A-Za-z_.-]+)?|(?:sha-)?[0-9a-f]{7,40}")
_NOT_A_LABEL = re.compile(r"[^A-Za-z0-9._-]")
_LABEL_LENGTH = 63


@dataclass(frozen=True, slots=True)
class Image:
    """An image reference with the registry in front, and what follows from it."""

    reference: str
    version: str
    immutable: bool

    @property
    def pull_policy(self) -> str:
        """``IfNotPresent`` for what can't change, ``Always`` for what can (systems.md A, mistake 1)."""
        return "IfNotPresent" if self.immutable else "Always"


def is_reference(text: str) -> bool:
    """Say whether ``text`` is an image reference that names a tag or a digest."""
    match = _REFERENCE.fullmatch(text)
    return match is not None and (match["tag"] is not None or match["digest"] is not None)


@cache
def parse(reference: str, registry: str) -> Image:
    """Give the image that ``reference`` names; ``registry`` goes in front unless the reference names a host itself.

    Raises ValueError when the reference names neither a tag nor a digest, or is none at all.
    """
    match = _REFERENCE.fullmatch(reference)
    if match is None or not (match["tag"] or match["digest"]):
        raise ValueError(f"{reference!r} is not an image reference with a tag or a digest")
    full = reference if match["host"] else f"{registry}/{reference}"
    tag, digest = match["tag"], match["digest"]
    version = tag or "sha256-" + digest.removeprefix("sha256:")[:12]
    return Image(full, _as_label(version), bool(digest or _IMMUTABLE_TAG.fullmatch(tag)))


def _as_label(version: str) -> str:
    return _NOT_A_LABEL.sub("-", version)[:_LABEL_LENGTH].strip("-._") or "unnamed"
