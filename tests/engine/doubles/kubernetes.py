"""The kubernetes provider's double: the rules of pulumi-kubernetes 4.34 against a real API server.

Creation is a POST as field manager ``pulumi-kubernetes``, an update takes that manager's fields over and applies as
``pulumi-kubernetes-<random>``, a preview is a dry run; stricter than the provider in one thing: unknown fields are
refused (``fieldValidation=Strict``), where it only warns.
"""

from __future__ import annotations

import secrets
import time
from typing import Any

from tests.engine.doubles.apiserver import ApiError, ApiServer, Target
from tests.engine.doubles.differences import REPLACES, changes, normalised, pruned, replacing, written
from tests.engine.doubles.faults import RefusedError
from tests.engine.doubles.provider import Change, Double, Kind, NotReadyError, Plain
from tests.engine.doubles.readiness import FailedError, await_gone, await_ready, seconds
from tests.engine.doubles.values import Secret, bare, has_unknown, marked

CREATOR = "pulumi-kubernetes"
TAKEN_OVER = frozenset({CREATOR, "kubectl", "before-first-apply", "pulumi-resource-kubernetes"})
INPUTS, MANAGER, VERSION = "__inputs", "__fieldManager", "__initialApiVersion"
RETRIES = 5
_FORCED = {Kind.ADD: Kind.ADD_REPLACE, Kind.DELETE: Kind.DELETE_REPLACE, Kind.UPDATE: Kind.UPDATE_REPLACE}


class Kubernetes(Double):
    """Kubernetes objects of any kind that the API server serves."""

    def configure(self, args: Plain) -> None:
        plain = bare(args)
        self._api = ApiServer(Target.of(plain.get("kubeconfig"), plain.get("context")))
        self._mutable = {
            "ConfigMap": _true(plain.get("enableConfigMapMutable")),
            "Secret": _true(plain.get("enableSecretMutable")),
        }

    def close(self) -> None:
        """Close the connections to the API server."""
        self._api.close()

    def diff_config(self, old: Plain, new: Plain) -> Change:
        change = super().diff_config(old, new)
        targets = [Target.of(props.get("kubeconfig"), props.get("context")).cluster for props in (bare(old), bare(new))]
        if targets[0] == targets[1]:
            return change
        return Change(kinds=change.kinds, replaces=tuple(change.kinds))

    def check(self, urn: str, old: Plain, new: Plain) -> tuple[Plain, list[str]]:
        if not bare(new).get("metadata", {}).get("name"):
            return new, [f"{urn.rsplit('::', 1)[-1]}: metadata.name is not set; this fleet names every object"]
        return _hidden(new, new), []

    def diff(self, urn: str, state: Plain, new: Plain) -> Change:
        live = bare(state)
        old, wanted = normalised(live.pop(INPUTS)), _comparable(new)
        base = pruned(live, old)
        forced = self._forced(wanted)
        kinds, replaces = {}, []
        for path, kind in changes(base, wanted):
            text = written(path)
            kinds[text] = kind
            if replacing(forced, path, _at(wanted, path)):
                kinds[text] = _FORCED[kind]
                replaces.append(text)
        return Change(kinds=kinds, replaces=tuple(replaces), delete_first=bool(replaces) and _same_place(live, wanted))

    def create(self, urn: str, inputs: Plain, *, preview: bool, timeout: float) -> tuple[str, Plain]:
        manifest = bare(inputs)
        if preview and (has_unknown(inputs) or not self._api.serves(manifest)):
            return "", inputs
        manager = f"{CREATOR}-{secrets.token_hex(4)}"
        try:
            live = self._post(manifest, preview=preview)
        except ApiError as answer:
            if preview and answer.reason in {"AlreadyExists", "NotFound", "Forbidden"}:
                return "", inputs
            message = f"resource {urn} was not successfully created by the Kubernetes API server: {answer}"
            raise RefusedError(message) from answer
        if preview:
            live.pop("status", None)
            return "", _state(inputs, live, manager)
        return _id(live), self._settled(urn, inputs, live, manager=manager, timeout=timeout)

    def update(self, urn: str, state: Plain, new: Plain, *, preview: bool, timeout: float) -> Plain:
        manifest = bare(new)
        if preview and (has_unknown(new) or not self._api.serves(manifest)):
            return new
        manager = state.get(MANAGER, f"{CREATOR}-{secrets.token_hex(4)}")
        try:
            found = self._api.get(manifest)
            if not preview:
                found = self._take_over(found, manager)
            force = _patch_force(manifest) or (preview and _made_by_post(found))
            live = self._api.apply(manifest, manager=manager, force=force, dry_run=preview)
        except ApiError as answer:
            conflict = "server-side apply field conflict detected: " if answer.status == 409 else ""
            raise RefusedError(f"update of resource {urn} failed: {conflict}{answer}") from answer
        if preview:
            return _state(new, live, manager)
        return self._settled(urn, new, live, manager=manager, timeout=timeout)

    def read(self, urn: str, identity: str, state: Plain, inputs: Plain) -> tuple[Plain, Plain] | None:
        if not inputs:
            raise RefusedError(f"{urn}: nothing recorded to read {identity} by")
        manifest = bare(inputs)
        try:
            live = self._api.get(manifest)
        except ApiError as answer:
            if answer.status != 404:
                raise RefusedError(str(answer)) from answer
            return None
        manager = state.get(MANAGER, f"{CREATOR}-{secrets.token_hex(4)}")
        found = _hidden(marked(pruned(live, normalised(manifest)), inputs), inputs)
        return _state(found, live, manager), found

    def delete(self, urn: str, identity: str, state: Plain, *, timeout: float) -> None:
        live = bare(state)
        inputs = live.pop(INPUTS, {})
        try:
            self._api.delete(live, propagation="Foreground")
            await_gone(self._api, live, limit=seconds(inputs, timeout))
        except ApiError as answer:
            if answer.status != 404:
                raise RefusedError(f"deletion of {urn} failed: {answer}") from answer
        except FailedError as failure:
            raise RefusedError(f"deletion of {urn} failed: {failure}") from failure

    def _forced(self, manifest: Plain) -> tuple[str, ...]:
        kind = manifest["kind"]
        paths = ("metadata.name", "metadata.namespace", *REPLACES.get((manifest["apiVersion"], kind), ()))
        if kind in self._mutable and (manifest.get("immutable") or not self._mutable[kind]):
            return (*paths, "data", "stringData", "binaryData")
        return paths

    def _post(self, manifest: Plain, *, preview: bool) -> Plain:
        """Create; a namespace or a definition that is not there yet is waited for, as the provider does."""
        for attempt in range(RETRIES):
            try:
                return self._api.post(manifest, manager=CREATOR, dry_run=preview)
            except ApiError as error:
                if preview or error.status != 404:
                    raise
                time.sleep(0.1 * 2**attempt)
        return self._api.post(manifest, manager=CREATOR, dry_run=preview)

    def _take_over(self, live: Plain, manager: str) -> Plain:
        entries = live["metadata"].get("managedFields", [])
        taken = [entry for entry in entries if entry["manager"] in TAKEN_OVER and "subresource" not in entry]
        if not taken:
            return live
        mine = [entry for entry in entries if entry["manager"] == manager and entry["operation"] == "Apply"]
        fields: Plain = {}
        for entry in (*mine, *taken):
            fields = _united(fields, entry["fieldsV1"])
        kept = [entry for entry in entries if entry not in taken and entry not in mine]
        own = {**taken[0], "manager": manager, "operation": "Apply", "fieldsV1": fields}
        version = {"op": "replace", "path": "/metadata/resourceVersion", "value": live["metadata"]["resourceVersion"]}
        return self._api.json_patch(
            live, [{"op": "replace", "path": "/metadata/managedFields", "value": [*kept, own]}, version]
        )

    def _settled(self, urn: str, inputs: Plain, live: Plain, *, manager: str, timeout: float) -> Plain:
        plain = bare(inputs)
        try:
            live = await_ready(self._api, plain, live, limit=seconds(plain, timeout))
        except FailedError as failure:
            message = (
                f"resource {urn} was successfully created, but the Kubernetes API server "
                f"reported that it failed to fully initialize or become live: {failure}"
            )
            raise NotReadyError(message, identity=_id(live), state=_state(inputs, live, manager)) from failure
        return _state(inputs, live, manager)


