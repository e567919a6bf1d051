"""Which cluster a stack belongs to: an ``up`` against another one is refused, since it would make everything twice.

A kube context is only a name in a file of one's own. What a cluster keeps for life is the UID of its namespace
kube-system; the stack remembers it as a tag, which every backend keeps (seen with CLI 3.260 on a file backend).
"""

from __future__ import annotations

from fleet.errors import FlotillaError
from ops.stack import Stack
from sandbox.kubectl import Kubectl

TAG = "flotilla:cluster"


def cluster_uid(kubectl: Kubectl) -> str:
    """Give the UID of namespace kube-system; raises PlaceError when the cluster can't be reached."""
    uid: str = kubectl.json("get", "namespace", "kube-system")["metadata"]["uid"]
    return uid


def require(stack: Stack, kubectl: Kubectl, *, accept: bool) -> str:
    """Give the cluster's UID when it is the one the stack last ran on, or its first, or ``accept`` says so.

    Raises FlotillaError otherwise.
    """
    uid = cluster_uid(kubectl)
    known = stack.tag(TAG)
    if known in {None, uid} or accept:
        return uid
    raise FlotillaError(
        f"{stack.name}: {kubectl.target} is cluster {uid}, but the stack last ran on {known}; "
        "choose that cluster's context, or say --accept-cluster if this one took its place"
    )


def remember(stack: Stack, uid: str) -> None:
    """Note the cluster as the stack's, before anything is made there."""
    if stack.tag(TAG) != uid:
        stack.set_tag(TAG, uid)
