"""The peers, built once from their own Go modules into the user's cache; bench/tools pins them by go.mod and go.sum."""

from __future__ import annotations

from pathlib import Path

from sandbox import builder, places
from sandbox.progress import Progress
from sandbox.tools import Tool

CHART = Path(__file__).with_name("chart")
_SOURCE = "helm.sh/helm/v4"


class BenchTool(Tool):
    """A tool that only benchmarks need; the sandbox never builds it."""

    @property
    def folder(self) -> Path:
        """The module that pins the tool."""
        return Path(__file__).with_name("tools") / self.module

    @property
    def path(self) -> Path:
        """Where the built tool lies, apart from the sandbox's own."""
        return places.cache() / "bench" / super().path.parent.name / self.name


HELM = BenchTool(
    name="helm",
    module="helm",
    package=f"{_SOURCE}/cmd/helm",
    source=_SOURCE,
    stamps=((f"{_SOURCE}/internal/version.version", "{version}"),),
)
KUBE_SCORE = BenchTool(
    name="kube-score",
    module="kube-score",
    package="github.com/zegl/kube-score/cmd/kube-score",
    source="github.com/zegl/kube-score",
)


def build(tool: BenchTool) -> Path:
    """Give the path of a tool; builds it first where it is missing, which takes minutes.

    Raises PlaceError when it can't be built.
    """
    builder.build(Progress(), [tool])
    return tool.path


def template(helm: Path, values: Path) -> list[str | Path]:
    """Give the command that writes the chart's objects to standard output."""
    return [helm, "template", "fleet", CHART, "--values", values]
