"""The journal asked, by plain SELECTs: a person waits for them.

Ids grow with time, but for clocks that were set; so a span of time is a span of ids, which the
days tell, and no index on time is needed.
"""

import sys
from collections.abc import Callable, Iterator
from typing import Any

from adapters.sql import rows
from adapters.sql.asked.tallying import tallied
from adapters.sql.asked.view import View, Viewed, journal_state
from application.ports.reading import ChangesPage, HistoryPage, JournalReader
from domain.answers.outcome import Outcome
from domain.instants import DAY
from domain.journal.queries import Change, Failure
from domain.journal.records import WITHOUT_OUTCOME, HistoryQuery, Retention
from domain.journal.summary import Question, Tallied

_STEP = 2000
"""How many failures are read at once: a writer waits for no more."""
_BEFORE = f"""(SELECT p.outcome FROM probe_records p WHERE p.credential_id = r.credential_id
    AND p.id < r.id AND p.{rows.ANSWERED}{{of_model}} ORDER BY p.id DESC LIMIT 1)"""
# The empty text keeps them from the index of successes, which is sorted by model first.
_GOOD = """SELECT g.id FROM probe_records g WHERE g.credential_id = r.credential_id
    AND g.outcome || '' = 'ok' AND g.id > r.id{of_model} ORDER BY g.id LIMIT 1"""
# Neither a join nor NOT EXISTS: PostgreSQL would look at all records for either.
_FAILURES = f"""
WITH failed AS MATERIALIZED (
    SELECT r.id, r.run_id, r.started_at, r.provider, r.credential_id, r.outcome, ({{good}}) AS good
    FROM probe_records r WHERE r.{rows.FAILED}{{where}} AND r.id > ? ORDER BY r.id LIMIT {_STEP}
)
SELECT f.*, (SELECT g.started_at FROM probe_records g WHERE g.id = f.good),
    f.outcome = 'network' AND 0 = (SELECT count(*) FROM probe_records o WHERE o.run_id = f.run_id
        AND o.{rows.ANSWERED} AND o.outcome <> 'network')
FROM failed f ORDER BY f.id
"""


class SqlJournalReader(JournalReader):
    """Of the store that `reader` opens."""

    def __init__(self, reader: Viewed) -> None:
        self._reader = reader

    def search(self, query: HistoryQuery) -> HistoryPage:
        found = self._page(query, "{record}", "")
        records, unreadable = rows.readable(rows.record, found[: query.limit])
        return HistoryPage(records, _next(found, query.limit), unreadable)

    def changes(self, query: HistoryQuery) -> ChangesPage:
        before = _BEFORE.format(of_model=_of_model("p", query))
        only = f" AND r.{rows.ANSWERED} AND {before} <> r.outcome"
        found = self._page(query, f"{before}, {{record}}", only)
        made, unreadable = rows.readable(_change, found[: query.limit])
        page = [row[1:] for row in found]
        return ChangesPage(made, _next(page, query.limit), unreadable)

    def failures(self, query: HistoryQuery) -> Iterator[Failure]:
        last: int | None = 0
        while last is not None:
            found = self._failed(query, last)
            yield from found
            last = found[-1].id if found else None

    def _failed(self, query: HistoryQuery, after: int) -> list[Failure]:
        good = _GOOD.format(of_model=_of_model("g", query))

        def read(view: View) -> list[Any]:
            where, values = _conditions(view, query)
            return view.all_of(_FAILURES.format(good=good, where=where), [*values, after])

        return [Failure._make((*row[:-1], bool(row[-1]))) for row in self._read(read)]

    def tally(self, question: Question) -> Tallied:
        place = self._reader.place
        return self._reader.asked(lambda v: tallied(v, question, place) if v else Tallied({}))

    def retention(self) -> Retention:
        query = "SELECT retention_days, retention_rows FROM journal_state"

        found = self._read(lambda view: view.all_of(query) if view.has("journal_state") else [])
        return retention_of(*found[0]) if found else Retention()

    def pruned_until(self) -> int:
        found = self._read(lambda view: [journal_state(view) or (0, 0)])
        return found[0][1] if found else 0

    def runs(self, prefix: str) -> tuple[str, ...]:
        def read(view: View) -> list[Any]:
            by = view.by_bytes
            query = f"SELECT id FROM probe_runs WHERE id {by} >= ? AND id {by} < ? LIMIT 2"
            return view.all_of(query, [prefix, f"{prefix}{chr(sys.maxunicode)}"])

        return tuple(run for (run,) in self._read(read))

    def _page(self, query: HistoryQuery, what: str, only: str) -> list[Any]:
        def read(view: View) -> list[Any]:
            where, values = _conditions(view, query)
            record = view.columns("probe_records", rows.RECORD_COLUMNS)
            select = f"SELECT {what} FROM probe_records r WHERE true{where}{only}"
            newest_first = f"{select} ORDER BY r.id DESC LIMIT ?".format(record=record)
            return view.all_of(newest_first, [*values, query.limit + 1])

        return self._read(read)

    def _read(self, question: Callable[[View], list[Any]]) -> list[Any]:
        return self._reader.asked(lambda view: question(view) if view else [])


