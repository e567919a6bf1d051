"""The clauses that the level restricted adds: hardening that has to be written down."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from policies.pods import Container
from policies.pss_baseline import PROFILES, added_beyond, unmasked
from policies.pss_clauses import CONTEXT, Breach, Clause, Subject, whose
from policies.values import UNKNOWN, at, each, mapping, scalar

_VOLUMES: Final = frozenset(
    (
        "configMap",
        "csi",
        "downwardAPI",
        "emptyDir",
        "ephemeral",
        "image",
        "persistentVolumeClaim",
        "projected",
        "secret",
    )
)


def _volumes(subject: Subject) -> Iterator[Breach]:
    for path, volume in each(subject.spec, "volumes"):
        sources = [key for key, source in volume.items() if key != "name" and source is not None]
        # One without a source is an emptyDir by the time it is judged: the API server fills that in.
        if sources and not any(source in _VOLUMES or volume[source] is UNKNOWN for source in sources):
            message = (
                f"has a volume {volume.get('name')} of a kind that restricted pods may not have: {', '.join(sources)}"
            )
            yield Breach((*subject.path, *path, sources[0]), message)


def _escalation(subject: Subject) -> Iterator[Breach]:
    if subject.is_windows:
        return
    for container in subject.pods.containers:
        value = scalar(container.spec, CONTEXT, "allowPrivilegeEscalation")
        path = (*container.path, CONTEXT, "allowPrivilegeEscalation")
        if value is None:
            yield _missing(container, "allowPrivilegeEscalation: false")
        elif value is True:
            yield Breach(path, f"lets container {container.name} gain more rights than it starts with", container)


def _non_root(subject: Subject) -> Iterator[Breach]:
    if subject.has_own_users:
        return
    for path, context, container in subject.contexts():
        if context.get("runAsNonRoot") is False:
            message = f"lets {whose(container)} run as root (runAsNonRoot: false)"
            yield Breach((*path, "runAsNonRoot"), message, container)
    pod = scalar(subject.spec, CONTEXT, "runAsNonRoot")
    for container in subject.pods.containers:
        if pod in (None, False) and scalar(container.spec, CONTEXT, "runAsNonRoot") is None:
            yield _missing(container, "runAsNonRoot: true")


def is_root(user: Any) -> bool:  # noqa: ANN401  (any value of runAsUser)
    """Say whether a user id is root's."""
    return user == 0 and not isinstance(user, bool)


def _root_user(subject: Subject) -> Iterator[Breach]:
    if subject.has_own_users:
        return
    for path, context, container in subject.contexts():
        if is_root(context.get("runAsUser")):
            yield Breach((*path, "runAsUser"), f"runs {whose(container)} as root (runAsUser: 0)", container)


def _seccomp(subject: Subject) -> Iterator[Breach]:
    if subject.is_windows:
        return
    covered = False
    for path, profile, container in subject.contexts("seccompProfile"):
        kind = profile.get("type", "")
        right = kind is UNKNOWN or kind in PROFILES
        covered = covered or (right and container is None)
        if not right:
            message = f"sets seccomp to {kind or 'no type'!r} for {whose(container)}"
            yield Breach((*path, "type"), message, container)
    if covered or at(subject.spec, CONTEXT, "seccompProfile") is UNKNOWN:
        return
    for container in subject.pods.containers:
        if at(container.spec, CONTEXT, "seccompProfile") is None:
            yield _missing(container, "seccompProfile.type: RuntimeDefault")


def _capabilities(subject: Subject) -> Iterator[Breach]:
    if subject.is_windows:
        return
    for container in subject.pods.containers:
        context = mapping(container.spec, CONTEXT)
        dropped = at(context, "capabilities", "drop")
        in_doubt = dropped is UNKNOWN or at(container.spec, CONTEXT) is UNKNOWN
        listed = dropped if isinstance(dropped, list) else []
        if not in_doubt and "ALL" not in listed and UNKNOWN not in listed:
            yield _missing(container, "capabilities.drop: [ALL]")
        if added := added_beyond(context, frozenset({"NET_BIND_SERVICE"})):
            message = f"gives container {container.name} {', '.join(added)}"
            yield Breach((*container.path, CONTEXT, "capabilities", "add"), message, container)


def _missing(container: Container, wanted: str) -> Breach:
    path = (*container.path, CONTEXT) if isinstance(container.spec.get(CONTEXT), dict) else container.path
    return Breach(path, f"leaves container {container.name} without {wanted}", container, wanted)


RESTRICTED: Final = (
    Clause("restrictedVolumes", 0, _volumes, overrides="hostPathVolumes"),
    Clause("allowPrivilegeEscalation", 8, _escalation),
    Clause("runAsNonRoot", 0, _non_root),
    Clause("runAsUser", 23, _root_user),
    Clause("seccompProfile_restricted", 19, _seccomp, overrides="seccompProfile_baseline"),
    Clause("capabilities_restricted", 22, _capabilities, overrides="capabilities_baseline"),
    Clause("procMount_restricted", 35, unmasked, overrides="procMount"),
)
