"""The live probe: one request per target, every intent journalled before it is sent."""

import asyncio
import queue
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from application.exchange import Flow
from application.ports import (
    Clock,
    ProbeJournal,
    ProfileStore,
    ProviderRegistry,
    SelectionStore,
    Wire,
)
from application.provider import Access
from domain.classification import CLASSIFIER_VERSION, classify_failure
from domain.credentials import bearer_of
from domain.environment import environment_secret
from domain.errors import AuraError, EndpointMoved, Unavailable, WireFailure
from domain.instants import millis
from domain.probing import Outcome, ProbeLimits, ProbeRecord, ProbeVerdict, Target
from domain.providers import Provider, scheme_for
from domain.text import LIMIT, foreign


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """A target with what was learned. `latency` is wall time in ms, None if nothing was sent."""

    target: Target
    verdict: ProbeVerdict
    latency: int | None


@dataclass(frozen=True, slots=True)
class ProbeRun:
    """A finished run, results in the order of the targets. Times are epoch ms.

    `cancelled`: a person cut it short. `unrecorded`: why results could not be written, if so.
    """

    id: str
    started_at: int
    finished_at: int
    results: tuple[ProbeResult, ...]
    cancelled: bool = False
    unrecorded: AuraError | None = None


@dataclass(slots=True)
class Prober:
    """Tries credentials against their providers.

    Nothing is sent unless every intent could be written first; each result is written when it
    comes, off the event loop; Ctrl-C keeps what finished and records the rest as cancelled.
    """

    profiles: ProfileStore
    selection: SelectionStore
    registry: ProviderRegistry
    journal: ProbeJournal
    wire: Wire
    clock: Clock
    environ: Mapping[str, str]
    host: str

    async def run(
        self,
        targets: Sequence[Target],
        limits: ProbeLimits,
        on_result: Callable[[ProbeResult], None] = lambda _: None,
    ) -> ProbeRun:
        """Raises Unavailable if the journal cannot be written; then nothing was sent."""
        run_id, started = uuid.uuid4().hex, millis(self.clock())
        intents = [self._intent(run_id, started, target) for target in targets]
        ids = self.journal.begin(intents) if intents else ()
        intents = [intent._replace(id=id) for intent, id in zip(intents, ids, strict=True)]
        with _Recorder(self.journal) as recorder:
            results, cancelled = await self._all(targets, intents, limits, recorder, on_result)
        return ProbeRun(
            id=run_id,
            started_at=started,
            finished_at=millis(self.clock()),
            results=tuple(results),
            cancelled=cancelled,
            unrecorded=recorder.failure,
        )

    async def _all(
        self,
        targets: Sequence[Target],
        intents: Sequence[ProbeRecord],
        limits: ProbeLimits,
        recorder: "_Recorder",
        on_result: Callable[[ProbeResult], None],
    ) -> tuple[list[ProbeResult], bool]:
        results: dict[int, ProbeResult] = {}
        turn = asyncio.Semaphore(limits.concurrency)

        async def one(at: int) -> None:
            async with turn:
                began = millis(self.clock())
                result = await self._try(targets[at], limits)
                results[at] = result
                recorder.add(_finished(intents[at], began, millis(self.clock()), result))
                on_result(result)

        cancelled = False
        try:
            async with self.wire, asyncio.TaskGroup() as group:
                for at in range(len(targets)):
                    group.create_task(one(at))
        except asyncio.CancelledError:
            cancelled = True
        now = millis(self.clock())
        for at in (at for at in range(len(targets)) if at not in results):
            results[at] = ProbeResult(targets[at], ProbeVerdict(Outcome.CANCELLED), None)
            recorder.add(_finished(intents[at], now, now, results[at]))
        return [results[at] for at in range(len(targets))], cancelled

    async def _try(self, target: Target, limits: ProbeLimits) -> ProbeResult:
        try:
            access = self._access(target)
        except AuraError as refusal:
            # The secret of this one cannot be opened; the other targets go on.
            unreadable = ProbeVerdict(Outcome.UNREADABLE, code=refusal.type, detail=str(refusal))
            return ProbeResult(target, unreadable, None)
        began = time.monotonic()
        try:
            verdict = await self.wire.hold(self._flow(target, access, limits), limits.timeout)
        except WireFailure as failure:
            verdict = classify_failure(failure)
        latency = round((time.monotonic() - began) * 1000)
        return ProbeResult(target, scrubbed(verdict, access), latency)

    def _flow(self, target: Target, access: Access, limits: ProbeLimits) -> Flow[ProbeVerdict]:
        dialect, now = self.registry.dialect(target.provider.dialect), millis(self.clock())
        if target.model is None or target.mode == "free":
            return dialect.check(target.provider, access, now)
        return dialect.probe(target.provider, access, target.model, limits.max_tokens, now)

    def _access(self, target: Target) -> Access:
        row = target.provider
        if target.source == "none":
            return Access(target.base_url, row.scheme, None)
        vouch(self.selection, row)
        if target.source == "profile":
            profile = self.profiles.get(target.credential_id)
            if not profile.custom_base_url and profile.base_url != row.base_url:
                raise EndpointMoved(
                    f"{row.id} points elsewhere than when {profile.id} was saved; nothing was sent",
                    hint=f"re-add this credential: auth add --provider {row.id}",
                )
            return Access(profile.base_url, profile.scheme, bearer_of(profile.credential))
        secret = environment_secret(target.variable or "", self.environ)
        return Access(target.base_url, scheme_for(row.dialect, target.kind or "api_key"), secret)

    def _intent(self, run_id: str, started: int, target: Target) -> ProbeRecord:
        return ProbeRecord(
            id=0,
            run_id=run_id,
            kind="probe",
            started_at=started,
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
            host=self.host,
        )


