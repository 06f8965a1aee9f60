"""What the stores need of a database, whichever it is."""

import logging
import random
import re
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import wraps
from typing import Any, ParamSpec, Protocol, TypeVar

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from adapters.sql import rows
from domain.errors import StoreGone

P = ParamSpec("P")
T = TypeVar("T")
Migrate = Callable[[sa.Connection], None]
"""Brings the schema of a connection (in a transaction, foreign keys off) to the newest one."""
_TRIES = 5
_PAUSE = 0.008
"""Seconds. Who waits for the lock is woken up when it is free, and comes too late if it is taken
again at once: with 0.002 some waited for twenty transactions.
"""
_REVISION = re.compile(r"[0-9a-z_]{1,32}")


def again(write: Callable[P, T]) -> Callable[P, T]:
    """`write`, done once more where its transaction was given up: a deadlock, a server that was
    restarted. SQLite never gives one up.
    """

    @wraps(write)
    def tried(*args: P.args, **named: P.kwargs) -> T:
        for tries in range(1, _TRIES):
            try:
                return write(*args, **named)
            except StoreGone:
                time.sleep(0.05 * 2**tries * random.random())  # noqa: S311 - spreads who collided
        return write(*args, **named)

    return tried


def engine(driver: str, creator: Callable[[], Any], **more: Any) -> sa.Engine:
    """An engine that keeps no connection, and says nothing by itself."""
    log = logging.getLogger("sqlalchemy")
    if not log.hasHandlers():
        # What cannot be closed any more after a Ctrl-C would be a traceback on the terminal.
        log.addHandler(logging.NullHandler())
    # hide_parameters: no bind value may stand in an exception.
    return sa.create_engine(
        f"{driver}://", creator=creator, poolclass=NullPool, hide_parameters=True, **more
    )


def named(revision: object, place: object) -> str:
    """A revision as the store says it. Raises StoreDamaged."""
    # It names the file of a backup.
    if not isinstance(revision, str) or not _REVISION.fullmatch(revision):
        raise rows.damaged(place)
    return revision


class Database(Protocol):
    """Transactions of one store. Every failure of the driver is raised as Unavailable."""

    @property
    def place(self) -> object:
        """What a message calls it."""
        ...

    def exists(self) -> bool:
        """Whether there is a store; asking makes none."""
        ...

    def next_record_is_gone(self) -> bool:
        """Whether the journal has used up its ids."""
        ...

    def last_id(self, connection: sa.Connection) -> int:
        """The largest id that a record ever had; 0 before there was one."""
        ...

    def go_on_after(self, connection: sa.Connection, id: int) -> None:
        """No record that is new gets an id up to `id`: none is used again."""
        ...

    def writing(
        self, patience: float | None = None, *, together: bool = False
    ) -> AbstractContextManager[sa.Connection]:
        """A transaction that waits its turn, `patience` seconds at most; commits at the end, or
        changes nothing.

        Nobody else writes meanwhile, but for others who write `together` as well, where the
        database can: who does so locks the rows that it reads and replaces (FOR UPDATE), and is
        done `again` where another one made the same row first.

        Makes the store, or migrates it after a backup, where that is needed.
        """
        ...

    def reading(self) -> AbstractContextManager[sa.Connection]:
        """One snapshot; migrates first where that is needed. Raises NotFound without a store."""
        ...


@contextmanager
def in_turn(database: Database) -> Iterator[sa.Connection]:
    """One of many short writing transactions: who waits for the lock gets it first."""
    time.sleep(_PAUSE)
    with database.writing() as connection:
        yield connection
