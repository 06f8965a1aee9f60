"""The one maker of requests that are journalled: open, intent, hold, judge, record."""

import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from application.opening import Identifier, Opener
from application.ports.network import Flow, Stream, Wire
from application.ports.people import Aside, Clock
from application.ports.providers import Access, Asks, Dialect
from application.ports.registry import ProviderRegistry
from application.ports.store import ProbeJournal
from application.recording import finished, intent_of, scrubbed
from domain.answers.classification import classify_failure
from domain.answers.outcome import Outcome
from domain.answers.verdict import ProbeVerdict
from domain.credentials.profile import ProfileSummary
from domain.errors import AuraError, PluginFailed, Unavailable, WireFailure
from domain.journal.records import ProbeRecord
from domain.providers.row import Provider
from domain.routing.attempt import Attempt

if TYPE_CHECKING:
    from application.catalogue.keeping import ListKeeper

Talk = Callable[[Dialect, Access], Flow[ProbeVerdict]]
Question = Callable[[Asks, Access], Stream[ProbeVerdict]]


@dataclass(frozen=True, slots=True)
class Call:
    """An attempt whose intent is written. `access` is what it is sent with, or why it cannot be.

    `at` is epoch ms, `began` is of the monotonic clock (s).
    """

    attempt: Attempt
    intent: ProbeRecord
    access: Access | AuraError
    at: int
    began: float = field(default_factory=time.monotonic)


@dataclass(frozen=True, slots=True)
class Result:
    """What came of an attempt. `latency` is wall time in ms, None if nothing was sent."""

    attempt: Attempt
    verdict: ProbeVerdict
    latency: int | None
    record: ProbeRecord

    def __str__(self) -> str:
        """For a person: `openai/gpt-5 with openai:default: rate_limit`."""
        return f"{self.attempt.ref} with {self.attempt.who}: {self.verdict}"


