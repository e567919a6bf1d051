"""Image references are read as the kubelet reads them: compared with its own parser, of which this shares nothing."""

from __future__ import annotations

import copy
import json
import random
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, seed, settings
from hypothesis import strategies as st

from policies.images import parse
from sandbox import go
from sandbox.progress import Progress
from tests.promised import skipping

ORACLE = Path(__file__).resolve().parents[1] / "oracles"
EXAMPLES = 700
MUTATIONS = 7
"""Of each example, made without hypothesis, which is slow at making text."""

HEX = "0123456789abcdef"
PART = st.from_regex(r"[a-z0-9]+(?:(?:\.|_|__|-{1,3})[a-z0-9]+){0,3}", fullmatch=True)
PATH = st.lists(PART, min_size=1, max_size=4).map("/".join)
LABEL = st.from_regex(r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,6}[a-zA-Z0-9])?", fullmatch=True)
HOST = st.one_of(
    st.sampled_from(
        ["localhost", "docker.io", "index.docker.io", "LOCALHOST", "[::1]", "[fe80::1]", "[::1", "127.0.0.1"]
    ),
    st.lists(LABEL, min_size=1, max_size=3).map(".".join),
)
NUMBER = st.integers(0, 99999).map(str)
TAG = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}", fullmatch=True) | st.sampled_from(
    ["latest", "v1", "t" * 128, "t" * 129]
)
ALGORITHM = st.sampled_from(["sha256", "sha384", "sha512", "md5", "SHA256", "sha256+b64", "sha1", "blake3", "x"])
LENGTH = st.sampled_from([31, 32, 63, 64, 65, 96, 128])
DIGEST = st.builds(
    lambda algorithm, length, text: f"{algorithm}:{(text * 128)[:length]}",
    ALGORITHM,
    LENGTH,
    st.text(HEX, min_size=1, max_size=3) | st.text("ABCDEFg", min_size=1, max_size=2),
)


def _joined(host: str | None, port: str | None, path: str, tag: str | None, digest: str | None) -> str:
    place = "" if host is None else host + (f":{port}" if port is not None else "") + "/"
    return place + path + (f":{tag}" if tag is not None else "") + (f"@{digest}" if digest is not None else "")


WELL_FORMED = st.builds(
    _joined, st.none() | HOST, st.none() | NUMBER, PATH, st.none() | TAG, st.none() | st.none() | DIGEST
)
LONG = st.builds(
    lambda host, length: host + "a" * length, st.sampled_from(["", "a.b/", "library/", "x/"]), st.integers(240, 260)
)
GARBAGE = st.text("aZ0.:-_/@é []", max_size=16) | st.text(HEX, min_size=63, max_size=65) | st.text(max_size=8)
TEXTS = st.one_of(WELL_FORMED, WELL_FORMED, GARBAGE, LONG)


def _mutated(text: str, choice: random.Random) -> str:
    """Put something in, take something out, or both, at any place."""
    at = choice.randint(0, len(text))
    inserted = "".join(choice.choices("A9a:/@._- \té\n[]", k=choice.randint(0, 2)))
    return text[:at] + inserted + text[at + choice.randint(0, 2) :]


def _collected() -> list[str]:
    """Give the same thousands of texts at every run, in one batch for one start of the oracle."""
    texts: list[str] = []

    @seed(0)
    @settings(max_examples=EXAMPLES, phases=[Phase.generate], database=None, deadline=None)
    @given(TEXTS)
    def collect(text: str) -> None:
        texts.append(text)

    collect()
    choice = random.Random(0)
    return list(dict.fromkeys([*texts, *(_mutated(text, choice) for text in texts for _ in range(MUTATIONS))]))


@pytest.fixture(scope="module")
def answers() -> dict[str, dict[str, str]]:
    """Give what the reference implementation says of each text; skip, saying why, where there is no Go for it."""
    with skipping("oracle of images"):
        binary = go.find(go.required_version([ORACLE / "go.mod"]), Progress())
    texts = _collected()
    answer = subprocess.run(
        [binary, "run", "."],
        cwd=ORACLE,
        env=go.environment(),
        input="\n".join(json.dumps(text) for text in texts),
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    lines = [json.loads(line) for line in answer.stdout.rstrip("\n").split("\n")]
    return dict(zip(texts, lines, strict=True))


def _normalized(text: str) -> dict[str, Any] | None:
    """Parse by our own parser, and fill in the registry and folder that a short name implies."""
    image = parse(text)
    if image is None:
        return None
    domain = {None: "docker.io", "index.docker.io": "docker.io"}.get(image.host, image.host)
    path = f"library/{image.path}" if domain == "docker.io" and "/" not in image.path else image.path
    if image.host is None and "/" in path and "." in path.partition("/")[0]:
        domain = ""  # reads like a host, and is none
    return {"domain": domain, "path": path, "tag": image.tag or "", "digest": image.digest or ""}


def test_every_reference_is_read_as_the_kubelet_reads_it(answers: dict[str, dict[str, str]]) -> None:
    wanted = {text: None if answer.pop("error") else answer for text, answer in copy.deepcopy(answers).items()}
    different = [(text, own, theirs) for text, theirs in wanted.items() if (own := _normalized(text)) != theirs]
    assert not different, different[:10]


def test_the_texts_are_both_valid_and_not(answers: dict[str, dict[str, str]]) -> None:
    refused = sum(bool(answer["error"]) for answer in answers.values())
    assert len(answers) > 3000
    assert min(refused, len(answers) - refused) > len(answers) / 8
