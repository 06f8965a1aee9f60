"""Locks between hosts: a row in the database, which ends by the server's clock (docs/adr/0024)."""

import hashlib
import random
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from adapters.postgres.server import Server
from adapters.sql.database import Database
from application.ports.sign_in import Locks
from domain.errors import StoreBusy, Unavailable

LEASE = 50
"""How long a lock is held at most, in seconds: longer than a refresh takes, with storing it; and
less than others wait for it, so that of a process that died nobody is locked out.
"""
_TAKE = f"""INSERT INTO leases AS held (name, holder, ends_at)
VALUES (%s, %s, clock_timestamp() + interval '{LEASE} seconds')
ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, ends_at = excluded.ends_at
WHERE held.ends_at <= clock_timestamp() OR held.ends_at > clock_timestamp()
    + interval '{LEASE} seconds' RETURNING name"""
# A row that would end later than any can was written before the clock was set back.
_GIVE_BACK = "DELETE FROM leases WHERE name = %s AND holder = %s"


@dataclass(frozen=True, slots=True)
class LeaseLocks(Locks):
    """Held by a random word of each holder's: hosts may have one name, and processes one number.

    `prepared` gives the database, whose first write makes the table.
    """

    server: Server
    prepared: Callable[[], Database]

    @contextmanager
    def held(self, name: str, patience: float) -> Iterator[None]:
        mark = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        holder = uuid.uuid4().hex
        self._wait_for(mark, holder, patience)
        try:
            yield
        finally:
            # Who cannot give it back leaves it to the clock; what was done in it is done.
            with suppress(Unavailable), self.server.connected() as connection:
                connection.execute(_GIVE_BACK, (mark, holder))
                connection.commit()

    def _wait_for(self, mark: str, holder: str, patience: float) -> None:
        with self.prepared().writing():
            pass
        began, pause = time.monotonic(), 0.02
        while not self._taken(mark, holder):
            left = patience - (time.monotonic() - began)
            if left <= 0:
                raise StoreBusy(
                    f"another process has held the lock for {patience:.0f} s",
                    hint="try again; nothing was changed",
                )
            time.sleep(min(left, pause * random.uniform(0.5, 1.5)))  # noqa: S311 - spreads them
            pause = min(pause * 1.5, 0.25)

    def _taken(self, mark: str, holder: str) -> bool:
        with self.server.connected() as connection:
            took = connection.execute(_TAKE, (mark, holder)).fetchone() is not None
            connection.commit()
        return took