def retention_of(*columns: int | None) -> Retention:
    """What the days and the rows of the store say: NULL is what is usual, 0 is for ever."""
    kept = zip(columns, Retention(), strict=True)
    return Retention(*(usual if known is None else known or None for known, usual in kept))


def _change(row: tuple[Any, ...]) -> Change:
    return Change(rows.record(row[1:]), Outcome(row[0]))


def _next(found: list[Any], limit: int) -> int | None:
    return found[limit - 1][0] if len(found) > limit else None


def _of_model(name: str, query: HistoryQuery) -> str:
    return f" AND {name}.model = r.model" if query.model is not None else ""


def _conditions(view: View, query: HistoryQuery) -> tuple[str, list[Any]]:
    """What a record `r` has to meet, each with AND before it, and the values of that."""
    met: dict[str, list[Any]] = {}
    for column, value in (
        ("provider", query.provider),
        ("credential_id", query.profile),
        ("run_id", query.run),
    ):
        if value is not None:
            met[f"r.{column} = ?"] = [value]
    if query.model is not None:
        met["(r.model = ? OR r.provider || '/' || r.model = ?)"] = [query.model] * 2
    if query.kinds:
        met[f"r.kind IN ({_marks(query.kinds)})"] = list(query.kinds)
    if query.outcomes:
        known = [o.value for o in query.outcomes]
        cut = f" OR (r.outcome IS NULL AND r.kind NOT IN {tuple(WITHOUT_OUTCOME)})"
        is_cut = cut if Outcome.INTERRUPTED in query.outcomes else ""
        met[f"(r.outcome IN ({_marks(known)}){is_cut})"] = list(known)
    if query.before is not None:
        met["r.id < ?"] = [query.before]
    for sign, moment in ((">=", query.since), ("<", query.until)):
        if moment is not None:
            met[f"r.started_at {sign} ?"] = [moment]
    for sign, id in zip((">=", "<="), _ids(view, query), strict=True):
        if id is not None:
            met[f"r.id {sign} ?"] = [id]
    return "".join(f" AND {each}" for each in met), [v for values in met.values() for v in values]


def _ids(view: View, query: HistoryQuery) -> tuple[int | None, int | None]:
    """Between which ids everything is that began in the span; None where that is not known."""
    state = journal_state(view)
    if state is None or state[0] > 1 or (query.since is None and query.until is None):
        return None, None
    first = query.since // DAY if query.since is not None else -1
    last = query.until // DAY if query.until is not None else None
    is_until = last is not None
    select = "SELECT {} FROM journal_days WHERE day >= ?" + (" AND day <= ?" if is_until else "")
    values = (first, last) if is_until else (first,)
    ((least,),) = view.all_of(select.format("min(nullif(first_id, 0))"), values)
    ((most,),) = view.all_of(select.format("max(last_id)"), values) if is_until else [(None,)]
    # None of those days has a record.
    return (least, most) if least is not None else (0, 0)


def _marks(values: Any) -> str:
    return ", ".join("?" * len(values))
