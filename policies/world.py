"""How much of the cluster the input is taken to be: only then can something be missing from it."""

from __future__ import annotations

from enum import StrEnum


class World(StrEnum):
    """What is judged as complete.

    ``closed``: the input is all there is, so whatever it names must stand in it. ``open``: it is a part of a cluster,
    so nothing is missing, only what stands there can contradict itself. ``auto``: complete for what it evidently holds.
    """

    AUTO = "auto"
    OPEN = "open"
    CLOSED = "closed"
