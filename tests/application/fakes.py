"""A network that follows a script, and stores that fail in one way each."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from adapters.memory import MemoryStore
from adapters.registry import EntryPointRegistry
from application.calling import Caller
from application.identifying import Identifier
from application.opening import Opener
from application.ports.keys import KeyProbe
from application.ports.network import Flow, Head, Request, Response, Stream, Wire
from application.ports.people import Clock, at_once
from application.ports.providers import ProviderRegistry
from domain.credentials.credential import ApiKey, AuthProfile
from domain.credentials.environment import Fingerprint
from domain.credentials.keys import KeySlot
from domain.credentials.secret import Secret
from domain.errors import AuraError, RecordDamaged, StoreFull, WireFailure
from domain.journal.records import ProbeRecord
from domain.providers.row import Provider
from tests.domain.values import NOW

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Pieces:
    """An answer that comes in pieces, and may break off with a failure."""

    told: tuple[bytes | WireFailure, ...]
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Answer = Response | WireFailure | Pieces


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
    """Answers by `script`; remembers what was sent and how much at once. Opened once a run."""

    def __init__(self, script: Callable[[Request], Answer] = fine) -> None:
        self.script = script
        self.sent: list[Request] = []
        self.most_at_once = 0
        self.stuck = asyncio.Event()
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
        assert self._open
        self._under_way += 1
        self.most_at_once = max(self.most_at_once, self._under_way)
        try:
            request = next(flow)
            while True:
                self.sent.append(request)
                await self.pause(request)
                said = _whole(self.script(request))
                request = flow.throw(said) if isinstance(said, WireFailure) else flow.send(said)
        except StopIteration as stop:
            learned: T = stop.value
            return learned
        finally:
            self._under_way -= 1
            flow.close()

    async def stream(
        self, talk: Stream[T], on_text: Callable[[str], None], timeout: int, silence: int
    ) -> T:
        assert self._open
        coming: Iterator[bytes | WireFailure] = iter(())
        said: Head | bytes | WireFailure | None
        try:
            step = next(talk)
            while True:
                if isinstance(step, Request):
                    self.sent.append(step)
                    await self.pause(step)
                    said, coming = _begun(self.script(step))
                elif step is None:
                    await asyncio.sleep(0)
                    said = next(coming, b"")
                else:
                    if step:
                        on_text(step)
                    said = None
                step = talk.throw(said) if isinstance(said, WireFailure) else talk.send(said)
        except StopIteration as stop:
            learned: T = stop.value
            return learned
        finally:
            talk.close()

    async def pause(self, request: Request) -> None:
        """Lets everything else that is ready go first."""
        for _ in range(5):
            await asyncio.sleep(0)


def _begun(said: Answer) -> tuple[Head | WireFailure, Iterator[bytes | WireFailure]]:
    if isinstance(said, WireFailure):
        return said, iter(())
    told = said.told if isinstance(said, Pieces) else (said.body,)
    return Head(said.status, said.headers), iter(told)


def _whole(said: Answer) -> Response | WireFailure:
    """What comes of it for who waits for all of it."""
    if not isinstance(said, Pieces):
        return said
    body = b""
    for piece in said.told:
        if isinstance(piece, WireFailure):
            return piece
        body += piece
    return Response(said.status, said.headers, body)


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

    def begin(self, intents: Sequence[ProbeRecord]) -> tuple[int, ...]:
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

    def problem(self, vault_id: str, slots: Sequence[KeySlot]) -> str | None:
        return self.why

    def fingerprint(self, vault_id: str | None) -> Fingerprint:
        return lambda text: f"{vault_id}:{len(text)}" if vault_id else None


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


def caller(
    store: MemoryStore,
    wire: Wire,
    environ: Mapping[str, str] | None = None,
    clock: Clock = lambda: NOW,
    registry: ProviderRegistry | None = None,
) -> Caller:
    """A caller over `store` and `wire` that knows the built-in providers."""
    seen = environ or {}
    return Caller(
        opener=Opener(store, store, seen, at_once),
        identifier=Identifier(store, LostKey(), seen, clock),
        registry=registry or EntryPointRegistry(),
        journal=store,
        wire=wire,
        clock=clock,
        host="here",
        aside=at_once,
    )
