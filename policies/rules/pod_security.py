"""Pods keep away from their node and from root, and say that they do: the Pod Security Standards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final

from policies import pss
from policies.findings import Rule, Scope, Violation
from policies.pods import POD_KINDS, Container, Pods, pods_of
from policies.pss_baseline import privileges_of
from policies.pss_clauses import CONTEXT, Subject, whose
from policies.pss_restricted import is_root
from policies.resources import Resource
from policies.values import Path, at, mapping

_TEXT: Final = "https://kubernetes.io/docs/concepts/security/pod-security-standards/"


def _judge(checks: frozenset[str], resource: Resource) -> Iterator[Violation]:
    pods = pods_of(resource)
    if pods is None or keeps_the_node(pods):
        return
    for breach in pss.breaches(pods, "baseline"):
        if breach.check in checks and not _implied(pods, breach):
            yield Violation(resource, breach.path, breach.message)


def keeps_the_node(pods: Pods) -> bool:
    """Say whether the pods are a part of the node itself, such as its network plugin or its API server.

    The API server lets this priority be used only where it is granted, which by default is kube-system.
    """
    priority = at(pods.template, "spec", "priorityClassName")
    return bool(pods.resource.namespace == "kube-system" and priority == "system-node-critical")


def _implied(pods: Pods, breach: pss.Breach) -> bool:
    """Say whether another finding says it all.

    A privileged container has every capability, on the node's network every port is the node's, and a process of a
    Windows host has to be on its network.
    """
    spec = mapping(pods.template, "spec")
    if breach.check == "capabilities_baseline":
        return breach.container is not None and privileges_of(breach.container)
    if breach.check == "hostPorts":
        return spec.get("hostNetwork") is True
    host_process = at(spec, CONTEXT, "windowsOptions", "hostProcess") is True
    return host_process and breach.path[-1] == "hostNetwork"


def _judging(*checks: str) -> Callable[[Any], Iterator[Violation]]:
    return partial(_judge, frozenset(checks))


PRIVILEGED = Rule(
    code="FLT-SECURITY-001",
    name="container-is-not-privileged",
    title="No container is privileged or a process of the host",
    why="A privileged container is root on its node: whoever breaks into it has every pod there, and their secrets.",
    source=_TEXT,
    remediation="Remove it; give a container the single capability that it needs, and set sysctls on the node.",
    scope=Scope.RESOURCE,
    judge=_judging("privileged", "windowsHostProcess"),
    kinds=POD_KINDS,
)
HOST_NAMESPACES = Rule(
    code="FLT-SECURITY-002",
    name="host-namespaces-stay-apart",
    title="A pod shares no network, port, process or memory with its node",
    why="On the node's network no NetworkPolicy holds; beside its processes a container reads everyone's environment.",
    source=_TEXT,
    remediation="Remove it; reach pods through a Service.",
    scope=Scope.RESOURCE,
    judge=_judging("hostNamespaces", "hostPorts"),
    kinds=POD_KINDS,
)
HOST_PATHS = Rule(
    code="FLT-SECURITY-003",
    name="host-files-stay-apart",
    title="A pod mounts no file, folder or socket of its node",
    why="The runtime's socket, the kubelet's folder or any writable folder of the node gives the whole node away.",
    source=_TEXT,
    remediation="Use a persistentVolumeClaim, a configMap or an emptyDir.",
    scope=Scope.RESOURCE,
    judge=_judging("hostPathVolumes"),
    kinds=POD_KINDS,
)
CAPABILITIES = Rule(
    code="FLT-SECURITY-004",
    name="capabilities-stay-default",
    title="No container gains a capability beyond a runtime's default set",
    why="Capabilities such as SYS_ADMIN or NET_ADMIN are ways out of the container, or into its neighbours' traffic.",
    source=_TEXT,
    remediation="Drop ALL and add NET_BIND_SERVICE at most.",
    scope=Scope.RESOURCE,
    judge=_judging("capabilities_baseline"),
    kinds=POD_KINDS,
)
CONFINEMENT = Rule(
    code="FLT-SECURITY-005",
    name="confinement-stays-on",
    title="seccomp, AppArmor, SELinux, the masks of /proc and the safe sysctls stay as the runtime sets them",
    why="They are what stands between a broken-into process and a flaw in the kernel that all pods of the node share.",
    source=_TEXT,
    remediation="Use RuntimeDefault, or a profile of your own with Localhost; leave the rest unset.",
    scope=Scope.RESOURCE,
    judge=_judging(
        "seccompProfile_baseline",
        "appArmorProfile",
        "seLinuxOptions",
        "procMount",
        "sysctls",
        "hostProbesAndHostLifecycle",
    ),
    kinds=POD_KINDS,
)


def explicit_roots(pods: Pods) -> dict[Path, str]:
    """Give where a pod asks for root or for more rights, and what it says there: what counts for some container.

    A container's field beats its pod's, so a pod's that every container corrects does no harm.
    """
    subject, found = Subject(pods, pss.LATEST), dict[Path, str]()
    for container in pods.containers:
        if not subject.has_own_users:
            found.update(_root(pods, container))
        context = mapping(container.spec, CONTEXT)
        if context.get("allowPrivilegeEscalation") is True and not privileges_of(container):
            path = (*container.path, CONTEXT, "allowPrivilegeEscalation")
            found[path] = f"lets container {container.name} gain rights that it does not start with"
    return found


def _root(pods: Pods, container: Container) -> Iterator[tuple[Path, str]]:
    user, path, owner = _effective(pods, container, "runAsUser")
    if is_root(user):
        yield path, f"runs {whose(owner)} as root (runAsUser: 0)"
        return
    allowed, path, owner = _effective(pods, container, "runAsNonRoot")
    if allowed is False and user is None:
        yield path, f"lets {whose(owner)} run as root (runAsNonRoot: false)"


def _effective(pods: Pods, container: Container, field: str) -> tuple[Any, Path, Container | None]:
    own = at(container.spec, CONTEXT, field)
    if own is not None:
        return own, (*container.path, CONTEXT, field), container
    return at(pods.template, "spec", CONTEXT, field), (*pods.path, "spec", CONTEXT, field), None


def _judge_root(resource: Resource) -> Iterator[Violation]:
    pods = pods_of(resource)
    for path, message in explicit_roots(pods).items() if pods and not keeps_the_node(pods) else ():
        yield Violation(resource, path, message)


ROOT = Rule(
    code="FLT-SECURITY-006",
    name="no-root-by-choice",
    title="No container asks to run as root or to gain rights",
    why="Root inside is root outside as soon as anything else fails, and set-user-id programs make root of anyone.",
    source=_TEXT,
    remediation="Set runAsNonRoot: true, a runAsUser above 0 and allowPrivilegeEscalation: false.",
    scope=Scope.RESOURCE,
    judge=_judge_root,
    kinds=POD_KINDS,
)

RULES = (PRIVILEGED, HOST_NAMESPACES, HOST_PATHS, CAPABILITIES, CONFINEMENT, ROOT)
