"""A network that follows a script, and stores that fail in one way each."""

import asyncio
import hashlib
import json
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any, TypeVar

from adapters.machine.programs import PosixPrograms
from adapters.memory import MemoryStore
from adapters.providers.lists.asking import ModelLists
from adapters.registry import EntryPointRegistry
from adapters.tools.files import ToolFiles
from application.calling import Caller
from application.catalogue.keeping import ListKeeper
from application.grants.elsewhere import Elsewhere
from application.grants.refreshing import Refresher
from application.opening import Identifier, Opener
from application.ports.elsewhere import Confirmed
from application.ports.keys import KeyProbe
from application.ports.lists import KeptLists
from application.ports.network import Flow, Head, Request, Response, Stream, Wire
from application.ports.people import Clock, at_once
from application.ports.registry import ProviderRegistry
from domain.credentials.credential import ApiKey, AuthProfile
from domain.credentials.environment import Fingerprint
from domain.credentials.keys import KeySlot
from domain.credentials.origins import Command
from domain.credentials.secret import Secret
from domain.errors import AuraError, RecordDamaged, StoreFull, WireFailure
from domain.journal.records import ProbeRecord
from domain.providers.row import Provider
from domain.selection.catalogue import CatalogueRow
from tests.application.talking import in_pieces
from tests.domain.values import NOW, lacking

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing comes for so long (s); nothing ever again where no time is told."""

    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Pieces:
    """An answer that comes in pieces, and may pause, or break off with a failure."""

    told: tuple[bytes | Pause | WireFailure, ...]
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Answer = Response | WireFailure | Pieces | Pause


def answer(status: int, document: object, **headers: str) -> Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(
        status, {"content-type": "application/json", **named}, json.dumps(document).encode()
    )


COMPLETION = answer(200, {"choices": [{"message": {"role": "assistant", "content": "OK"}}]})
MODELS = answer(200, {"data": [{"id": "m"}]})
WRONG_KEY = answer(401, {"error": {"message": "no such key", "code": "invalid_api_key"}})


def fine(request: Request) -> Answer:
    return COMPLETION if request.method == "POST" else MODELS


def key_in(request: Request) -> str:
    """The credential a request carries, or nothing."""
    named = request.headers.get("x-api-key") or request.headers.get("authorization", "")
    return named.removeprefix("Bearer ")


class ScriptedWire(Wire):
    """Answers by `script`; remembers what was sent and how much at once. Open once at a time."""

    def __init__(self, script: Callable[[Request], Answer] = fine) -> None:
        self.script = script
        self.sent: list[Request] = []
        self.most_at_once = 0
        self.stuck = asyncio.Event()
        self.left = threading.Event()
        """Set when an answer was left before its end."""
        self._under_way = 0
        self._open = False

    @property
    def keys(self) -> list[str]:
        return [key_in(request) for request in self.sent]

    async def __aenter__(self) -> "ScriptedWire":
        assert not self._open
        self._open = True
        return self

    async def __aexit__(self, *_: object) -> None:
        self._open = False

    async def hold(self, flow: Flow[T], timeout: int) -> T:
        call = _Call(self, _WHOLE)
        return await self._held(in_pieces(flow), call, lambda _: None, timeout, timeout)

    async def stream(
        self, talk: Stream[T], on_text: Callable[[str], None], timeout: int, silence: int
    ) -> T:
        return await self._held(talk, _Call(self, _STREAMED), on_text, timeout, silence)

    async def _held(
        self,
        talk: Stream[T],
        call: "_Call",
        on_text: Callable[[str], None],
        timeout: int,
        silence: int,
    ) -> T:
        assert self._open
        self._under_way += 1
        self.most_at_once = max(self.most_at_once, self._under_way)
        clock = asyncio.get_running_loop().time
        until, quiet_until = clock() + timeout / 1000, clock() + silence / 1000
        try:
            step = next(talk)
            while True:
                if isinstance(step, str):
                    quiet_until = clock() + silence / 1000
                    if step:
                        on_text(step)
                    step = talk.send(None)
                    continue
                said = await call.answer(step, min(until, quiet_until))
                step = talk.throw(said) if isinstance(said, WireFailure) else talk.send(said)
        except StopIteration as stop:
            learned: T = stop.value
            return learned
        finally:
            self._under_way -= 1
            talk.close()
            call.hang_up()

    async def pause(self, request: Request) -> None:
        """Lets everything else that is ready go first."""
        for _ in range(5):
            await asyncio.sleep(0)


_WHOLE, _STREAMED = 256 * 1024, 16 * 1024 * 1024


@dataclass(slots=True)
class _Call:
    """A conversation's connection: at most `most` bytes of a good answer come by it."""

    wire: ScriptedWire
    most: int
    room: int = 0
    coming: list[bytes | Pause | WireFailure] = field(default_factory=list)

    async def answer(self, step: Request | None, until: float) -> Head | bytes | WireFailure:
        try:
            async with asyncio.timeout_at(until):
                return await (self._piece() if step is None else self._begin(step))
        except TimeoutError:
            return WireFailure("timeout", "no whole answer in time")

    def hang_up(self) -> None:
        if self.coming:
            self.wire.left.set()
        self.coming = []

    async def _begin(self, request: Request) -> Head | WireFailure:
        self.hang_up()
        self.wire.sent.append(request)
        self.coming = [Pause()]
        await self.wire.pause(request)
        said = self.wire.script(request)
        if isinstance(said, Pause):
            await _wait(said)
        self.coming = []
        if isinstance(said, WireFailure):
            return said
        assert not isinstance(said, Pause), "whoever pauses says nothing after it"
        if not 300 <= said.status < 400:
            self.coming = list(said.told) if isinstance(said, Pieces) else [said.body]
        self.room = self.most if 200 <= said.status < 300 else _WHOLE
        return Head(said.status, {name.lower(): value for name, value in said.headers.items()})

    async def _piece(self) -> bytes | WireFailure:
        await asyncio.sleep(0)
        while self.coming:
            if isinstance(self.coming[0], Pause):
                await _wait(self.coming[0])
            piece = self.coming.pop(0)
            if isinstance(piece, WireFailure):
                return piece
            if isinstance(piece, bytes) and piece:
                self.room -= len(piece)
                return piece if self.room >= 0 else WireFailure("too_large", "it is too large")
        return b""