def _state(inputs: Plain, live: Plain, manager: str) -> Plain:
    state = _hidden(marked(live, inputs), inputs)
    return {**state, INPUTS: inputs, MANAGER: manager, VERSION: bare(inputs)["apiVersion"]}


def _hidden(manifest: Plain, inputs: Plain) -> Plain:
    if bare(inputs).get("kind") != "Secret":
        return manifest
    covered: Plain = {key: Secret(bare(manifest[key])) for key in ("data", "stringData") if key in manifest}
    return {**manifest, **covered}


def _comparable(new: Plain) -> Plain:
    manifest = bare(new)
    return manifest if has_unknown(manifest) else normalised(manifest)


def _same_place(live: Plain, wanted: Plain) -> bool:
    places = [(m["metadata"]["name"], m["metadata"].get("namespace")) for m in (live, wanted)]
    return places[0] == places[1]


def _at(value: Any, path: tuple[str | int, ...]) -> Any:
    for key in path:
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def _id(live: Plain) -> str:
    namespace = live["metadata"].get("namespace", "default")
    name: str = live["metadata"]["name"]
    return name if namespace == "default" else f"{namespace}/{name}"


def _made_by_post(live: Plain) -> bool:
    entries = live["metadata"].get("managedFields", [])
    return not entries or any(entry["manager"] == CREATOR and entry["operation"] == "Update" for entry in entries)


def _patch_force(manifest: Plain) -> bool:
    annotations = manifest["metadata"].get("annotations") or {}
    return bool(annotations.get("pulumi.com/patchForce") == "true")


def _united(one: Plain, other: Plain) -> Plain:
    both = {key: _united(one[key], other[key]) for key in one.keys() & other.keys()}
    return {**one, **other, **both}


def _true(value: Any) -> bool:
    return value is True or value == "true"
