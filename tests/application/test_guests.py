"""A plug-in is believed in nothing: not its values, its time, nor its words."""

import asyncio
import time
from collections.abc import Callable, Generator
from typing import Any

import pytest

from adapters.providers.dialects.loading import dialect_named
from adapters.registry import EntryPointRegistry
from application.apart import apart, awaited, quiet
from application.guests import Conversations
from application.ports.network import Request
from application.ports.providers import Access, Dialect
from domain.answers.usage import UsageWindow
from domain.answers.verdict import Outcome, ProbeVerdict
from domain.credentials.secret import Secret
from domain.errors import PluginFailed, WireFailure
from domain.providers.row import Provider
from tests.application.fakes import ScriptedWire

KEY = "sk-canary-0123456789"
ROW = Provider("acme", "Acme", "https://acme.test/v1", "openai", source="plugin")
ACCESS = Access(ROW.base_url, "bearer", Secret(KEY))
OK = ProbeVerdict(Outcome.OK, "proven")


class Complaints(EntryPointRegistry):
    """Remembers what it was told; loads nothing of a stranger."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[tuple[str | None, bool]] = []

    def dialect(self, row: Provider) -> Dialect:
        return dialect_named("openai")

    def complain(self, row: Provider, reason: str | None, *, works: bool = False) -> None:
        self.told.append((reason, works))


def held(talk: Callable[[Dialect], Any], timeout: int = 5000) -> tuple[Any, Complaints, list[str]]:
    """The verdict or the WireFailure, what the registry was told, and what was sent."""
    wire, registry = ScriptedWire(), Complaints()

    async def hold() -> object:
        async with wire:
            try:
                return await Conversations(registry, wire).hold(ROW, ACCESS, talk, timeout)
            except WireFailure as failure:
                return failure

    learned = asyncio.run(hold())
    return learned, registry, [request.url for request in wire.sent]


def saying(verdict: Any) -> Callable[[Dialect], Any]:
    def flow() -> Generator[Any, Any, Any]:
        yield Request("GET", f"{ROW.base_url}/x")
        return verdict

    return lambda _: flow()


def asking(request: Any) -> Callable[[Dialect], Any]:
    def flow() -> Generator[Any, Any, Any]:
        yield request
        return OK

    return lambda _: flow()


class Text(str):
    """Text that is not quite."""


@pytest.mark.parametrize(
    "verdict",
    [
        None,
        "ok",
        ProbeVerdict("ok", "proven"),  # type: ignore[arg-type]  # each is a lie about its type
        ProbeVerdict(Outcome.OK, "believed"),  # type: ignore[arg-type]
        ProbeVerdict(Outcome.OK, "proven", http_status="200"),  # type: ignore[arg-type]
        ProbeVerdict(Outcome.OK, "proven", code=Text("x")),
        ProbeVerdict(Outcome.OK, "proven", detail=b"x"),  # type: ignore[arg-type]
        ProbeVerdict(Outcome.OK, "proven", resets_at=2**70),
        ProbeVerdict(Outcome.OK, "proven", usage=(UsageWindow("5h", float("nan")),)),
        ProbeVerdict(Outcome.OK, "proven", usage=(UsageWindow("5h", float("inf")),)),
        ProbeVerdict(Outcome.OK, "proven", usage=(UsageWindow(Text("5h"), 0.1),)),
        ProbeVerdict(Outcome.OK, "proven", usage=("5h",)),  # type: ignore[arg-type]
    ],
)
def test_a_verdict_that_is_none_is_not_believed(verdict: Any) -> None:
    learned, registry, sent = held(saying(verdict))
    assert (learned.outcome, learned.code) == (Outcome.UNREADABLE, "plugin_failed")
    assert registry.told == [("it returns what is no verdict", False)]
    assert len(sent) == 1


@pytest.mark.parametrize(
    "request_",
    [
        Request("GET", Text(f"{ROW.base_url}/x")),
        Request("GET", f"{ROW.base_url}/x", {"a": 1}),  # type: ignore[dict-item]
        Request("GET", f"{ROW.base_url}/x", {}, "text"),  # type: ignore[arg-type]
        f"{ROW.base_url}/x",
    ],
)
def test_a_request_that_is_none_is_not_sent(request_: Any) -> None:
    learned, registry, sent = held(asking(request_))
    assert (learned.outcome, sent) == (Outcome.UNREADABLE, [])
    assert registry.told == [("it yields what is no request", False)]


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.test/v1",
        "http://acme.test/v1",
        "https://acme.test:444/v1",
        "https://acme.test.evil.test/v1",
        "https://acme.test@evil.test/v1",
        "https://acme.test\\@evil.test/v1",
        "https://ACME.test/v1",
        "//acme.test/v1",
        "",
    ],
)
def test_no_request_goes_to_another_host(url: str) -> None:
    learned, registry, sent = held(asking(Request("GET", url)))
    assert isinstance(learned, WireFailure)
    assert (learned.reason, sent) == ("foreign_host", [])
    assert registry.told == [("the plug-in asked for another host; nothing was sent", False)]


def test_a_good_verdict_comes_through_with_its_windows_scrubbed() -> None:
    told = ProbeVerdict(Outcome.OK, "proven", 200, usage=(UsageWindow(f"{KEY}\x1b", 0.5),))
    learned, registry, _ = held(saying(told))
    assert (learned.outcome, learned.credential, learned.http_status) == ("ok", "proven", 200)
    assert [(w.label, w.used) for w in learned.usage] == [("[redacted]\\x1b", 0.5)]
    assert registry.told == [(None, True)]


def test_a_step_that_hangs_is_a_time_out_within_its_deadline() -> None:
    def flow() -> Generator[Any, Any, Any]:
        time.sleep(3600)
        yield

    began = time.monotonic()
    learned, registry, _ = held(lambda _: flow(), timeout=200)
    assert time.monotonic() - began < 5
    assert learned.reason == "timeout"
    assert registry.told == [("the plug-in did not answer in time", False)]


def test_a_failure_is_named_without_its_words() -> None:
    def flow() -> Generator[Any, Any, Any]:
        yield Request("GET", f"{ROW.base_url}/x")
        raise WireFailure("reset", KEY)

    learned, registry, _ = held(lambda _: flow())
    assert learned.detail == "its code raised WireFailure by itself"
    with pytest.raises(PluginFailed, match=r"^its code raised KeyError$"):
        apart(lambda: dict[str, str]()[KEY]).result(5)
    with pytest.raises(PluginFailed, match=r"^thinking took longer than 0\.05 s$"):
        awaited(lambda: time.sleep(3600), 0.05, "thinking")
    assert KEY not in str(registry.told)


def test_what_is_printed_apart_goes_nowhere_and_is_noticed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def talk(_: Dialect) -> Any:
        print("loud")
        return saying(OK)(_)

    learned, registry, _ = held(talk)
    print("ours")
    assert learned == OK
    assert registry.told == [("it prints, which is thrown away", True)]
    with quiet() as sink:
        print("also loud")
    assert sink.used
    assert capsys.readouterr() == ("ours\n", "")