async def _wait(pause: Pause) -> None:
    if pause.seconds is None:
        await asyncio.Event().wait()
    else:
        await asyncio.sleep(pause.seconds)


class HangingWire(ScriptedWire):
    """Never answers who carries the key `hang-…`; says so by `stuck`."""

    async def pause(self, request: Request) -> None:
        if key_in(request).startswith("hang-"):
            self.stuck.set()
            await asyncio.Event().wait()
        await super().pause(request)


@dataclass(slots=True)
class FullFromTheStart(MemoryStore):
    """Not even an intent fits."""

    def begin(
        self, intents: Sequence[ProbeRecord], *, patience: float | None = None
    ) -> tuple[int, ...]:
        raise StoreFull("no space left")


@dataclass(slots=True)
class FullLater(MemoryStore):
    """Intents fit, results do not."""

    def finish(self, records: Sequence[ProbeRecord]) -> None:
        raise StoreFull("no space left")


@dataclass(slots=True)
class FaultyJournal(MemoryStore):
    """Fails as no journal may."""

    def finish(self, records: Sequence[ProbeRecord]) -> None:
        raise LookupError("a bug")


@dataclass(slots=True)
class WatchedJournal(MemoryStore):
    """Remembers which threads wrote results."""

    threads: set[int] = field(default_factory=set)

    def finish(self, records: Sequence[ProbeRecord]) -> None:
        self.threads.add(threading.get_ident())
        MemoryStore.finish(self, records)


@dataclass(slots=True)
class PartlyDamaged(MemoryStore):
    """The secrets of `damaged` do not open."""

    damaged: tuple[str, ...] = ()

    def open(self, ids: Sequence[str]) -> Mapping[str, AuthProfile | AuraError]:
        found = dict(MemoryStore.open(self, ids))
        lost = RecordDamaged("a sealed record does not open")
        return {**found, **{id: lost for id in self.damaged if id in ids}}


@dataclass(slots=True)
class LostKey(KeyProbe):
    """A key that cannot be used because of `why`, or can where it is None."""

    why: str | None = None

    def problem(self, vault_id: str, slots: Sequence[KeySlot]) -> AuraError | None:
        return lacking(self.why)

    def fingerprint(self, vault_id: str | None) -> Fingerprint:
        if self.why is not None or vault_id is None:
            return lambda _: None
        return lambda text: hashlib.sha256(f"{vault_id}:{text}".encode()).hexdigest()[:8]


def stored(store: MemoryStore, id: str, row: Provider, key: str, **given: Any) -> AuthProfile:
    """A profile of `row` with an API key, put into `store`."""
    usual: dict[str, Any] = {
        "id": id,
        "provider": row.id,
        "label": "",
        "base_url": row.base_url,
        "scheme": row.scheme,
        "credential": ApiKey(Secret(key)),
    }
    profile = AuthProfile(**{**usual, **given})
    store.put(profile, NOW)
    return profile


class Nothing(Confirmed):
    """Lets no command run."""

    def holds(self, command: Command, base_url: str) -> bool:
        return False

    def add(self, command: Command, base_url: str) -> None: ...


NOBODY_ELSE = Elsewhere(PosixPrograms(), Nothing(), ToolFiles({}), {}, lambda: NOW, at_once)
"""No secret is kept or printed by another program."""


def refresher(
    store: MemoryStore, wire: Wire, clock: Clock, registry: ProviderRegistry
) -> Refresher:
    return Refresher(
        store,
        store.locks,
        registry,
        lambda: wire,
        lambda _: "",
        NOBODY_ELSE,
        nullcontext,
        clock,
        at_once,
    )


class Forgetful(KeptLists):
    """Keeps no list."""

    def rows(self, provider: str) -> Iterable[CatalogueRow]:
        return ()

    def complete_at(self, provider: str) -> int | None:
        return None

    def keep(
        self, provider: str, rows: Iterable[CatalogueRow], at: int, *, is_whole: bool = True
    ) -> None: ...

    def forget(self, provider: str) -> None: ...


def caller(
    store: MemoryStore,
    wire: Wire,
    environ: Mapping[str, str] | None = None,
    clock: Clock = lambda: NOW,
    registry: ProviderRegistry | None = None,
) -> Caller:
    """A caller over `store` and `wire` that knows the built-in providers."""
    seen, known = environ or {}, registry or EntryPointRegistry()
    return Caller(
        opener=Opener(store, store, refresher(store, wire, clock, known), seen, at_once),
        identifier=Identifier(store, LostKey(), seen, clock),
        registry=known,
        journal=store,
        wire=wire,
        clock=clock,
        host="here",
        aside=at_once,
        keeper=lambda: ListKeeper(ModelLists(), Forgetful()),
    )
