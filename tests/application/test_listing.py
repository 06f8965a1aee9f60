"""Lists of models asked of servers of this machine over HTTP: at once, and each on its own."""

import asyncio
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from adapters.catalogue.cache import ListCache
from adapters.http.listening import LoopbackListens
from adapters.http.wire import HttpxWire
from adapters.memory import MemoryStore
from adapters.providers.lists.asking import ModelLists
from adapters.providers.table import BY_ID
from adapters.registry import EntryPointRegistry
from application.catalogue.keeping import ListKeeper
from application.catalogue.listing import Lister, Listing, listable
from application.opening import Opener
from application.ports.people import at_once
from domain.credentials.environment import environment_credentials
from domain.errors import NotFound, RecordDamaged, Refused, StoreFull, WireFailure
from domain.instants import DAY
from domain.providers.row import Provider
from domain.routing.state import State
from domain.selection.catalogue import CatalogueRow
from tests.adapters import servers
from tests.application.fakes import PartlyDamaged, refresher, stored
from tests.cli.servers import BAD, GOOD, ScriptedServer, scripted_server
from tests.domain.values import NOW


def openrouter(count: int) -> dict[str, Any]:
    """A list of so many models as OpenRouter has them."""
    return {
        "data": [
            {
                "id": f"maker/model-{number}",
                "name": f"Maker: Model {number}",
                "created": 1_750_000_000 + number,
                "context_length": 131072,
                "architecture": {"input_modalities": ["text"], "output_modalities": ["text"]},
                "pricing": {"prompt": "0.0000006", "completion": "0.0000022", "request": "0"},
                "top_provider": {"max_completion_tokens": 8192, "is_moderated": False},
                "supported_parameters": ["max_tokens", "temperature", "tools"],
            }
            for number in range(count)
        ]
    }


class FullCache(ListCache):
    def keep(self, provider: str, rows: object, at: int, *, is_whole: bool = True) -> None:
        raise StoreFull("no space left")


@dataclass
class Bench:
    """Providers at servers of this machine, and a cache."""

    folder: Path
    stack: ExitStack
    environ: dict[str, str] = field(default_factory=dict)
    providers: dict[str, Provider] = field(default_factory=dict)
    store: MemoryStore = field(default_factory=MemoryStore)
    timeout: int = 5000
    now: int = NOW
    cache: ListCache = field(init=False)

    def __post_init__(self) -> None:
        self.cache = ListCache(self.folder)

    def serve(self, id: str, pages: dict[str, object], key: str = GOOD) -> ScriptedServer:
        """The provider `id` at a server of its own, with `key` in its variable, if any."""
        server = self.stack.enter_context(scripted_server(ScriptedServer(pages=pages)))
        row = BY_ID[id]
        path = row.base_url.partition("://")[2].partition("/")[2]
        row = row._replace(base_url=f"http://127.0.0.1:{server.port}/{path}".rstrip("/"))
        self.providers[id] = row._replace(check_url=None)
        if key:
            self.environ[row.env_names[0]] = key
        return server

    def listed(self, provider: str | None = None, **given: Any) -> dict[str, Listing]:
        told = self.store.read()
        credentials = environment_credentials(self.providers.values(), self.environ, lambda _: None)
        state = State(told.selection, self.providers, told.profiles, credentials)
        wire = HttpxWire()
        opener = Opener(
            self.store,
            self.store,
            refresher(self.store, wire, lambda: self.now, EntryPointRegistry()),
            self.environ,
            at_once,
        )
        lister = Lister(
            opener,
            wire,
            ListKeeper(ModelLists(), self.cache),
            LoopbackListens(),
            lambda: self.now,
            self.timeout,
        )
        named = provider is not None
        attempts = listable(state, self.now, provider)
        found = asyncio.run(lister.run(attempts, named=named, **given))
        return {listing.provider: listing for listing in found}


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with ExitStack() as stack:
        yield Bench(tmp_path / "lists", stack)


def models(rows: object) -> list[str]:
    return [row.model for row in rows]  # type: ignore[attr-defined]


