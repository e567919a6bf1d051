"""A small root file system copied from this machine: Python and a few commands, with the libraries they load."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

from fleet.errors import PlaceError

COMMANDS = (
    *("sh", "cat", "ls", "mkdir", "rm", "mv", "cp", "chmod", "id", "env", "date", "sleep", "echo"),
    *("grep", "sort", "head", "tail", "wc", "sed", "tr", "rmdir", "ps"),
)
"""What scripts and a person in a shell reach for or what starts Postgres reaches for."""
REQUIRED = {"sh", "cat", "ls", "mkdir", "rm", "mv", "date", "grep", "sort", "tail", "sed", "tr", "rmdir"}
USERS = {"root": 0, "postgres": 999, "app": 10001, "nobody": 65534}
LEFT_OUT = (
    *("test", "tests", "idlelib", "tkinter", "turtledemo", "lib2to3", "ensurepip", "site-packages", "dist-packages"),
    *("__pycache__", "pydoc_data", "config-*", "*.a", "EXTERNALLY-MANAGED"),
)
"""Of the standard library: what no server needs."""
ZONES = Path("/usr/share/zoneinfo")
CERTIFICATES = "etc/ssl/certs/ca-certificates.crt"


def base(root: Path) -> None:
    """Make the folders, users and commands that every image has."""
    for name in ("etc", "proc", "sys", "dev", "run", "var", "usr/bin", "usr/lib"):
        (root / name).mkdir(parents=True, exist_ok=True)
    for name in ("bin", "lib", "lib64", "sbin"):
        # Merged, as every distribution has it by now; the loader's own path is /lib64 on x86_64.
        (root / "usr" / name).mkdir(exist_ok=True)
        (root / name).symlink_to(f"usr/{name}")
    (root / "tmp").mkdir()
    (root / "tmp").chmod(0o1777)
    passwd = [f"{name}:x:{number}:{number}:{name}:/tmp:/bin/sh" for name, number in USERS.items()]
    (root / "etc/passwd").write_text("\n".join(passwd) + "\n")
    (root / "etc/group").write_text("\n".join(f"{name}:x:{number}:" for name, number in USERS.items()) + "\n")
    (root / "etc/nsswitch.conf").write_text("passwd: files\ngroup: files\nhosts: files dns\n")
    if ZONES.is_dir():
        shutil.copytree(ZONES, root / "usr/share/zoneinfo", ignore=shutil.ignore_patterns("posix", "right", "*.tab"))
    copy_commands(root)


def copy_commands(root: Path) -> None:
    """Copy the commands with their libraries. Raises PlaceError when one that is needed is not here."""
    found = {name: shutil.which(name, path="/usr/bin:/bin") for name in COMMANDS}
    if lacking := sorted(name for name in REQUIRED if found[name] is None):
        raise PlaceError(f"{', '.join(lacking)}: not in /usr/bin; install coreutils, grep and a shell")
    programs = {name: Path(path).resolve() for name, path in found.items() if path}
    for name, program in programs.items():
        shutil.copy(program, root / "usr/bin" / name)
    copy_libraries(root, programs.values())


def python(root: Path) -> None:
    """Copy the running interpreter with its standard library; it is then ``/usr/bin/python3``.

    Python finds its library beside its own program (Modules/getpath.py), so the prefix may be another here.
    """
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    interpreter = Path(sys.base_prefix) / "bin" / version
    if not interpreter.exists():
        interpreter = Path(sys.executable).resolve()
    library = Path(sysconfig.get_path("stdlib"))
    target = root / "usr/lib" / version
    shutil.copytree(library, target, ignore=shutil.ignore_patterns(*LEFT_OUT), symlinks=False)
    (root / "usr/bin").mkdir(parents=True)
    shutil.copy(interpreter, root / "usr/bin" / version)
    (root / "usr/bin/python3").symlink_to(version)
    copy_libraries(root, [interpreter, *target.glob("lib-dynload/*.so")])
    if (Path("/") / CERTIFICATES).exists():
        (root / CERTIFICATES).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(Path("/") / CERTIFICATES, root / CERTIFICATES)


def copy_libraries(root: Path, programs: Iterable[Path]) -> None:
    """Copy the shared libraries that these programs load and ``root`` does not have, to where they are found again.

    A Python that its user built brings libraries under its own prefix, which no image has; every loader looks into
    /usr/lib. /lib and /lib64 are links, and a folder in a layer would replace them.
    """
    for library in libraries(programs):
        if library.is_relative_to(root):
            continue
        within = library.relative_to("/usr" if library.parts[1] == "usr" else "/")
        known = within.parts[0] in {"lib", "lib64"}
        target = root / "usr" / (within if known else f"lib/{library.name}")
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(library.resolve(), target)


def libraries(programs: Iterable[Path]) -> list[Path]:
    """Give the shared libraries that programs or libraries load, the loader among them (ldd(1))."""
    found: set[Path] = set()
    for program in programs:
        answer = subprocess.run(["ldd", program], capture_output=True, text=True, check=False)
        found |= {Path(path) for path in re.findall(r"(?:=> |^\s+)(/\S+) \(0x", answer.stdout, re.MULTILINE)}
    return sorted(found)
