"""What a list command says: one JSON object, records for a program, or a table for a person."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from entrypoints.cli.show import render
from entrypoints.cli.show.screen import Mark


class Listing(NamedTuple):
    """`rows` are what a person sees under `headers`: the records, unless others are given.

    `marks` are those of the rows. `empty` is the note, and its hint, where there is nothing to see.
    """

    document: Mapping[str, Any]
    records: Iterable[Sequence[object]]
    headers: Sequence[str]
    rows: Iterable[Sequence[object]] | None = None
    marks: Sequence[Mark | None] = ()
    empty: tuple[str, str | None] = ("nothing", None)


def show_listing(listing: Listing, *, json: bool, plain: bool) -> None:
    """The one format that was asked for. Raises Malformed where two were."""
    render.one_format(json, plain)
    if json:
        render.json(listing.document)
    elif plain:
        render.plain(listing.records)
    elif rows := list(listing.records if listing.rows is None else listing.rows):
        render.table(listing.headers, rows, marks=listing.marks)
    else:
        render.note(*listing.empty)
