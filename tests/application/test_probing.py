"""The live probe over a store in memory and a network that follows a script."""

import asyncio
import base64
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from adapters.machine.recorder import ThreadRecorder
from adapters.memory import MemoryStore
from adapters.providers.table import BY_ID
from adapters.registry import EntryPointRegistry
from application.calling import Result
from application.ports.network import Request
from application.ports.providers import Access
from application.probing import Prober, ProbeRun
from application.recording import scrubbed
from application.survey import Survey
from domain.answers.outcome import Outcome
from domain.answers.verdict import ProbeVerdict
from domain.credentials.environment import EnvironmentCredential
from domain.credentials.secret import Secret
from domain.errors import StoreFull, WireFailure
from domain.journal.records import HistoryQuery, ProbeRecord
from domain.providers.refs import ModelRef
from domain.routing.attempt import Attempt, unknown_provider_of
from domain.routing.limits import ProbeLimits
from domain.routing.precedence import credentials
from domain.routing.probes import ProbeChoice, probes
from domain.selection.selection import Selection
from tests.application.fakes import (
    COMPLETION,
    WRONG_KEY,
    Answer,
    FaultyJournal,
    FullFromTheStart,
    FullLater,
    HangingWire,
    LostKey,
    PartlyDamaged,
    ScriptedWire,
    WatchedJournal,
    answer,
    caller,
    fine,
    key_in,
    stored,
)
from tests.domain.values import GATEWAY, LOCAL, NOW

OPENAI = BY_ID["openai"]
USUAL = ProbeLimits()
KEY = "sk-proj-Qm9vdFN0cmFw/x1+y2=zz"


@dataclass
class Ticking:
    """A clock that goes on by a second whenever it is read."""

    at: int = NOW

    def __call__(self) -> int:
        self.at += 1000
        return self.at


@dataclass
class Bench:
    """A prober, what it works with, and what it is asked to try: everything there is."""

    store: MemoryStore = field(default_factory=MemoryStore)
    wire: ScriptedWire = field(default_factory=ScriptedWire)
    environ: dict[str, str] = field(default_factory=dict)

    @property
    def prober(self) -> Prober:
        made = caller(self.store, self.wire, self.environ, Ticking())
        return Prober(made, lambda: ThreadRecorder(self.store))

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        state = Survey(self.store, EntryPointRegistry(), LostKey(), self.environ)()
        return probes(state, ProbeChoice(), NOW)

    def run(self, limits: ProbeLimits = USUAL, **given: Any) -> ProbeRun:
        return asyncio.run(self.prober.run(self.attempts, limits, **given))

    @property
    def records(self) -> list[ProbeRecord]:
        """Oldest first."""
        return list(reversed(self.store.search(HistoryQuery(limit=1000)).records))


def bench(*keys: str, **given: Any) -> Bench:
    """With one profile of openai for each key: openai:0, openai:1, …"""
    made = Bench(**given)
    for at, key in enumerate(keys):
        stored(made.store, f"openai:{at}", OPENAI, key)
    return made


def outcomes(run: ProbeRun) -> list[str]:
    return [result.verdict.outcome.value for result in run.results]


def test_every_target_is_asked_once_with_its_own_credential() -> None:
    made = bench("key-number-0", "key-number-1", environ={"GROQ_API_KEY": "key-of-groq"})
    run = made.run()
    assert outcomes(run) == ["ok"] * 3
    assert sorted(made.wire.keys) == ["key-number-0", "key-number-1", "key-of-groq"]
    assert {request.url for request in made.wire.sent} == {
        "https://api.openai.com/v1/chat/completions",
        "https://api.groq.com/openai/v1/chat/completions",
    }


@pytest.mark.parametrize(
    "script",
    [
        lambda _: answer(429, {"error": {"message": "slow down"}}, retry_after="1"),
        lambda _: answer(503, {}),
        lambda _: WireFailure("reset", "the connection broke"),
        lambda _: answer(307, {}, location="https://elsewhere.example"),
    ],
)
def test_nothing_is_retried(script: Any) -> None:
    made = bench("key-number-0", wire=ScriptedWire(script))
    made.run()
    assert len(made.wire.sent) == 1


def test_results_come_in_the_order_of_the_targets_and_are_told_as_they_finish() -> None:
    told: list[Result] = []
    made = bench(*(f"key-number-{n}" for n in range(9)))
    run = made.run(on_result=told.append)
    assert [result.attempt for result in run.results] == list(made.attempts)
    assert sorted(map(id, told)) == sorted(map(id, run.results))


