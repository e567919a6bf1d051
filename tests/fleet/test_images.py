"""Image references, against the grammar of the OCI reference as its specification writes it."""

from __future__ import annotations

from string import ascii_letters, ascii_lowercase, digits, hexdigits

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet import images

ALNUM = ascii_lowercase + digits
REGISTRY = "registry.example/shops"

# github.com/distribution/reference, reference.go: the productions by their own names.
separator = st.sampled_from(["_", ".", "__"]) | st.integers(1, 4).map("-".__mul__)
alpha_numeric = st.text(ALNUM, min_size=1, max_size=5)
path_component = st.tuples(alpha_numeric, st.lists(st.tuples(separator, alpha_numeric), max_size=2)).map(
    lambda parts: parts[0] + "".join(mark + text for mark, text in parts[1])
)
domain_component = st.text(ascii_letters + digits, min_size=1, max_size=4) | st.builds(
    "{}-{}".format, st.sampled_from(ascii_letters + digits), st.text(ascii_letters + digits, min_size=1, max_size=4)
)
port = st.integers(1, 65535).map(":{}".format)
domain = st.one_of(
    st.lists(domain_component, min_size=2, max_size=3).map(".".join),
    st.builds("{}{}".format, domain_component, port),
    st.builds("{}.{}{}".format, domain_component, domain_component, port),
    st.just("localhost"),
)
remote_name = st.lists(path_component, min_size=1, max_size=3).map("/".join)
tag = st.builds(
    "{}{}".format,
    st.sampled_from(ascii_letters + digits + "_"),
    st.text(ascii_letters + digits + "_.-", max_size=12) | st.just("x" * 127),
)
digest = st.text(hexdigits.lower()[:16], min_size=64, max_size=64).map("sha256:{}".format)
suffix = st.one_of(tag.map(":{}".format), digest.map("@{}".format), st.builds(":{}@{}".format, tag, digest))


@given(host=domain, name=remote_name, rest=suffix)
def test_a_reference_with_a_host_stays_as_it_is(host: str, name: str, rest: str) -> None:
    reference = f"{host}/{name}{rest}"
    assert images.is_reference(reference)
    assert images.parse(reference, REGISTRY).reference == reference


@given(name=remote_name, rest=suffix)
def test_a_reference_without_a_host_gets_the_registry(name: str, rest: str) -> None:
    first = name.split("/", maxsplit=1)[0]
    has_host = "/" in name and ("." in first or first == "localhost")
    expected = f"{name}{rest}" if has_host else f"{REGISTRY}/{name}{rest}"
    assert images.is_reference(name + rest)
    assert images.parse(name + rest, REGISTRY).reference == expected


@given(host=domain, name=remote_name)
def test_a_reference_that_names_no_version_is_refused(host: str, name: str) -> None:
    reference = f"{host}/{name}"
    assert not images.is_reference(reference)
    with pytest.raises(ValueError, match="tag or a digest"):
        images.parse(reference, REGISTRY)


@given(name=remote_name, rest=suffix)
def test_a_version_is_always_a_label_value(name: str, rest: str) -> None:
    version = images.parse(name + rest, REGISTRY).version
    assert 1 <= len(version) <= 63
    assert version[0].isalnum()
    assert version[-1].isalnum()
    assert set(version) <= set(ascii_letters + digits + "-_.")


@given(name=remote_name, tag=tag, digest=digest)
def test_a_digest_beats_any_tag(name: str, tag: str, digest: str) -> None:
    pinned = images.parse(f"{name}:{tag}@{digest}", REGISTRY)
    assert (pinned.immutable, pinned.pull_policy) == (True, "IfNotPresent")
    unnamed = images.parse(f"{name}@{digest}", REGISTRY)
    assert unnamed.version == "sha256-" + digest.removeprefix("sha256:")[:12]


@pytest.mark.parametrize("tag", ["1.4.2", "v1.4.2", "1.4.2-rc.1", "1.4.2_build.7", "0a1b2c3", "sha-0a1b2c3d", "a" * 40])
def test_a_full_version_or_a_commit_can_not_move(tag: str) -> None:
    assert images.parse(f"app:{tag}", REGISTRY).pull_policy == "IfNotPresent"


@pytest.mark.parametrize("tag", ["latest", "main", "1.4", "1", "v2", "stable", "1.4.2.", "1.x.2", "0a1b2c", "beef"])
def test_anything_else_is_pulled_always(tag: str) -> None:
    assert images.parse(f"app:{tag}", REGISTRY).pull_policy == "Always"


@pytest.mark.parametrize(
    "text",
    [
        *("", ":1", "app", "app:", "App:1", "app:1:2", "-app:1", "app-:1", "a//b:1", "/a:1", "app@sha256:abc"),
        *("app:.1", "app:" + "x" * 129, " app:1", "app:1\n", "a___b:1", "a..b:1", "reg:/app:1", "app:1@md5:00"),
        "registry:\u0663/app:1",
    ],
)
def test_what_the_grammar_does_not_know_is_refused(text: str) -> None:
    assert not images.is_reference(text)
