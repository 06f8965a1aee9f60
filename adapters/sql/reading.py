"""How both back ends read, and what they make of the rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from adapters.sql import rows
from domain.credentials.keys import KeySlot
from domain.routing.state import Stored

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Row = tuple[Any, ...]


CREDENTIAL = rows.RECORD_COLUMNS.index("credential_id")


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


def each(name: str, condition: str) -> str:
    """A recursive table `name` of the credentials that have a record of that condition."""
    least = f"SELECT min(credential_id) FROM probe_records WHERE {condition}"
    return f"""{name} (credential_id) AS (
        {least}
        UNION ALL
        SELECT ({least} AND credential_id > {name}.credential_id)
        FROM {name} WHERE credential_id IS NOT NULL
    )"""


def models(name: str, of: str, condition: str) -> str:
    """A table of every (credential, model) of `of` with such a record; and the model NULL each."""
    least = f"SELECT min(model) FROM probe_records WHERE {condition} AND credential_id ="
    return f"""{name} (credential_id, model) AS (
        SELECT credential_id, ({least} {of}.credential_id)
        FROM {of} WHERE credential_id IS NOT NULL
        UNION ALL
        SELECT credential_id, ({least} {name}.credential_id AND model > {name}.model)
        FROM {name} WHERE model IS NOT NULL
    )"""
