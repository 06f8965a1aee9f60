"""The live probe: one request per target, every intent journalled before it is sent."""

import asyncio
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from application.guests import Conversations, Talk
from application.identifying import Identifier
from application.opening import Opener
from application.ports.network import Wire
from application.ports.people import Clock
from application.ports.providers import Access, ProviderRegistry
from application.ports.store import ProbeJournal, ProfileStore, SelectionStore
from application.recording import Recorder, finished, intent_of
from domain.answers.classification import classify_failure
from domain.answers.verdict import Outcome, ProbeVerdict
from domain.errors import AuraError, WireFailure
from domain.journal.records import ProbeRecord
from domain.routing.attempt import ProbeLimits, Target
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
    identifier: Identifier

    async def run(
        self,
        targets: Sequence[Target],
        limits: ProbeLimits,
        on_result: Callable[[ProbeResult], None] = lambda _: None,
    ) -> ProbeRun:
        """Raises Unavailable if the journal cannot be written; then nothing was sent."""
        run_id, started = uuid.uuid4().hex, self.clock()
        targets = self.identifier(targets)
        intents = [intent_of(t, run_id, "probe", started, self.host) for t in targets]
        ids = self.journal.begin(intents) if intents else ()
        intents = [intent._replace(id=id) for intent, id in zip(intents, ids, strict=True)]
        opener = Opener(self.profiles, self.selection, self.environ)
        tries = list(zip(targets, intents, opener(targets), strict=True))
        with Recorder(self.journal) as recorder:
            results, cancelled = await self._all(tries, limits, recorder, on_result)
        return ProbeRun(
            id=run_id,
            started_at=started,
            finished_at=self.clock(),
            results=tuple(results),
            cancelled=cancelled,
            unrecorded=recorder.failure,
        )

    async def _all(
        self,
        tries: Sequence[tuple[Target, ProbeRecord, Access | AuraError]],
        limits: ProbeLimits,
        recorder: Recorder,
        on_result: Callable[[ProbeResult], None],
    ) -> tuple[list[ProbeResult], bool]:
        results: dict[int, ProbeResult] = {}
        turn = asyncio.Semaphore(limits.concurrency)

        async def one(
            at: int, target: Target, intent: ProbeRecord, access: Access | AuraError
        ) -> None:
            async with turn:
                began = self.clock()
                results[at] = await self._try(target, access, limits)
                verdict, latency = results[at].verdict, results[at].latency
                recorder.add(finished(intent, began, self.clock(), verdict, latency))
                on_result(results[at])

        cancelled = False
        try:
            async with self.wire, asyncio.TaskGroup() as group:
                for at, (target, intent, access) in enumerate(tries):
                    group.create_task(one(at, target, intent, access))
        except asyncio.CancelledError:
            cancelled = True
        now = self.clock()
        for at, (target, intent, _) in enumerate(tries):
            if at not in results:
                results[at] = ProbeResult(target, ProbeVerdict(Outcome.CANCELLED), None)
                recorder.add(finished(intent, now, now, results[at].verdict, None))
        return [results[at] for at in range(len(tries))], cancelled

    async def _try(
        self, target: Target, access: Access | AuraError, limits: ProbeLimits
    ) -> ProbeResult:
        if isinstance(access, AuraError):
            # The secret of this one cannot be opened; the other targets go on.
            code = target.problem or access.type
            unreadable = ProbeVerdict(Outcome.UNREADABLE, code=code, detail=str(access))
            return ProbeResult(target, unreadable, None)
        began = time.monotonic()
        try:
            verdict = await Conversations(self.registry, self.wire).hold(
                target.provider, access, self._talk(target, access, limits), limits.timeout
            )
        except WireFailure as failure:
            verdict = classify_failure(failure)
        latency = round((time.monotonic() - began) * 1000)
        return ProbeResult(target, scrubbed(verdict, access), latency)

    def _talk(self, target: Target, access: Access, limits: ProbeLimits) -> Talk:
        row, model, now = target.provider, target.model, self.clock()
        if model is None or target.mode == "free":
            return lambda dialect: dialect.check(row, access, now)
        return lambda dialect: dialect.probe(row, access, model, limits.max_tokens, now)


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
