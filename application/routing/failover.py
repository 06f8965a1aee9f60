"""One use of a chain: what is tried in turn, every attempt journalled before and after."""

import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from application.calling import Call, Caller, Result
from application.routing.choosing import refused_as_damaged
from application.survey import Survey
from domain.answers.outcome import Outcome
from domain.answers.verdict import ProbeVerdict
from domain.errors import AuraError, NoAnswer, RecordDamaged, Unavailable
from domain.routing.attempt import Attempt
from domain.routing.route import Route, again, nothing_to_try, route_of

CANCELLED = ProbeVerdict(Outcome.CANCELLED)


@dataclass(slots=True)
class Use:
    """One use of a chain. `passed` are attempts that an earlier one made useless, `results` what
    came of those that were made; `unrecorded` is why that could not be written, if so.
    """

    route: Route
    run_id: str
    skip_damaged: bool = False
    results: list[Result] = field(default_factory=list)
    passed: list[Attempt] = field(default_factory=list)
    unrecorded: AuraError | None = None
    _renewed: set[str] = field(default_factory=set)
    _again: Attempt | None = None
    _waiting: deque[Attempt] = field(init=False)
    _later: deque[Attempt] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self._waiting = deque(self.route.usable)

    @property
    def left(self) -> int:
        """How many attempts may still follow."""
        return len(self._waiting) + len(self._later)

    def next(self, now: int, on_pass: Callable[[Attempt], object]) -> Attempt | None:
        """What an earlier attempt showed of a credential holds for its other models: refused, it is
        passed over; where only the way to its server failed, they are tried after all others.
        """
        if self._again is not None:
            attempt, self._again = self._again, None
            return attempt
        records = [result.record for result in self.results]
        while self.left:
            is_late = not self._waiting
            attempt = (self._later if is_late else self._waiting).popleft()
            judged = again(attempt, records, now)
            if judged.usable or (is_late and judged.reason == "cooldown"):
                return attempt
            if judged.reason == "cooldown":
                self._later.append(attempt)
            else:
                self.passed.append(judged)
                on_pass(judged)
        return None

    @property
    def is_renewing(self) -> bool:
        """Whether the next attempt is the last one once more, with its grant refreshed."""
        return self._again is not None

    def renew(self, attempt: Attempt) -> bool:
        """Whether `attempt` is to be made once more so: once for each grant."""
        if attempt.credential_id in self._renewed:
            return False
        self._renewed.add(attempt.credential_id)
        self._again = attempt
        return True

    def no_answer(self) -> NoAnswer:
        """Says that nothing answered, and what each attempt came to."""
        told = "; ".join(map(str, self.results))
        # Where nothing was sent, a person has to do something about it, and the reason says what.
        unsent = [r.verdict.detail for r in self.results if r.latency is None]
        hint = "see: aura_intelligence models resolve, and history"
        return NoAnswer(f"nothing answered: {told}", hint=next(filter(None, unsent), hint))


@dataclass(frozen=True, slots=True)
class Failover:
    """Follows a route. The caller asks, and says what came of it; here it is kept."""

    survey: Survey
    caller: Caller

    def plan(self, model: str | None, *, image: bool = False, skip_damaged: bool = False) -> Use:
        """`model` is a ref or an alias, None the default. Raises NoCandidate where nothing can be
        tried now, and Malformed, NotFound, Undecidable, Unavailable.
        """
        now = self.caller.clock()
        route = route_of(self.survey(), model, now, image=image)
        if not route.usable:
            raise nothing_to_try(route, now, image=image)
        return Use(route, uuid.uuid4().hex, skip_damaged)

    async def begin(
        self, use: Use, on_pass: Callable[[Attempt], object] = lambda _: None
    ) -> Call | None:
        """The next attempt, its intent written. One whose secret does not open is over, and all of
        it where that secret is damaged, unless `use.skip_damaged`.

        Raises Unavailable where the intent cannot be written: then nothing is to be sent.
        """
        while True:
            renew = use.is_renewing
            attempt = use.next(self.caller.clock(), on_pass)
            if attempt is None:
                return None
            (call,) = await self.caller.begin("use", use.run_id, [attempt], renew=renew)
            if not isinstance(call.access, AuraError):
                return call
            self._keep(use, self.caller.unopened(call))
            if isinstance(call.access, RecordDamaged):
                on_pass(attempt._replace(reason="damaged"))
                if not use.skip_damaged:
                    raise refused_as_damaged(call.access)

    def end(self, use: Use, call: Call, verdict: ProbeVerdict) -> Result:
        """Records what came of `call`. An answer is not lost where that cannot be written."""
        result = self.caller.judged(call, verdict)
        again = self.caller.is_renewable(result) and use.renew(call.attempt)
        self._keep(use, result, counts=not again)
        return result

    def _keep(self, use: Use, result: Result, *, counts: bool = True) -> None:
        if counts:
            use.results.append(result)
        try:
            self.caller.journal.finish([result.record])
        except Unavailable as failure:
            use.unrecorded = failure
