"""The looks a shop can have, and what each says of itself; its layout and its style sheet are files of its name."""

from __future__ import annotations

from dataclasses import dataclass

FALLBACK = "minimal"
"""What a shop of an unknown theme looks like; its marker says so, and verify sees the difference."""


@dataclass(frozen=True, slots=True)
class Theme:
    """One look."""

    name: str
    brand: str
    tagline: str
    headline: str
    lead: str
    scheme: str = "light"
    """The CSS color-scheme: light, dark, or both for who asks the visitor's system."""


THEMES = (
    Theme(
        "brutal",
        "ClearWatch/Brutal",
        "watches, no ceremony",
        "Tells the time. Costs what it says.",
        "Watches with nothing added. Read the numbers, pick one, wear it for twenty years.",
    ),
    Theme(
        "hero",
        "ClearWatch Hero",
        "one watch for everything",
        "The watch you never take off",
        "300 metres under water or four hours into a meeting: built once, and built to stay on your wrist.",
        "dark",
    ),
    Theme("minimal", "ClearWatch", "watches", "Less, on time.", "Watches reduced to what you look at.", "light dark"),
    Theme(
        "trust",
        "ClearWatch Trust",
        "watches with a five-year promise",
        "Buy a watch from people who stand by it",
        "Every watch is checked by a watchmaker and covered for five years. If it isn't right, send it back.",
    ),
    Theme(
        "dreadnought",
        "Dreadnought",
        "watches under armour",
        "Armour for the wrist",
        "Cases milled from one block of steel. Tested by dropping them, freezing them and leaving them in the sea.",
        "dark",
    ),
    Theme(
        "upholder",
        "Upholder Marine",
        "instruments for divers",
        "Quiet at depth",
        "Instruments for people who work under water. Each one is pressure-tested before it leaves the yard.",
        "dark",
    ),
    Theme(
        "victory",
        "Victory & Sons",
        "watchmakers' gazette",
        "Watches of the first rate",
        "Finished by hand, regulated in six positions, and sent to your door with our compliments.",
    ),
    Theme(
        "constitution",
        "Constitution Watch Co.",
        "plain articles of good time",
        "We hold this time to be accurate",
        "A watch is a promise that is kept sixty times an hour. Ours are set down here in plain articles.",
    ),
    Theme(
        "enterprise",
        "ClearWatch Enterprise",
        "watches for teams and gifts",
        "Choose in a minute. Delivered in three days.",
        "Compare the whole range at a glance, order one or five, and get a proper invoice every time.",
    ),
    Theme(
        "fletcher",
        "Fletcher Supply",
        "watches for working people",
        "Tools you wear",
        "Built for workshops, gardens and long roads. Mended by us, for as long as you own them.",
    ),
    Theme(
        "monitor",
        "Monitor Instruments",
        "time, measured",
        "Precision you can read",
        "Every movement is timed for two weeks before it is sold. Here is what we have on the bench.",
        "dark",
    ),
    Theme(
        "olympia",
        "Olympia",
        "watches for people in motion",
        "Move. We keep the time.",
        "Light, legible and tough enough for the last kilometre. Pick your colour, pick your pace.",
    ),
    Theme(
        "tang",
        "Tang Atelier",
        "lacquer and steel",
        "The hour, in lacquer and steel",
        "Dials are lacquered in eleven layers and polished for a week. Nothing here was made in a hurry.",
    ),
    Theme(
        "yorktown",
        "Yorktown Quarterly",
        "watches worth reading about",
        "The watches we could not give back",
        "We wore forty prototypes for a year. These are the ones that nobody wanted to give back.",
    ),
)
_BY_NAME = {theme.name: theme for theme in THEMES}


def known(name: str) -> bool:
    """Say whether there is a theme of that name."""
    return name in _BY_NAME


def find(name: str) -> Theme:
    """Give a theme by name; the plain one for a name that is not known."""
    return _BY_NAME.get(name, _BY_NAME[FALLBACK])
