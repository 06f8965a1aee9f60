"""One use of a chain: what is tried in turn, every attempt journalled before and after."""

import time
import uuid
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from application.identifying import Identifier
from application.opening import Opener
from application.ports.people import Clock
from application.ports.providers import Access
from application.ports.store import ProbeJournal
from application.probing import scrubbed
from application.recording import finished, intent_of
from application.survey import Survey
from domain.answers.verdict import Outcome, ProbeVerdict
from domain.errors import AuraError, NoAnswer, Unavailable
from domain.journal.records import ProbeRecord
from domain.routing.probes import target_of
from domain.routing.route import Attempt, Route, again, nothing_to_try, route_of

CANCELLED = ProbeVerdict(Outcome.CANCELLED)


@dataclass(frozen=True, slots=True)
class Tried:
    """An attempt that is over. `latency` is wall time in ms, None if nothing was sent."""

    attempt: Attempt
    verdict: ProbeVerdict
    latency: int | None


@dataclass(frozen=True, slots=True)
class Trial:
    """An attempt under way: its intent is written, its secret is open. `others` may follow."""

    attempt: Attempt
    access: Access
    intent: ProbeRecord
    began: float
    others: int


@dataclass(slots=True)
class Use:
    """One use of a chain. `passed` are attempts that an earlier one made useless, `records` what
    came of those that were made; `unrecorded` is why that could not be written, if so.
    """

    route: Route
    run_id: str
    tried: list[Tried] = field(default_factory=list)
    passed: list[Attempt] = field(default_factory=list)
    records: list[ProbeRecord] = field(default_factory=list)
    unrecorded: AuraError | None = None

    def no_answer(self) -> NoAnswer:
        """Says that nothing answered, and what each attempt came to."""
        told = "; ".join(described(tried) for tried in self.tried)
        return NoAnswer(
            f"nothing answered: {told}", hint="see: aura_intelligence models resolve, and history"
        )


@dataclass(frozen=True, slots=True)
class Failover:
    """Follows a route. The caller asks, and says what came of it; here it is kept."""

    survey: Survey
    opener: Opener
    identifier: Identifier
    journal: ProbeJournal
    clock: Clock
    host: str

    def plan(self, model: str | None, *, image: bool = False) -> Use:
        """`model` is a ref or an alias, None the default. Raises NoCandidate where nothing can be
        tried now, and Malformed, NotFound, Undecidable, Unavailable.
        """
        now = self.clock()
        route = route_of(self.survey(), model, now, image=image)
        if not route.usable:
            raise nothing_to_try(route, now, image=image)
        return Use(route, uuid.uuid4().hex)

    def trials(
        self, use: Use, on_pass: Callable[[Attempt], object] = lambda _: None
    ) -> Iterator[Trial]:
        """Each attempt in turn, its intent written. One whose secret does not open is over.

        What an earlier attempt showed of a credential holds for its other models: refused, it is
        passed over; where only the way to its server failed, they are tried after all others.
        Raises Unavailable where the intent cannot be written: then nothing is to be sent.
        """
        waiting, later = deque(use.route.usable), deque[Attempt]()
        while waiting or later:
            is_late = not waiting
            attempt = (later if is_late else waiting).popleft()
            judged = again(attempt, use.records, self.clock())
            if judged.usable or (is_late and judged.reason == "cooldown"):
                trial = self._begin(use, attempt, others=len(waiting) + len(later))
                if trial is not None:
                    yield trial
            elif judged.reason == "cooldown":
                later.append(attempt)
            else:
                use.passed.append(judged)
                on_pass(judged)

    def _begin(self, use: Use, attempt: Attempt, *, others: int) -> Trial | None:
        (target,) = self.identifier([target_of(attempt)])
        intent = intent_of(target, use.run_id, "use", self.clock(), self.host)
        (id,) = self.journal.begin([intent])
        intent = intent._replace(id=id)
        (access,) = self.opener([target])
        if not isinstance(access, AuraError):
            return Trial(attempt, access, intent, time.monotonic(), others)
        verdict = ProbeVerdict(Outcome.UNREADABLE, code=access.type, detail=str(access))
        self._keep(use, Tried(attempt, verdict, None), intent)
        return None

    def end(self, use: Use, trial: Trial, verdict: ProbeVerdict) -> Tried:
        """Records what came of `trial`. An answer is not lost where that cannot be written."""
        latency = round((time.monotonic() - trial.began) * 1000)
        tried = Tried(trial.attempt, scrubbed(verdict, trial.access), latency)
        self._keep(use, tried, trial.intent)
        return tried

    def _keep(self, use: Use, tried: Tried, intent: ProbeRecord) -> None:
        use.tried.append(tried)
        now = self.clock()
        record = finished(intent, intent.started_at, now, tried.verdict, tried.latency)
        use.records.append(record)
        try:
            self.journal.finish([record])
        except Unavailable as failure:
            use.unrecorded = failure


def described(tried: Tried) -> str:
    """An attempt for a person: `openai/gpt-5 with openai:default: rate_limit`."""
    attempt, verdict = tried.attempt, tried.verdict
    code = verdict.code if verdict.code not in (None, verdict.outcome.value) else None
    why = verdict.outcome.value + (f" ({code})" if code else "")
    return f"{attempt.ref} with {attempt.who}: {why}"