def vouch(selection: SelectionStore, row: Provider) -> None:
    """Raises ProviderTampered if `row` is a user provider that nobody here signed."""
    if not row.builtin:
        selection.vouch_for(row)


def scrubbed(verdict: ProbeVerdict, access: Access) -> ProbeVerdict:
    """`verdict` without the secret, whole or in part, and fit for a terminal."""
    secrets = (access.secret.reveal(),) if access.secret else ()

    def clean(text: str | None, limit: int = 64) -> str | None:
        return foreign(text, secrets, limit) if text else None

    return replace(
        verdict,
        code=clean(verdict.code),
        error_type=clean(verdict.error_type),
        request_id=clean(verdict.request_id),
        detail=clean(verdict.detail, LIMIT),
    )


def _finished(intent: ProbeRecord, began: int, ended: int, result: ProbeResult) -> ProbeRecord:
    verdict = result.verdict
    return intent._replace(
        started_at=began,
        finished_at=ended,
        outcome=verdict.outcome,
        credential=verdict.credential,
        latency_ms=result.latency,
        http_status=verdict.http_status,
        code=verdict.code,
        error_type=verdict.error_type,
        request_id=verdict.request_id,
        resets_at=verdict.resets_at,
    )


@dataclass(slots=True)
class _Recorder:
    """Writes results on a thread of its own, those that wait together in one commit."""

    journal: ProbeJournal
    failure: AuraError | None = None
    _waiting: "queue.SimpleQueue[ProbeRecord | None]" = field(default_factory=queue.SimpleQueue)
    _thread: threading.Thread | None = None

    def __enter__(self) -> "_Recorder":
        return self

    def add(self, record: ProbeRecord) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._write)
            self._thread.start()
        self._waiting.put(record)

    def __exit__(self, *_: object) -> None:
        if self._thread is not None:
            self._waiting.put(None)
            self._thread.join()

    def _write(self) -> None:
        open_ = True
        while open_:
            batch = [self._waiting.get()]
            while not self._waiting.empty():
                batch.append(self._waiting.get())
            open_ = None not in batch
            records = [record for record in batch if record is not None]
            try:
                if records and self.failure is None:
                    self.journal.finish(records)
            except Unavailable as failure:
                self.failure = failure
