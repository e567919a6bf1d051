"""Probes that the API server takes and that can do what they are written for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from policies.findings import Level, Rule, Scope, Violation
from policies.pods import POD_KINDS, PROBES, Container, pods_of
from policies.resources import Resource
from policies.values import UNKNOWN, Path, at, scalar

HANDLERS: Final = ("exec", "httpGet", "tcpSocket", "grpc")
_TIMES: Final = ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold")
_AT_LEAST_ONE: Final = {"timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}
"""What the API server puts in the place of a 0 (pkg/apis/core/v1/defaults.go, SetDefaults_Probe)."""
_GRACE: Final = "terminationGracePeriodSeconds"
_LONGEST_DELAY: Final = 900
_SOURCE: Final = "https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/"
Problem = tuple[Path, str]
"""The field within the container, and what is wrong with it."""


def written(container: Container) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give the probes of a container that are there and known."""
    for name in PROBES:
        probe = container.spec.get(name)
        if isinstance(probe, dict):
            yield name, probe


def number(probe: dict[str, Any], field: str, default: int = 0) -> int:
    """Give a number of a probe as the kubelet sees it: 0 and nothing at all are the default."""
    value = probe.get(field)
    return value if isinstance(value, int) and not isinstance(value, bool) and value else default


def _each(resource: Resource, problems: Any) -> Iterator[Violation]:  # noqa: ANN401  (either function below)
    pods = pods_of(resource)
    for container in pods.containers if pods else ():
        for name, probe in written(container):
            for path, message in problems(container, name, probe):
                yield Violation(resource, (*container.path, name, *path), f"container {container.name} {message}")


def _judge_valid(resource: Resource) -> Iterator[Violation]:
    yield from _each(resource, _refused)


def _refused(container: Container, name: str, probe: dict[str, Any]) -> Iterator[Problem]:
    if not container.runs or "ephemeralContainers" in container.path:
        kind = "an ephemeral container" if container.runs else "an init container that ends"
        yield (), f"has a {name}, which {kind} may not have"
        return
    yield from _handlers(name, probe)
    for field in _TIMES:
        value = probe.get(field)
        if isinstance(value, int) and value < 0:
            yield (field,), f"has a {name} with {field} {value}, which is below 0"
    success = scalar(probe, "successThreshold")
    if name != "readinessProbe" and isinstance(success, int) and success > 1:
        yield ("successThreshold",), f"has a {name} with successThreshold {success}, where only 1 is allowed"
    grace = scalar(probe, _GRACE)
    if name == "readinessProbe" and grace not in (None, UNKNOWN):
        yield (_GRACE,), f"has a readinessProbe with {_GRACE}, which only a probe that restarts may have"
    elif isinstance(grace, int) and grace <= 0:
        yield (_GRACE,), f"has a {name} with {_GRACE} {grace}, which is not above 0"


def _handlers(name: str, probe: dict[str, Any]) -> Iterator[Problem]:
    handlers = [kind for kind in HANDLERS if probe.get(kind) is not None]
    if not handlers:
        yield (), f"has a {name} with none of {', '.join(HANDLERS)}"
    elif len(handlers) > 1:
        yield (handlers[-1],), f"has a {name} with {' and '.join(handlers)}, where only one is allowed"
    if "exec" in handlers and UNKNOWN not in (probe["exec"], at(probe, "exec", "command")):
        command = at(probe, "exec", "command")
        if not isinstance(command, list) or not command:
            yield ("exec", "command"), f"has a {name} that executes no command"
    scheme = scalar(probe, "httpGet", "scheme")
    if scheme not in (None, UNKNOWN, "", "HTTP", "HTTPS"):
        yield ("httpGet", "scheme"), f"has a {name} with scheme {scheme!r}, which is neither HTTP nor HTTPS"


PROBE_VALID = Rule(
    code="FLT-PROBE-001",
    name="probe-is-valid",
    title="A probe is one that the API server takes",
    why="The API server refuses the whole workload, so nothing of it is rolled out.",
    source="https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#Probe",
    remediation="Give the probe exactly one handler, a successThreshold of 1 unless it is a readinessProbe, and no "
    "negative number.",
    scope=Scope.RESOURCE,
    judge=_judge_valid,
    kinds=POD_KINDS,
)


