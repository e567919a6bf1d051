"""A look inside the sandbox: the log of a shop, a pod or a component, and a shell in a pod."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from difflib import get_close_matches
from typing import NoReturn

from fleet import naming
from fleet.errors import PlaceError, UsageError
from sandbox import foreign
from sandbox.cluster import Cluster
from sandbox.kubectl import Kubectl, LiveObject, find_kubectl

INSTANCE = "app.kubernetes.io/instance"
MOST_LOGS = 50
"""How many logs kubectl may follow at once: more than a fleet of ours has of one shop."""


def show_logs(name: str, *, follow: bool, lines: int) -> NoReturn:
    """Become the program that shows the log of what is called ``name``.

    Raises UsageError naming what there is when nothing is called so, PlaceError when nothing runs.
    """
    cluster = Cluster()
    components = {} if foreign.is_named() else {file.stem: file for file in cluster.logs()}
    if name in components:
        become([shutil.which("tail") or "tail", "-n", str(lines), *(["-F"] if follow else []), str(components[name])])
    kubectl = reached(cluster)
    pods = called(kubectl, name, others=components)
    options = [f"--tail={lines}", "--all-containers", "--prefix", *(["--follow"] if follow else [])]
    shop = name.rpartition("/")[2]
    if instance_of(pods[0]) == shop:
        chosen = ["-l", f"{INSTANCE}={shop}", f"--max-log-requests={MOST_LOGS}"]
    else:
        chosen = [pods[0]["metadata"]["name"]]
    become([*kubectl.command, "logs", "-n", pods[0]["metadata"]["namespace"], *options, *chosen])


def open_shell(name: str) -> NoReturn:
    """Become a shell in the pod, or in the first pod of the shop, that is called ``name``; raises as show_logs does."""
    kubectl = reached(Cluster())
    meta = called(kubectl, name)[0]["metadata"]
    terminal = ["--stdin", "--tty"] if os.isatty(0) else ["--stdin"]
    become([*kubectl.command, "exec", *terminal, "-n", meta["namespace"], meta["name"], "--", "sh"])


def reached(cluster: Cluster) -> Kubectl:
    """Give kubectl for the cluster that KUBECONFIG names, else for the sandbox. Raises PlaceError without one."""
    if foreign.is_named():
        return Kubectl(path=find_kubectl())
    if cluster.record is None:
        raise PlaceError("no sandbox runs here; `flotilla sandbox up` starts one")
    return cluster.kubectl


def called(kubectl: Kubectl, name: str, *, others: Iterable[str] = ()) -> list[LiveObject]:
    """Give the running pods of the shop of that name, else the pod of that name; NAMESPACE/NAME says of which fleet.

    Raises UsageError when several fleets have one, or none has; then it names what was probably meant, else the shops
    and ``others`` that would have done too.
    """
    namespace, _, bare = name.rpartition("/")
    pods = [pod for pod in fleet_pods(kubectl) if namespace in {"", pod["metadata"]["namespace"]}]
    of_shop = [pod for pod in pods if instance_of(pod) == bare]
    if found := of_shop or [pod for pod in pods if pod["metadata"]["name"] == bare]:
        if len(fleets := sorted({pod["metadata"]["namespace"] for pod in found})) > 1:
            raise UsageError(f"{name}: is in {' and '.join(fleets)}; say which: {fleets[0]}/{name}")
        return found
    known = [*sorted({instance_of(pod) for pod in pods} - {""}), *sorted(others)]
    near = get_close_matches(bare, [*known, *(pod["metadata"]["name"] for pod in pods)], n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known) or 'none'}"
    raise UsageError(f"{name}: no {'shop, pod or component' if others else 'shop or pod'} is called so; {hint}")


def fleet_pods(kubectl: Kubectl) -> list[LiveObject]:
    """Give the pods of every fleet, those that run first."""
    pods = kubectl.items("get", "pods", "-A", "-l", naming.FLEET)
    return sorted(pods, key=lambda pod: pod["status"].get("phase") != "Running")


def instance_of(pod: LiveObject) -> str:
    """Give the shop a pod belongs to."""
    return str(pod["metadata"].get("labels", {}).get(INSTANCE, ""))


def become(command: list[str]) -> NoReturn:
    """Replace this process, so that a terminal and its signals are the program's own."""
    os.execv(command[0], command)  # noqa: S606  (no shell is wanted)
