"""The values of secrets: from the stack's encrypted configuration, or from pulumi-random; always as Pulumi secrets."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping

import pulumi

from components.registrar import SecretInputs
from fleet import secrets
from fleet.model import FleetSpec, RegistryLogin
from manifests.secrets import GENERATED, SecretSpec, all_secrets


def configured_inputs(fleet: FleetSpec, config: pulumi.Config) -> dict[str, Mapping[str, pulumi.Input[object]]]:
    """Give the secret inputs that the configuration holds, by the logical name of the resource that takes them.

    What pulumi-random makes is not among them. Raises pulumi.ConfigMissingError for a secret that
    ``components.config.read`` would have asked for.
    """
    inputs: dict[str, Mapping[str, pulumi.Input[object]]] = {}
    for spec in all_secrets(fleet):
        if _is_generated(spec):
            continue
        values = {key: _value(fleet, config, source) for key, source in spec.keys}
        inputs[spec.logical_name] = {"stringData": values}
    if fleet.edge:
        inputs["cloudflare"] = {"apiToken": config.require_secret(secrets.CLOUDFLARE_API_TOKEN)}
    return inputs


def generated_inputs(fleet: FleetSpec, maker: str, value: pulumi.Output[str]) -> SecretInputs:
    """Give the secret inputs that hold what the random password of the logical name ``maker`` is: one a compartment."""
    return {
        spec.logical_name: {"stringData": {key: value for key, _ in spec.keys}}
        for spec in all_secrets(fleet)
        if _is_generated(spec) and GENERATED[spec.keys[0][1]] == maker
    }


def _is_generated(spec: SecretSpec) -> bool:
    return spec.keys[0][1] in GENERATED


def _value(fleet: FleetSpec, config: pulumi.Config, source: str) -> pulumi.Output[str]:
    value = config.require_secret(source)
    if source == secrets.REGISTRY_PASSWORD and fleet.login:
        login = fleet.login
        return value.apply(lambda password: _docker_config(login, password))
    return value


def _docker_config(login: RegistryLogin, password: str) -> str:
    pair = base64.b64encode(f"{login.username}:{password}".encode()).decode()
    auth = {"username": login.username, "password": password, "auth": pair}
    return json.dumps({"auths": {login.host: auth}})
