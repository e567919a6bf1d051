"""What a team decides about the rules: levels, exemptions with a reason and an end, and what a stack is for.

The same settings come from a file (``settings.yaml`` beside the pack, or ``--settings FILE``) and from the pack's
configuration in CrossGuard; what is wrong in them is a mistake of the user's, never a rule that silently did not run.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any, Final

from policies.findings import Finding, Level, Rule
from policies.purpose import Purpose
from policies.values import at
from policies.world import World

FILE: Final = Path(__file__).with_name("settings.yaml")
"""Read by the pack and by ``flotilla check`` alike, wherever the pack's folder lies."""
_KEYS: Final = ("levels", "exemptions", "purpose", "world")
_REQUIRED: Final = ("rule", "resource", "reason", "expires")


class SettingsError(ValueError):
    """A setting that cannot be read: one line with the path, the value, the rule and the remedy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemption:
    """One rule that does not count for some resources, for a reason and until a day.

    ``resource`` is a glob over titles (``Deployment shop/*``); ``container`` narrows it to findings inside containers
    of that name. ``expires`` is the last day on which it holds. ``where`` says where it was written.
    """

    rule: str
    resource: str
    reason: str
    expires: dt.date
    container: str | None = None
    where: str = ""

    def covers(self, finding: Finding) -> bool:
        """Say whether a finding is one that this exempts, whatever the day."""
        if self.rule not in (finding.rule.code, finding.rule.name):
            return False
        if self.container is not None and self.container != container_of(finding):
            return False
        return fnmatchcase(finding.resource.title, self.resource)

    def __str__(self) -> str:
        narrowed = f" container {self.container}" if self.container else ""
        return f"{self.rule} for {self.resource}{narrowed} until {self.expires} ({self.reason})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Levels by code or name, exemptions, the purpose of what carries no label, and how complete the input is."""

    levels: Mapping[str, Level] = field(default_factory=dict)
    exemptions: tuple[Exemption, ...] = ()
    purpose: Purpose | None = None
    world: World = World.AUTO
    today: dt.date = field(default_factory=lambda: dt.datetime.now(tz=dt.UTC).date())

    def level_of(self, rule: Rule) -> Level:
        """Give the level that a rule has here."""
        return self.levels.get(rule.code, self.levels.get(rule.name, rule.level))


def container_of(finding: Finding) -> str | None:
    """Give the name of the container that a finding lies in, if it lies in one."""
    path = finding.path
    for position, step in enumerate(path):
        if str(step).lower().endswith("containers") and position + 1 < len(path):
            name = at(finding.resource.inputs, *path[: position + 2], "name")
            return name if isinstance(name, str) else None
    return None


def parse(raw: Any, *, where: str, known: Iterable[str]) -> Settings:  # noqa: ANN401  (whatever the file holds)
    """Read settings from plain values. ``known`` are the codes and names of all rules. Raises SettingsError."""
    if raw is None:
        return Settings()
    if not isinstance(raw, Mapping):
        raise SettingsError(f"{where}: must be a mapping of {', '.join(_KEYS)}; see policies/settings.yaml")
    if strangers := sorted(str(key) for key in raw if key not in _KEYS):
        raise SettingsError(f"{where}: {strangers[0]!r} is no setting; use one of {', '.join(_KEYS)}")
    names = frozenset(known)
    chosen = {"purpose": _choice(Purpose, raw.get("purpose"), f"{where}: purpose"), "world": World.AUTO}
    if raw.get("world") is not None:
        chosen["world"] = _choice(World, raw["world"], f"{where}: world")
    return Settings(
        levels=_levels(raw.get("levels"), f"{where}: levels", names),
        exemptions=tuple(_exemptions(raw.get("exemptions"), f"{where}: exemptions", names)),
        **chosen,
    )


def merged(below: Settings, above: Settings) -> Settings:
    """Put one on top of the other: levels and choices of ``above`` win, exemptions add up."""
    return Settings(
        levels={**below.levels, **above.levels},
        exemptions=(*below.exemptions, *above.exemptions),
        purpose=above.purpose or below.purpose,
        world=below.world if above.world is World.AUTO else above.world,
        today=above.today,
    )


def load(path: Path, *, known: Iterable[str]) -> Settings:
    """Read a settings file. Raises SettingsError for what cannot be read."""
    import yaml  # noqa: PLC0415  (most runs of the pack have no file to read)

    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read ({error.strerror}); name a file that exists") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        reason = str(error).replace("\n", " ")
        raise SettingsError(f"{path}: is not YAML ({reason}); correct it there") from error
    return parse(raw, where=str(path), known=known)


@cache
def beside_the_pack(known: frozenset[str]) -> Settings:
    """Read the file beside the pack, which need not exist."""
    return load(FILE, known=known) if FILE.exists() else Settings()


def _levels(raw: Any, where: str, known: frozenset[str]) -> dict[str, Level]:  # noqa: ANN401
    if raw is None:
        return {}
    if not isinstance(raw, Mapping):
        raise SettingsError(f"{where}: must map rules to levels, as in FLT-HOST-001: advisory")
    for key in raw:
        _rule(key, f"{where}.{key}", known)
    return {key: _choice(Level, value, f"{where}.{key}") for key, value in raw.items()}


def _exemptions(raw: Any, where: str, known: frozenset[str]) -> Iterator[Exemption]:  # noqa: ANN401
    if raw is None:
        return
    if not isinstance(raw, list | tuple):
        raise SettingsError(f"{where}: must be a list of mappings with {', '.join(_REQUIRED)}")
    for position, item in enumerate(raw):
        yield _exemption(item, f"{where}[{position}]", known)


def _exemption(item: Any, where: str, known: frozenset[str]) -> Exemption:  # noqa: ANN401
    if not isinstance(item, Mapping):
        raise SettingsError(f"{where}: must be a mapping with {', '.join(_REQUIRED)}")
    if strangers := sorted(str(key) for key in item if key not in (*_REQUIRED, "container")):
        raise SettingsError(f"{where}.{strangers[0]}: is no key of an exemption; use {', '.join(_REQUIRED)}, container")
    for key in _REQUIRED:
        if item.get(key) in (None, ""):
            raise SettingsError(f"{where}.{key}: is missing; an exemption says which rule, where, why and until when")
    _rule(item["rule"], f"{where}.rule", known)
    texts = {key: item[key] for key in ("resource", "reason", "container") if item.get(key) is not None}
    for key, value in texts.items():
        if not isinstance(value, str):
            raise SettingsError(f"{where}.{key}: {value!r} must be text; put it in quotes")
    return Exemption(rule=item["rule"], expires=_date(item["expires"], f"{where}.expires"), where=where, **texts)


def _rule(name: Any, where: str, known: frozenset[str]) -> None:  # noqa: ANN401
    if name not in known:
        raise SettingsError(f"{where}: no rule is called {name!r}; `flotilla rules` lists them by code and name")


def _date(value: Any, where: str) -> dt.date:  # noqa: ANN401
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    try:
        return dt.date.fromisoformat(str(value))
    except ValueError:
        raise SettingsError(f"{where}: {value!r} is no day; write it as 2027-01-31") from None


def _choice(kind: Any, value: Any, where: str) -> Any:  # noqa: ANN401  (a member of the enumeration that is passed)
    if value is None:
        return None
    try:
        return kind(value)
    except ValueError:
        raise SettingsError(f"{where}: {value!r} must be one of {', '.join(kind)}") from None