def test_every_provider_is_asked_and_one_failure_is_its_own(bench: Bench) -> None:
    bench.serve("openrouter", {"/api/v1/models": openrouter(3)})
    pages = {
        "/v1/models?limit=1000": {"data": [{"id": "a"}], "has_more": True, "last_id": "a"},
        "/v1/models?limit=1000&after_id=a": {"data": [{"id": "b"}]},
    }
    bench.serve("anthropic", pages)
    bench.serve("groq", {}, key=BAD)
    bench.serve("together", {"/v1/models": [{"id": "bare"}]})
    heard: list[str] = []
    found = bench.listed(on_result=lambda listing: heard.append(listing.provider))
    assert {id: models(listing.rows) for id, listing in found.items()} == {
        "openrouter": ["maker/model-0", "maker/model-1", "maker/model-2"],
        "anthropic": ["a", "b"],
        "groq": [],
        "together": ["bare"],
    }
    assert sorted(heard) == sorted(found)
    failures = {id: str(listing.failure) for id, listing in found.items() if listing.failure}
    assert failures == {"groq": "auth (HTTP 401)"}
    assert {(row.source, row.as_of) for row in found["anthropic"].rows} == {("live", "2027-01-15")}
    assert bench.cache.heads() == {
        "anthropic": (NOW, 2, True),
        "openrouter": (NOW, 3, True),
        "together": (NOW, 1, True),
    }
    assert list(bench.cache.rows("openrouter")) == list(found["openrouter"].rows)
    assert found["openrouter"].rows[0].cost_input == 0.6


def test_one_provider_alone(bench: Bench) -> None:
    bench.serve("openrouter", {"/api/v1/models": openrouter(1)})
    other = bench.serve("groq", {})
    assert list(bench.listed("openrouter")) == ["openrouter"]
    assert other.seen == []
    assert bench.listed("nobody") == {}


def test_who_is_slow_costs_its_time_and_no_more(bench: Bench) -> None:
    bench.timeout = 500
    bench.serve("openrouter", {}, key="sk-scripted-hang-1")
    bench.serve("groq", {}, key="sk-scripted-hang-2")
    bench.serve("together", {"/v1/models": []})
    begun = time.monotonic()
    found = bench.listed()
    assert time.monotonic() - begun < 2
    assert isinstance(found["groq"].failure, WireFailure)
    assert (found["together"].rows, found["together"].failure) == ([], None)


def test_a_list_that_broke_off_takes_nothing_from_what_is_kept(bench: Bench) -> None:
    first = {"data": [{"id": "new"}], "has_more": True, "last_id": "new"}
    bench.serve(
        "anthropic", {"/v1/models?limit=1000": first, "/v1/models?limit=1000&after_id=new": 7}
    )
    old = CatalogueRow("anthropic", "old", source="live", as_of="2026-11-01")
    bench.cache.keep("anthropic", [old], NOW - 20 * DAY)
    listing = bench.listed()["anthropic"]
    assert models(listing.rows) == ["new"]
    assert listing.failure is not None
    kept = list(bench.cache.rows("anthropic"))
    assert [(row.model, row.as_of) for row in kept] == [("new", "2027-01-15"), ("old", old.as_of)]
    # What it was told then is whole as before.
    assert bench.cache.complete_at("anthropic") == NOW - 20 * DAY


def test_what_is_gone_from_a_whole_list_is_gone(bench: Bench) -> None:
    bench.serve("openai", {"/v1/models": {"data": [{"id": "new"}]}})
    bench.cache.keep("openai", [CatalogueRow("openai", "old")], NOW - DAY)
    bench.listed()
    assert models(bench.cache.rows("openai")) == ["new"]


def test_nothing_is_kept_of_a_failure(bench: Bench) -> None:
    bench.serve("groq", {}, key=BAD)
    old = CatalogueRow("groq", "old")
    bench.cache.keep("groq", [old], NOW - DAY)
    bench.listed()
    assert list(bench.cache.rows("groq")) == [old]
    assert bench.cache.complete_at("groq") == NOW - DAY


def test_a_full_disk_costs_the_memory_of_it_alone(bench: Bench) -> None:
    bench.serve("openai", {"/v1/models": {"data": [{"id": "m"}]}})
    bench.cache = FullCache(bench.folder)
    listing = bench.listed()["openai"]
    assert models(listing.rows) == ["m"]
    assert isinstance(listing.failure, StoreFull)


def test_servers_of_this_machine_are_found_and_others_not_waited_for(bench: Bench) -> None:
    tags = {"models": [{"name": "llama3:8b", "model": "llama3:8b"}]}
    bench.serve("ollama", {"/api/tags": tags}, key="")
    bench.serve("llama-cpp", {"/v1/models": {"data": [{"id": "gguf"}]}}, key="")
    # Somebody else listens there.
    bench.serve("vllm", {"/v1/models": {"hello": "world"}}, key="")
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{closed.getsockname()[1]}/v1"
        bench.providers["lmstudio"] = BY_ID["lmstudio"]._replace(base_url=nobody)
        begun = time.monotonic()
        found = bench.listed()
        assert time.monotonic() - begun < 2
        told = bench.listed("lmstudio")["lmstudio"]
    assert {id: models(listing.rows) for id, listing in found.items()} == {
        "ollama": ["llama3:8b"],
        "llama-cpp": ["gguf"],
    }
    assert isinstance(told.failure, WireFailure)
    assert told.failure.reason == "refused"


