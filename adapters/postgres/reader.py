"""The read side: plain SELECTs on a psycopg connection, as on SQLite; all from one snapshot.

Opens no secret, writes nothing. Everything is fetched and the connection closed before anything
returns.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple, TypeVar

import psycopg

from adapters.postgres import questions
from adapters.postgres.address import Address
from adapters.postgres.failures import not_ours, shut
from adapters.postgres.server import Connection, Server
from adapters.sql import rows
from adapters.sql.asked.view import View as AnyView
from adapters.sql.reading import CREDENTIAL, Found, stored
from application.ports.reading import StateReader
from domain.routing.state import Stored

T = TypeVar("T")
_SNAPSHOT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
_TIMEOUT = "SET LOCAL statement_timeout = '30s'"
_MARKED = re.compile(r"aura_intelligence store, format ([0-9]{1,6})")


def mark() -> str:
    """The comment on a table of ours that says so, as SQLite's application id does."""
    return f"aura_intelligence store, format {rows.FORMAT}"


class View(NamedTuple):
    """What one read sees: a connection, and which columns its tables have."""

    connection: Connection
    known: Mapping[str, Sequence[str]]
    by_bytes: str = 'COLLATE "C"'

    def columns(self, table: str, names: Sequence[str]) -> str:
        """The columns `names` of `table`, called `r`; NULL for what an older schema has not."""
        there = self.known.get(table, ())
        return ", ".join(f"r.{name}" if name in there else f"NULL AS {name}" for name in names)

    def all_of(self, question: str, values: Sequence[Any] = ()) -> list[Any]:
        # Only constants of ours are put into the text.
        text = question.replace("?", "%s") if values else question
        try:
            return self.connection.execute(text.encode(), values or None).fetchall()
        except (UnicodeEncodeError, psycopg.DataError) as failure:
            if getattr(failure, "sqlstate", None):
                raise
            # A zero byte, or a lone surrogate: no text of PostgreSQL has one.
            return []

    def has(self, table: str) -> bool:
        return table in self.known

    def rest(self) -> None:
        """Who reads is in nobody's way."""


class PostgresReader(StateReader):
    def __init__(self, server: Server) -> None:
        self.server = server

    def read(self) -> Stored:
        with self.opened() as view:
            if view is None:
                return Stored()
            found = _found(view)
        return stored(found, self.server.address)

    @property
    def place(self) -> Address:
        return self.server.address

    def asked(self, question: Callable[[AnyView | None], T]) -> T:
        """As `adapters.sql.asked.view.Viewed` promises."""
        with self.opened() as view:
            return question(view)

    @contextmanager
    def opened(self) -> Iterator[View | None]:
        """None where there is no store yet. Raises Unavailable."""
        with self.server.connected() as connection:
            connection.execute(_SNAPSHOT)
            connection.execute(_TIMEOUT)
            tables = connection.execute(questions.TABLES).fetchall()
            known = {name: columns for _, name, columns, _ in tables}
            is_there = is_ours(tables[0], self.server.address)
            yield View(connection, known) if is_there else None


def is_ours(seen: Sequence[Any], place: Address) -> bool:
    """Whether there is a store, by a row of TABLES. Raises NotAStore, StoreNewer, StoreFailed."""
    comment, has_tables, _, is_shut = seen
    if is_shut:
        # Not that there is nothing: that nothing can be seen.
        raise shut(place)
    marked = _MARKED.fullmatch(comment or "")
    if marked is None and has_tables:
        raise not_ours(place)
    if marked is not None:
        rows.refuse_newer(int(marked[1]), place)
    return marked is not None


def _found(view: View) -> Found:
    known = view.columns("profiles", rows.SUMMARY_COLUMNS)
    own = view.columns("user_providers", rows.PROVIDER_COLUMNS)
    record = view.columns("probe_records", rows.RECORD_COLUMNS)
    return Found(
        profiles=view.all_of(f'SELECT {known} FROM profiles r ORDER BY id COLLATE "C"'),
        providers=view.all_of(f'SELECT {own} FROM user_providers r ORDER BY id COLLATE "C"'),
        documents=view.all_of("SELECT document FROM selection"),
        heads=view.all_of(questions.HEADS.format(record=record)),
        trail=_trail(view, record),
        last_used=dict(view.all_of(questions.LAST_USES)),
        vaults=view.all_of("SELECT vault_id FROM vault"),
        slots=view.all_of("SELECT id, kind, key_check FROM key_slots"),
        misshapen=view.all_of(questions.MISSHAPEN),
        signed=not view.all_of("SELECT 1 FROM selection WHERE mac IS NULL"),
    )


def _trail(view: View, record: str) -> list[tuple[Any, ...]]:
    """The rows of `Stored.trail`."""
    found = view.all_of(questions.FAILURES.format(record=record))
    failed = {row[CREDENTIAL] for row in found}
    for question in (questions.SUCCESSES, questions.CLEARINGS) if failed else ():
        more = view.all_of(question.format(record=record))
        found += [row for row in more if row[CREDENTIAL] in failed]
    return sorted(found, key=lambda row: int(row[0]))
