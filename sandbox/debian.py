"""Debian packages unpacked into the user's cache: programs that no language's registry brings. Nothing is installed.

A bare machine has neither containerd nor runc. ``apt-get download`` fetches and checks them as ``apt-get install``
would, and ``dpkg -x`` unpacks them here; of what they depend on, only what this machine lacks is fetched.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from fleet.errors import PlaceError
from sandbox import lock, places, programs
from sandbox.progress import Progress

ROOT = Path("/")
PROGRAMS = ("usr/sbin", "usr/bin", "sbin", "bin")
CNI = ("usr/lib/cni", "opt/cni/bin")
NEEDED: Mapping[str, tuple[str, ...]] = {
    "containerd": ("containerd", "containerd-shim-runc-v2", "ctr"),
    "runc": ("runc",),
    "iptables": ("iptables", "iptables-save", "iptables-restore"),
    "conntrack": ("conntrack",),
    "iproute2": ("ip",),
}
"""Which programs we call of which package. The CNI plugins lie in a folder of their own."""
PLUGINS = "containernetworking-plugins"
REMEDY = "see that Debian's mirror can be reached, and try again"
FORMAT = 1
"""Raised when packages are unpacked in another way, so that older folders are left alone."""


@dataclass(frozen=True, kw_only=True)
class Unpacked:
    """Packages unpacked under ``root``; None where they come from PATH, because this machine has no apt-get."""

    root: Path | None

    @property
    def environment(self) -> dict[str, str]:
        """Give the environment in which the programs find each other and their libraries."""
        if self.root is None:
            return dict(os.environ)
        folders = [str(self.root / name) for name in PROGRAMS]
        path = os.pathsep.join([*folders, os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])
        return {**os.environ, **self.libraries, "PATH": path}

    @cached_property
    def libraries(self) -> Mapping[str, str]:
        """The variables that name the folders of libraries, found once: what is unpacked changes no more."""
        if self.root is None:
            return {}
        plugins = [str(path) for path in self.root.glob("usr/lib/*-linux-gnu/xtables")]
        found = {"LD_LIBRARY_PATH": library_path(self.root), "XTABLES_LIBDIR": os.pathsep.join(plugins)}
        return {name: value for name, value in found.items() if value}

    def program(self, name: str) -> Path:
        """Give the program of that name. Raises PlaceError naming it when neither place has it."""
        found = shutil.which(name, path=self.environment.get("PATH"))
        if found is None:
            raise PlaceError(f"{name}: not on PATH, and there is no apt-get to fetch it with; install {name}")
        return Path(found)

    def folder(self, *candidates: str) -> Path:
        """Give the first of these folders (relative to a root file system) that is there. Raises PlaceError."""
        for root in [each for each in (self.root, ROOT) if each is not None]:
            for candidate in candidates:
                if (root / candidate).is_dir():
                    return root / candidate
        raise PlaceError(f"/{candidates[0]}: not there, and there is no apt-get to fetch it with; install what has it")


def lacking_here(packages: Sequence[str]) -> list[str]:
    """Give those of the packages that this machine neither has nor can fetch: there is no apt-get, and PATH lacks them.

    Only what NEEDED and CNI tell of a package is looked for.
    """
    if can_fetch():
        return []
    have = Unpacked(root=None).environment.get("PATH")
    missing = [name for name in packages if any(not shutil.which(each, path=have) for each in NEEDED.get(name, ()))]
    plugins = PLUGINS in packages and not any((ROOT / folder).is_dir() for folder in CNI)
    return [*missing, *([PLUGINS] if plugins else [])]


def can_fetch() -> bool:
    """Say whether this machine is a Debian, or one of its kind."""
    return shutil.which("apt-get") is not None and shutil.which("dpkg") is not None


def library_path(root: Path) -> str:
    """Give the folders that hold shared libraries under ``root``, as the loader wants them; some are not below usr."""
    found = (path for folder in ("usr/lib", "lib") for path in root.glob(f"{folder}/*-linux-gnu/**/*.so*"))
    return os.pathsep.join(sorted({str(path.parent) for path in found}))


def unpacked(packages: Sequence[str], progress: Progress) -> Unpacked:
    """Give the packages unpacked in the cache, fetched once; without apt-get, what PATH has.

    Raises PlaceError with apt-get's own last words, or naming every package that PATH has nothing of.
    """
    if not can_fetch():
        if missing := lacking_here(packages):
            raise PlaceError(
                f"{', '.join(missing)}: not on this machine, and there is no apt-get to fetch them with; install them, "
                "or use --simulated"
            )
        return Unpacked(root=None)
    key = hashlib.sha256(f"{FORMAT} {' '.join(sorted(packages))}".encode()).hexdigest()[:16]
    target = places.cache() / "debian" / key
    if not target.exists():
        with lock.held("debian"):
            if not target.exists():
                with progress.stage(f"fetch {', '.join(packages)}"):
                    fetch(packages, target)
    return Unpacked(root=target)


def fetch(packages: Sequence[str], target: Path) -> None:
    """Download and unpack the packages with what they lack here; the folder appears whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    for abandoned in target.parent.glob(".fetching-*"):
        shutil.rmtree(abandoned, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".fetching-") as temporary:
        root, downloads = Path(temporary) / "root", Path(temporary) / "downloads"
        root.mkdir()
        downloads.mkdir()
        download(packages, downloads)
        for package in sorted(downloads.glob("*.deb")):
            run(["dpkg", "-x", str(package), str(root)], downloads)
        link_alternatives(root)
        root.rename(target)


def link_alternatives(root: Path) -> None:
    """Give iptables its plain names, which an installation makes by update-alternatives."""
    for program in root.glob("usr/sbin/ip*tables-nft*"):
        plain = program.with_name(program.name.replace("-nft", ""))
        if not plain.exists():
            plain.symlink_to(program.name)


def download(packages: Sequence[str], folder: Path) -> None:
    """Download by the machine's own package lists; where it has none, or they are stale, by fresh ones of our own."""
    own = ["-o", f"Dir::State::Lists={folder}/lists", "-o", f"Dir::Cache={folder}/cache"]
    try:
        run(["apt-get", *quiet(), "download", *packages, *lacking(packages, [])], folder)
    except PlaceError:
        (folder / "lists" / "partial").mkdir(parents=True)
        (folder / "cache" / "archives" / "partial").mkdir(parents=True)
        run(["apt-get", *quiet(), *own, "update"], folder)
        run(["apt-get", *quiet(), *own, "download", *packages, *lacking(packages, own)], folder)


def quiet() -> list[str]:
    """Give the options that keep apt-get from changing to a user who may not read our folder."""
    return ["-qq", "-o", "APT::Sandbox::User=root"]


def lacking(packages: Sequence[str], options: Sequence[str]) -> list[str]:
    """Give the packages that these depend on and this machine does not have installed."""
    only = [f"--no-{kind}" for kind in ("recommends", "suggests", "conflicts", "breaks", "replaces", "enhances")]
    listed = run(["apt-cache", *options, "depends", "--recurse", *only, *packages], Path("/"))
    # An indented line is a relation; a name in angle brackets is virtual.
    names = {line.strip() for line in listed.splitlines() if line and line[0] not in " <|"}
    asked = ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\\n"]
    installed = {line.split()[0] for line in run(asked, Path("/")).splitlines() if line.endswith(" installed")}
    return sorted({name.partition(":")[0] for name in names} - installed - set(packages))


def run(command: Sequence[str], folder: Path) -> str:
    """Run one of Debian's tools and give what it printed. Raises PlaceError with its last line."""
    return programs.run(command, remedy=REMEDY, folder=folder)
