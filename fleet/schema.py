"""The JSON Schema of stack files, which editors complete and check them by.

``python -m fleet.schema > fleet/stack.schema.json`` makes the checked-in file anew; a test keeps it current.
"""

from __future__ import annotations

import json
from typing import Any

from fleet import secrets
from fleet.config import FleetConfig

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def stack_schema() -> dict[str, Any]:
    """Give the schema of a whole ``Pulumi.<stack>.yaml``; what is not Flotilla's is left open."""
    fleet = FleetConfig.model_json_schema(by_alias=True)
    definitions = fleet.pop("$defs")
    secret = {
        "type": "object",
        "required": ["secure"],
        "properties": {"secure": {"type": "string"}},
        "description": "Set it with: pulumi config set --secret",
    }
    keys = {f"flotilla:{key}": secret for key in secrets.ALL}
    return {
        "$schema": _DIALECT,
        "title": "A stack of Flotilla",
        "type": "object",
        "required": ["config"],
        "properties": {
            "config": {
                "type": "object",
                "required": ["flotilla:fleet"],
                "properties": {"flotilla:fleet": fleet, **keys},
            }
        },
        "$defs": definitions,
    }


def text() -> str:
    """Give the checked-in file's content."""
    return json.dumps(stack_schema(), indent=2) + "\n"


if __name__ == "__main__":
    print(text(), end="")  # noqa: T201  (it is what this module is run for)
