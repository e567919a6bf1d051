"""What a tag stands for now: real HTTP, the token's detour, and what pods that lag behind are told apart by."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Mapping
from dataclasses import replace

import pytest

from fleet.images import Image
from fleet.model import WorkloadSpec
from tests.verify.living import DIGEST, Living, spec
from tests.verify.results import FAIL, PASS, UNKNOWN
from tests.verify.scripted import Answer, Script, scripted
from verify.checks import images
from verify.registry import Registry, UntoldError
from verify.registry import logins as logins_in
from verify.results import Result

OTHER = "sha256:" + "b" * 64
IMAGE = "registry.clearwatch.example/shops/storefront:2.3.0"


def serving(digests: Mapping[str, str], default: str = "") -> Script:
    """Answer a HEAD as the sandbox's registry does (sandbox/tools/registry/main.go)."""

    def answer(method: str, path: str, _given: Mapping[str, str]) -> Answer:
        name = path.partition("?")[0].removeprefix("/v2/")
        digest = digests.get(name, default)
        return (200, {"Docker-Content-Digest": digest}, "") if digest and method == "HEAD" else (404, {}, "")

    return answer


def digest(script: Script, logins: Mapping[str, str] | None = None) -> str:
    with scripted(script) as server:
        return asyncio.run(Registry(server.url, logins).digest(IMAGE))


def test_a_tag_is_asked_of_the_mirror_by_the_registry_s_name() -> None:
    with scripted(serving({"shops/storefront/manifests/2.3.0": DIGEST})) as server:
        assert asyncio.run(Registry(server.url).digest(IMAGE)) == DIGEST
        assert server.asked == [("HEAD", "/v2/shops/storefront/manifests/2.3.0?ns=registry.clearwatch.example")]


def test_a_registry_that_wants_a_token_gets_one_by_the_pull_secret_s_login() -> None:
    login = base64.b64encode(b"puller:secret").decode()

    def answer(_method: str, path: str, given: Mapping[str, str]) -> Answer:
        if path.startswith("/token"):
            known = given.get("authorization") == f"Basic {login}" and "scope=repository" in path
            return (200, {}, json.dumps({"token": "t0"})) if known else (403, {}, "")
        if given.get("authorization") == "Bearer t0":
            return 200, {"Docker-Content-Digest": DIGEST}, ""
        challenge = f'Bearer realm="http://{given["host"]}/token",service="r",scope="repository:shops/storefront:pull"'
        return 401, {"WWW-Authenticate": challenge}, ""

    assert digest(answer, logins={"registry.clearwatch.example": login}) == DIGEST
    with pytest.raises(UntoldError, match="403"):
        digest(answer)


def test_a_registry_that_does_not_know_the_tag_or_is_away_says_so() -> None:
    with pytest.raises(UntoldError, match=r"registry\.clearwatch\.example answers 404 for shops/storefront:2\.3\.0"):
        digest(serving({}))
    with pytest.raises(UntoldError, match="All connection attempts failed"):
        asyncio.run(Registry("http://127.0.0.1:1").digest(IMAGE))


def test_logins_are_read_from_pull_secrets_in_either_form() -> None:
    auths = {
        "one.example": {"auth": "YTpi"},
        "https://two.example/v1/": {"username": "a", "password": "b"},
        "none.example": {},
    }
    found = logins_in({
        "Secret registry, key .dockerconfigjson": json.dumps({"auths": auths}),
        "Secret broken, key .dockerconfigjson": "[]",
        "Secret stripe, key stripe-secret-key": "sk_test",
    })  # fmt: skip
    assert found == {"one.example": "YTpi", "two.example": "YTpi"}


def current(living: Living, script: Script) -> Result:
    with scripted(script) as server:
        return asyncio.run(images.current(living.snapshot, living.fleet, Registry(server.url)))


def test_pods_that_all_run_what_was_pulled_once_are_stale_when_the_tag_was_pushed_again() -> None:
    living = Living(spec())
    well = current(living, serving({}, default=DIGEST))
    assert (well.outcome, well.message) == (PASS, "3 tags name what the pods run")
    found = current(living, serving({"shops/storefront/manifests/2.3.0": OTHER}, default=DIGEST))
    assert found.outcome is FAIL
    assert found.message.startswith(f"{IMAGE} is {OTHER[:19]} now, and storefront-")
    assert f"runs {DIGEST[:19]} (14 pods in all)" in found.message
    assert found.cause.startswith("stale image")
    assert found.resource.startswith("Pod/clearwatch-dev/storefront-")
    for workload in living.fleet.workloads:
        told = images.planned(living.snapshot, workload.instance, workload)
        assert told.outcome is PASS, "the cluster alone sees nothing of it"


def test_a_registry_that_does_not_tell_is_said_and_no_pass() -> None:
    found = current(Living(spec()), serving({}))
    assert (found.outcome, found.elsewhere) == (UNKNOWN, False)
    assert "answers 404" in found.message
    some = current(Living(spec()), serving({"shops/storefront/manifests/2.3.0": DIGEST}))
    assert (some.outcome, some.elsewhere) == (UNKNOWN, False), "nor is one that tells of some tags alone"
    assert "answers 404 for shops/checkout" in some.message


def test_an_image_that_was_given_to_the_node_by_hand_has_no_digest_to_compare() -> None:
    living = Living(spec())
    for pod in living.all("Pod"):
        pod["status"]["containerStatuses"][0]["imageID"] = DIGEST
    found = current(living, serving({}, default=OTHER))
    assert (found.outcome, found.elsewhere) == (UNKNOWN, True)
    assert f"{IMAGE}: given to the node by hand" in found.message
    living.pods("hero")[0]["status"]["containerStatuses"][0]["imageID"] = f"storefront@{DIGEST}"
    assert current(living, serving({}, default=OTHER)).outcome is FAIL, "what pods of the same tag say counts"
    some = current(living, serving({}, default=DIGEST))
    assert (some.outcome, some.elsewhere) == (UNKNOWN, True)


@pytest.mark.parametrize("image_id", ["", None])
def test_an_image_that_no_pod_runs_yet_is_not_passed_over(image_id: str | None) -> None:
    living = Living(spec())
    for pod in living.pods("checkout"):
        pod["status"]["containerStatuses"] = [] if image_id is None else [{"name": "checkout", "imageID": image_id}]
    found = current(living, serving({}, default=DIGEST))
    assert (found.outcome, found.elsewhere) == (UNKNOWN, False)
    assert "no pod runs registry.clearwatch.example/shops/checkout:" in found.message


def test_a_fleet_whose_images_are_all_named_by_digest_is_said_to_be_so() -> None:
    living = Living(spec())
    pinned = Image(f"{IMAGE.rpartition(':')[0]}@{DIGEST}", "2.3.0", immutable=True)

    def of(workload: WorkloadSpec) -> WorkloadSpec:
        return replace(workload, releases=tuple(replace(one, image=pinned) for one in workload.releases))

    variants = tuple(replace(one, workload=of(one.workload)) for one in living.fleet.variants)
    checkout = replace(living.fleet.checkout, workload=of(living.fleet.checkout.workload))
    living.fleet = replace(living.fleet, variants=variants, checkout=checkout)
    found = current(living, serving({}))
    assert (found.outcome, found.elsewhere) == (UNKNOWN, True)
    assert found.message == "all 1 images are named by digest: no tag can move"
