"""Stack files are read as Pulumi reads them, and what Pulumi would refuse is told by file and line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.errors import UsageError
from ops import stackfile

KNOWN = "stacks here are dev, pr, prod, staging"


def read(folder: Path, text: str | bytes) -> stackfile.StackFile:
    path = folder / "mine.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return stackfile.read("dev", path)


def refusal(folder: Path, text: str | bytes) -> str:
    with pytest.raises(UsageError) as caught:
        read(folder, text)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_every_stack_of_the_repository_is_read_and_right(stack_name: str) -> None:
    fleet = stackfile.read(stack_name).fleet()
    assert fleet.stack == stack_name
    assert fleet.variants


def test_a_stack_that_does_not_exist_names_those_that_do() -> None:
    with pytest.raises(UsageError, match=rf"^Pulumi\.nope\.yaml: there is no such stack file; {KNOWN}$"):
        stackfile.read("nope")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("config:\n  a: 1\n b: 2\n", ":3: is no YAML: did not find expected key; correct that line"),
        ("config:\n\ta: 1\n", ":2: is no YAML: found character that cannot start any token; correct that line"),
        ("config: [1\n", ":2: is no YAML: did not find expected ',' or ']'; correct that line"),
        ("a: *gone\n", ":1: is no YAML: found undefined alias; correct that line"),
        ("config: {}\nconfig: {}\n", ":2: is no YAML: key 'config' stands twice; correct that line"),
        ("config:\n  a:\n    b: 1\n    c: 2\n    b: 3\n", ":5: is no YAML: key 'b' stands twice; correct that line"),
        ("config:\n  ? [a]\n  : 1\n", ":2: is no YAML: a key is no text; correct that line"),
        ("config: !!python/name:os.system\n", ":1: is no YAML: could not determine a constructor for the tag"),
        ("---\n---\n", ":2: is no YAML: but found another document; correct that line"),
        ("a: \x00\n", ": is no YAML: "),
        ("", ": has no mapping 'config'; Pulumi.dev.yaml is an example"),
        ("- config\n", ": has no mapping 'config'; Pulumi.dev.yaml is an example"),
        ("config: yes\n", ": has no mapping 'config'; Pulumi.dev.yaml is an example"),
        (b"config: \xff\n", ": is not UTF-8 text; save it as that"),
    ],
)
def test_what_pulumi_would_not_read_is_told_in_one_line(text: str | bytes, problem: str, tmp_path: Path) -> None:
    assert refusal(tmp_path, text).startswith(f"mine.yaml{problem}")


def test_a_folder_is_no_stack_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"can't be read: Is a directory; name a stack file$"):
        stackfile.read("dev", tmp_path)


def test_anchors_and_merges_are_read(tmp_path: Path) -> None:
    text = "config:\n  a: &a {x: 1, y: 1}\n  b:\n    <<: *a\n    y: 2\n"
    assert read(tmp_path, text).config["b"] == {"x": 1, "y": 2}


def test_a_file_without_a_fleet_says_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^mine\.yaml: flotilla:fleet: is missing; describe the fleet there"):
        read(tmp_path, "config: {}\n").fleet()


def test_a_mistake_names_the_file_it_stands_in(tmp_path: Path) -> None:
    text = (stackfile.PROJECT / "Pulumi.dev.yaml").read_text().replace("purpose: disposable", "purpose: fun")
    with pytest.raises(UsageError, match=r"^mine\.yaml: flotilla:fleet\.purpose: \"fun\" must be "):
        read(tmp_path, text).fleet()


def test_secrets_are_told_apart_from_plain_text(tmp_path: Path) -> None:
    text = (
        "config:\n  aws:region: x\n  5: x\n  flotilla:fleet: {}\n  flotilla:a: {secure: v1:x}\n"
        "  flotilla:b: sk_live\n  flotilla:c: {secret: x}\n"
    )
    assert read(tmp_path, text).secret_keys == {"a": True, "b": False, "c": False}


def test_secrets_are_asked_for_only_when_they_are_needed() -> None:
    dev = stackfile.read("dev")
    assert dev.fleet()
    with pytest.raises(UsageError, match=r"flotilla:stripeSecretKey: is missing") as caught:
        dev.fleet(with_secrets=True)
    assert len(str(caught.value).split("\n")) == 2


@given(text=st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_any_text_that_is_no_fleet_is_refused(text: str, tmp_path_factory: Any) -> None:
    folder = tmp_path_factory.mktemp("any")
    for content in (text, f"config: {text}", f"config:\n  flotilla:fleet:\n    {text}"):
        with pytest.raises(UsageError, match=r"^mine\.yaml"):
            read(folder, content.encode("utf-8", "surrogatepass")).fleet()
