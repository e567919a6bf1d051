"""kubectl, behind one class: the only way the sandbox and the operator speak to a cluster.

It is the client every operator already trusts, it reads every kind of kubeconfig, and it ships with the tools.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fleet.errors import FlotillaError, PlaceError
from sandbox.tools import KUBECTL

Manifest = Mapping[str, Any]
LiveObject = dict[str, Any]
"""A Kubernetes object as the API server has it."""

UNREACHABLE = re.compile(
    r"Unable to connect to the server|was refused - did you specify|Client\.Timeout exceeded"
    r"|no configuration has been provided|error loading config file|current-context is not set"
    r"|context \S+ does not exist|context was not found|You must be logged in"
)
"""How kubectl says that it never got to ask: no such context, no server, no sign-in."""


class KubectlError(FlotillaError):
    """The API server refused what kubectl asked.

    ``output`` is everything kubectl wrote to stderr; ``answer`` to stdout, where only a part was refused.
    """

    def __init__(self, message: str, *, output: str, answer: str = "") -> None:
        super().__init__(message)
        self.output = output
        self.answer = answer


def find_kubectl() -> Path:
    """Give the built kubectl, else the one on PATH. Raises PlaceError when there is neither."""
    if KUBECTL.path.exists():
        return KUBECTL.path
    on_path = shutil.which("kubectl")
    if on_path is None:
        raise PlaceError("kubectl: neither built nor on PATH; run `flotilla sandbox up` once, or install kubectl")
    return Path(on_path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kubectl:
    """kubectl for one cluster, given by a kubeconfig file, a context in it, or both; None means kubectl's own default.

    ``cache_dir`` must be a cluster's own: kubectl's discovery cache outlives a cluster made anew on the same port.
    """

    path: Path
    kubeconfig: Path | None = None
    context: str | None = None
    cache_dir: Path | None = None
    timeout_seconds: float = 60.0

    @property
    def command(self) -> list[str]:
        """The words every call starts with."""
        options = {"--kubeconfig": self.kubeconfig, "--context": self.context, "--cache-dir": self.cache_dir}
        return [str(self.path), *(f"{name}={value}" for name, value in options.items() if value is not None)]

    def run(self, *arguments: str, stdin: str | None = None, timeout_seconds: float | None = None) -> str:
        """Run kubectl and give what it wrote to stdout.

        Raises PlaceError when the cluster can't be reached in time, KubectlError (a FlotillaError) when it refuses;
        both end in kubectl's own last line.
        """
        limit = timeout_seconds or self.timeout_seconds
        try:
            answer = subprocess.run(
                [*self.command, *arguments], input=stdin, capture_output=True, text=True, timeout=limit, check=False
            )
        except subprocess.TimeoutExpired:
            raise PlaceError(f"{self.target}: no answer to `kubectl {arguments[0]}` in {limit:.0f} s") from None
        except OSError as error:
            raise PlaceError(f"kubectl: {self.path} can't be run: {error.strerror}") from None
        if answer.returncode != 0:
            raise self.failure(answer.stderr, answer.stdout)
        return answer.stdout

    def json(self, *arguments: str, stdin: str | None = None) -> Any:  # noqa: ANN401  (whatever the API server says)
        """Run kubectl with ``-o json`` and give the answer parsed, None when it is empty."""
        text = self.run(*arguments, "-o", "json", stdin=stdin)
        return json.loads(text) if text.strip() else None

    def items(self, *arguments: str, stdin: str | None = None) -> list[LiveObject]:
        """Run ``kubectl ... -o json`` and give the objects, whether kubectl answers with a list, one object or none."""
        answer = self.json(*arguments, stdin=stdin)
        if answer is None:
            return []
        found = answer["items"] if answer["kind"].endswith("List") and "items" in answer else [answer]
        return list(found)

    def live(self, manifests: Sequence[Manifest], *, managed_fields: bool = True) -> list[LiveObject]:
        """Give those of ``manifests`` that are in the cluster, as they are there, with who owns which field."""
        if not manifests:
            return []
        shown = [f"--show-managed-fields={str(managed_fields).lower()}", "--ignore-not-found"]
        return self.items("get", "-f", "-", *shown, stdin=as_list(manifests))

    @property
    def target(self) -> str:
        """How messages name the cluster."""
        if self.context is not None:
            return f"context {self.context}"
        return f"kubeconfig {self.kubeconfig}" if self.kubeconfig is not None else "current context"

    def failure(self, output: str, answer: str = "") -> FlotillaError:
        """Give the error that kubectl's stderr stands for."""
        lines = [line for line in output.splitlines() if line.strip() and not line.startswith("Warning:")]
        last = lines[-1].strip() if lines else "kubectl failed without a message"
        if UNREACHABLE.search(last):
            return PlaceError(f"{self.target}: can't be reached: {last}; see that the cluster runs")
        return KubectlError(last, output=output, answer=answer)


def as_list(manifests: Iterable[Manifest]) -> str:
    """Give one JSON document that kubectl reads as all of ``manifests``."""
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": [dict(manifest) for manifest in manifests]})
