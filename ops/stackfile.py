"""Stack files as they lie in the repository, read without Pulumi."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from fleet.errors import UsageError
from fleet.load import load
from fleet.model import FleetSpec

PROJECT = Path(__file__).resolve().parents[1]
"""The folder of Pulumi.yaml."""
NAMESPACE = "flotilla:"
FLEET_KEY = "flotilla:fleet"


_MERGE = "tag:yaml.org,2002:merge"


class _Loader(yaml.CSafeLoader):
    """YAML without repeated keys: Pulumi refuses them, and the last one would silently win here."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002
        """Build a mapping; raises ConstructorError on a key that stands twice."""
        seen = set()
        for key_node, _ in node.value:
            if key_node.tag == _MERGE:
                continue
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable):
                raise yaml.constructor.ConstructorError(None, None, "a key is no text", key_node.start_mark)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"key {key!r} stands twice", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


@dataclass(frozen=True, slots=True)
class StackFile:
    """One stack's file: its name, where it lies, and its configuration as written."""

    stack: str
    path: Path
    config: dict[str, Any]

    @property
    def secret_keys(self) -> dict[str, bool]:
        """The keys under ``flotilla:`` beside the fleet, and whether each is kept encrypted."""
        return {
            str(key).removeprefix(NAMESPACE): isinstance(value, dict) and "secure" in value
            for key, value in self.config.items()
            if str(key).startswith(NAMESPACE) and key != FLEET_KEY
        }

    def fleet(self, *, with_secrets: bool = False) -> FleetSpec:
        """Give the fleet the file describes; ``with_secrets`` also asks for the secrets that an ``up`` needs.

        Raises UsageError with one line for every mistake.
        """
        secret_keys = self.secret_keys if with_secrets else None
        return load(self.config.get(FLEET_KEY), stack=self.stack, secret_keys=secret_keys, source=self.path.name)


def read(stack: str, config: Path | None = None) -> StackFile:
    """Read the file of ``stack``, or the one that ``config`` names instead.

    Raises UsageError when there is no such file, or when it is no YAML that Pulumi would read.
    """
    path = config or PROJECT / f"Pulumi.{stack}.yaml"
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: S506  (a safe loader)
    except FileNotFoundError:
        raise UsageError(f"{path.name}: there is no such stack file; {_known()}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path.name}: is not UTF-8 text; save it as that") from None
    except OSError as error:
        raise UsageError(f"{path}: can't be read: {error.strerror}; name a stack file") from None
    except yaml.YAMLError as error:
        raise UsageError(f"{path.name}{_at(error)}: is no YAML: {_problem(error)}; correct that line") from None
    if not isinstance(content, dict) or not isinstance(content.get("config"), dict):
        raise UsageError(f"{path.name}: has no mapping 'config'; Pulumi.dev.yaml is an example")
    return StackFile(stack, path, content["config"])


def _known() -> str:
    stacks = sorted(path.name.split(".")[1] for path in PROJECT.glob("Pulumi.*.yaml"))
    return f"stacks here are {', '.join(stacks)}"


def _at(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    return f":{mark.line + 1}" if mark else ""


def _problem(error: yaml.YAMLError) -> str:
    return str(getattr(error, "problem", None) or error).replace("\n", " ")
