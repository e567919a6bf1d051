"""What may go wrong, as one line for the user and one documented exit code.

Only these exceptions reach a user as a message; anything else is a defect of Flotilla and keeps its traceback.
"""

from __future__ import annotations


class FlotillaError(Exception):
    """What was asked for failed or was refused: findings, a roll-out that did not complete (exit code 1)."""

    exit_code = 1


class UsageError(FlotillaError):
    """What was asked for cannot be read: a stack file, an argument, a manifest (exit code 2)."""

    exit_code = 2


class PlaceError(FlotillaError):
    """The machine or cluster cannot do it: a tool, a port, a CRD, a connection is missing (exit code 3)."""

    exit_code = 3
