"""Records made of targets and verdicts, and their way into the journal, off the event loop."""

import contextlib
import queue
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Self

from application.ports.store import ProbeJournal
from domain.answers.classification import CLASSIFIER_VERSION
from domain.answers.verdict import ProbeVerdict
from domain.errors import AuraError, Unavailable
from domain.journal.records import ProbeRecord
from domain.routing.attempt import Target

LINGER = 0.1
"""How long a result waits for others (s): each commit takes time from the probes under way."""


@dataclass(slots=True)
class Recorder:
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


def intent_of(target: Target, run_id: str, kind: str, at: int, host: str) -> ProbeRecord:
    """What is written before a request is sent, at `at` (epoch ms)."""
    return ProbeRecord(
        id=0,
        run_id=run_id,
        kind=kind,
        started_at=at,
        finished_at=None,
        provider=target.provider.id,
        model=target.model,
        credential_id=target.credential_id,
        source=target.source,
        mode=target.mode,
        base_url=target.base_url,
        revision=target.revision,
        fingerprint=target.fingerprint,
        outcome=None,
        credential="unknown",
        latency_ms=None,
        http_status=None,
        code=None,
        error_type=None,
        request_id=None,
        resets_at=None,
        classifier_version=CLASSIFIER_VERSION,
        host=host,
    )


def finished(
    intent: ProbeRecord, began: int, ended: int, verdict: ProbeVerdict, latency: int | None
) -> ProbeRecord:
    """`intent` with what was learned. Moments are epoch ms, `latency` is ms."""
    return intent._replace(
        started_at=began,
        finished_at=ended,
        outcome=verdict.outcome,
        credential=verdict.credential,
        latency_ms=latency,
        http_status=verdict.http_status,
        code=verdict.code,
        error_type=verdict.error_type,
        request_id=verdict.request_id,
        resets_at=verdict.resets_at,
        usage=verdict.usage,
    )
