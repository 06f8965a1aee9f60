"""What is not to be kept any longer, removed bit by bit after runs.

The oldest records are looked at, some thousand after each run; who is through with all that are
old waits for an hour. Which of them may go is what `Pruner` says, asked of each record alone:
whatever is the newest of its sort is not seen from the old end.
"""

import time
from typing import Any

import sqlalchemy as sa

from adapters.sql.asked.history import retention_of
from adapters.sql.database import Database, again
from adapters.sql.journal.days import STEP, Days
from adapters.sql.journal.pruning import Remover, traces
from adapters.sql.rows import FAILED
from adapters.sql.tables import journal_state, probe_records
from domain.instants import DAY, HOUR
from domain.journal.pruning import MOST_AT_ONCE, UNDER_WAY, Trace
from domain.journal.records import LONGEST_TRAIL, SAYS_NOTHING, Retention

_LONGEST = 0.7
"""How long a person waits for it after a run, in seconds; a step that was begun is ended."""
_old, _new = probe_records.alias("old"), probe_records.alias("new")


def set_retention(database: Database, retention: Retention) -> None:
    values = {"retention_days": retention.days or 0, "retention_rows": retention.rows or 0}
    with database.writing() as connection:
        Days(connection, database.place)
        connection.execute(sa.update(journal_state).values(**values, retained_at=0))


def retain(database: Database, now: int) -> int:
    """As `ProbeJournal.retain` promises."""
    if not database.exists():
        return 0
    removed, remover, until = 0, Remover(database), time.monotonic() + _LONGEST
    # Nothing goes before it is counted.
    for _ in range(MOST_AT_ONCE // STEP if _is_counted(database) else 0):
        if time.monotonic() > until:
            break
        going = _next(database, now)
        if going is None:
            break
        removed += sum(remover.steps(going))
    return removed


@again
def _is_counted(database: Database) -> bool:
    # Together with others: who is through with all that is old must not wait for them, or they
    # for it.
    with database.writing(together=True) as connection:
        days = Days(connection, database.place)
        days.fill(STEP)
        return days.is_filled


@again
def _next(database: Database, now: int) -> list[Trace] | None:
    """Which of those that are looked at next are to go; None where it is not the hour."""
    with database.writing(together=True) as connection:
        state = connection.execute(sa.select(journal_state).with_for_update()).one()
        return None if 0 <= now - state.retained_at < HOUR else _going(connection, state, now)


def _going(connection: sa.Connection, state: Any, now: int) -> list[Trace]:
    days, rows = retention_of(state.retention_days, state.retention_rows)
    newest = connection.execute(sa.select(sa.func.max(_old.c.id))).scalar() or 0
    # Ids have few gaps: where records were removed, which are the oldest, and in PostgreSQL where a
    # write came to nothing.
    before, beyond = (now - days * DAY if days else 0), (newest - rows if rows else 0)
    is_old = sa.or_(_old.c.started_at < before, _old.c.id <= beyond)
    window = sa.select(_old.c.id, is_old.label("is_old")).where(_old.c.id > state.retained_to)
    seen = connection.execute(window.order_by(_old.c.id).limit(STEP)).all()
    is_through = len(seen) < STEP or not seen[-1].is_old
    how_far = {"retained_to": 0, "retained_at": now} if is_through else {"retained_to": seen[-1].id}
    connection.execute(sa.update(journal_state).values(how_far))
    if not any(row.is_old for row in seen):
        return []
    within = _old.c.id.between(seen[0].id, seen[-1].id)
    going = connection.execute(traces(_old).where(within, is_old, *_may_go(now)))
    return [Trace._make(row) for row in going]


def _may_go(now: int) -> list[sa.ColumnElement[bool]]:
    """Of each sort that a record is of, a newer one is there. Conditions of partial indexes stand
    here word for word.
    """
    old, new = _old.c, _new.c
    same_model = new.model.is_not_distinct_from(old.model)
    failed, good = sa.text(f"new.{FAILED}"), sa.text("new.outcome = 'ok'")
    has_failed = sa.text(f"old.{FAILED}")
    of_trail = (
        sa.select(new.id)
        .where(new.credential_id == old.credential_id, same_model, failed, new.id > old.id)
        .limit(LONGEST_TRAIL)
        .correlate(_old)
        .subquery()
    )
    trail = sa.select(sa.func.count()).select_from(of_trail).scalar_subquery()
    alike = new.outcome == old.outcome
    says_nothing = old.outcome.in_([outcome.value for outcome in SAYS_NOTHING if outcome])
    return [
        sa.or_(old.outcome.is_not(None), old.started_at <= now - UNDER_WAY),
        sa.or_(old.kind != "use", _newer(sa.text("new.kind = 'use'"))),
        sa.or_(old.usage.is_(None), _newer(sa.text("new.usage IS NOT NULL"))),
        sa.or_(old.credential == "unknown", _newer(new.credential == old.credential)),
        sa.or_(
            old.outcome.is_(None),
            sa.and_(old.outcome == "ok", _newer(same_model, good)),
            sa.and_(says_nothing, _newer(same_model, alike)),
            sa.and_(
                has_failed,
                _newer(same_model, failed, alike),
                sa.or_(_newer(same_model, good), trail >= LONGEST_TRAIL),
            ),
        ),
    ]


def _newer(*alike: sa.ColumnElement[bool] | sa.TextClause) -> sa.ColumnElement[bool]:
    same = _new.c.credential_id == _old.c.credential_id
    query = sa.select(_new.c.id).where(same, *alike, _new.c.id > _old.c.id)
    return sa.exists(query.correlate(_old))
