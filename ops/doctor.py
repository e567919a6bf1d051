"""``flotilla doctor``: what this machine or a stack's cluster lacks, each with the one line that fixes it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from fleet.errors import FlotillaError, PlaceError
from fleet.model import FleetSpec
from manifests.assumed import assumed_secrets
from manifests.fleet import plan, resources
from manifests.plan import Planned
from ops import stackfile
from ops.doctor_machine import Diagnosis, machine
from sandbox.kubectl import Kubectl, find_kubectl

_BUILT_IN = ("", "apps", "autoscaling", "batch", "networking.k8s.io", "policy")


def cluster(fleet: FleetSpec, kubectl: Kubectl) -> Iterator[Diagnosis]:
    """Look at a fleet's cluster: what its plan needs there and does not bring itself.

    Raises PlaceError when the cluster can't be reached.
    """
    kubectl.run("get", "--raw", "/readyz")
    yield Diagnosis("cluster", f"context {fleet.cluster.context}")
    planned = [resource for resource in resources(plan(fleet)) if resource.is_kubernetes]
    yield from _definitions(planned, kubectl)
    yield from _storage(planned, kubectl)
    yield _traefik(fleet, kubectl)
    yield from _assumed(fleet, kubectl)


def _definitions(planned: list[Planned], kubectl: Kubectl) -> Iterator[Diagnosis]:
    have = set(kubectl.run("get", "customresourcedefinitions", "-o", "name").splitlines())
    wanted = {(group, resource.inputs["kind"]) for resource in planned if (group := _group(resource)) not in _BUILT_IN}
    for group, kind in sorted(wanted):
        name = f"{kind.lower()}s.{group}"
        there = f"customresourcedefinition.apiextensions.k8s.io/{name}" in have
        yield Diagnosis(f"CRD {name}", "there" if there else "missing", None if there else _brings(group))


def _group(resource: Planned) -> str:
    return str(resource.inputs["apiVersion"]).rpartition("/")[0]


def _brings(group: str) -> str:
    documents = {
        "traefik.io": "install Traefik: doc.traefik.io/traefik/getting-started/kubernetes",
        "cert-manager.io": "install cert-manager: cert-manager.io/docs/installation",
        "monitoring.coreos.com": "install the Prometheus operator: prometheus-operator.dev/docs/getting-started",
    }
    return documents.get(group, f"install what serves {group}")


def _storage(planned: list[Planned], kubectl: Kubectl) -> Iterator[Diagnosis]:
    claims = [resource.inputs for resource in planned if resource.inputs["kind"] == "PersistentVolumeClaim"]
    if not claims:
        return
    classes = kubectl.items("get", "storageclasses")
    marked = "storageclass.kubernetes.io/is-default-class"
    default = [c for c in classes if c["metadata"].get("annotations", {}).get(marked) == "true"]
    for name in sorted({claim["spec"].get("storageClassName", "") for claim in claims}):
        there = any(c["metadata"]["name"] == name for c in classes) if name else bool(default)
        subject = f"StorageClass {name}" if name else "default StorageClass"
        remedy = f"kubectl annotate storageclass NAME {marked}=true" if not name else "create it, or name another"
        yield Diagnosis(subject, "there" if there else "missing", None if there else remedy)


def _traefik(fleet: FleetSpec, kubectl: Kubectl) -> Diagnosis:
    namespace = fleet.traefik.namespace
    pods = kubectl.items("get", "pods", "-n", namespace, "-l", "app.kubernetes.io/name=traefik")
    state = f"{len(pods)} pods in {namespace}"
    return Diagnosis("Traefik", state, None if pods else _brings("traefik.io"))


def _assumed(fleet: FleetSpec, kubectl: Kubectl) -> Iterator[Diagnosis]:
    wanted = list(assumed_secrets(fleet))
    live = {found["metadata"]["name"] for found in kubectl.live([secret.inputs for secret in wanted])}
    for secret in wanted:
        name = secret.inputs["metadata"]["name"]
        there = name in live
        remedy = f"create Secret {name} ({secret.inputs['type']}) in namespace {fleet.namespace}"
        yield Diagnosis(f"Secret {name}", "there" if there else "missing", None if there else remedy)


def doctor(
    stack: Annotated[str | None, typer.Argument(help="Look at this stack's cluster too.")] = None,
    config: Annotated[Path | None, typer.Option(help="A stack file other than Pulumi.<stack>.yaml.")] = None,
) -> None:
    """Say what this machine or a stack's cluster lacks. Exit code 3 when something that is needed is missing."""
    found = list(machine())
    if stack is not None:
        fleet = stackfile.read(stack, config).fleet()
        try:
            found += cluster(fleet, Kubectl(path=find_kubectl(), context=fleet.cluster.context))
        except FlotillaError as error:
            subject, _, remedy = str(error).rpartition("; ")
            found.append(Diagnosis("cluster", subject, remedy))
    console = Console(highlight=False)
    for diagnosis in found:
        console.print(_line(diagnosis), soft_wrap=True)
    if failed := [diagnosis.subject for diagnosis in found if diagnosis.failed]:
        raise PlaceError(f"missing: {', '.join(failed)}")


def _line(diagnosis: Diagnosis) -> Text:
    mark, colour = ("x ", "red") if diagnosis.failed else ("- ", "yellow") if diagnosis.remedy else ("ok", "green")
    remedy = f"; {diagnosis.remedy}" if diagnosis.remedy else ""
    return Text.assemble((mark, colour), f" {diagnosis.subject}: {diagnosis.state}{remedy}")
