"""`models history`."""

from collections.abc import Sequence
from itertools import chain
from operator import attrgetter
from typing import Any

from application.journal.pages import Pages
from application.ports.people import Clock
from application.ports.reading import JournalReader
from application.survey import Survey
from domain.errors import Malformed
from domain.instants import iso
from domain.journal.records import HistoryQuery, ProbeRecord
from domain.text import did_you_mean, shown
from entrypoints.cli.reading.journal.asked import ALL, Asked, refuse_limit
from entrypoints.cli.reading.journal.streams import at, one_of, show_stream
from entrypoints.cli.show import render
from entrypoints.cli.show.listing import Listing, show_listing
from entrypoints.cli.show.reasons import note_unreadable, outcome_mark

USUAL_PAGE = 50
HEADERS = ("Started", "Kind", "Model", "Credential", "Outcome", "Time", "HTTP", "Code")
_ATTRIBUTES = {
    "id": "id",
    "runId": "run_id",
    "kind": "kind",
    "startedAt": "started_at",
    "startedAtIso": "started_at",
    "provider": "provider",
    "model": "model",
    "profileId": "profile_id",
    "source": "source",
    "mode": "mode",
    "outcome": "shown_outcome",
    "credential": "credential",
    "latencyMs": "latency_ms",
    "httpStatus": "http_status",
    "code": "code",
    "type": "error_type",
    "requestId": "request_id",
    "scope": "scope",
    "resetsAt": "resets_at",
    "fingerprint": "fingerprint",
    "classifierVersion": "classifier_version",
    "host": "host",
    "blame": "blame",
}
_told = attrgetter(*_ATTRIBUTES.values())
KEYS = tuple(_ATTRIBUTES)
"""What is told of each record, in this order."""
_LISTS = {
    "provider": "see: aura_intelligence models providers list",
    "auth profile": "see: aura_intelligence models auth list",
}


def history(
    reader: JournalReader,
    survey: Survey,
    clock: Clock,
    asked: Asked = ALL,
    *,
    limit: int = USUAL_PAGE,
    before: str | None = None,
    local: bool = False,
    json: bool = False,
    jsonl: bool = False,
    csv: bool = False,
    plain: bool = False,
) -> int:
    """Records, newest first. Raises Malformed for what cannot be asked."""
    format = one_of(json=json, jsonl=jsonl, csv=csv, plain=plain)
    refuse_limit(limit, streamed=format is not None)
    query = asked.query(clock(), of="history", limit=limit, before=before)
    pages = Pages(reader, query)
    first = next(pages)
    if not first:
        refuse_unknown(query, survey, reader)
    if format is None:
        _table(first, local, is_narrowed=asked != ALL)
    else:
        each = (document(record) for page in chain([first], pages) for record in page)
        show_stream(format, "records", KEYS, each, lambda: _end(pages, asked))
    if not json:
        note_unreadable(pages.unreadable)
    if format is None and pages.next is not None:
        render.note(f"more: --before {asked.cursor('history', pages.next)}")
    return 0


def _end(pages: Pages, asked: Asked) -> dict[str, Any]:
    after = None if pages.next is None else asked.cursor("history", pages.next)
    return {"nextCursor": after, "unreadable": pages.unreadable}


def _table(records: Sequence[ProbeRecord], local: bool, *, is_narrowed: bool) -> None:
    none_yet = "no requests yet", "aura_intelligence models status --probe"
    none_such = "no request fits the filters", "without them: aura_intelligence models history"
    listing = Listing(
        {},
        (),
        HEADERS,
        rows=[row(record, local) for record in records],
        marks=[outcome_mark(record.outcome_text) for record in records],
        empty=none_such if is_narrowed else none_yet,
    )
    show_listing(listing, json=False, plain=False)


def refuse_unknown(query: HistoryQuery, survey: Survey, reader: JournalReader) -> None:
    """Nothing found: a name nobody ever heard is a mistake, not an empty answer."""
    if query.provider is None and query.profile is None:
        return
    state = survey()
    ids = [p.id for p in state.profiles] + [e.id for e in state.environment]
    for name, value, known in (
        ("provider", query.provider, list(state.providers)),
        ("auth profile", query.profile, ids),
    ):
        if value is None or value in known:
            continue
        only = HistoryQuery(provider=value) if name == "provider" else HistoryQuery(profile=value)
        if not reader.search(only).records:
            raise Malformed(
                f"unknown {name}{shown(value)}", hint=did_you_mean(value, known, _LISTS[name])
            )


def document(record: ProbeRecord) -> dict[str, Any]:
    told = dict(zip(KEYS, _told(record), strict=True))
    told["startedAtIso"] = iso(record.started_at)
    told["model"] = f"{record.provider}/{record.model}" if record.model else None
    if told["outcome"]:
        told["outcome"] = told["outcome"].value
    return told


def row(record: ProbeRecord, local: bool = False) -> tuple[object, ...]:
    return (
        at(record.started_at, local),
        record.kind,
        _model(record),
        record.profile_id or "no key",
        record.outcome_text,
        f"{record.latency_ms} ms" if record.latency_ms is not None else "",
        record.http_status or "",
        record.code or "",
    )


def _model(record: ProbeRecord) -> str:
    if record.model:
        return f"{record.provider}/{record.model}"
    asks = record.kind in ("probe", "use")
    return f"{record.provider} (key check)" if asks else record.provider
