"""How a database password rotates without an outage: two roles take turns (docs/decisions/0009). Pure.

Raising the generation by one makes the password of the role that nobody uses new, and hands the turn over to it. The
pods of before sign in as they did until they are gone.
"""

from __future__ import annotations

from fleet import naming
from fleet.model import RoleSpec


def roles(owner: str, generation: int) -> tuple[RoleSpec, ...]:
    """Give both roles of an owner at a generation of 1 or more; exactly one of them is in use."""
    first, second = naming.ROLES
    odd = generation % 2 == 1
    return (
        RoleSpec(letter=first, name=f"{owner}_{first}", generation=(generation + 1) // 2, in_use=odd),
        RoleSpec(letter=second, name=f"{owner}_{second}", generation=generation // 2 + 1, in_use=not odd),
    )
