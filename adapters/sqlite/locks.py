"""Locks beside the store's file: one process, and one thread of it, at a time."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from adapters.machine.files import exclusive, private_folder
from application.ports.sign_in import Locks


@dataclass(frozen=True, slots=True)
class FileLocks(Locks):
    """Each name has a file of its own beside `store`. It is never deleted: who waits has it open,
    and would hold a lock on a file that is gone. The kernel frees it when a process dies.
    """

    store: Path

    @contextmanager
    def held(self, name: str, patience: float) -> Iterator[None]:
        private_folder(self.store.parent)
        mark = hashlib.sha256(name.encode()).hexdigest()[:16]
        with exclusive(self.store.with_name(f"{self.store.name}.grant-{mark}.lock"), patience):
            yield
