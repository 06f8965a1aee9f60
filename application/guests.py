"""Conversations with providers: a plug-in's is held apart, its steps and its words checked."""

import asyncio
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from application.apart import LOADING, apart, quiet
from application.ports.network import Flow, Request, Response, Stream, Wire
from application.ports.providers import Access, Dialect, ProviderRegistry, Speaker
from domain.answers.usage import LARGEST, MOST, UsageWindow
from domain.answers.verdict import Outcome, ProbeVerdict
from domain.errors import PluginFailed, WireFailure
from domain.providers.row import Provider
from domain.text import foreign

T = TypeVar("T")
Talk = Callable[[Dialect], Flow[ProbeVerdict]]
Question = Callable[[Speaker], Stream[ProbeVerdict]]
# Reasons of what a plug-in did, not the network.
_HANGS, _ELSEWHERE = "hangs", "foreign_host"
_FACTS = ("proven", "refused", "unknown")


@dataclass(frozen=True, slots=True)
class Conversations:
    """Holds a flow over an open wire, whoever wrote its dialect."""

    registry: ProviderRegistry
    wire: Wire

    async def hold(self, row: Provider, access: Access, talk: Talk, timeout: int) -> ProbeVerdict:
        """What `talk` learns; `timeout` in ms is for all of it. Raises WireFailure.

        The code of a plug-in runs on threads of its own: one that hangs is a time-out, one that
        fails or answers nonsense a verdict of its own, and the registry is told why.
        """
        if row.source != "plugin":
            return await self.wire.hold(talk(self.registry.dialect(row)), timeout)
        guest = _Guest(self.wire, access, asyncio.get_running_loop().time() + timeout / 1000)
        try:
            flow = await guest.step(lambda: talk(self.registry.dialect(row)), LOADING)
            verdict = await guest.converse(flow)
        except PluginFailed as failure:
            reason = foreign(str(failure), guest.secrets)
            self.registry.complain(row, reason)
            return ProbeVerdict(Outcome.UNREADABLE, code=failure.type, detail=reason)
        except WireFailure as failure:
            raise self._blamed(row, failure) from None
        self._praised(row, guest)
        return verdict

    async def stream(
        self,
        row: Provider,
        access: Access,
        question: Question,
        on_text: Callable[[str], None],
        timeout: int,
        silence: int,
    ) -> ProbeVerdict:
        """What `question` learns; the answer goes to `on_text`. `timeout` and `silence` (ms) are as
        in Wire.stream. Raises WireFailure, and PluginFailed for a plug-in that cannot be asked.

        Of plug-ins only those that name a dialect of ours are asked: one with code of its own
        describes probes, and need not know how a person's question is put.
        """
        if row.source == "plugin":
            return await self._stream_of(row, access, question, on_text, timeout, silence)
        speaker = self.registry.speaker(row)
        assert speaker is not None, "only plug-ins bring dialects of their own"
        return await self.wire.stream(question(speaker), on_text, timeout, silence)

    async def _stream_of(
        self,
        row: Provider,
        access: Access,
        question: Question,
        on_text: Callable[[str], None],
        timeout: int,
        silence: int,
    ) -> ProbeVerdict:
        guest = _Guest(self.wire, access, asyncio.get_running_loop().time() + timeout / 1000)
        try:
            speaker = await guest.step(lambda: self.registry.speaker(row), LOADING)
            if speaker is not None:
                told = _kept_home(question(speaker), access)
                left = round(guest.left * 1000) or 1
                verdict = await self.wire.stream(told, on_text, left, silence)
                self._praised(row, guest)
                return verdict
        except PluginFailed as failure:
            reason = foreign(str(failure), guest.secrets)
            self.registry.complain(row, reason)
            raise PluginFailed(f"{row.id} cannot be asked: {reason}") from None
        except WireFailure as failure:
            raise self._blamed(row, failure) from None
        raise PluginFailed(
            f"{row.id} cannot be asked: its plug-in speaks a dialect of its own",
            hint="ask a model of another provider",
        )

    def _praised(self, row: Provider, guest: "_Guest") -> None:
        odd = "it prints, which is thrown away" if guest.printed else None
        self.registry.complain(row, odd, works=True)

    def _blamed(self, row: Provider, failure: WireFailure) -> WireFailure:
        """`failure`, of which the registry is told if it is the plug-in's own."""
        if failure.reason in (_HANGS, _ELSEWHERE):
            self.registry.complain(row, str(failure))
        return WireFailure("timeout", str(failure)) if failure.reason == _HANGS else failure


