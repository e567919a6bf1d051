"""Building, with a compiler that does as told: the real one is used by whoever needs a cluster."""

from __future__ import annotations

import io
import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from fleet.errors import PlaceError
from sandbox import builder, go, unused
from sandbox.progress import Progress
from sandbox.tools import ETCD, KUBECTL, KWOK
from tests.waiting import wait

OUTPUT = 'for word; do case "$previous" in -o) out="$word";; esac; previous="$word"; done; '


@pytest.fixture
def compiler(monkeypatch: Any, script: Any, cache: Path) -> Any:
    """Give what sets the compiler's script; ``$out`` is where the tool goes."""

    def install(body: str) -> Path:
        path: Path = script("go", OUTPUT + body)
        monkeypatch.setattr(go, "find", lambda required, progress: path)
        return path

    return install


def test_a_tool_is_built_once(compiler: Any, progress: Any, printed: io.StringIO, tmp_path: Path) -> None:
    compiler(f'echo built >> {tmp_path}/log; echo tool > "$out"')
    builder.build(progress, [KWOK, ETCD])
    builder.build(progress, [KWOK, ETCD])
    assert (tmp_path / "log").read_text() == "built\n" * 2
    assert KWOK.path.read_text() == "tool\n"
    assert builder.missing([KWOK, ETCD]) == []
    assert f"build etcd {ETCD.version} (2 of 2) ..." in printed.getvalue()


def test_a_tool_that_does_not_compile_is_named_with_the_compilers_last_line_and_the_remedy(
    compiler: Any, progress: Any
) -> None:
    compiler("echo first >&2; echo 'x.go:1: undefined: y' >&2; exit 1")
    with pytest.raises(PlaceError) as refused:
        builder.build(progress, [KUBECTL])
    line = f"tool kubectl {KUBECTL.version}: can't be built: x.go:1: undefined: y; {builder.REMEDY}"
    assert str(refused.value) == line
    assert refused.value.exit_code == 3
    assert builder.missing([KUBECTL]) == [KUBECTL]
    assert list(KUBECTL.path.parent.iterdir()) == []


@pytest.mark.parametrize(
    "said",
    [
        "go: x@v1.0.0: reading https://proxy.invalid/x/@v/v1.0.0.zip: 503 Service Unavailable",
        "go: x@v1.0.0: reading https://proxy.invalid/x/@v/v1.0.0.mod: 429 Too Many Requests",
        'go: x@v1.0.0: Get "https://proxy.invalid/x/@v/v1.0.0.info": net/http: TLS handshake timeout',
        "x.go:1:2: read tcp 127.0.0.1:1->127.0.0.1:2: read: connection reset by peer",
    ],
)
def test_a_proxy_that_fails_for_a_moment_is_asked_again(
    compiler: Any, progress: Any, monkeypatch: Any, tmp_path: Path, said: str
) -> None:
    monkeypatch.setattr(builder, "PAUSE_SECONDS", 0.0)
    counted = f"echo tried >> {tmp_path}/tries; "
    compiler(f"{counted}[ $(wc -l < {tmp_path}/tries) = 3 ] && echo tool > $out || {{ echo '{said}' >&2; exit 1; }}")
    builder.build(progress, [KWOK])
    assert KWOK.path.read_text() == "tool\n"
    assert [path.name for path in KWOK.path.parent.iterdir()] == ["kwok"]
    (tmp_path / "tries").unlink()
    compiler(f"{counted}echo half > $out; echo '{said}' >&2; exit 1")
    with pytest.raises(PlaceError, match=r"can't be built: .*; see that the Go module proxy can be reached"):
        builder.build(progress, [ETCD])
    assert (tmp_path / "tries").read_text() == "tried\n" * builder.TRIES


