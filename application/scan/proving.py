"""The best candidates of a scan, tried: what they do counts, not what is written of them."""

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from application.calling import Caller, Result
from application.ports.providers import Ability, Proves
from application.ports.store import Recorder
from application.scan.finding import Found
from domain.answers.outcome import Outcome
from domain.answers.verdict import ProbeVerdict
from domain.errors import AuraError, Refused, Unavailable
from domain.instants import precise
from domain.providers.row import Provider
from domain.routing.attempt import Attempt
from domain.scan.limits import KIND, OF_THE_MODEL, ends, pause, refuses_force
from domain.scan.picks import Proof, Proved
from domain.scan.wish import Pace

_GLANCE = 500
"""How long (ms) a request that waits does not look whether the scan ended."""


class Scan(NamedTuple):
    """A finished scan. Times are epoch ms. `stopped`: why not all were tried, if so.

    `sent` requests went out. `unrecorded`: why results could not be written.
    """

    id: str
    started_at: int
    finished_at: int
    proved: tuple[Proved, ...]
    sent: int
    stopped: ProbeVerdict | AuraError | None = None
    cancelled: bool = False
    unrecorded: AuraError | None = None


@dataclass(slots=True)
class _Run:
    """A scan under way."""

    found: Found
    prover: Proves
    recorder: Recorder
    told: Callable[[Proved], object]
    waits: Callable[[str], object]
    id: str
    pace: Pace
    turn: asyncio.Semaphore
    proved: dict[int, Proved] = field(default_factory=dict)
    sent: int = 0
    limited: int = 0
    lost: int = 0
    stopped: ProbeVerdict | AuraError | None = None

    def end(self, why: ProbeVerdict | AuraError) -> None:
        """What ended it first is the reason."""
        self.stopped = self.stopped or why


def _now() -> int:
    return time.monotonic_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Scanner:
    """Tries candidates, each request a record of its own.

    `timer` is a clock (ms) that nobody sets; `sleep` is told seconds.
    """

    caller: Caller
    recorder: Callable[[], Recorder]
    timer: Callable[[], int] = _now
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep

    def prover(self, row: Provider) -> Proves:
        """Who shows what models of `row` can do. Raises Refused where nobody does."""
        prover = self.caller.registry.can(row, Proves)
        if prover is None:
            raise Refused(
                f"the models of {row.id} cannot be tried here",
                hint="--no-probe lists what is known of them",
            )
        return prover

    async def __call__(
        self,
        found: Found,
        told: Callable[[Proved], object] = lambda _: None,
        waits: Callable[[str], object] = lambda _: None,
    ) -> Scan:
        """Tries `found.tried`, with at most `found.most` requests; Ctrl-C keeps what was learned.
        `waits` is told how long it has to wait for the provider's limits, and why.

        Raises Refused as `prover`, and Unavailable where the journal cannot be written from the
        start: then nothing was sent.
        """
        prover, started = self.prover(found.attempt.row), self.caller.clock()
        since = (self.timer() - age for age in found.ages)
        pace = Pace(found.allowance.per_minute, since)
        turn = asyncio.Semaphore(found.wish.concurrency)
        with self.recorder() as recorder:
            run = _Run(found, prover, recorder, told, waits, uuid.uuid4().hex, pace, turn)
            cancelled = await self._all(run)
        return Scan(
            run.id,
            started,
            self.caller.clock(),
            tuple(run.proved[at] for at in sorted(run.proved)),
            run.sent,
            run.stopped,
            cancelled,
            recorder.failure,
        )

    async def _all(self, run: _Run) -> bool:
        """Whether a person cut it short."""
        try:
            async with self.caller.wire:
                # Alone: a key that is refused or limited is told by one request.
                if run.found.tried:
                    await self._one(run, 0)
                async with asyncio.TaskGroup() as group:
                    for at in range(1, len(run.found.tried)):
                        group.create_task(self._one(run, at))
        except asyncio.CancelledError:
            return True
        return False

    async def _one(self, run: _Run, at: int) -> None:
        candidate = run.found.tried[at]
        attempt = run.found.attempt._replace(model=candidate.row.model)
        tool = await self._asked(run, attempt, "tool")
        unseen = Proof(skipped="it is not known to read images")
        proved = Proved(candidate, tool, unseen)
        run.proved[at] = proved._replace(image=Proof(skipped="interrupted"))
        if tool.verdict is None or tool.verdict.outcome is not Outcome.OK:
            proved = proved._replace(image=Proof(skipped="it did not answer"))
        elif candidate.reads_images:
            proved = proved._replace(image=await self._asked(run, attempt, "image"))
        run.proved[at] = proved
        run.told(proved)

    async def _asked(self, run: _Run, attempt: Attempt, ability: Ability) -> Proof:
        """Of one request, or of a second where that may end otherwise."""
        proof = await self._ask(run, attempt, ability)
        again: Ability | None = None
        if proof.verdict and pause(proof.verdict, self.caller.clock()) is not None:
            again = ability
        elif ability == "tool" and proof.verdict and refuses_force(proof.verdict):
            again = "tool_auto"
        if again and (second := await self._ask(run, attempt, again)).verdict:
            proof = second
        verdict = proof.verdict
        if verdict and verdict.outcome is Outcome.RATE_LIMIT:
            run.limited += 1
            # A moment that is told is of the whole account; else it may be of this model.
            if verdict.resets_at is not None or run.limited > 1:
                run.end(verdict)
        if verdict and verdict.outcome is Outcome.NETWORK:
            run.lost += 1
            # One connection may break because of its model; a second is the way there.
            if run.lost > 1:
                run.end(verdict)
        return proof

    async def _ask(self, run: _Run, attempt: Attempt, ability: Ability) -> Proof:
        async with run.turn:
            while run.stopped is None and (wait := run.pace.wait(self.timer())):
                # What another request learns in the meantime may end the scan.
                await self.sleep(min(wait, _GLANCE) / 1000)
            if run.stopped is not None:
                return Proof(skipped="the scan ended before")
            run.pace.sent(sent := self.timer())
            try:
                result = await self._held(run, attempt, ability)
            except Unavailable as failure:
                if not run.sent:
                    raise
                run.end(failure)
                return Proof(skipped="it could not be recorded")
            finally:
                run.pace.answered(sent, self.timer())
        verdict = result.verdict
        if (length := pause(verdict, self.caller.clock())) is not None:
            run.pace.shut(self.timer() + length)
            run.waits(f"{attempt.row.id} limits the rate: waiting {precise(length)}")
        if ends(verdict):
            run.end(verdict)
        return Proof(verdict, result.latency)

    async def _held(self, run: _Run, attempt: Attempt, ability: Ability) -> Result:
        """One request, written down before and after."""
        row, model, limit = attempt.row, attempt.ref.model, run.found.wish.timeout
        (call,) = await self.caller.begin(KIND, run.id, [attempt], limit / 1000)
        now = self.caller.clock()
        try:
            result = await self.caller.hold(
                call, lambda _, access: run.prover.prove(row, access, model, ability, now), limit
            )
        except asyncio.CancelledError:
            run.sent += 1
            run.recorder.add(self.caller.cancelled(call).record)
            raise
        run.sent += result.latency is not None
        if result.verdict.outcome in OF_THE_MODEL:
            verdict = replace(result.verdict, scope=result.verdict.scope or "model")
            record = result.record._replace(scope=verdict.scope)
            result = replace(result, verdict=verdict, record=record)
        run.recorder.add(result.record)
        return result