@dataclass(slots=True)
class _Guest:
    """One conversation of a plug-in. `until` is of the loop's clock."""

    wire: Wire
    access: Access
    until: float
    printed: bool = False

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.access.secret.reveal(),) if self.access.secret else ()

    @property
    def left(self) -> float:
        return max(self.until - asyncio.get_running_loop().time(), 0.001)

    async def step(self, call: Callable[[], T], most: float = float("inf")) -> T:
        def watched() -> tuple[T, bool]:
            with quiet() as sink:
                result = call()
            return result, sink.used

        future = asyncio.wrap_future(apart(watched))
        try:
            result, printed = await asyncio.wait_for(future, min(self.left, most))
        except TimeoutError:
            raise WireFailure(_HANGS, "the plug-in did not answer in time") from None
        self.printed = self.printed or printed
        return result

    async def converse(self, flow: Flow[ProbeVerdict]) -> ProbeVerdict:
        said: Response | WireFailure | None = None
        try:
            while True:
                told = await self.step(partial(_advanced, flow, said))
                if isinstance(told, ProbeVerdict):
                    return replace(told, usage=tuple(self._windows(told.usage)))
                if isinstance(told, WireFailure):
                    raise told
                said = await self._answer(told)
        finally:
            # Its last words are its own business: nobody waits for them.
            apart(flow.close)

    async def _answer(self, request: Request) -> Response | WireFailure:
        _refuse_elsewhere(request, self.access)
        try:
            return await self.wire.hold(_once(request), round(self.left * 1000) or 1)
        except WireFailure as failure:
            return failure

    def _windows(self, told: tuple[UsageWindow, ...]) -> Iterable[UsageWindow]:
        for window in told[:MOST]:
            yield window._replace(label=foreign(window.label, self.secrets, 40))


def _once(request: Request) -> Flow[Response]:
    response = yield request
    return response


def _kept_home(talk: Stream[T], access: Access) -> Stream[T]:
    """`talk`, as long as it asks no other host than the credential's own."""
    try:
        step = next(talk)
        while True:
            if isinstance(step, Request):
                _refuse_elsewhere(step, access)
            try:
                said = yield step
            except WireFailure as failure:
                step = talk.throw(failure)
            else:
                step = talk.send(said)
    except StopIteration as stop:
        learned: T = stop.value
        return learned
    finally:
        talk.close()


def _refuse_elsewhere(request: Request, access: Access) -> None:
    """Nothing goes to another host than the credential's own; compared as text, not as parsed."""
    scheme, _, rest = access.base_url.partition("://")
    origin = f"{scheme}://{rest.partition('/')[0]}"
    after = request.url[len(origin) :]
    if not request.url.startswith(origin) or (after and after[0] not in "/?"):
        raise WireFailure(_ELSEWHERE, "the plug-in asked for another host; nothing was sent")


def _advanced(
    flow: Flow[ProbeVerdict], said: Response | WireFailure | None
) -> Request | ProbeVerdict | WireFailure:
    """The next step of `flow`, copied into values that are ours. Raises PluginFailed."""
    try:
        if said is None:
            return _request(next(flow))
        if isinstance(said, WireFailure):
            return _request(flow.throw(said))
        return _request(flow.send(said))
    except StopIteration as stop:
        return _verdict(stop.value)
    except WireFailure as failure:
        if failure is said:
            return failure
        raise PluginFailed("its code raised WireFailure by itself") from None


def _request(told: Any) -> Request:
    if isinstance(told, Request):
        headers = dict(told.headers)
        words = [told.method, told.url, *headers, *headers.values()]
        if all(type(word) is str for word in words) and type(told.body) is bytes:
            return Request(told.method, told.url, headers, told.body)
    raise PluginFailed("it yields what is no request")


def _verdict(told: Any) -> ProbeVerdict:
    if not isinstance(told, ProbeVerdict) or not _is_plain(told):
        raise PluginFailed("it returns what is no verdict")
    return ProbeVerdict(
        Outcome(told.outcome),
        told.credential,
        told.http_status,
        told.code,
        told.error_type,
        told.request_id,
        told.resets_at,
        told.detail,
        told.usage,
    )


def _is_plain(told: ProbeVerdict) -> bool:
    texts = (told.code, told.error_type, told.request_id, told.detail)
    numbers = (told.http_status, told.resets_at)
    return (
        type(told.outcome) is Outcome
        and type(told.credential) is str
        and told.credential in _FACTS
        and all(text is None or type(text) is str for text in texts)
        and all(n is None or (type(n) is int and abs(n) < 2**53) for n in numbers)
        and type(told.usage) is tuple
        and all(type(window) is UsageWindow and _is_plain_window(window) for window in told.usage)
    )


def _is_plain_window(window: UsageWindow) -> bool:
    numbers = [value for value in window[1:] if value is not None]
    return type(window.label) is str and all(
        type(n) in (int, float) and math.isfinite(n) and abs(n) < LARGEST for n in numbers
    )
