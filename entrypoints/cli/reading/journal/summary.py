"""`models history summary`."""

from itertools import repeat
from typing import Any

from application.journal.summaries import Row as Summed
from application.journal.summaries import (
    Summary,
    days_of,
    question_of,
    summary_of,
)
from application.ports.people import Clock
from application.ports.reading import JournalReader
from domain.instants import DAY, ago, iso, precise
from domain.journal.blame import BLAME_OF
from domain.journal.summary import Question, Tallied, unknown
from entrypoints.cli.reading.journal.asked import note_pruned, span_of
from entrypoints.cli.show import render, screen
from entrypoints.cli.show.listing import Listing, show_listing

DEFINITIONS = {
    "availability": "good / (good + provider)",
    "usable": "good / (good + provider + mine + throttled)",
    "coverage": "hours (UTC) in which something was learned / hours of the span",
    "percentiles": "of good latencies, by nearest rank; approx: at most 5 % off",
    "streak": "newest records that ended alike, good or failed; here counts as neither",
    "mttrMs": "mean length of incidents that are over",
}
_NAMES = {"profile": "Credential", "provider": "Provider", "model": "Model", "day": "Day (UTC)"}
_FIGURES = ("Runs", "Availability", "Usable", "Coverage", "p50", "p95", "p99")
_PICTURES, _MOST_DRAWN = ("Days", "Latency"), 50
_MORE = ("Last ok", "Last failure", "Streak", "MTTR")
Row = dict[str, Any]


def summary(
    reader: JournalReader,
    clock: Clock,
    *,
    by: str = "profile",
    since: str | None = None,
    until: str | None = None,
    json: bool = False,
    plain: bool = False,
) -> int:
    """What a span of the history comes to. Raises Malformed for what cannot be asked."""
    now = clock()
    found = summary_of(reader, question_of(by, *span_of(since, until, now), now))
    question, summed, told = found
    drawn = [] if json or plain else _drawn(reader, found)
    rows = _outcome_rows(told) if question.by == "outcome" else [*map(_row, summed)]
    listing = Listing(
        {**_head(question, told), "rows": rows, "definitions": DEFINITIONS},
        [_plain(row) for row in rows],
        ("Outcome", "Blame", "Runs", "Share")
        if question.by == "outcome"
        else (_NAMES[question.by], *_FIGURES, *_MORE, *(_PICTURES if drawn else ())),
        rows=[
            [*_shown(question, row), *more]
            for row, more in zip(rows, drawn or repeat(()), strict=False)
        ],
        empty=("nothing was tried in that time", "aura_intelligence models status --probe"),
    )
    show_listing(listing, json=json, plain=plain)
    if not (json or plain):
        _note(question, told)
    if drawn:
        from entrypoints.cli.show.pictures import legend

        for line in legend():
            render.note(line)
    return 0


def _drawn(reader: JournalReader, found: Summary) -> list[tuple[str, str]]:
    """For each row its days, where a person looks at few enough."""
    is_seen = screen.width() is not None and 0 < len(found.rows) <= _MOST_DRAWN
    if not is_seen or found.question.by not in ("profile", "provider", "model"):
        return []
    from entrypoints.cli.show.pictures import pictures

    groups = (row.group or "" for row in found.rows)
    drawn = [pictures(days) for days in days_of(reader, found.question, groups)]
    return drawn if any(map(any, drawn)) else []


def _head(question: Question, told: Tallied) -> Row:
    whole = question.whole_days
    is_cut = bool(question.since % DAY or question.until % DAY)
    return {
        "by": question.by,
        "since": question.since,
        "sinceIso": iso(question.since),
        "until": question.until,
        "untilIso": iso(question.until),
        "slots": question.slots,
        "wholeDays": len(whole),
        "edgesFromRecords": is_cut,
        "prunedUntil": told.pruned_until or None,
        "laterRecords": told.later,
        "unknownKinds": told.strange,
    }


def _row(row: Summed) -> Row:
    found = row.figures
    return {
        "group": row.group,
        "runs": found.runs,
        "availability": found.availability,
        "availabilityOf": found.judged,
        "usable": found.usable,
        "usableOf": found.answered,
        "coverage": found.coverage,
        "coverageOf": found.slots,
        "p50Ms": found.p50,
        "p95Ms": found.p95,
        "p99Ms": found.p99,
        "percentilesOf": found.latencies,
        "approx": found.approx,
        "blames": dict(found.blames),
        "outcomes": dict(found.outcomes),
        "unknownOutcomes": row.unknown,
        "lastOkAt": row.last_ok_at,
        "lastFailureAt": row.last_failure_at,
        "streak": row.streak,
        "streakOf": row.streak_of,
        "mttrMs": row.mttr,
    }


def _outcome_rows(told: Tallied) -> list[Row]:
    """How often each came, the most frequent first."""
    outcomes = {name: n for t in told.groups.values() for name, n in t.counts.items() if n}
    runs = sum(outcomes.values())
    often = sorted(outcomes, key=lambda name: (-outcomes[name], name))
    return [
        {
            "group": name,
            "blame": BLAME_OF.get(name),
            "runs": outcomes[name],
            "share": outcomes[name] / runs if runs else None,
        }
        for name in often
    ]


def _plain(row: Row) -> list[object]:
    return [value for value in row.values() if not isinstance(value, dict)]


def _shown(question: Question, row: Row) -> list[object]:
    if question.by == "outcome":
        return [row["group"], row["blame"], row["runs"], _percent(row["share"])]
    about = "~" if row["approx"] else ""
    times = [row[name] for name in ("p50Ms", "p95Ms", "p99Ms")]
    moments = [row[name] for name in ("lastOkAt", "lastFailureAt")]
    streak = f"{row['streak']} {row['streakOf']}" if row["streakOf"] else ""
    return [
        str(row["group"] or "(key check)").replace(":none:", " (no key)"),
        row["runs"],
        *(_percent(row[name]) for name in ("availability", "usable", "coverage")),
        *("" if t is None else f"{about}{t:.0f} ms" for t in times),
        *("" if at is None else ago(max(question.now - at, 0)) for at in moments),
        streak,
        "" if row["mttrMs"] is None else precise(row["mttrMs"]),
    ]


def _percent(share: float | None) -> str:
    # 99.96 % is not everything.
    return "" if share is None else f"{int(share * 1000) / 10:.1f} %"


def _note(question: Question, told: Tallied) -> None:
    render.note(f"from {iso(question.since)} to {iso(question.until)}")
    if question.whole_days and (question.since % DAY or question.until % DAY):
        render.note("whole days (UTC) are counted as such, the rest is read from records")
    kept = "counts and shares still have them; streaks and recoveries reach back to there"
    note_pruned(told.pruned_until, question.since, kept)
    strange = sum(unknown(tally) for tally in told.groups.values())
    for count, what in (
        (told.later, "of days to come and left out: a clock was ahead"),
        (told.strange, "of a kind this version does not know, and counted"),
        (strange, "of an outcome this version does not know, and counted as runs only"),
    ):
        if count:
            render.note(f"{count} records are {what}")
