"""Results on their way into the journal, written on a thread of their own."""

import contextlib
import queue
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Self

from application.ports.store import ProbeJournal, Recorder
from domain.errors import AuraError, Unavailable
from domain.journal.records import ProbeRecord

LINGER = 0.1
"""How long a result waits for others (s): each commit takes time from the probes under way."""


@dataclass(slots=True)
class ThreadRecorder(Recorder):
    """Writes results on a thread of its own, those that wait together in one commit."""

    journal: ProbeJournal
    failure: AuraError | None = None
    _waiting: "queue.SimpleQueue[ProbeRecord | None]" = field(default_factory=queue.SimpleQueue)
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(max_workers=1))
    _writing: Future[None] | None = None

    def __enter__(self) -> Self:
        return self

    def add(self, record: ProbeRecord) -> None:
        if self._writing is None:
            self._writing = self._pool.submit(self._write)
        self._waiting.put(record)

    def __exit__(self, *_: object) -> None:
        if self._writing is not None:
            self._waiting.put(None)
            self._pool.shutdown()
            # What nobody expected of the journal is raised in the caller's thread.
            self._writing.result()

    def _write(self) -> None:
        open_ = True
        while open_:
            batch = self._batch()
            open_ = None not in batch
            records = [record for record in batch if record is not None]
            try:
                if records and self.failure is None:
                    self.journal.finish(records)
            except Unavailable as failure:
                self.failure = failure

    def _batch(self) -> list[ProbeRecord | None]:
        """What comes within LINGER of the first; the end of the run ends it at once."""
        batch = [self._waiting.get()]
        until = time.monotonic() + LINGER
        while batch[-1] is not None and (left := until - time.monotonic()) > 0:
            with contextlib.suppress(queue.Empty):
                batch.append(self._waiting.get(timeout=left))
        return batch