@pytest.mark.parametrize("concurrency", [1, 3, 64])
def test_no_more_than_the_limit_is_under_way(concurrency: int) -> None:
    made = bench(*(f"key-number-{n}" for n in range(12)))
    made.run(ProbeLimits(concurrency=concurrency))
    assert made.wire.most_at_once == min(concurrency, 12)


def test_with_nothing_to_try_nothing_is_written_or_sent() -> None:
    made = Bench()
    assert made.run().results == ()
    assert (made.records, made.wire.sent) == ([], [])


class TestTheJournal:
    def test_every_intent_is_there_before_anything_is_sent(self) -> None:
        seen: list[list[Outcome | None]] = []
        made = bench("key-number-0", "key-number-1", "key-number-2")

        def looking(request: Request) -> Answer:
            seen.append([record.outcome for record in made.records])
            return fine(request)

        made.wire.script = looking
        made.run(ProbeLimits(concurrency=1))
        assert seen[0] == [None, None, None]
        assert [record.outcome for record in made.records] == [Outcome.OK] * 3

    def test_a_journal_that_takes_no_intent_keeps_everything_from_being_sent(self) -> None:
        made = bench("key-number-0", store=FullFromTheStart())
        with pytest.raises(StoreFull):
            made.run()
        assert made.wire.sent == []

    def test_a_journal_that_takes_no_result_loses_none_to_the_caller(self) -> None:
        made = bench("key-number-0", "key-number-1", store=FullLater())
        run = made.run()
        assert outcomes(run) == ["ok", "ok"]
        assert isinstance(run.unrecorded, StoreFull)
        assert [record.shown_outcome for record in made.records] == [Outcome.INTERRUPTED] * 2

    def test_a_bug_in_the_journal_is_not_swallowed(self) -> None:
        with pytest.raises(LookupError):
            bench("key-number-0", store=FaultyJournal()).run()

    def test_results_are_written_off_the_event_loop_by_one_thread(self) -> None:
        store = WatchedJournal()
        bench(*(f"key-number-{n}" for n in range(5)), store=store).run()
        assert len(store.threads) == 1
        assert threading.get_ident() not in store.threads

    def test_a_record_says_what_was_tried_and_what_came(self) -> None:
        made = bench(KEY, wire=ScriptedWire(lambda _: WRONG_KEY))
        run = made.run()
        (record,) = made.records
        (target,) = made.attempts
        assert (record.run_id, record.kind, record.host) == (run.id, "probe", "here")
        assert (record.provider, record.model, record.mode) == (
            "openai",
            "gpt-5.4-nano",
            "inference",
        )
        assert (record.credential_id, record.source) == ("openai:0", "profile")
        assert (record.revision, record.fingerprint) == (target.revision, target.fingerprint)
        assert (record.outcome, record.credential) == ("auth", "refused")
        assert (record.http_status, record.code) == (401, "invalid_api_key")
        assert record.finished_at is not None
        assert run.started_at < record.started_at < record.finished_at < run.finished_at
        assert record.latency_ms is not None

    def test_a_refusal_makes_the_credential_unusable_from_then_on(self) -> None:
        made = bench(KEY, wire=ScriptedWire(lambda _: WRONG_KEY))
        made.run()
        state = Survey(made.store, EntryPointRegistry(), LostKey(), {})()
        (candidate,) = credentials(state, NOW).of("openai")
        assert (candidate.credential.id, candidate.skip) == ("openai:0", "refused")


class TestCancelled:
    def cut(self, made: Bench, limits: ProbeLimits = USUAL) -> ProbeRun:
        async def cutting() -> ProbeRun:
            running = asyncio.create_task(made.prober.run(made.attempts, limits))
            await made.wire.stuck.wait()
            running.cancel()
            return await running

        return asyncio.run(cutting())

    def test_what_finished_is_kept_and_the_rest_is_recorded_as_cancelled(self) -> None:
        made = bench("key-number-0", "hang-number-1", "key-number-2", wire=HangingWire())
        run = self.cut(made, ProbeLimits(concurrency=1))
        assert run.cancelled
        assert outcomes(run) == ["ok", "cancelled", "cancelled"]
        assert [record.outcome for record in made.records] == ["ok", "cancelled", "cancelled"]
        assert all(record.finished_at for record in made.records)

    def test_a_cancelled_probe_says_nothing_of_the_credential(self) -> None:
        made = bench("hang-number-0", wire=HangingWire())
        run = self.cut(made)
        assert run.results[0].verdict.credential == "unknown"
        assert made.store.read().heads == ()


