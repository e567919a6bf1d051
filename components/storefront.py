"""One variant."""

from __future__ import annotations

from components.owner import Served


class Storefront(Served):
    """A variant's stable release and its configuration; its canary and routes stand beside it."""
