"""What both back ends make of the rows they read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from adapters.sql import rows
from domain.credentials.keys import KeySlot
from domain.routing.state import Stored

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Row = tuple[Any, ...]


class Found(NamedTuple):
    """The rows of one read: each with the columns that `adapters.sql.rows` names, in order.

    `vaults` and `documents` hold one row or none, `misshapen` the ids of such profiles.
    """

    profiles: Sequence[Row]
    providers: Sequence[Row]
    documents: Sequence[Row]
    heads: Sequence[Row]
    trail: Sequence[Row]
    last_used: Mapping[str, int]
    vaults: Sequence[Row]
    slots: Sequence[Row]
    misshapen: Sequence[Row]
    signed: bool


def stored(found: Found, place: object) -> Stored:
    """What the rows say. Raises StoreDamaged."""
    read_own, bad_providers = rows.readable(rows.provider, found.providers)
    read_heads, bad_heads = rows.readable(rows.record, found.heads)
    read_trail, bad_trail = rows.readable(rows.record, found.trail)
    try:
        return Stored(
            selection=rows.selection(found.documents[0][0] if found.documents else None, read_own),
            profiles=tuple(map(rows.summary, found.profiles)),
            heads=read_heads,
            trail=read_trail,
            last_used=found.last_used,
            vault_id=rows.vault_id(found.vaults[0][0]) if found.vaults else None,
            slots=tuple(KeySlot(*slot) for slot in found.slots),
            damaged=frozenset(id for (id,) in found.misshapen),
            signed=found.signed,
            unreadable=bad_providers + max(bad_heads, bad_trail),
        )
    except rows.NOT_OURS:
        raise rows.damaged(place) from None
