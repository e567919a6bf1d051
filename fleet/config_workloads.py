"""What a stack file may say of the checkout, the storefronts and the variants."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from fleet.config_catalogue import Catalogue
from fleet.fields import (
    Address,
    Count,
    Cron,
    Host,
    ImageReference,
    Name,
    PlanName,
    Port,
    Quantity,
    Section,
    Variable,
    mistake,
)


class ResourceAmounts(Section):
    """Amounts of CPU and memory."""

    cpu: Quantity
    """Cores, like 250m."""
    memory: Quantity
    """Bytes, like 256Mi."""


class ResourcesConfig(Section):
    """What a container asks for and may use."""

    requests: ResourceAmounts
    """What the scheduler keeps free for the container."""
    limits: ResourceAmounts
    """What the container can't exceed."""


class AutoscalingConfig(Section):
    """Bounds of a HorizontalPodAutoscaler; it replaces ``replicas``."""

    min: Count
    """The fewest replicas at full weight."""
    max: Count
    """The most replicas at full weight."""
    cpu: Annotated[int, Field(ge=1, le=100, strict=True)] = 70
    """The target for average CPU use, in percent of the request."""

    @model_validator(mode="after")
    def _bounds(self) -> Self:
        if self.min > self.max:
            raise mistake("autoscaling", "has a min above its max", "swap them")
        return self


class _Scaled(Section):
    replicas: Count | None = None
    """How many pods run at full weight; 1 when neither this nor autoscaling is given."""
    autoscaling: AutoscalingConfig | None = None
    """Bounds between which an autoscaler chooses the number of pods; never together with replicas."""

    @model_validator(mode="after")
    def _one_owner(self) -> Self:
        if self.replicas is not None and self.autoscaling is not None:
            raise mistake(
                "one-owner", "sets both replicas and autoscaling", "keep one: they would fight over the count"
            )
        return self


class RateLimitConfig(Section):
    """Traefik's rate limit on the checkout, for each client address."""

    average: Count = 50
    """Requests per second allowed in the long run."""
    burst: Count = 100
    """Requests allowed at once."""


_Environment = Annotated[dict[Variable, str], Field(default_factory=dict)]


class CheckoutConfig(_Scaled):
    """The one checkout that all variants share."""

    image: ImageReference
    """The stable image."""
    port: Port = 8080
    """The port the application listens on; everything else is derived from it."""
    host: Host | None = None
    """The public host; checkout.<domain> when absent."""
    resources: ResourcesConfig | None = None
    """CPU and memory; a documented default when absent."""
    environment: _Environment
    """Plain variables for the application. Never a secret."""
    rate_limit: RateLimitConfig = RateLimitConfig()
    """How many requests a client may make."""
    reconcile_schedule: Cron = "*/5 * * * *"
    """When orders are reconciled with Stripe (UTC)."""
    stripe_api: Address | None = None
    """Another Stripe than the real one, for fleets that are not in production: a double of its API."""


class StorefrontConfig(_Scaled):
    """What all variants share unless one of them says otherwise."""

    image: ImageReference
    """The stable image of every variant without an image of its own."""
    port: Port = 8080
    """The port the application listens on; everything else is derived from it."""
    resources: ResourcesConfig | None = None
    """CPU and memory; a documented default when absent."""
    environment: _Environment
    """Plain variables for every variant. Never a secret."""
    catalogue: Catalogue = ()
    """What every variant without a catalogue of its own sells; the six watches of fleet/catalogue.py when absent."""


class VariantConfig(Section):
    """One variant, with what differs from the others; a bare name is enough where nothing does."""

    name: Name
    """The variant's identity: its host, its objects and its label. Renaming replaces the variant."""
    image: ImageReference | None = None
    """An image of its own; such a variant takes no part in the storefronts' canary."""
    host: Host | None = None
    """A public host of its own; <name>.<domain> when absent."""
    replicas: Count | None = None
    """A number of pods of its own, in place of the storefront's replicas or autoscaling."""
    theme: Name | None = None
    """How the shop looks; the variant's name when absent. Display only."""
    resources: ResourcesConfig | None = None
    """CPU and memory of its own."""
    environment: _Environment
    """Variables on top of the storefront's; the same key wins here."""
    catalogue: Catalogue = ()
    """What this variant sells, in place of the storefront's catalogue."""


def _named(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


Variant = Annotated[VariantConfig, BeforeValidator(_named, json_schema_input_type=Name | VariantConfig)]


class RolloutConfig(Section):
    """A release under trial, and how far it has come."""

    image: ImageReference
    """The image under trial."""
    plan: PlanName
    """The weights it climbs through."""
    step: Annotated[int, Field(ge=0, strict=True)]
    """Where it stands: 0 runs without traffic; the plan's last step is 100 % and leaves no canary over."""


class CanaryConfig(Section):
    """Releases under trial."""

    checkout: RolloutConfig | None = None
    """Of the checkout."""
    storefronts: RolloutConfig | None = None
    """Of all variants that share the storefront's image."""
