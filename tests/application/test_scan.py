"""A scan over a store in memory, a network that follows a script, and time that only it passes."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from adapters.catalogue.cache import ListCache
from adapters.catalogue.known import KnownModels
from adapters.http.listening import LoopbackListens
from adapters.machine.recorder import ThreadRecorder
from adapters.memory import MemoryStore
from adapters.providers.lists.asking import ModelLists
from adapters.providers.scan.endpoints import EndpointPages
from adapters.providers.table import BY_ID
from adapters.registry import EntryPointRegistry
from application.catalogue.keeping import ListKeeper
from application.catalogue.listing import Lister
from application.ports.network import Request, Response
from application.scan.finding import Finder, Found
from application.scan.proving import Scan, Scanner
from application.survey import Survey
from domain.answers.outcome import Outcome
from domain.errors import Refused, StoreFull, WireFailure
from domain.instants import DAY, MINUTE
from domain.journal.records import HistoryQuery, ProbeRecord
from domain.providers.refs import ModelRef
from domain.scan.picks import picks
from domain.scan.wish import Wish
from tests.application.fakes import (
    Answer,
    FullFromTheStart,
    LostKey,
    ScriptedWire,
    answer,
    caller,
    stored,
)
from tests.cli.routers import SEES, catalogue, entry
from tests.domain.values import NOW

ROUTER = BY_ID["openrouter"]
KEY = "sk-or-v1-scripted-0001"
CALLED = {"choices": [{"message": {"tool_calls": [{"function": {"name": "ping"}}]}}]}
SPOKE = {"choices": [{"message": {"content": "ping()"}}]}
PER_MINUTE = {"error": {"code": 429, "message": "Rate limit exceeded: free-models-per-min."}}
NO_FORCE = {"error": {"code": 404, "message": "No endpoints found that support tool_choice"}}


@dataclass
class Bench:
    """OpenRouter as `models` make it, and what is `said` to a question, if that is not usual."""

    folder: Path
    models: list[dict[str, Any]] = field(default_factory=list)
    said: Any = None
    store: MemoryStore = field(default_factory=MemoryStore)
    now: int = 0
    sent: list[tuple[int, str]] = field(default_factory=list)
    looked: int = 0
    waited: list[str] = field(default_factory=list)
    has_key: bool = True
    list_answer: Answer | None = None
    served: Any = None

    def __post_init__(self) -> None:
        if self.has_key:
            stored(self.store, "openrouter:default", ROUTER, KEY)
        self.wire = ScriptedWire(self.script)

    def script(self, request: Request) -> Answer:
        if request.method == "GET" and request.url.endswith("/endpoints"):
            self.looked += 1
            return answer(200, {"data": {"endpoints": [self.served or {"uptime_last_1d": 99.9}]}})
        if request.method == "GET":
            return self.list_answer or answer(200, {"data": self.models})
        import json

        body = json.loads(request.body)
        self.sent.append((self.now, body["model"]))
        told = self.said(body, self.sent) if self.said else None
        return told or answer(200, SPOKE if "liar" in body["model"] else CALLED)

    async def sleep(self, seconds: float) -> None:
        self.now += round(seconds * 1000)
        await asyncio.sleep(0)

    def found(self, **wish: Any) -> Found:
        made = self.caller
        cache = ListCache(self.folder)
        keeper = ListKeeper(ModelLists(), cache)
        lister = Lister(made.opener, self.wire, keeper, LoopbackListens(), made.clock)
        known = KnownModels(self.folder / "no", self.folder, None)
        finder = Finder(
            made.opener, self.wire, lister, EndpointPages(), known, self.store, {}, made.clock
        )
        state = Survey(self.store, EntryPointRegistry(), LostKey(), {})()
        picked = wish.pop("picked", ())
        return asyncio.run(finder(state, Wish(**wish), picked))

    @property
    def caller(self) -> Any:
        return caller(self.store, self.wire, {}, lambda: NOW + self.now)

    def scanned(self, **wish: Any) -> tuple[Found, Scan]:
        found = self.found(**wish)
        scanner = Scanner(
            self.caller, lambda: ThreadRecorder(self.store), lambda: self.now, self.sleep
        )
        return found, asyncio.run(scanner(found, waits=self.waited.append))

    @property
    def records(self) -> list[ProbeRecord]:
        return list(reversed(self.store.search(HistoryQuery(limit=1000)).records))


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def words(scan: Scan) -> list[str]:
    return [proved.tool.word for proved in scan.proved]


def test_picks_really_call_a_tool_and_no_more_is_sent_than_was_said(bench: Bench) -> None:
    bench.models = catalogue(300)
    found, scan = bench.scanned(candidates=50)
    picked = picks(scan.proved)
    assert len(found.ranked) == 120
    assert len(picked.text) >= 20
    assert not [ref for ref in picked.text if "liar" in ref.model]
    assert scan.sent == len(bench.sent) == 50 <= found.most == 100
    moments = [at for at, _ in bench.sent]
    assert all(b - a >= MINUTE for a, b in zip(moments, moments[20:], strict=False))
    assert bench.now < 10 * MINUTE


def test_every_request_is_a_record_of_the_scan(bench: Bench) -> None:
    bench.models = catalogue(10, free=6)
    _, scan = bench.scanned()
    assert {(r.run_id, r.kind, r.outcome) for r in bench.records} == {(scan.id, "scan", "ok")}
    assert Counter(r.code for r in bench.records) == {None: 3, "no_tool_call": 3}


def test_only_the_best_few_are_looked_at(bench: Bench) -> None:
    bench.models = catalogue(300)
    found = bench.found(candidates=4)
    assert (bench.looked, found.pages, bench.sent) == (8, 8, [])


def test_who_takes_no_tools_there_is_no_candidate(bench: Bench) -> None:
    bench.models = catalogue(4, free=4)
    bench.served = {"supported_parameters": ["max_tokens"]}
    found = bench.found()
    assert (found.ranked, found.unserved) == ([], 4)


def test_forcing_that_answers_404_is_tried_once_more_without(bench: Bench) -> None:
    bench.models = [entry("a/m:free"), entry("a/never:free")]

    def said(body: dict[str, Any], _: object) -> Answer | None:
        forced = body["tool_choice"] == "required"
        return answer(404, NO_FORCE) if forced or "never" in body["model"] else None

    bench.said = said
    found, scan = bench.scanned()
    assert dict(zip([p.candidate.row.model for p in scan.proved], words(scan), strict=True)) == {
        "a/m:free": "ok",
        "a/never:free": "format",
    }
    assert (scan.sent, found.most) == (4, 4)


def test_an_image_is_shown_to_who_is_said_to_see(bench: Bench) -> None:
    bench.models = [entry("a/sees:free", architecture=SEES), entry("a/reads:free")]
    found, scan = bench.scanned()
    image = {p.candidate.row.model: p.image.word for p in scan.proved}
    assert image == {"a/sees:free": "ok", "a/reads:free": "skipped"}
    assert (scan.sent, found.images, found.most) == (3, 1, 6)
    assert [ref.model for ref in picks(scan.proved).image] == ["a/sees:free"]


def test_a_limit_is_waited_for_and_is_no_failure(bench: Bench) -> None:
    bench.models = catalogue(6, free=6)

    def said(_: object, sent: list[Any]) -> Answer | None:
        return answer(429, PER_MINUTE, retry_after="7") if len(sent) == 3 else None

    bench.said = said
    _, scan = bench.scanned(concurrency=1)
    assert sorted(words(scan)) == ["no_tool_call"] * 3 + ["ok"] * 3
    assert bench.now == 7000
    assert bench.waited == ["openrouter limits the rate: waiting 7s"]
    assert (scan.sent, scan.stopped) == (7, None)


@pytest.mark.parametrize(
    ("headers", "sent"), [({"retry_after": "7"}, 2), ({"retry_after": "3600"}, 1), ({}, 2)]
)
def test_limited_from_the_first_request_it_soon_stops(
    bench: Bench, headers: dict[str, str], sent: int
) -> None:
    bench.models = catalogue(20, free=20)
    bench.said = lambda *_: answer(429, PER_MINUTE, **headers)
    _, scan = bench.scanned(concurrency=1)
    assert scan.stopped is not None
    assert str(scan.stopped) == "rate_limit"
    assert (scan.sent, set(words(scan))) == (sent, {"rate_limit", "skipped"})


def test_a_key_that_is_refused_costs_one_request(bench: Bench) -> None:
    bench.models = catalogue(20, free=20)
    bench.said = lambda *_: answer(401, {"error": {"code": 401, "message": "User not found."}})
    _, scan = bench.scanned()
    assert (scan.sent, words(scan)[0], set(words(scan)[1:])) == (1, "auth", {"skipped"})


def test_a_fault_in_the_middle_costs_one_model_and_not_the_credential(bench: Bench) -> None:
    bench.models = catalogue(6, free=6)

    def said(body: dict[str, Any], _: object) -> Answer | None:
        if "true-4" in body["model"]:
            return WireFailure("timeout", "no whole answer in time")
        return answer(502, {"error": {"message": "bad"}}) if "true-2" in body["model"] else None

    bench.said = said
    _, scan = bench.scanned()
    assert Counter(words(scan)) == {"ok": 1, "no_tool_call": 3, "timeout": 1, "provider_error": 1}
    failed = [r for r in bench.records if r.outcome in (Outcome.TIMEOUT, Outcome.PROVIDER_ERROR)]
    assert [r.scope for r in failed] == ["model", "model"]


def test_cut_off_in_the_middle_it_stops_and_keeps_what_it_knows(bench: Bench) -> None:
    bench.models = catalogue(20, free=20)
    bench.said = lambda _, sent: WireFailure("reset", "cut") if len(sent) > 3 else None
    _, scan = bench.scanned(concurrency=1)
    # One connection may break because of its model.
    assert words(scan).count("network") == 2
    assert {r.scope for r in bench.records if r.outcome is Outcome.NETWORK} == {"model"}
    assert (scan.sent, str(scan.stopped)) == (5, "network of this model (reset)")
    assert words(scan)[:3].count("ok") + words(scan)[:3].count("no_tool_call") == 3


def test_what_answered_on_more_days_comes_first(bench: Bench) -> None:
    bench.models = [entry("a/big-90b:free"), entry("a/steady-7b:free"), entry("a/bad-95b:free")]
    bench.said = lambda body, _: (
        answer(503, {"error": {"message": "x"}}) if "bad" in body["model"] else None
    )
    bench.scanned()
    bench.now += 2 * DAY
    bench.said = None
    found = bench.found(picked=[])
    assert [c.row.model for c in found.ranked] == [
        "a/big-90b:free",
        "a/steady-7b:free",
        "a/bad-95b:free",
    ]
    assert (found.ranked[0].days.good, found.ranked[2].days.bad) == (1, 1)
    found = bench.found(picked=[ModelRef("openrouter", "a/bad-95b:free")])
    assert found.ranked[0].row.model == "a/bad-95b:free"


def test_without_a_key_the_public_list_is_read(tmp_path: Path) -> None:
    bench = Bench(tmp_path, catalogue(10, free=6), has_key=False)
    found = bench.found()
    assert (len(found.ranked), found.has_credential, found.failure) == (6, False, None)
    assert not any("authorization" in request.headers for request in bench.wire.sent)


@pytest.mark.parametrize(
    "said",
    [
        WireFailure("dns", "the name cannot be resolved"),
        answer(429, PER_MINUTE),
        answer(200, "<html>"),
    ],
    ids=["offline", "limited", "html"],
)
def test_what_was_listed_before_is_used_with_its_day(bench: Bench, said: Answer) -> None:
    bench.models = catalogue(10, free=6)
    bench.found()
    bench.list_answer, bench.looked = said, 0
    bench.now += 3 * DAY
    found = bench.found()
    assert len(found.ranked) == 6
    assert found.as_of == "2027-01-15"
    assert (found.failure is not None, found.sifted.left_out) == (True, {"not free": 4})
    assert (bench.looked, found.is_offline) == (0, isinstance(said, WireFailure))


def test_an_empty_list_is_an_empty_list(bench: Bench) -> None:
    found = bench.found()
    assert (found.ranked, found.failure, found.as_of) == ([], None, "")


def test_nothing_is_sent_that_cannot_be_written_down(tmp_path: Path) -> None:
    bench = Bench(tmp_path, catalogue(6, free=6), store=FullFromTheStart())
    with pytest.raises(StoreFull):
        bench.scanned()
    assert bench.sent == []


def test_who_knows_no_way_to_show_it_is_refused(bench: Bench) -> None:
    bench.models = catalogue(2, free=2)
    found = bench.found()
    codex = found.attempt._replace(row=BY_ID["openai-codex"])
    scanner = Scanner(bench.caller, lambda: ThreadRecorder(bench.store))
    with pytest.raises(Refused, match="openai-codex"):
        asyncio.run(scanner(found._replace(attempt=codex)))


def test_a_limit_of_an_image_is_waited_for_too(bench: Bench) -> None:
    bench.models = [entry("a/sees:free", architecture=SEES)]
    limited = Response(429, {"retry-after": "9"}, b'{"error": {"code": 429, "message": "slow"}}')
    bench.said = lambda _, sent: limited if len(sent) == 2 else None
    _, scan = bench.scanned()
    assert [proved.image.word for proved in scan.proved] == ["ok"]
    assert bench.sent[2][0] - bench.sent[1][0] >= 9000


def test_a_second_scan_goes_on_within_the_rate_of_the_first(bench: Bench) -> None:
    bench.models = catalogue(60, free=40)
    bench.scanned(candidates=15)
    bench.scanned(candidates=15)
    moments = [at for at, _ in bench.sent]
    assert len(moments) == 30
    assert all(b - a >= MINUTE for a, b in zip(moments, moments[20:], strict=False))
