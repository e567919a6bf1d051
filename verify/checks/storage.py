"""What a stack keeps at Cloudflare's edge, which neither its shops nor its cluster show."""

from __future__ import annotations

from fleet.model import EdgeSpec
from verify.catalog import check
from verify.results import Result

EDGE = "edge"


def unseen(edge: EdgeSpec) -> Result:
    """Say what is not looked at: no host leads to it, and only Cloudflare's API, with the account's token, knows it."""
    line = (
        f"D1 database {edge.database} and R2 bucket {edge.bucket} have no host of their own;"
        " `flotilla preview` with the account's token compares them"
    )
    return check("edge").untold(EDGE, line, elsewhere=True)