class TestUnreadable:
    def test_one_secret_that_does_not_open_does_not_stop_the_others(self) -> None:
        made = bench("key-number-0", "key-number-1", store=PartlyDamaged(damaged=("openai:0",)))
        run = made.run()
        assert outcomes(run) == ["unreadable", "ok"]
        assert (run.results[0].verdict.code, run.results[0].latency) == ("record_damaged", None)
        assert made.wire.keys == ["key-number-1"]

    def test_a_profile_removed_meanwhile_is_unreadable(self) -> None:
        made = bench("key-number-0", "key-number-1")
        chosen = made.attempts
        made.store.remove("openai:0", NOW)
        run = asyncio.run(made.prober.run(chosen, ProbeLimits()))
        assert outcomes(run) == ["unreadable", "ok"]

    def test_nothing_goes_to_an_endpoint_that_moved(self) -> None:
        made = bench("key-number-0")
        stored(made.store, "openai:moved", OPENAI, "key-that-stays", base_url="https://old/v1")
        run = made.run()
        assert outcomes(run) == ["ok", "unreadable"]
        assert run.results[1].verdict.code == "endpoint_moved"
        assert made.wire.keys == ["key-number-0"]

    def test_an_endpoint_of_its_own_is_where_a_profile_goes(self) -> None:
        made = Bench()
        own = {"base_url": "https://proxy.example/v1", "custom_base_url": True}
        stored(made.store, "openai:own", OPENAI, KEY, **own)
        made.run()
        assert [r.url for r in made.wire.sent] == ["https://proxy.example/v1/chat/completions"]

    def test_nothing_goes_to_a_provider_nobody_here_signed(self) -> None:
        forged = GATEWAY._replace(base_url="https://evil.example/v1")
        made = bench("key-number-0", environ={"GATE_API_KEY": "key-of-gateway"})
        made.store.selection = Selection(providers=(forged,))
        stored(made.store, "gate:a", forged, "key-of-profile")
        run = made.run()
        codes = {r.attempt.credential_id: r.verdict.code for r in run.results}
        assert codes["gate:a"] == codes["gate:env:GATE_API_KEY"] == "provider_tampered"
        assert made.wire.keys == ["key-number-0"]

    def test_a_provider_added_here_is_sent_its_credentials(self) -> None:
        made = Bench(environ={"GATE_API_KEY": "key-of-gateway"})
        made.store.update(lambda s: s._replace(providers=(GATEWAY,)), NOW)
        made.run()
        assert made.wire.keys == ["key-of-gateway"]

    @pytest.mark.parametrize(
        ("environ", "code"),
        [
            ({"OPENAI_API_KEY": "short"}, "malformed"),
            ({"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": "http://10.0.0.5/v1"}, "bad_base_url"),
            ({"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": "nonsense"}, "bad_base_url"),
        ],
    )
    def test_a_variable_that_cannot_be_used_is_sent_nowhere(
        self, environ: dict[str, str], code: str
    ) -> None:
        made = Bench(environ=environ)
        run = made.run()
        assert (outcomes(run), run.results[0].verdict.code) == (["unreadable"], code)
        assert made.wire.sent == []

    def test_a_good_base_url_variable_is_followed_by_the_variable_alone(self) -> None:
        proxied = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": "https://proxy.example/v1"}
        made = bench("key-number-0", environ=proxied)
        made.run()
        assert {key_in(r): r.url.partition("/chat")[0] for r in made.wire.sent} == {
            "key-number-0": OPENAI.base_url,
            KEY: "https://proxy.example/v1",
        }


def test_a_provider_of_this_machine_is_tried_without_any_header_of_a_credential() -> None:
    made = Bench()
    made.store.update(lambda s: s._replace(providers=(LOCAL,)), NOW)
    run = made.run()
    (request,) = made.wire.sent
    assert {"authorization", "x-api-key"}.isdisjoint(request.headers)
    assert (run.results[0].attempt.source, made.records[0].credential_id) == ("none", "local:none:")


def test_without_a_model_the_key_is_checked_for_free() -> None:
    made = Bench(environ={"OPENROUTER_API_KEY": KEY})
    run = made.run()
    assert [(r.method, r.url) for r in made.wire.sent] == [
        ("GET", "https://openrouter.ai/api/v1/key")
    ]
    assert (run.results[0].attempt.mode, outcomes(run)) == ("free", ["ok"])