@dataclass(frozen=True, slots=True)
class Caller:
    """Makes calls of attempts: one after another, or many at once; who asks decides which."""

    opener: Opener
    identifier: Identifier
    registry: ProviderRegistry
    journal: ProbeJournal
    wire: Wire
    clock: Clock
    host: str
    aside: Aside
    keeper: Callable[[], "ListKeeper"]

    async def begin(
        self,
        kind: str,
        run_id: str,
        attempts: Sequence[Attempt],
        patience: float | None = None,
        *,
        renew: bool = False,
    ) -> list[Call]:
        """Opens the secrets and writes the intents, each at one look. `renew`: after a 401.

        Raises Unavailable where the journal cannot be written: then nothing is to be sent.
        """
        attempts = await self.aside(lambda: self.identifier(attempts))
        opened = await self.opener(attempts, renew=renew)
        attempts, accesses = [o.attempt for o in opened], [o.access for o in opened]
        at = self.clock()
        intents = [intent_of(attempt, run_id, kind, at, self.host) for attempt in attempts]
        ids: tuple[int, ...] = ()
        if intents:
            ids = await self.aside(lambda: self.journal.begin(intents, patience=patience))
        return [
            Call(attempt, intent._replace(id=id), access, at)
            for attempt, intent, id, access in zip(attempts, intents, ids, accesses, strict=True)
        ]

    async def hold(self, call: Call, talk: Talk, timeout: int) -> Result:
        """What the provider said in `timeout` ms; not yet recorded. Whatever fails is a verdict."""
        call = replace(call, at=self.clock(), began=time.monotonic())
        if isinstance(call.access, AuraError):
            return self.unopened(call)
        return self.judged(call, await self._said(call.attempt.row, call.access, talk, timeout))

    def is_renewable(self, result: Result) -> bool:
        """Whether a secret that can be renewed was refused: then it is asked once more."""
        credential = result.attempt.credential
        if not isinstance(credential, ProfileSummary):
            return False
        return credential.refreshable and result.verdict.http_status == 401

    async def again(self, result: Result) -> Call | None:
        """The same call with its grant refreshed, where that may help: a record of its own."""
        if not self.is_renewable(result):
            return None
        record = result.record
        try:
            (call,) = await self.begin(record.kind, record.run_id, [result.attempt], renew=True)
        except Unavailable:
            # It cannot be journalled, so it is not sent; the first answer stands.
            return None
        return call

    def checking(self, row: Provider) -> Talk:
        """The free check of a credential of `row`: a list of models that comes by it is kept."""
        now = self.clock()

        def talk(dialect: Dialect, access: Access) -> Flow[ProbeVerdict]:
            check = dialect.check(row, access, now)
            return self.keeper().overheard(check, row, access, now)

        return talk

    async def learned(
        self, row: Provider, access: Access, talk: Talk, timeout: int
    ) -> ProbeVerdict:
        """The same of a credential nothing is journalled of. The wire has to be open."""
        return scrubbed(await self._said(row, access, talk, timeout), access, row)

    async def _said(self, row: Provider, access: Access, talk: Talk, timeout: int) -> ProbeVerdict:
        try:
            verdict = await self.wire.hold(talk(self._dialect(row), access), timeout)
        except WireFailure as failure:
            return classify_failure(failure)
        except PluginFailed as failure:
            return self._blamed(row, failure, access)
        self.registry.complain(row, None)
        return verdict

    async def stream(
        self,
        call: Call,
        question: Question,
        on_text: Callable[[str], None],
        timeout: int,
        silence: int,
    ) -> ProbeVerdict:
        """What came of the question, as in Wire.stream; the answer goes to `on_text`.

        Raises WireFailure, so that who asks can say whose fault a time-out was.
        """
        row, access = call.attempt.row, call.access
        assert isinstance(access, Access)
        try:
            speaker = self.registry.can(row, Asks)
            if speaker is None:
                raise PluginFailed("its plug-in asks no questions, it only probes")
            talk = question(speaker, access)
            verdict = await self.wire.stream(talk, on_text, timeout, silence)
        except PluginFailed as failure:
            return self._blamed(row, failure, access)
        self.registry.complain(row, None)
        return verdict

    def _dialect(self, row: Provider) -> Dialect:
        dialect = self.registry.can(row, Dialect)
        if dialect is None:
            raise PluginFailed("it neither probes nor checks")
        return dialect

    def _blamed(self, row: Provider, failure: PluginFailed, access: Access) -> ProbeVerdict:
        verdict = ProbeVerdict(Outcome.UNREADABLE, code=failure.type, detail=str(failure))
        verdict = scrubbed(verdict, access, row)
        self.registry.complain(row, verdict.detail)
        return verdict

    def judged(self, call: Call, verdict: ProbeVerdict) -> Result:
        """`verdict` on what was sent, without its secret, and the record of it."""
        assert isinstance(call.access, Access)
        latency = round((time.monotonic() - call.began) * 1000)
        return self._result(call, scrubbed(verdict, call.access, call.attempt.row), latency)

    def unopened(self, call: Call) -> Result:
        """Of a call whose secret cannot be opened: others go on."""
        assert isinstance(call.access, AuraError)
        code = call.attempt.reason or call.access.type
        verdict = ProbeVerdict(Outcome.UNREADABLE, code=code, detail=str(call.access))
        return self._result(call, verdict, None)

    def cancelled(self, call: Call) -> Result:
        """Of a call that was never made."""
        return self._result(replace(call, at=self.clock()), ProbeVerdict(Outcome.CANCELLED), None)

    def _result(self, call: Call, verdict: ProbeVerdict, latency: int | None) -> Result:
        record = finished(call.intent, call.at, self.clock(), verdict, latency)
        return Result(call.attempt, verdict, latency, record)

    async def retain(self) -> None:
        """After a run: what is not to be kept any longer goes, unless others are in the way."""
        with contextlib.suppress(Unavailable):
            await self.aside(lambda: self.journal.retain(self.clock()))
