"""The stack's configuration, as the running program sees it."""

from __future__ import annotations

import pulumi
from pulumi.runtime import is_config_secret

from fleet import secrets
from fleet.errors import UsageError
from fleet.load import load
from fleet.model import FleetSpec


def read(config: pulumi.Config) -> FleetSpec:
    """Give the fleet of the current stack.

    Raises pulumi.RunError with one line for every mistake, the same lines as ``flotilla``, before anything is made.
    """
    secret_keys = {key: is_config_secret(config.full_key(key)) for key in secrets.ALL if config.get(key) is not None}
    try:
        return load(config.get_object("fleet"), stack=pulumi.get_stack(), secret_keys=secret_keys)
    except pulumi.ConfigTypeError:
        raise pulumi.RunError("flotilla:fleet must be a mapping; Pulumi.dev.yaml is an example") from None
    except UsageError as error:
        raise pulumi.RunError(str(error)) from None
