"""Container image references, parsed by the registry's grammar and never split on a colon."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

# The grammar of github.com/distribution/reference. Its first part is a host only with a dot, a colon, an upper case
# letter or as localhost; that last choice is made in _split_host, as the reference implementation does.
_HOST_PART = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_HOST: Final = re.compile(rf"(?:{_HOST_PART}(?:\.{_HOST_PART})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?")
_PATH_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_PATH: Final = re.compile(rf"{_PATH_PART}(?:/{_PATH_PART})*")
_TAG: Final = re.compile(r"\w[\w.-]{0,127}", re.ASCII)
_DIGESTS: Final = {"sha256": 64, "sha384": 96, "sha512": 128}
"""The algorithms that registries know, with the length of what they give in hex (opencontainers/go-digest)."""
_HEX: Final = re.compile(r"[a-f0-9]+")
_HUB: Final = frozenset({None, "docker.io", "index.docker.io"})
_LIBRARY: Final = "library/"
"""The folder of Docker's own registry that a name of one part implies, and that counts in its length."""
_LONGEST_NAME: Final = 255
_IDENTIFIER: Final = re.compile(r"[a-f0-9]{64}")
"""A bare image id, which the reference implementation refuses because it reads like a name."""

LATEST: Final = "latest"
_WORDS = (
    # branches
    "main|master|trunk|head|develop|development|devel|dev|staging|stage|production|prod|preprod|uat|qa|test|testing|"
    "integration|sandbox|live|release|"
    # channels
    "latest|edge|nightly|daily|weekly|snapshot|unstable|rolling|canary|next|stable|current|lts|mainline|preview|"
    "experimental|beta|alpha|rc"
)
"""Tags that name a branch or a channel, which is there to be moved; registries and CI systems push to these again."""
_BASE = (
    r"(?:alpine|slim|debian|ubuntu|ubi|bullseye|bookworm|trixie|buster|jammy|noble|distroless|scratch|musl|glibc|"
    r"windowsservercore|nanoserver|amd64|arm64|arm64v8|fpm|apache|jre|jdk|perl)[0-9.]*"
)
"""What a tag adds to say on what the image is built."""
_TOPIC: Final = (
    r"(?:feature|feat|fix|bugfix|hotfix|topic|wip|branch|pr|mr)(?:[-_.](?!.*[0-9a-f]{7})(?!.*[0-9]+\.[0-9]).+)?"
)
"""A branch for one change; with a commit or a version in it, it is built once."""
_MOVING: Final = re.compile(
    rf"(?:{_WORDS})(?:[-_.](?:{_WORDS}))*(?:-{_BASE})*|tip|{_TOPIC}|.+[-_.]{LATEST}|.*-SNAPSHOT", re.IGNORECASE
)
_BASES: Final = re.compile(rf"{_BASE}(?:-{_BASE})*")
_PARTIAL: Final = re.compile(rf"[0-9]{{1,3}}(?:-{_BASE})*|{_BASE}(?:-{_BASE})*")
_OFFICIAL: Final = re.compile(
    r"(?:library/)?(?:adminer|amazoncorretto|caddy|cassandra|couchdb|eclipse-temurin|ghost|golang|gradle|haproxy|httpd|"
    r"influxdb|mariadb|maven|memcached|mongo|mysql|nats|neo4j|nextcloud|nginx|node|openjdk|php|postgres|python|rabbitmq|"
    r"redis|registry|ruby|rust|solr|telegraf|tomcat|traefik|valkey|varnish|wordpress|zookeeper)"
)
"""Programs of Docker's own library, where the tag of a major version is moved to each of its releases."""


@dataclass(frozen=True, slots=True)
class Image:
    """An image reference in its parts; ``host`` as written, so None where a registry is implied."""

    host: str | None
    path: str
    tag: str | None
    digest: str | None

    def __str__(self) -> str:
        host = f"{self.host}/" if self.host else ""
        tag = f":{self.tag}" if self.tag else ""
        return f"{host}{self.path}{tag}" + (f"@{self.digest}" if self.digest else "")

    @property
    def canonical(self) -> str:
        """The reference with what it implies: Docker's registry, its folder ``library``, and ``latest``."""
        hub = self.host in _HUB
        path = f"{_LIBRARY}{self.path}" if hub and "/" not in self.path else self.path
        end = f"@{self.digest}" if self.digest else f":{self.tag or LATEST}"
        return f"{'docker.io' if hub else self.host}/{path}{end}"

    @property
    def mutable(self) -> bool:
        """Whether the same reference can name another image tomorrow; a digest beats any tag.

        A version may be pushed again too, but that breaks a promise; ``latest``, no tag at all and the name of a branch
        or channel promise nothing.
        """
        return self.digest is None and (self.tag is None or _MOVING.fullmatch(self.tag) is not None)

    @property
    def is_partial(self) -> bool:
        """Whether the tag is a part of a version that the library moves on, as in ``node:20`` and ``nginx:alpine``."""
        if self.digest or not self.tag:
            return False
        official = self.host in _HUB and _OFFICIAL.fullmatch(self.path)
        return bool((_PARTIAL if official else _BASES).fullmatch(self.tag))

    @property
    def default_pull_policy(self) -> str:
        """What an unset policy means: kubernetes.io/docs/concepts/containers/images, "Default image pull policy"."""
        return "Always" if (self.tag or (self.digest or LATEST)) == LATEST else "IfNotPresent"


@lru_cache(maxsize=4096)
def parse(text: str) -> Image | None:
    """Parse ``[host[:port]/]path[:tag][@digest]``; None when the text is no image reference."""
    rest, at_sign, digest = text.partition("@")
    if at_sign and not _is_digest(digest):
        return None
    host, rest = _split_host(rest)
    path, colon, tag = rest.partition(":")
    if colon and not _TAG.fullmatch(tag):
        return None
    if not _PATH.fullmatch(path) or _IDENTIFIER.fullmatch(text):
        return None
    implied = _LIBRARY if host in _HUB and "/" not in path else ""
    return Image(host, path, tag or None, digest or None) if len(implied + path) <= _LONGEST_NAME else None


def _is_digest(digest: str) -> bool:
    algorithm, _, encoded = digest.partition(":")
    return len(encoded) == _DIGESTS.get(algorithm) and _HEX.fullmatch(encoded) is not None


def _split_host(text: str) -> tuple[str | None, str]:
    first, slash, rest = text.partition("/")
    reads_like_host = slash and (first == "localhost" or "." in first or ":" in first or first != first.lower())
    # What reads like a host and can't be one may still be a path: a.b__c/d.
    return (first, rest) if reads_like_host and _HOST.fullmatch(first) else (None, text)
