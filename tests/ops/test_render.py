"""``flotilla render`` writes a stack's plan, or says in one line why it can't."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ops import cli
from ops.stackfile import PROJECT

GOLDEN = PROJECT / "tests" / "manifests" / "golden"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def flotilla(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command in this process; give its exit code and what it said."""

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["flotilla", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            cli.main()
        said = capsys.readouterr()
        return int(left.value.code or 0), said.out, said.err

    return run


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_stack_is_rendered_and_counted(stack_name: str, flotilla: Run, tmp_path: Path) -> None:
    code, out, err = flotilla("render", stack_name, "--out", tmp_path / "new" / "folder")
    assert (code, err) == (0, "")
    assert out.startswith(f"{stack_name}: ")
    assert out.rstrip().endswith(f"resources in {tmp_path / 'new' / 'folder'}")
    assert contents(tmp_path / "new" / "folder") == contents(GOLDEN / stack_name)


def test_a_second_render_changes_no_byte_and_drops_what_is_stale(flotilla: Run, tmp_path: Path) -> None:
    flotilla("render", "prod", "--out", tmp_path)
    (tmp_path / "kubernetes" / "old.yaml").write_text("kind: Old\n")
    (tmp_path / "mine.txt").write_text("mine")
    flotilla("render", "dev", "--out", tmp_path)
    flotilla("render", "dev", "--out", tmp_path)
    assert contents(tmp_path) == contents(GOLDEN / "dev") | {"mine.txt": b"mine"}


def test_another_stack_file_is_rendered_as_the_stack(flotilla: Run, tmp_path: Path) -> None:
    changed = (PROJECT / "Pulumi.dev.yaml").read_text().replace("      - yorktown\n", "")
    (tmp_path / "mine.yaml").write_text(changed)
    code, _, _ = flotilla("render", "dev", "--config", tmp_path / "mine.yaml", "--out", tmp_path / "out")
    assert code == 0
    names = {path.name for path in (tmp_path / "out" / "kubernetes").iterdir()}
    assert "storefront-tang.yaml" in names
    assert "storefront-yorktown.yaml" not in names


def test_a_folder_that_can_not_be_written_is_told_in_one_line(flotilla: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    out = tmp_path / "file" / "out"
    line = f"flotilla: {out}: can't be written: Not a directory; choose another folder with --out\n"
    assert flotilla("render", "dev", "--out", out) == (3, "", line)


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_without_permission_is_told_in_one_line(flotilla: Run, tmp_path: Path) -> None:
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    code, _, err = flotilla("render", "dev", "--out", tmp_path / "out")
    assert (code, err.count("\n")) == (3, 1)


def test_an_unknown_stack_is_told_in_one_line(flotilla: Run, tmp_path: Path) -> None:
    line = "flotilla: Pulumi.nope.yaml: there is no such stack file; stacks here are dev, pr, prod, staging\n"
    assert flotilla("render", "nope", "--out", tmp_path) == (2, "", line)
    assert not list(tmp_path.iterdir())


def test_broken_yaml_names_the_file_and_the_line(flotilla: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("config:\n  a: 1\n b: 2\n")
    line = "flotilla: mine.yaml:3: is no YAML: did not find expected key; correct that line\n"
    assert flotilla("render", "dev", "--config", tmp_path / "mine.yaml", "--out", tmp_path / "out") == (2, "", line)


def test_every_mistake_is_a_line_and_nothing_is_written(flotilla: Run, tmp_path: Path) -> None:
    text = (PROJECT / "Pulumi.dev.yaml").read_text().replace("purpose: disposable", "purpose: fun\n    colour: blue")
    (tmp_path / "mine.yaml").write_text(text.replace("step: 1", "step: 9"))
    code, out, err = flotilla("render", "dev", "--config", tmp_path / "mine.yaml", "--out", tmp_path / "out")
    starts = ["purpose: ", "colour: ", "canary.checkout.step: 9 "]
    assert (code, out) == (2, "")
    for line, start in zip(err.splitlines(), starts, strict=True):
        assert line.startswith(f"flotilla: mine.yaml: flotilla:fleet.{start}")
    assert not (tmp_path / "out").exists()


def test_the_installed_command_renders_without_pulumi(tmp_path: Path) -> None:
    command = Path(sys.executable).parent / "flotilla"
    done = subprocess.run(
        [command, "render", "prod", "--out", tmp_path], cwd="/", capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.startswith("prod: ")
    assert contents(tmp_path) == contents(GOLDEN / "prod")
    probe = (
        "import sys; sys.argv = ['flotilla', 'render', 'prod', '--out', sys.argv[1]]\n"
        "from ops.cli import main\n"
        "try: main()\n"
        "finally: print(sorted(name for name in sys.modules if name.startswith('pulumi')))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", probe, str(tmp_path)], cwd="/", capture_output=True, text=True, check=True, timeout=60
    )
    assert ran.stdout.splitlines()[-1] == "[]"