@pytest.mark.parametrize("reason", ["timeout", "dns", "tls", "refused", "reset", "too_large"])
def test_no_answer_says_nothing_of_the_credential(reason: str) -> None:
    made = bench(KEY, wire=ScriptedWire(lambda _: WireFailure(reason, "no answer")))
    verdict = made.run().results[0].verdict
    assert (verdict.credential, verdict.code) == ("unknown", reason)
    assert verdict.outcome not in (Outcome.OK, Outcome.AUTH)


def echoes(status: int) -> Sequence[Answer]:
    encoded = base64.b64encode(f"user:{KEY}".encode()).decode()
    return [
        answer(status, {"error": {"message": f"bad key {KEY}", "code": KEY[:20], "type": KEY[8:]}}),
        answer(status, {"error": {"message": f"{KEY.upper()} {encoded}"}}, x_request_id=KEY[:19]),
        answer(status, {"error": f"{KEY}"}, request_id="sk-proj-Qm9vdFN0cmFw"),
        answer(status, {"detail": [{"msg": f"header 'authorization: Bearer {KEY}'"}]}),
        replace(answer(status, {}), body=f"<p>{KEY}</p>".encode()),
        answer(status, {}, location=f"https://{KEY}@elsewhere.example/{KEY}"),
    ]


@pytest.mark.parametrize("said", [a for s in (200, 302, 400, 401, 429, 500) for a in echoes(s)])
def test_a_server_that_repeats_the_key_is_not_quoted(said: Answer) -> None:
    made = bench(KEY, wire=ScriptedWire(lambda _: said))
    run = made.run()
    shown = repr([result.verdict for result in run.results]) + repr(made.records)
    pieces = {KEY[at : at + 8].lower() for at in range(len(KEY) - 7)}
    assert not [piece for piece in pieces if piece in shown.lower()]


def test_the_same_wire_is_open_for_the_whole_run_and_closed_after() -> None:
    made = bench("key-number-0", "key-number-1", wire=ScriptedWire(lambda _: COMPLETION))
    made.run()
    made.run()
    assert len(made.wire.sent) == 4


def test_a_model_without_a_credential_is_reported_recorded_and_not_sent() -> None:
    made = bench("key-number-0")
    groq = Attempt(BY_ID["groq"], None, "llama", "no_credential")
    gone = unknown_provider_of(ModelRef("gone", "x"))
    run = asyncio.run(made.prober.run((groq, gone, *made.attempts), USUAL))
    assert outcomes(run) == ["unreadable", "unreadable", "ok"]
    assert [(r.code, r.model, r.credential) for r in made.records[:2]] == [
        ("no_credential", "llama", "unknown"),
        ("no_provider", "x", "unknown"),
    ]
    assert len(made.wire.sent) == 1


def _nowhere(attempt: Attempt) -> Attempt:
    assert isinstance(attempt.credential, EnvironmentCredential)
    nowhere = attempt.credential._replace(base_url="", problem="no_base_url")
    return attempt._replace(credential=nowhere, reason="no_base_url")


def test_nothing_is_sent_to_a_provider_without_an_address() -> None:
    made = bench(environ={"OPENAI_API_KEY": "key-of-nobody"})
    nowhere = tuple(_nowhere(attempt) for attempt in made.attempts)
    run = asyncio.run(made.prober.run(nowhere, USUAL))
    assert [(r.verdict.outcome, r.verdict.code) for r in run.results] == [
        (Outcome.UNREADABLE, "no_base_url")
    ]
    assert made.wire.sent == []


@pytest.mark.parametrize(
    "encoded",
    [
        KEY,
        KEY[::-1],
        KEY.encode().hex(),
        KEY.encode().hex().upper(),
        base64.b64encode(KEY.encode()).decode(),
        "".join(chr(ord(char) + 0xFEE0) for char in KEY),
    ],
)
def test_an_id_or_a_code_that_is_the_key_in_other_letters_is_not_kept(encoded: str) -> None:
    told = ProbeVerdict(
        Outcome.AUTH, code=encoded, error_type=encoded, request_id=encoded, detail=encoded
    )
    kept = scrubbed(told, Access("https://gate.example", "bearer", Secret(KEY)), GATEWAY)

    for text in (kept.code, kept.error_type, kept.request_id, kept.detail):
        assert text is not None
        rest = text.replace("[redacted]", "")
        assert not any(encoded[at : at + 8] in rest for at in range(len(encoded) - 7))
