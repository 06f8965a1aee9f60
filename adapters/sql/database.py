"""What the stores need of a database, whichever it is."""

from contextlib import AbstractContextManager
from typing import Protocol

import sqlalchemy as sa


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

    def writing(self, patience: float | None = None) -> AbstractContextManager[sa.Connection]:
        """A transaction that waits its turn, `patience` seconds at most; commits at the end, or
        changes nothing.

        Makes the store, or migrates it after a backup, where that is needed.
        """
        ...

    def reading(self) -> AbstractContextManager[sa.Connection]:
        """One snapshot; migrates first where that is needed. Raises NotFound without a store."""
        ...
