"""Each mistake in a stack file is one line: the path, the value, the rule and the remedy; all of them at once."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from fleet.errors import UsageError
from fleet.load import load

Raw = dict[str, Any]
FILE = "Pulumi.dev.yaml"
FLEET = f"{FILE}: flotilla:fleet"


def lines(raw: object, *, secret_keys: dict[str, bool] | None = None) -> list[str]:
    with pytest.raises(UsageError) as caught:
        load(raw, stack="dev", secret_keys=secret_keys)
    assert caught.value.exit_code == 2
    return str(caught.value).split("\n")


def put(raw: Raw, path: str, value: Any) -> None:
    """Put a value at a path of keys, or into a list; None takes away what is there."""
    here: Any = raw
    *parents, key = path.split(".")
    for parent in parents:
        here = here.setdefault(parent, {})
    if isinstance(here, list):
        here.insert(int(key), value)
    elif value is None:
        del here[key]
    else:
        here[key] = copy.deepcopy(value)


MISTAKES: dict[str, Raw] = yaml.safe_load((Path(__file__).parent / "mistakes.yaml").read_text())


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_told_in_one_line(minimal: Raw, mistake: Raw) -> None:
    load(copy.deepcopy(minimal), stack="dev")
    for path, value in mistake["put"].items():
        put(minimal, path, value)
    assert lines(minimal) == [FLEET + mistake["says"]]


def test_all_mistakes_are_told_at_once(minimal: Raw) -> None:
    together = [
        "an unknown key at the top",
        "an unknown key, nearly right",
        "a duplicate host",
        "a hostname that is none",
        "a port too high",
        "a name that is none",
        "an unknown plan",
        "a reserved variable",
        "a number for a truth",
        "an account that is none",
    ]
    expected = []
    for key in together:
        for path, value in MISTAKES[key]["put"].items():
            put(minimal, path, value)
        expected.append(FLEET + MISTAKES[key]["says"].replace("variants[2].host", "variants[3].host"))
    minimal["canary"]["storefronts"] = {"image": "storefront:1.0.0", "plan": "progressive", "step": 9}
    minimal["variants"].append("hero")
    stripe = "pulumi config set --secret flotilla:stripeSecretKey --stack dev"
    token = "pulumi config set --secret flotilla:cloudflareApiToken --stack dev"
    password = "pulumi config set --secret flotilla:databasePassword --stack dev"
    stable = '"storefront:1.0.0" is the stable image too (flotilla:fleet.storefront.image)'
    beyond = "9 is beyond the plan progressive, which ends at step 3"
    expected += [
        f'{FLEET}.variants[4].name: "hero" is also the name of variants[1]; rename or remove one',
        f"{FLEET}.canary.storefronts.image: {stable}; name the new image, or remove the canary",
        f"{FLEET}.canary.storefronts.step: {beyond}; use 0 to 3",
        f"{FILE}: flotilla:stripeSecretKey: is missing: the checkout can't take payments without it; {stripe}",
        f"{FILE}: flotilla:cloudflareApiToken: is missing: edge storage can't be managed without it; {token}",
        f"{FILE}: flotilla:databasePassword: stands there in plain text: a secret must be encrypted; {password}",
    ]
    keys = {"stripeWebhookSecret": True, "databasePassword": False}
    assert sorted(lines(minimal, secret_keys=keys)) == sorted(expected)


def test_everything_missing_is_told_at_once() -> None:
    required = "name namespace domain purpose cluster registry certificates checkout storefront variants database"
    assert lines({}) == [f"{FLEET}.{key}: is missing; add it" for key in required.split()]


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        (None, ": is missing; describe the fleet there; Pulumi.dev.yaml is an example"),
        ([], ": [] must be a mapping; describe the fleet there; Pulumi.dev.yaml is an example"),
        ("dev", ': "dev" must be a mapping; describe the fleet there; Pulumi.dev.yaml is an example'),
    ],
)
def test_a_fleet_that_is_no_mapping_is_told(raw: object, line: str) -> None:
    assert lines(raw) == [FLEET + line]


def test_a_formed_name_that_is_too_long_names_the_stack(minimal: Raw) -> None:
    minimal |= {"namespace": "shops-${stack}", "domain": "${stack}.example"}
    stack = "s" * 64
    with pytest.raises(UsageError) as caught:
        load(minimal, stack=stack)
    place, remedy = f"Pulumi.{stack}.yaml: flotilla:fleet", "shorten it or the stack's name"
    namespace = f"makes the namespace shops-{stack}, which is no RFC 1123 label of at most 63"
    domain = f"makes the domain {stack}.example, under which hosts are no RFC 1123 names"
    assert str(caught.value).split("\n") == [
        f'{place}.namespace: "shops-${{stack}}" {namespace}; {remedy}',
        f'{place}.domain: "${{stack}}.example" {domain}; {remedy}',
    ]


def test_a_long_value_is_cut_short(minimal: Raw) -> None:
    minimal["name"] = "x" * 1000
    (line,) = lines(minimal)
    assert line.startswith(f'{FLEET}.name: "{"x" * 56}... is not a name')


def test_a_file_of_another_name_is_named(minimal: Raw) -> None:
    minimal["purpose"] = "fun"
    with pytest.raises(UsageError, match=r"^mine\.yaml: flotilla:fleet\.purpose: "):
        load(minimal, stack="dev", source="mine.yaml")
