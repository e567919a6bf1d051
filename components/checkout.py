"""The checkout that all variants share."""

from __future__ import annotations

from components.owner import Served


class Checkout(Served):
    """The checkout's stable release, its migration and its reconciliation; its canary and routes stand beside it."""
