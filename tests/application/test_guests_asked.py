"""Who is asked a person's question: ours, and plug-ins that speak as ours do; nobody elsewhere."""

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from adapters.providers.dialects.loading import dialect_named
from application.guests import Conversations, Question
from application.ports.network import Head, Request, Stream, begun, more
from application.ports.providers import Access, Prompt, Speaker
from domain.answers.verdict import Outcome, ProbeVerdict
from domain.credentials.secret import Secret
from domain.errors import PluginFailed, WireFailure
from domain.providers.row import Provider
from tests.application.fakes import Pieces, ScriptedWire
from tests.application.test_guests import ACCESS, KEY, OK, ROW, Complaints

STREAM = (
    b'data: {"choices": [{"delta": {"content": "Hel"}}]}\n\n',
    b'data: {"choices": [{"delta": {"content": "lo"}, "finish_reason": "stop"}]}\n\n',
)
RESET = WireFailure("reset", "the connection broke")


class Speaking(Complaints):
    """Finds for plug-ins what `find` does."""

    def __init__(self, find: Callable[[], Speaker | None] | None = None) -> None:
        super().__init__()
        self.find = find

    def speaker(self, row: Provider) -> Speaker | None:
        if row.source != "plugin":
            return super().speaker(row)
        return self.find() if self.find else dialect_named(row.dialect)


def question(row: Provider, access: Access = ACCESS) -> Question:
    return lambda speaker: speaker.ask(row, access, "m", Prompt("Hi"), 0)


class Asked:
    """What came of a question: the verdict or the failure, the text, the requests."""

    def __init__(
        self,
        row: Provider,
        told: Question,
        find: Callable[[], Speaker | None] | None = None,
        *,
        pieces: tuple[bytes | WireFailure, ...] = STREAM,
        timeout: int = 5000,
    ) -> None:
        self.registry = Speaking(find)
        self.wire = ScriptedWire(lambda _: Pieces(pieces))
        self.said: list[str] = []
        self.learned: ProbeVerdict | WireFailure | PluginFailed
        asyncio.run(self._ask(row, told, timeout))

    async def _ask(self, row: Provider, told: Question, timeout: int) -> None:
        held = Conversations(self.registry, self.wire)
        async with self.wire:
            try:
                self.learned = await held.stream(
                    row, ACCESS, told, self.said.append, timeout, timeout
                )
            except (WireFailure, PluginFailed) as failure:
                self.learned = failure


OURS = replace(ROW, source="user")


@pytest.mark.parametrize("row", [OURS, ROW], ids=["ours", "a plug-in that names ours"])
def test_a_question_is_asked_and_the_answer_said_as_it_comes(row: Provider) -> None:
    asked = Asked(row, question(row))

    assert asked.said == ["Hel", "lo"]
    assert isinstance(asked.learned, ProbeVerdict)
    assert (asked.learned.outcome, asked.learned.credential) == (Outcome.OK, "proven")
    assert [request.url for request in asked.wire.sent] == ["https://acme.test/v1/chat/completions"]
    assert asked.registry.told == ([(None, True)] if row.source == "plugin" else [])


@pytest.mark.parametrize("row", [OURS, ROW], ids=["ours", "a plug-in that names ours"])
def test_a_failure_of_the_wire_is_raised_and_is_no_plug_ins_fault(row: Provider) -> None:
    asked = Asked(row, question(row), pieces=(STREAM[0], RESET))

    assert (asked.learned, asked.said) == (RESET, ["Hel"])
    assert asked.registry.told == []


def test_a_plug_in_with_code_of_its_own_is_not_asked() -> None:
    asked = Asked(ROW, question(ROW), lambda: None)

    assert isinstance(asked.learned, PluginFailed)
    assert str(asked.learned) == "acme cannot be asked: its plug-in speaks a dialect of its own"
    assert (asked.wire.sent, asked.registry.told) == ([], [])


def test_a_plug_in_that_cannot_be_loaded_is_told_as_such_without_its_words() -> None:
    def broken() -> Speaker:
        raise LookupError(KEY)

    asked = Asked(ROW, question(ROW), broken)

    assert isinstance(asked.learned, PluginFailed)
    assert str(asked.learned) == "acme cannot be asked: its code raised LookupError"
    assert asked.registry.told == [("its code raised LookupError", False)]
    assert asked.wire.sent == []


def test_a_plug_in_that_hangs_while_it_is_loaded_is_a_time_out() -> None:
    over = threading.Event()

    def hanging() -> None:
        over.wait(30)

    began = time.monotonic()
    asked = Asked(ROW, question(ROW), hanging, timeout=200)
    over.set()

    assert time.monotonic() - began < 5
    assert isinstance(asked.learned, WireFailure)
    assert asked.learned.reason == "timeout"
    assert asked.registry.told == [("the plug-in did not answer in time", False)]


@pytest.mark.parametrize(
    "url", ["https://evil.test/v1", "https://acme.test.evil.test/", "http://acme.test/v1"]
)
def test_for_a_plug_in_no_request_goes_to_another_host(url: str) -> None:
    def elsewhere(speaker: Speaker) -> Stream[ProbeVerdict]:
        head = yield from begun(Request("GET", f"{ROW.base_url}/x"))
        assert head == Head(200, {})
        assert (yield from more()) == STREAM[0]
        yield from begun(Request("GET", url))
        return OK

    asked = Asked(ROW, elsewhere)

    assert isinstance(asked.learned, WireFailure)
    assert asked.learned.reason == "foreign_host"
    assert [request.url for request in asked.wire.sent] == ["https://acme.test/v1/x"]
    assert asked.registry.told == [("the plug-in asked for another host; nothing was sent", False)]


def test_a_talk_kept_home_still_hears_of_failures() -> None:
    def forgiving(speaker: Speaker) -> Stream[ProbeVerdict]:
        yield from begun(Request("GET", f"{ROW.base_url}/x"))
        try:
            yield from more()
        except WireFailure as failure:
            yield failure.reason
        return OK

    asked = Asked(ROW, forgiving, pieces=(RESET,))

    assert (asked.learned, asked.said) == (OK, ["reset"])


def test_what_is_said_of_a_plug_in_holds_no_secret() -> None:
    def echoing() -> Speaker:
        raise PluginFailed(f"bad key {KEY}")

    asked = Asked(ROW, question(ROW), echoing)

    assert str(asked.learned) == "acme cannot be asked: bad key [redacted]"
    assert KEY not in repr(asked.registry.told)


def test_a_question_shows_no_key(capsys: pytest.CaptureFixture[str]) -> None:
    asked = Asked(OURS, question(OURS, Access(OURS.base_url, "bearer", Secret(KEY))))

    assert asked.wire.keys == [KEY]
    assert KEY not in repr(asked.wire.sent)
    assert capsys.readouterr() == ("", "")
