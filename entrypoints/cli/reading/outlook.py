"""`models outlook`: what will break, and when."""

from application.ports.catalogue import Catalogue
from application.ports.people import Clock
from application.ports.reading import JournalReader
from application.survey import Survey
from domain.instants import brief, iso, span
from domain.journal.records import HistoryQuery
from domain.routing.outlook import outlook as expected_of
from entrypoints.cli.show.listing import Listing, show_listing
from entrypoints.cli.show.outlook import days_left, document, moment, remaining, source_text, what

USUAL = "30d"
_HEADERS = ("When", "In", "What", "Source")
# How many records of a credential are looked through for what is left of its credit.
_READINGS = 500


def outlook(
    survey: Survey,
    catalogue: Catalogue,
    journal_reader: JournalReader,
    clock: Clock,
    *,
    within: str = USUAL,
    json: bool = False,
    plain: bool = False,
) -> int:
    """The earliest first. Raises Malformed for a `within` that is no duration."""
    length, state, now = span(within), survey(), clock()
    found = expected_of(
        state,
        catalogue.sources,
        lambda id: journal_reader.search(HistoryQuery(profile=id, limit=_READINGS)).records,
        now,
        length,
    )
    first = iso(found[0].at) if found else None
    documents = [document(one, now) for one in found]
    listing = Listing(
        {"withinMs": length, "earliest": first, "count": len(found), "items": documents},
        [
            (
                one.kind,
                one.what,
                iso(one.at),
                days_left(one.at, now),
                one.certainty,
                one.source.kind,
                one.source.day,
                one.end.replacement if one.end else None,
            )
            for one in found
        ],
        _HEADERS,
        rows=[(moment(o), remaining(o, now), what(o, now), source_text(o.source)) for o in found],
        marks=["bad" if one.at <= now else "cooling" for one in found],
        empty=(
            f"nothing that is known of ends within {brief(length)}",
            "aura_intelligence models outlook --within 180d",
        ),
    )
    show_listing(listing, json=json, plain=plain)
    return 0
