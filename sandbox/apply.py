"""Brings a cluster to what the plan says: wave by wave, each ready before the next, and what is left over goes last.

Everything here can be interrupted anywhere and run again: nothing is remembered but what the cluster itself knows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from manifests.plan import Manifest, Planned, waves
from sandbox import pruning, rollouts, secrets, volumes, wave
from sandbox.guard import refuse_if_locked
from sandbox.handover import hand_over
from sandbox.kubectl import Kubectl, LiveObject
from sandbox.progress import Progress, Stage
from sandbox.rollouts import title
from sandbox.wave import Change


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What applying a plan did, by the titles of the objects."""

    created: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    pruned: tuple[str, ...] = ()

    @property
    def is_nothing(self) -> bool:
        """Whether the cluster was as the plan says already."""
        return not (self.created or self.changed or self.pruned)

    def __str__(self) -> str:
        """Give the outcome in one line."""
        if self.is_nothing:
            return f"nothing changed, {len(self.unchanged)} objects are as planned"
        counts = {name: getattr(self, name) for name in ("created", "changed", "unchanged", "pruned")}
        return ", ".join(f"{len(titles)} {name}" for name, titles in counts.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """One plan being applied to one cluster.

    ``fleet`` is the value of the label by which its objects are known; ``volumes_in`` is where volumes are made, None
    in a cluster that brings its own storage.
    """

    kubectl: Kubectl
    fleet: str
    progress: Progress
    volumes_in: Path | None = None
    limit_seconds: float = rollouts.LIMIT_SECONDS

    def run(self, resources: Sequence[Planned]) -> Outcome:
        """Apply all of ``resources`` that are Kubernetes objects, wait until they run, and prune.

        Raises FlotillaError when the canary guard holds weights, the API server refuses an object, or something does
        not become ready in time. Nothing is applied before the first has been ruled out and the second tried.
        """
        planned = [resource for resource in resources if resource.is_kubernetes]
        manifests = [resource.inputs for resource in planned]
        with self.progress.stage("check the plan against the cluster"):
            refuse_if_locked(self.kubectl, planned)
            before = {title(live): live for live in self.kubectl.live(manifests)}
            self.rehearse(planned, before)
        changes: dict[str, Change] = {}
        with self.progress.stage(f"apply {len(planned)} objects and wait until they run") as stage:
            for line in hand_over(self.kubectl, planned):
                stage.note(line)
            for number, each in enumerate(waves(resources), start=1):
                changes |= self.apply_wave([part for part in each if part.is_kubernetes], before, stage, number)
            # Once more all together: autoscalers have raised counts since, and something may have died again.
            rollouts.wait(self.kubectl, self.awaited(manifests), stage, limit_seconds=self.limit_seconds)
        with self.progress.stage("remove what the fleet no longer has"):
            pruned = self.prune(manifests)
        return outcome(changes, pruned)

    def rehearse(self, planned: Sequence[Planned], before: Mapping[str, LiveObject]) -> None:
        """Let the API server check every change to what exists, so that a refusal leaves nothing half done."""
        existing = [resource for resource in planned if title(resource.inputs) in before]
        wave.apply(self.kubectl, existing, before, dry_run=True)

    def apply_wave(
        self, planned: Sequence[Planned], before: Mapping[str, LiveObject], stage: Stage, number: int
    ) -> dict[str, Change]:
        """Apply one wave with the volumes and values it needs, and wait for it."""
        manifests = [resource.inputs for resource in planned]
        stage.update(f"wave {number}, {len(manifests)} objects")
        if self.volumes_in is not None:
            volumes.provide(self.kubectl, manifests, self.volumes_in)
        filled = secrets.fill(self.kubectl, [manifest for manifest in manifests if manifest["kind"] == "Secret"])
        changes = wave.apply(self.kubectl, planned, before)
        rollouts.wait(self.kubectl, self.awaited(manifests), stage, limit_seconds=self.limit_seconds)
        renewed = {f"Secret {name}": Change.CHANGED for name in filled if f"Secret {name}" in before}
        return changes | renewed

    def awaited(self, manifests: Sequence[Manifest]) -> list[Manifest]:
        """Give what to wait for: a claim elsewhere may be bound by its first pod alone (WaitForFirstConsumer)."""
        ours = self.volumes_in is not None
        return [each for each in manifests if ours or each["kind"] != "PersistentVolumeClaim"]

    def prune(self, manifests: Sequence[Manifest]) -> list[str]:
        """Remove what the plan no longer has, and then the volumes nobody claims any more."""
        pruned = pruning.prune(self.kubectl, manifests, self.fleet, keep_claims=self.volumes_in is None)
        if self.volumes_in is not None:
            pruned += volumes.prune(self.kubectl, manifests, self.fleet, self.volumes_in)
        return pruned


def outcome(changes: Mapping[str, Change], pruned: Sequence[str]) -> Outcome:
    """Sort what happened by kind of change."""
    sorted_by = {kind: tuple(name for name, change in changes.items() if change is kind) for kind in Change}
    return Outcome(
        created=sorted_by[Change.CREATED],
        changed=sorted_by[Change.CHANGED],
        unchanged=sorted_by[Change.UNCHANGED],
        pruned=tuple(pruned),
    )
