"""The clauses of the level baseline: what lets a container reach the node or other pods."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any, Final

from policies.pods import PROBES, Container
from policies.pss_clauses import CONTEXT, Breach, Clause, Subject, whose
from policies.values import UNKNOWN, Path, at, each, mapping, scalar

_HOST_NAMESPACES: Final = {"hostNetwork": "network", "hostPID": "processes", "hostIPC": "shared memory"}
_FILES_CAPABILITIES: Final = ("CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "MKNOD", "SETFCAP", "SYS_CHROOT")
DEFAULT_CAPABILITIES: Final = frozenset(
    {*_FILES_CAPABILITIES, "AUDIT_WRITE", "KILL", "NET_BIND_SERVICE", "SETGID", "SETPCAP", "SETUID"}
)
PROFILES: Final = ("RuntimeDefault", "Localhost")
_APPARMOR: Final = "container.apparmor.security.beta.kubernetes.io/"
_SELINUX_TYPES: Final = frozenset({"container_t", "container_init_t", "container_kvm_t"})
_SYSCTLS: Final = {
    0: "kernel.shm_rmid_forced net.ipv4.ip_local_port_range net.ipv4.tcp_syncookies net.ipv4.ping_group_range "
    "net.ipv4.ip_unprivileged_port_start",
    27: "net.ipv4.ip_local_reserved_ports",
    29: "net.ipv4.tcp_keepalive_time net.ipv4.tcp_fin_timeout net.ipv4.tcp_keepalive_intvl "
    "net.ipv4.tcp_keepalive_probes",
    32: "net.ipv4.tcp_rmem net.ipv4.tcp_wmem",
}
"""The sysctls that are safe, by the minor version that added them to the text."""
_HANDLERS: Final[tuple[Path, ...]] = (
    *product(PROBES, ("httpGet", "tcpSocket")),
    *product(("lifecycle",), ("postStart", "preStop"), ("httpGet", "tcpSocket")),
)


def _host_namespaces(subject: Subject) -> Iterator[Breach]:
    for field, what in _HOST_NAMESPACES.items():
        if subject.spec.get(field) is True:
            yield Breach((*subject.path, field), f"shares the node's {what} ({field}: true)")


def _privileged(subject: Subject) -> Iterator[Breach]:
    for path, context, container in subject.contexts():
        if container and context.get("privileged") is True:
            yield Breach((*path, "privileged"), f"runs container {container.name} privileged", container)


def _host_process(subject: Subject) -> Iterator[Breach]:
    for path, options, container in subject.contexts("windowsOptions"):
        if options.get("hostProcess") is True:
            yield Breach((*path, "hostProcess"), f"runs {whose(container)} as a process of the host", container)


def added_beyond(context: dict[str, Any], allowed: frozenset[str]) -> list[str]:
    """Give the capabilities that a security context adds and ``allowed`` does not hold."""
    added = at(context, "capabilities", "add")
    return [one for one in added if isinstance(one, str) and one not in allowed] if isinstance(added, list) else []


def _capabilities(subject: Subject) -> Iterator[Breach]:
    for path, context, container in subject.contexts():
        if container and (added := added_beyond(context, DEFAULT_CAPABILITIES)):
            message = f"gives container {container.name} {', '.join(added)}, beyond what any runtime gives by default"
            yield Breach((*path, "capabilities", "add"), message, container)


def _host_paths(subject: Subject) -> Iterator[Breach]:
    for path, volume in each(subject.spec, "volumes"):
        if volume.get("hostPath") is not None and volume["hostPath"] is not UNKNOWN:
            shown = scalar(volume, "hostPath", "path")
            message = f"mounts {shown} of the node (volume {volume.get('name')})"
            yield Breach((*subject.path, *path, "hostPath"), message)


def _host_ports(subject: Subject) -> Iterator[Breach]:
    for container in subject.pods.containers:
        for path, port in each(container.spec, "ports"):
            number = scalar(port, "hostPort")
            if isinstance(number, int) and number:
                message = f"opens port {number} of the node for container {container.name}"
                yield Breach((*container.path, *path, "hostPort"), message, container)


def _handler_hosts(subject: Subject) -> Iterator[Breach]:
    for container in subject.pods.containers:
        for path in _HANDLERS:
            host = scalar(container.spec, *path, "host")
            if isinstance(host, str) and host:
                message = f"lets the node call {host} from the {path[-2]} of container {container.name}"
                yield Breach((*container.path, *path, "host"), message, container)


def _apparmor(subject: Subject) -> Iterator[Breach]:
    yield from _profiles(subject, "appArmorProfile", "AppArmor")
    where = (*subject.pods.path, "metadata", "annotations")
    for key, value in mapping(subject.pods.template, "metadata", "annotations").items():
        allowed = value in ("", "runtime/default", UNKNOWN) or str(value).startswith("localhost/")
        if key.startswith(_APPARMOR) and not allowed:
            name = key.removeprefix(_APPARMOR)
            yield Breach((*where, key), f"sets AppArmor to {value!r} for container {name}")


def _seccomp(subject: Subject) -> Iterator[Breach]:
    yield from _profiles(subject, "seccompProfile", "seccomp")


def _profiles(subject: Subject, field: str, name: str) -> Iterator[Breach]:
    for path, profile, container in subject.contexts(field):
        kind = profile.get("type", "")
        if kind is not UNKNOWN and kind not in PROFILES:
            yield Breach((*path, "type"), f"sets {name} to {kind or 'no type'!r} for {whose(container)}", container)


def _selinux(subject: Subject) -> Iterator[Breach]:
    allowed = _SELINUX_TYPES | ({"container_engine_t"} if subject.minor >= 31 else set())
    for path, options, container in subject.contexts("seLinuxOptions"):
        for field in ("type", "user", "role"):
            value = scalar(options, field)
            if value in (None, "", UNKNOWN) or (field == "type" and value in allowed):
                continue
            message = f"sets the SELinux {field} {value!r} for {whose(container)}"
            yield Breach((*path, field), message, container)


def unmasked(subject: Subject) -> Iterator[Breach]:
    """Give the containers that see /proc without its masks, whatever namespace their users are in."""
    for path, context, container in subject.contexts():
        mount = scalar(context, "procMount")
        if container and mount not in (None, UNKNOWN, "Default"):
            message = f"takes the masks off /proc for container {container.name} (procMount: {mount})"
            yield Breach((*path, "procMount"), message, container)


def _proc_mount(subject: Subject) -> Iterator[Breach]:
    if not subject.has_own_users:
        yield from unmasked(subject)


def _sysctls(subject: Subject) -> Iterator[Breach]:
    safe = {name for since, names in _SYSCTLS.items() if since <= subject.minor for name in names.split()}
    for path, sysctl in each(subject.spec, CONTEXT, "sysctls"):
        name = scalar(sysctl, "name")
        if name is not UNKNOWN and name not in safe:
            yield Breach((*subject.path, *path, "name"), f"sets the sysctl {name}, which is not one of the safe")


def privileges_of(container: Container) -> bool:
    """Say whether a container is privileged, which takes in every other right."""
    return mapping(container.spec, CONTEXT).get("privileged") is True


BASELINE: Final = (
    Clause("privileged", 0, _privileged),
    Clause("windowsHostProcess", 0, _host_process),
    Clause("hostNamespaces", 0, _host_namespaces),
    Clause("hostPorts", 0, _host_ports),
    Clause("hostPathVolumes", 0, _host_paths),
    Clause("capabilities_baseline", 0, _capabilities),
    Clause("seccompProfile_baseline", 19, _seccomp),
    Clause("appArmorProfile", 0, _apparmor),
    Clause("seLinuxOptions", 0, _selinux),
    Clause("procMount", 0, _proc_mount),
    Clause("sysctls", 0, _sysctls),
    Clause("hostProbesAndHostLifecycle", 34, _handler_hosts),
)
