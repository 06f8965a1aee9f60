"""The live probe: one request per attempt, every intent journalled before it is sent."""

import asyncio
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from application.calling import Call, Caller, Result, Talk
from application.ports.store import Recorder
from domain.errors import AuraError
from domain.routing.attempt import Attempt
from domain.routing.limits import ProbeLimits


@dataclass(frozen=True, slots=True)
class ProbeRun:
    """A finished run, results in the order of the attempts. Times are epoch ms.

    `cancelled`: a person cut it short. `unrecorded`: why results could not be written, if so.
    """

    id: str
    started_at: int
    finished_at: int
    results: tuple[Result, ...]
    cancelled: bool = False
    unrecorded: AuraError | None = None


@dataclass(frozen=True, slots=True)
class Prober:
    """Tries credentials against their providers.

    Nothing is sent unless every intent could be written first; each result is written when it
    comes, off the event loop; Ctrl-C keeps what finished and records the rest as cancelled.
    """

    caller: Caller
    recorder: Callable[[], Recorder]

    async def run(
        self,
        attempts: Sequence[Attempt],
        limits: ProbeLimits,
        on_result: Callable[[Result], None] = lambda _: None,
    ) -> ProbeRun:
        """Raises Unavailable if the journal cannot be written; then nothing was sent."""
        run_id, started = uuid.uuid4().hex, self.caller.clock()
        calls = await self.caller.begin("probe", run_id, attempts, limits.timeout / 1000)
        with self.recorder() as recorder:

            def told(result: Result) -> None:
                recorder.add(result.record)
                on_result(result)

            results, is_cancelled = await self._all(calls, limits, told, recorder)
            for at, call in enumerate(calls):
                if at not in results:
                    results[at] = self.caller.cancelled(call)
                    recorder.add(results[at].record)
        if not is_cancelled and recorder.failure is None:
            await self.caller.retain()
        return ProbeRun(
            id=run_id,
            started_at=started,
            finished_at=self.caller.clock(),
            results=tuple(results[at] for at in range(len(calls))),
            cancelled=is_cancelled,
            unrecorded=recorder.failure,
        )

    async def _all(
        self,
        calls: list[Call],
        limits: ProbeLimits,
        told: Callable[[Result], None],
        recorder: Recorder,
    ) -> tuple[dict[int, Result], bool]:
        """The results there are, by place, and whether the rest was cancelled.

        In `calls` each place has the last that was made.
        """
        results: dict[int, Result] = {}
        turn = asyncio.Semaphore(limits.concurrency)

        async def probe(at: int, call: Call) -> None:
            async with turn:
                result = await self._held(call, limits)
                if self.caller.is_renewable(result):
                    # It stands where a person cuts short what follows, or nothing does.
                    results[at] = result
                    recorder.add(result.record)
                    if again := await self.caller.again(result):
                        calls[at] = again
                        del results[at]
                        result = await self._held(again, limits)
                results[at] = result
                told(result)

        try:
            async with self.caller.wire, asyncio.TaskGroup() as group:
                for at, call in enumerate(calls):
                    group.create_task(probe(at, call))
        except asyncio.CancelledError:
            return results, True
        return results, False

    async def _held(self, call: Call, limits: ProbeLimits) -> Result:
        return await self.caller.hold(call, self._talk(call, limits), limits.timeout)

    def _talk(self, call: Call, limits: ProbeLimits) -> Talk:
        row, model, now = call.attempt.row, call.attempt.model, self.caller.clock()
        if model is None:
            return self.caller.checking(row)
        return lambda dialect, access: dialect.probe(row, access, model, limits.max_tokens, now)
