"""Registers planned resources with Pulumi: needs become ``depends_on``, secrets get values, nothing is decided."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pulumi

from components.kinds import create
from manifests.plan import Planned, PlannedComponent
from manifests.providers import PROVIDER_TYPE, RANDOM_PASSWORD

SecretInputs = Mapping[str, Mapping[str, pulumi.Input[Any]]]
"""For the logical name of a resource, the inputs that the plan leaves out because they are secret."""


class Registrar:
    """One stack's resources by logical name, as they come to be."""

    def __init__(
        self,
        secret_inputs: dict[str, Mapping[str, pulumi.Input[Any]]],
        generated: Callable[[str, pulumi.Output[str]], SecretInputs],
    ) -> None:
        """Take the secrets that are known, and how those that a registered random password makes are handed on."""
        self._secret_inputs = secret_inputs
        self._generated = generated
        self._registered: dict[str, pulumi.CustomResource] = {}

    def __getitem__(self, name: str) -> pulumi.CustomResource:
        """Give the resource of a logical name; raises KeyError while it isn't registered."""
        return self._registered[name]

    def register_all(self, component: PlannedComponent, parent: pulumi.ComponentResource) -> None:
        """Register every resource of a component, in the plan's order."""
        for planned in component.resources:
            self.register(planned, parent)

    def register(self, planned: Planned, parent: pulumi.ComponentResource) -> pulumi.CustomResource:
        """Register one resource. What it needs must be registered already."""
        opts = pulumi.ResourceOptions(
            parent=parent,
            provider=self._provider(planned),
            depends_on=[self._registered[need] for need in planned.needs],
            protect=planned.protect or None,
            retain_on_delete=planned.retain_on_delete or None,
            ignore_changes=list(planned.ignore_changes) or None,
        )
        inputs = {**planned.inputs, **self._secret_inputs.get(planned.name, {})}
        made = create(planned.type, planned.name, inputs, opts)
        self._registered[planned.name] = made
        if planned.type == RANDOM_PASSWORD:
            self._secret_inputs.update(self._generated(planned.name, made.result))  # type: ignore[attr-defined]
        return made

    def _provider(self, planned: Planned) -> pulumi.ProviderResource | None:
        if planned.type.startswith(PROVIDER_TYPE):
            return None
        provider = self._registered[planned.type.split(":")[0]]
        assert isinstance(provider, pulumi.ProviderResource)  # noqa: S101  (the plan names providers by package)
        return provider