def test_a_refused_credential_is_followed_by_the_next(bench: Bench) -> None:
    server = bench.serve("openai", {"/v1/models": {"data": [{"id": "m"}]}})
    stored(bench.store, "openai:bad", bench.providers["openai"], BAD)
    listing = bench.listed()["openai"]
    assert models(listing.rows) == ["m"]
    assert listing.attempt.source == "env"
    assert [key for _, _, key in server.seen] == [BAD, GOOD]


def test_a_credential_that_does_not_open_is_followed_by_the_next(bench: Bench) -> None:
    bench.store = PartlyDamaged(damaged=("openai:lost",))
    bench.serve("openai", {"/v1/models": {"data": [{"id": "m"}]}})
    stored(bench.store, "openai:lost", bench.providers["openai"], "sk-not-to-be-opened")
    listing = bench.listed()["openai"]
    assert (models(listing.rows), listing.attempt.source) == (["m"], "env")
    del bench.environ["OPENAI_API_KEY"]
    assert isinstance(bench.listed()["openai"].failure, RecordDamaged)


def test_nothing_is_sent_for_what_a_person_left_out(bench: Bench) -> None:
    server = bench.serve("openai", {}, key="")
    stored(bench.store, "openai:other", bench.providers["openai"], GOOD)
    bench.store.update(lambda s: s._replace(auth_order={"openai": ("openai:gone",)}), NOW)
    listing = bench.listed()["openai"]
    assert server.seen == []
    assert isinstance(listing.failure, NotFound)
    assert "not_in_order" in str(listing.failure)
    assert isinstance(listing.failure, Refused)


def test_a_large_list_comes_whole(bench: Bench) -> None:
    bench.serve("openrouter", {"/api/v1/models": openrouter(5000)})
    listing = bench.listed()["openrouter"]
    assert (len(listing.rows), listing.failure) == (5000, None)
    assert list(bench.cache.rows()) == list(listing.rows)


def test_a_list_without_an_end_is_given_up(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.providers.lists.asking.MOST_BYTES", 1024 * 1024)
    bench.serve("openrouter", {"/api/v1/models": openrouter(5000)})
    listing = bench.listed()["openrouter"]
    assert isinstance(listing.failure, WireFailure)
    assert listing.failure.reason == "too_large"


CUT = b'{"data": [{"id": "a"}, {"i'
CHUNKED = servers.OK_HEADERS + b"transfer-encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (servers.raw(servers.OK_HEADERS + b"content-length: 999\r\n\r\n" + CUT), "reset"),
        (servers.raw(CHUNKED + b"1a\r\n" + CUT), "reset"),
        (servers.reset, "reset"),
        (servers.hang(servers.OK_HEADERS + b"content-length: 999\r\n\r\n" + CUT), "timeout"),
        (servers.drip(servers.OK_HEADERS + b"\r\n", b" "), "timeout"),
        (
            servers.answer(servers.gzip_bomb(80 * 2**20), headers="content-encoding: gzip\r\n"),
            "too_large",
        ),
        # Of a refusal nobody wants 64 MiB.
        (servers.answer(b" " * 2**20, 500), "too_large"),
    ],
)
def test_a_fault_in_the_middle_is_a_reason(
    bench: Bench, behaviour: servers.Behaviour, reason: str
) -> None:
    bench.timeout = 700 if reason == "timeout" else 20_000
    bench.serve("together", {"/v1/models": [{"id": "fine"}]})
    server = bench.stack.enter_context(servers.Server(behaviour))
    bench.providers["openai"] = BY_ID["openai"]._replace(base_url=f"{server.url}/v1")
    bench.environ["OPENAI_API_KEY"] = GOOD
    found = bench.listed()
    failure = found["openai"].failure
    assert isinstance(failure, WireFailure)
    assert failure.reason == reason
    assert models(found["together"].rows) == ["fine"]
    assert list(bench.cache.heads()) == ["together"]


def test_no_redirect_is_followed(bench: Bench) -> None:
    other = bench.serve("groq", {})
    server = bench.stack.enter_context(servers.Server(servers.redirect(302, f"{other.url}/models")))
    bench.providers["openai"] = BY_ID["openai"]._replace(base_url=f"{server.url}/v1")
    bench.environ["OPENAI_API_KEY"] = GOOD
    assert "HTTP 302" in str(bench.listed("openai")["openai"].failure)
    assert other.seen == []


@pytest.mark.parametrize("url", ["https://192.0.2.1/v1", "http://127.0.0.1:1", "http://[::1]:1/v1"])
def test_nobody_listens(url: str) -> None:
    assert asyncio.run(LoopbackListens()(url)) is False
