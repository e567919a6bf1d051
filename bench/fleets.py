"""The fleet that is measured, with any number of variants: as a stack file for us, as values for Helm."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

STACK = "bench"
_SHARED = Path(__file__).with_name("fleet.yaml")
_SPECIAL = {"replicas": 2, "theme": "classic", "environment": {"BANNER": "sale"}}
"""What every tenth variant has of its own: a second replica brings a PodDisruptionBudget and topology spread."""


def fleet(variants: int) -> dict[str, Any]:
    """Give ``flotilla:fleet`` with that many variants; names sort as they are numbered."""
    shared: dict[str, Any] = yaml.safe_load(_SHARED.read_text(encoding="utf-8"))
    return {**shared, "variants": [_variant(number) for number in range(variants)]}


def _variant(number: int) -> dict[str, Any]:
    return {"name": f"shop-{number:05}", **({} if number % 10 else _SPECIAL)}


def write_stack_file(folder: Path, variants: int) -> Path:
    """Write the stack file and give its path."""
    return _write(folder / f"Pulumi.{STACK}.yaml", {"config": {"flotilla:fleet": fleet(variants)}})


def write_values(folder: Path, variants: int) -> Path:
    """Write the values file of bench/chart and give its path."""
    return _write(folder / "values.yaml", fleet(variants))


def _write(path: Path, content: dict[str, Any]) -> Path:
    path.write_text(yaml.dump(content, Dumper=yaml.CSafeDumper, sort_keys=False), encoding="utf-8")
    return path
