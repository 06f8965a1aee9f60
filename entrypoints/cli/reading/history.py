"""`models history`."""

from typing import Any

from application.ports.reading import JournalReader
from application.survey import Survey
from domain.answers.outcome import Outcome
from domain.errors import Malformed
from domain.instants import iso
from domain.journal.records import HistoryQuery, ProbeRecord
from domain.providers.refs import provider_id
from domain.text import did_you_mean, shown
from entrypoints.cli.show import render
from entrypoints.cli.show.listing import Listing, show_listing
from entrypoints.cli.show.reasons import note_unreadable, outcome_mark

USUAL_PAGE, _LARGEST_PAGE = 50, 1000
_HEADERS = ("Started", "Kind", "Model", "Credential", "Outcome", "Time", "HTTP", "Code")
_LISTS = {
    "provider": "see: aura_intelligence models providers list",
    "auth profile": "see: aura_intelligence models auth list",
}


def history(
    reader: JournalReader,
    survey: Survey,
    *,
    provider: str | None = None,
    profile: str | None = None,
    model: str | None = None,
    outcome: str | None = None,
    limit: int = USUAL_PAGE,
    before: str | None = None,
    json: bool = False,
    plain: bool = False,
) -> int:
    """One page of records. Raises Malformed for what cannot be asked."""
    query = _query(provider, profile, model, outcome, limit, before)
    page = reader.search(query)
    if not page.records:
        _refuse_unknown(query, survey, reader)
    documents = [_document(record) for record in page.records]
    listing = Listing(
        {
            "records": documents,
            "nextCursor": None if page.next is None else str(page.next),
            "unreadable": page.unreadable,
        },
        [tuple(document.values()) for document in documents],
        _HEADERS,
        rows=map(_row, page.records),
        marks=[outcome_mark(record.outcome_text) for record in page.records],
        empty=("no requests yet", "aura_intelligence models status --probe"),
    )
    show_listing(listing, json=json, plain=plain)
    if not json:
        note_unreadable(page.unreadable)
    if page.next is not None and not (json or plain):
        render.note(f"more: --before {page.next}")
    return 0


def _query(
    provider: str | None,
    profile: str | None,
    model: str | None,
    outcome: str | None,
    limit: int,
    before: str | None,
) -> HistoryQuery:
    if not 1 <= limit <= _LARGEST_PAGE:
        raise Malformed(
            f"--limit {limit} is out of range", hint=f"a whole number from 1 to {_LARGEST_PAGE}"
        )
    if before is not None and not (before.isascii() and before.isdigit() and len(before) < 19):
        raise Malformed("--before takes a nextCursor of an earlier page", hint="see: --json")
    outcomes = [known.value for known in Outcome]
    if outcome is not None and outcome not in outcomes:
        known = f"one of: {', '.join(outcomes)}"
        raise Malformed(
            f"unknown outcome{shown(outcome)}", hint=did_you_mean(outcome, outcomes, known)
        )
    return HistoryQuery(
        provider=provider_id(provider) if provider is not None else None,
        profile=profile,
        model=model,
        outcomes=(Outcome(outcome),) if outcome is not None else (),
        limit=limit,
        before=int(before) if before is not None else None,
    )


def _refuse_unknown(query: HistoryQuery, survey: Survey, reader: JournalReader) -> None:
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


def _document(record: ProbeRecord) -> dict[str, Any]:
    model = f"{record.provider}/{record.model}" if record.model else None
    return {
        "id": record.id,
        "runId": record.run_id,
        "kind": record.kind,
        "startedAt": record.started_at,
        "startedAtIso": iso(record.started_at),
        "provider": record.provider,
        "model": model,
        "profileId": record.profile_id,
        "source": record.source,
        "mode": record.mode,
        "outcome": record.shown_outcome.value if record.shown_outcome else None,
        "credential": record.credential,
        "latencyMs": record.latency_ms,
        "httpStatus": record.http_status,
        "code": record.code,
        "type": record.error_type,
        "requestId": record.request_id,
        "scope": record.scope,
        "resetsAt": record.resets_at,
        "fingerprint": record.fingerprint,
        "classifierVersion": record.classifier_version,
        "host": record.host,
    }


def _row(record: ProbeRecord) -> tuple[object, ...]:
    return (
        iso(record.started_at),
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
