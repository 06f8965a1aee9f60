"""The chain for programs: a call of theirs, made with each candidate until one answers."""

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol, Self, TypeVar

from application.calling import Call
from application.ports.providers import Access
from application.routing.failover import CANCELLED, Failover, Use
from domain.answers.exceptions import verdict_of
from domain.answers.outcome import Outcome
from domain.answers.verdict import ProbeVerdict
from domain.errors import AuraError
from domain.handover.variables import NO_KEY
from domain.providers.row import Dialect, Scheme
from domain.routing.route import Route

T = TypeVar("T")
_OK = ProbeVerdict(Outcome.OK, "proven")


class Wait(Protocol):
    """How who is not asynchronous waits for what is."""

    def __call__(self, work: Coroutine[object, object, T], /) -> T: ...


@dataclass(frozen=True, slots=True)
class ModelAccess:
    """A model, where it is served, and the credential it is asked with.

    `ref` is `provider/model`, `model` the model's own name. `base_url` is written as `dialect`
    wants it: `openai` with `/v1`, `anthropic`, `google` and `ollama` without. `profile_id` is None
    for a server of this machine that needs no key.
    """

    ref: str
    provider: str
    model: str
    dialect: Dialect
    profile_id: str | None
    _access: Access = field(repr=False)

    @property
    def base_url(self) -> str:
        return self._access.base_url

    @property
    def scheme(self) -> Scheme:
        """The header that carries the credential: `bearer`, or the header's own name."""
        return self._access.scheme

    @property
    def api_key(self) -> str:
        """The credential as text; `EMPTY` where none is needed, for clients insist on one."""
        return self._access.secret.reveal() if self._access.secret else NO_KEY

    @property
    def headers(self) -> dict[str, str]:
        """The one header that carries the credential; none where none is needed."""
        if self._access.secret is None:
            return {}
        if self.scheme == "bearer":
            return {"authorization": f"Bearer {self.api_key}"}
        return {self.scheme: self.api_key}


class Router:
    """Calls down the chain. Threads may share one; each run looks at the store anew.

    `unrecorded` is why an attempt's result could not be written to the history, if so. It holds
    nothing open: `with` is there for those who like to see where it is used.
    """

    def __init__(self, failover: Failover, wait: Wait) -> None:
        self._failover = failover
        self._aside = failover.caller.aside
        self._wait = wait
        self.unrecorded: AuraError | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None: ...

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *failure: object) -> None: ...

    def route(self, ref: str | None = None, *, image: bool = False) -> Route:
        """What `run` would try now. Raises NoCandidate where that is nothing, and what `run` raises
        before the first call.
        """
        return self._failover.plan(ref, image=image).route

    def run(
        self,
        ref: str | None,
        call: Callable[[ModelAccess], T],
        *,
        image: bool = False,
        skip_damaged: bool = False,
    ) -> T:
        """What `call` returns for the first candidate of `ref` it does not raise for.

        `ref` is `provider/model` or an alias, None the default model. What `call` raises is judged
        by the table of answers: a refusal, a limit, trouble of the network or the server goes on
        with the next candidate; anything else is the caller's own and is raised as it is. Raises
        NoCandidate, NoAnswer (from the last exception), Malformed, NotFound, Undecidable,
        Unavailable; TypeError for a coroutine function. Inside a running event loop, as a
        notebook has one, it works too. A stored credential that is damaged raises RecordDamaged,
        unless `skip_damaged`: who can write the store must not choose who pays.
        """
        use = self._failover.plan(ref, image=image, skip_damaged=skip_damaged)
        last: BaseException | None = None
        while (made := self._wait(self._failover.begin(use))) is not None:
            try:
                result = call(_public(made))
            except BaseException as raised:  # noqa: BLE001 - a caller may raise anything
                last = self._judged(use, made, raised)
            else:
                if isinstance(result, Coroutine):
                    result.close()
                    self._end(use, made, CANCELLED)
                    raise TypeError("the call is a coroutine function: use run_async")
                self._end(use, made, _OK)
                return result
        raise use.no_answer() from last

    async def run_async(
        self,
        ref: str | None,
        call: Callable[[ModelAccess], Awaitable[T]],
        *,
        image: bool = False,
        skip_damaged: bool = False,
    ) -> T:
        """The same for a coroutine function; the store keeps no other task waiting."""
        use = await self._aside(
            lambda: self._failover.plan(ref, image=image, skip_damaged=skip_damaged)
        )
        last: BaseException | None = None
        while (made := await self._failover.begin(use)) is not None:
            try:
                result = await call(_public(made))
            except Exception as raised:  # noqa: BLE001 - a caller may raise anything
                last = await self._aside(partial(self._judged, use, made, raised))
            except BaseException:
                # A cancelled task waits for nothing any more, not for a thread either.
                self._end(use, made, CANCELLED)
                raise
            else:
                await self._aside(partial(self._end, use, made, _OK))
                return result
        raise use.no_answer() from last

    def _judged(self, use: Use, made: Call, raised: BaseException) -> BaseException:
        """`raised`, its attempt recorded. Raises it where it is the caller's own."""
        now, url = self._failover.caller.clock(), _public(made).base_url
        verdict = verdict_of(raised, now, url) if isinstance(raised, Exception) else None
        self._end(use, made, verdict or CANCELLED)
        if verdict is None:
            raise raised
        return raised

    def _end(self, use: Use, made: Call, verdict: ProbeVerdict) -> None:
        self._failover.end(use, made, verdict)
        self.unrecorded = use.unrecorded or self.unrecorded


def _public(made: Call) -> ModelAccess:
    attempt = made.attempt
    assert isinstance(made.access, Access)
    return ModelAccess(
        ref=str(attempt.ref),
        provider=attempt.row.id,
        model=attempt.ref.model,
        dialect=attempt.row.dialect,
        profile_id=attempt.profile_id,
        _access=made.access,
    )
