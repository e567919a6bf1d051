"""A look inside the sandbox: the log of a shop, a pod or a component, and a shell in a pod."""

from __future__ import annotations

import os
import shutil
from typing import NoReturn

from fleet import naming
from fleet.errors import FlotillaError
from sandbox import foreign
from sandbox.cluster import Cluster
from sandbox.kubectl import Kubectl, LiveObject, find_kubectl

INSTANCE = "app.kubernetes.io/instance"
MOST_LOGS = 50
"""How many logs kubectl may follow at once: more than a fleet of ours has of one shop."""


def show_logs(name: str, *, follow: bool, lines: int) -> NoReturn:
    """Become the program that shows the log of what is called ``name``.

    Raises FlotillaError naming what there is when nothing is called so.
    """
    cluster = Cluster()
    components = {file.stem: file for file in cluster.logs()}
    if not foreign.is_named() and name in components:
        become([shutil.which("tail") or "tail", "-n", str(lines), *(["-F"] if follow else []), str(components[name])])
    kubectl = reached(cluster)
    pods = called(kubectl, name)
    if not pods:
        known = sorted({instance_of(pod) for pod in fleet_pods(kubectl)} - {""})
        raise FlotillaError(f"{name}: no shop, pod or component; there are {', '.join([*known, *sorted(components)])}")
    options = [f"--tail={lines}", "--all-containers", "--prefix", *(["--follow"] if follow else [])]
    namespace = pods[0]["metadata"]["namespace"]
    if instance_of(pods[0]) == name:
        chosen = ["-l", f"{INSTANCE}={name}", f"--max-log-requests={MOST_LOGS}"]
    else:
        chosen = [pods[0]["metadata"]["name"]]
    become([*kubectl.command, "logs", "-n", namespace, *options, *chosen])


def open_shell(name: str) -> NoReturn:
    """Become a shell in the pod, or in the first pod of the shop, that is called ``name``."""
    kubectl = reached(Cluster())
    pods = called(kubectl, name)
    if not pods:
        raise FlotillaError(f"{name}: no pod and no shop is called so; `kubectl get pods -A` lists them")
    meta = pods[0]["metadata"]
    terminal = ["--stdin", "--tty"] if os.isatty(0) else ["--stdin"]
    become([*kubectl.command, "exec", *terminal, "-n", meta["namespace"], meta["name"], "--", "sh"])


def reached(cluster: Cluster) -> Kubectl:
    """Give kubectl for the cluster that KUBECONFIG names, else for the sandbox. Raises FlotillaError without one."""
    if foreign.is_named():
        return Kubectl(path=find_kubectl())
    if cluster.record is None:
        raise FlotillaError("no sandbox runs here; `flotilla sandbox up` starts one")
    return cluster.kubectl


def called(kubectl: Kubectl, name: str) -> list[LiveObject]:
    """Give the running pods of the shop of that name, else the pod of that name."""
    pods = fleet_pods(kubectl)
    of_shop = [pod for pod in pods if instance_of(pod) == name]
    return of_shop or [pod for pod in pods if pod["metadata"]["name"] == name]


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