def _judge_sense(resource: Resource) -> Iterator[Violation]:
    yield from _each(resource, _senseless)


def _senseless(container: Container, name: str, probe: dict[str, Any]) -> Iterator[Problem]:
    if not container.runs:
        return
    for field, default in _AT_LEAST_ONE.items():
        value = probe.get(field)
        if value == 0 and not isinstance(value, bool):
            yield (field,), f"has a {name} with {field} 0, which the API server replaces by {default}"
    timeout, period = number(probe, "timeoutSeconds", 1), number(probe, "periodSeconds", 10)
    if timeout > period and UNKNOWN not in (probe.get("timeoutSeconds"), probe.get("periodSeconds")):
        yield ("timeoutSeconds",), f"has a {name} that may take {timeout} s, but comes every {period} s"
    delay = number(probe, "initialDelaySeconds")
    if delay > _LONGEST_DELAY:
        yield ("initialDelaySeconds",), f"has a {name} that waits {delay} s before it asks for the first time"


PROBE_SENSE = Rule(
    code="FLT-PROBE-002",
    name="probe-timing-makes-sense",
    title="A probe's times are at least 1 and fit each other",
    why="The probe does something else than what is written: a 0 becomes the default, and a slow answer delays the "
    "next question.",
    source=_SOURCE,
    remediation="Write the number that is meant: thresholds of 1 or more, a timeout within the period, and a "
    "startupProbe instead of a long initial delay.",
    scope=Scope.RESOURCE,
    judge=_judge_sense,
    level=Level.ADVISORY,
    kinds=POD_KINDS,
)


def _judge_patience(resource: Resource) -> Iterator[Violation]:
    pods = pods_of(resource)
    for container in pods.running if pods else ():
        probes = dict(written(container))
        live, ready = probes.get("livenessProbe"), probes.get("readinessProbe")
        message = _impatience(live, ready, has_startup="startupProbe" in container.spec) if live and ready else None
        if message:
            yield Violation(resource, (*container.path, "livenessProbe"), f"container {container.name} {message}")


def _impatience(live: dict[str, Any], ready: dict[str, Any], *, has_startup: bool) -> str | None:
    """Say in what way a container is killed before it is even taken out of the Service."""
    until_killed, until_unready = _budget(live), _budget(ready)
    same = _handler(live) == _handler(ready)
    tighter = until_killed < until_unready or ("httpGet" in live and until_killed == until_unready)
    if same and tighter:
        return (
            f"is killed after {until_killed} s without an answer from the endpoint that takes {until_unready} s to "
            "make it unready"
        )
    first_look = number(ready, "initialDelaySeconds")
    killed_at = number(live, "initialDelaySeconds") + until_killed
    if not has_startup and killed_at <= first_look:
        return f"is killed {killed_at} s after its start, but first asked whether it is ready after {first_look} s"
    return None


def _budget(probe: dict[str, Any]) -> int:
    return number(probe, "failureThreshold", 3) * number(probe, "periodSeconds", 10)


def _handler(probe: dict[str, Any]) -> list[tuple[str, Any]]:
    return [(kind, probe[kind]) for kind in HANDLERS if probe.get(kind) is not None]


PATIENCE = Rule(
    code="FLT-PROBE-003",
    name="liveness-is-more-patient-than-readiness",
    title="A livenessProbe waits longer than the readinessProbe before it gives up",
    why="Under load a pod should first get less traffic; a restart moves its load to the others, which fail next.",
    source=_SOURCE,
    remediation="Raise the livenessProbe's failureThreshold, or let it ask an endpoint that answers while the process "
    "lives; give a slow start a startupProbe.",
    scope=Scope.RESOURCE,
    judge=_judge_patience,
    level=Level.ADVISORY,
    kinds=POD_KINDS,
)

RULES = (PROBE_VALID, PROBE_SENSE, PATIENCE)
