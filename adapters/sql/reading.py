"""What both back ends make of the rows they read, and the conditions of a question."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from adapters.sql import rows
from application.ports.reading import HistoryPage
from domain.answers.outcome import Outcome
from domain.credentials.keys import KeySlot
from domain.journal.records import WITHOUT_OUTCOME
from domain.routing.state import Stored

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from domain.journal.records import HistoryQuery

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


def conditions(query: HistoryQuery, mark: str) -> tuple[str, list[Any]]:
    """The WHERE of a question about records called `r`, and the values for its `mark`s; the last
    one is how many to read: one more than a page has.
    """
    conditions: list[str] = []
    values: list[Any] = []
    for column, value in (
        ("provider", query.provider),
        ("credential_id", query.profile),
        ("model", query.model),
    ):
        if value is not None:
            conditions.append(f"r.{column} = {mark}")
            values.append(value)
    if query.outcome is Outcome.INTERRUPTED:
        conditions.append(f"r.outcome IS NULL AND r.kind NOT IN {tuple(WITHOUT_OUTCOME)}")
    elif query.outcome is not None:
        conditions.append(f"r.outcome = {mark}")
        values.append(query.outcome.value)
    if query.before is not None:
        conditions.append(f"r.id < {mark}")
        values.append(query.before)
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    values.append(query.limit + 1)
    return where, values


def page(found: Sequence[Row], query: HistoryQuery) -> HistoryPage:
    """The page of `query`, of which one row more was read."""
    taken = found[: query.limit]
    records, unreadable = rows.readable(rows.record, taken)
    return HistoryPage(records, taken[-1][0] if len(found) > query.limit else None, unreadable)
