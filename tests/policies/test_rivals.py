"""The index of rivals finds one wherever comparing all pairs does, and nothing that is none."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from policies.resources import from_manifest
from policies.rivals import Rivals
from policies.routes import Claim, Place, rivals

OWNERS = [
    from_manifest({"apiVersion": "traefik.io/v1alpha1", "kind": "IngressRoute", "metadata": {"name": name}})
    for name in ("a", "a", "b", "c")
]
DOORS = st.frozensets(
    st.tuples(st.sampled_from([None, "web", "internal"]), st.sampled_from(["http", "https"])), min_size=1
)
CLAIMS = st.builds(
    Claim,
    owner=st.sampled_from(OWNERS),
    path=st.sampled_from([("spec", "routes", 0), ("spec", "routes", 1)]),
    place=st.builds(Place, doors=DOORS, proxy=st.sampled_from([None, "traefik", "nginx"])),
    host=st.just("a.b"),
    match=st.just("prefix"),
    url_path=st.just("/"),
    priority=st.sampled_from([None, 5, 9]),
    effective=st.sampled_from([None, 5, 9]),
)


@given(st.lists(CLAIMS, max_size=8))
def test_a_claim_has_rivals_in_the_index_where_it_has_any(claims: list[Claim]) -> None:
    index = Rivals(claims)
    for claim in claims:
        every = [other for other in claims if rivals(claim, other)]
        found = list(index.of(claim))
        assert bool(found) == bool(every)
        assert all(any(other is one for one in every) for other in found)
