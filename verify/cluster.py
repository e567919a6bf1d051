"""What the cluster says of the fleet, read once by kubectl and held as plain objects.

kubectl, as everywhere else: it reads every kind of kubeconfig. Nothing here writes.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from verify.target import ClusterAccess

Object = Mapping[str, Any]
SECONDS = 30.0
"""How long one question may take."""
BUILT_IN = (
    "pods", "services", "endpointslices", "deployments.apps", "statefulsets.apps", "cronjobs.batch",
    "horizontalpodautoscalers.autoscaling", "persistentvolumeclaims", "networkpolicies.networking.k8s.io",
)  # fmt: skip
"""What every API server knows."""
_TRAEFIK = ("ingressroutes.traefik.io", "traefikservices.traefik.io", "middlewares.traefik.io")
DEAD_GROUP = "traefik.containo.us"
"""The API group that Traefik reads no more (systems.md A, mistake 3)."""
_STARTS = ("ContainerCreating", "PodInitializing")
"""What the kubelet says of a container that will still come (kubernetes/pkg/kubelet); every other reason is trouble."""
STEP_SECONDS = 5.0
"""Between two looks at pods that are starting."""


class UntoldError(Exception):
    """The cluster did not say; one line with kubectl's own reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The fleet's objects by kind; ``silent`` says why a question was not answered, by the question's name."""

    namespace: str
    read: datetime = field(default_factory=lambda: datetime.now(UTC))
    """When: what is late or recent is so by this."""
    objects: Mapping[str, tuple[Object, ...]] = field(default_factory=dict)
    usage: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Memory in use, as a Kubernetes quantity, by pod and container."""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Secret values by ``Secret NAME, key KEY``; never printed."""
    silent: Mapping[str, str] = field(default_factory=dict)

    def of(self, kind: str) -> tuple[Object, ...]:
        """Give the objects of a kind, wherever they are."""
        return self.objects.get(kind, ())

    def here(self, kind: str) -> tuple[Object, ...]:
        """Give the objects of a kind in the fleet's namespace."""
        return tuple(one for one in self.of(kind) if one["metadata"].get("namespace") == self.namespace)

    def find(self, kind: str, name: str) -> Object | None:
        """Give one object of the fleet's namespace."""
        return next((one for one in self.here(kind) if one["metadata"]["name"] == name), None)

    def resource(self, kind: str, name: str) -> str:
        """Give the name of a resource as results have it."""
        return f"{kind}/{self.namespace}/{name}"


async def kubectl(access: ClusterAccess, *arguments: str) -> str:
    """Run kubectl and give its output; raises UntoldError."""
    try:
        process = await asyncio.create_subprocess_exec(
            *access.command, *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
    except OSError as error:
        raise UntoldError(f"kubectl can't be run: {error.strerror}") from None
    try:
        output, errors = await asyncio.wait_for(process.communicate(), SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
        raise UntoldError(f"no answer to `kubectl {' '.join(arguments[:2])}` in {SECONDS:.0f} s") from None
    if process.returncode != 0:
        lines = [line for line in errors.decode(errors="replace").splitlines() if line.strip()]
        raise UntoldError(lines[-1].strip() if lines else "kubectl failed without a message")
    return output.decode()


def moment(text: str | None) -> datetime | None:
    """Read a time as Kubernetes writes it; None where there is none."""
    return datetime.fromisoformat(text) if text else None


def starting(seen: Snapshot) -> timedelta:
    """Give for how long pods that are not ready may still be starting, by their own probes; 0 where none may."""
    left = (_left_to_start(pod, seen.read) for pod in seen.here("Pod") if not _is_ready_or_over(pod))
    return max((timedelta(0), *left))


async def snapshot(access: ClusterAccess) -> Snapshot:
    """Ask the cluster everything that checks need, once more where pods were still starting.

    What it does not answer is noted, never raised.
    """
    seen = await _read(access)
    until = seen.read + starting(seen)
    while starting(seen) and seen.read < until:
        await asyncio.sleep(STEP_SECONDS)
        seen = await _read(access)
    return seen


async def _read(access: ClusterAccess) -> Snapshot:
    space = access.namespace
    questions = {
        "the fleet's objects": ("get", ",".join(BUILT_IN), "-n", space, "-o", "json"),
        "nodes": ("get", "nodes", "-o", "json"),
        "routes": ("get", ",".join(_TRAEFIK), "-A", "-o", "json"),
        "routes of the dead group": ("get", f"ingressroutes.{DEAD_GROUP}", "-A", "-o", "json"),
        "secrets": ("get", "secrets", "-n", space, "-o", "json"),
        "metrics": ("get", "--raw", f"/apis/metrics.k8s.io/v1beta1/namespaces/{space}/pods"),
    }
    answers = await asyncio.gather(*(kubectl(access, *words) for words in questions.values()), return_exceptions=True)
    told, silent = {}, {}
    for name, answer in zip(questions, answers, strict=True):
        if isinstance(answer, UntoldError):
            silent[name] = str(answer)
        elif isinstance(answer, BaseException):
            raise answer
        else:
            told[name] = json.loads(answer)["items"]
    return Snapshot(
        namespace=space,
        objects=_by_kind([one for name in told if name not in ("metrics", "secrets") for one in told[name]]),
        usage={one["metadata"]["name"]: _usage(one) for one in told.get("metrics", [])},
        secrets=dict(_values(told.get("secrets", []))),
        silent=silent,
    )


def _by_kind(objects: list[Object]) -> dict[str, tuple[Object, ...]]:
    kinds: dict[str, list[Object]] = {}
    for one in objects:
        kinds.setdefault(one["kind"], []).append(one)
    return {kind: tuple(found) for kind, found in kinds.items()}


def _is_ready_or_over(pod: Object) -> bool:
    """Say whether nothing is to be waited for: a Job's pod is never ready, and one that can't start never will be."""
    if pod["status"].get("phase") in ("Succeeded", "Failed") or "deletionTimestamp" in pod["metadata"]:
        return True
    if any(owner["kind"] == "Job" for owner in pod["metadata"].get("ownerReferences", ())):
        return True
    statuses = pod["status"].get("containerStatuses", ())
    waiting = (one.get("state", {}).get("waiting", {}).get("reason") for one in statuses)
    broken = any(reason and reason not in _STARTS for reason in waiting)
    return broken or bool(statuses and all(one.get("ready") for one in statuses))


def _left_to_start(pod: Object, now: datetime) -> timedelta:
    made = moment(pod["metadata"].get("creationTimestamp"))
    longest = max(map(_seconds_to_start, pod["spec"]["containers"]))
    return timedelta(seconds=longest) - (now - made) if made is not None else timedelta(0)


def _seconds_to_start(container: Object) -> int:
    """Give how long a container may take to be ready; 10 s and 3 times are the defaults (API reference, Probe)."""
    probe = container.get("startupProbe") or container.get("readinessProbe")
    if probe is None:
        return 0
    return int(probe.get("initialDelaySeconds", 0) + probe.get("periodSeconds", 10) * probe.get("failureThreshold", 3))


def _usage(pod: Object) -> dict[str, str]:
    return {container["name"]: container["usage"]["memory"] for container in pod["containers"]}


def _values(secrets: list[Object]) -> list[tuple[str, str]]:
    """Give what must stand on no page; certificates are public, and their keys are found by their form."""
    return [
        (f"Secret {secret['metadata']['name']}, key {key}", base64.b64decode(value).decode(errors="replace").strip())
        for secret in secrets
        for key, value in (secret.get("data") or {}).items()
        if key not in ("tls.crt", "ca.crt")
    ]