@pytest.mark.parametrize(
    "said",
    [
        "go: x@v1.0.0: reading https://proxy.invalid/x/@v/v1.0.0.zip: 403 Forbidden",
        "go: x@v1.0.0: reading https://proxy.invalid/x/@v/v1.0.0.info: 404 Not Found",
        "x.go:1:2: syntax error: unexpected EOF",
    ],
)
def test_what_will_not_change_is_not_tried_again(compiler: Any, progress: Any, tmp_path: Path, said: str) -> None:
    compiler(f"echo tried >> {tmp_path}/tries; echo '{said}' >&2; exit 1")
    with pytest.raises(PlaceError, match="can't be built"):
        builder.build(progress, [KWOK])
    assert (tmp_path / "tries").read_text() == "tried\n"


def test_what_is_built_already_is_not_built_again_after_a_later_tool_failed(
    compiler: Any, progress: Any, tmp_path: Path
) -> None:
    compiler('case "$out" in *kwok) echo tool > "$out";; *) exit 1;; esac')
    with pytest.raises(PlaceError):
        builder.build(progress, [KWOK, ETCD])
    compiler(f'echo "$out" >> {tmp_path}/log; echo tool > "$out"')
    builder.build(progress, [KWOK, ETCD])
    assert len((tmp_path / "log").read_text().splitlines()) == 1


def test_a_build_that_was_killed_leaves_no_half_tool_and_its_remains_go_with_the_next(
    compiler: Any, progress: Any
) -> None:
    remains = KWOK.path.parent / ".building-killed"
    remains.mkdir(parents=True)
    (remains / "kwok").write_text("half")
    assert builder.missing([KWOK]) == [KWOK]
    compiler('echo tool > "$out"')
    builder.build(progress, [KWOK])
    assert [path.name for path in KWOK.path.parent.iterdir()] == ["kwok"]


def test_two_builds_at_once_build_once(compiler: Any, tmp_path: Path) -> None:
    compiler(f'echo built >> {tmp_path}/log; sleep 1; echo tool > "$out"')
    console = Console(file=io.StringIO())
    threads = [threading.Thread(target=builder.build, args=(Progress(console), [KWOK])) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (tmp_path / "log").read_text() == "built\n"


def test_an_interrupt_ends_the_compiler_and_what_it_started(
    compiler: Any, progress: Any, monkeypatch: Any, tmp_path: Path
) -> None:
    compiler(f"(trap '' TERM; echo $$ > {tmp_path}/group; exec sleep 60) & exec sleep 60")

    class Interrupting:
        def update(self) -> None:
            while not (tmp_path / "group").exists() or not (tmp_path / "group").read_text().strip():
                pass
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        builder.compile_tool(tmp_path / "programs" / "go", KWOK, Interrupting())  # type: ignore[arg-type]
    group = (tmp_path / "group").read_text().strip()
    # A process that was killed ends when it is next given a processor.
    wait(lambda: not running_of(group), "what was killed to end")
    assert list(KWOK.path.parent.iterdir()) == []


def running_of(group: str) -> list[str]:
    """Give the programs of a process group; one that was killed may stand as a zombie until it is reaped (proc(5))."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = entry.read_text().rpartition(") ")
        except OSError:
            continue
        state, _, of_group, *_ = rest.split()
        if of_group == group and state not in {"Z", "X"}:
            found.append(name)
    return found


def test_what_the_compiler_writes_meanwhile_goes_with_the_build(compiler: Any, progress: Any) -> None:
    compiler('mkdir "$GOTMPDIR/go-build1"; echo tool > "$out"')
    builder.build(progress, [KWOK])
    assert [path.name for path in KWOK.path.parent.iterdir()] == ["kwok"]


def test_tools_that_nothing_has_used_for_a_month_go_after_a_build(compiler: Any, progress: Any, cache: Path) -> None:
    compiler('echo tool > "$out"')
    builder.build(progress, [KWOK])
    (older := cache / "tools" / "0123456789abcdef" / "kwok").parent.mkdir()
    older.touch()
    long_ago = (time.time() - unused.AFTER_SECONDS - 60,) * 2
    for path in (older, older.parent, KWOK.path, KWOK.path.parent):
        os.utime(path, long_ago)
    builder.build(progress, [KWOK])
    builder.build(progress, [ETCD])
    assert KWOK.path.exists()
    assert not older.parent.exists()
