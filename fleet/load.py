"""The one way in: the raw value of ``flotilla:fleet`` becomes a spec, or every mistake in it becomes a line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from fleet import secrets
from fleet.config import FleetConfig
from fleet.consistency import inconsistencies
from fleet.errors import UsageError
from fleet.mistakes import ROOT, Mistake, from_validation, salvage, shown
from fleet.model import FleetSpec
from fleet.resolve import resolve


def load(
    raw: object, *, stack: str, secret_keys: Mapping[str, bool] | None = None, source: str | None = None
) -> FleetSpec:
    """Give the spec that ``raw`` describes for ``stack``.

    ``secret_keys`` are the other keys under ``flotilla:`` and whether each is kept as a secret; None leaves secrets
    unasked, as rendering does. ``source`` is the file's name where it is not ``Pulumi.<stack>.yaml``. Raises UsageError
    with one line for every mistake.
    """
    source = source or f"Pulumi.{stack}.yaml"
    if not isinstance(raw, dict):
        found = None if raw is None else shown(raw)
        rule = "is missing" if raw is None else "must be a mapping"
        mistake = Mistake(ROOT, rule, "describe the fleet there; Pulumi.dev.yaml is an example", found)
        raise UsageError(mistake.line(source))
    mistakes = list(_mistakes(raw, stack, secret_keys))
    if mistakes:
        raise UsageError("\n".join(mistake.line(source) for mistake in mistakes))
    return resolve(FleetConfig.model_validate(raw), stack=stack)


def _mistakes(raw: dict[str, Any], stack: str, secret_keys: Mapping[str, bool] | None) -> Iterator[Mistake]:
    config: FleetConfig | None
    try:
        config = FleetConfig.model_validate(raw)
    except ValidationError as error:
        yield from from_validation(error)
        config = salvage(raw, error)
    if config is None:
        return
    yield from inconsistencies(config, stack=stack)
    if secret_keys is not None:
        yield from _missing_secrets(config, stack, secret_keys)


def _missing_secrets(config: FleetConfig, stack: str, secret_keys: Mapping[str, bool]) -> Iterator[Mistake]:
    for key, reason in secrets.required(config):
        remedy = f"pulumi config set --secret flotilla:{key} --stack {stack}"
        if key not in secret_keys:
            yield Mistake(f"flotilla:{key}", f"is missing: {reason}", remedy)
        elif not secret_keys[key]:
            yield Mistake(f"flotilla:{key}", "stands there in plain text: a secret must be encrypted", remedy)
