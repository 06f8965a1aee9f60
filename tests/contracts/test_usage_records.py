"""The promise of the journal for usage: kept whole, and found however many came after it."""

import pytest

from domain.answers.outcome import Outcome
from domain.answers.usage import UsageWindow
from domain.journal.records import HistoryQuery, ProbeRecord
from tests.adapters.values import NOW, ended, intent
from tests.contracts.conftest import Ports

WINDOWS = (
    UsageWindow("5h", 1.04, None, None, NOW + 1, 18_000_000),
    UsageWindow("balance CNY", None, None, 12.25, None, None),
    UsageWindow("requests/day", 0.0, 10**13, 10**13, None, 86_400_000),
)


def test_windows_are_kept_as_they_were_told(store: Ports) -> None:
    told = _finished(store, "openai:a", Outcome.OK, WINDOWS)
    (record,) = store.journal_reader.search(HistoryQuery()).records
    assert record == told
    assert record.usage == WINDOWS


def test_an_intent_and_a_silent_answer_have_none(store: Ports) -> None:
    store.journal.begin([intent("openai:a", run="cut short")])
    _finished(store, "openai:b", Outcome.OK, ())
    assert [r.usage for r in store.journal_reader.search(HistoryQuery()).records] == [(), ()]


@pytest.mark.parametrize("later", [Outcome.OK, Outcome.AUTH, Outcome.TIMEOUT, Outcome.CANCELLED])
def test_the_newest_that_told_is_a_head_whatever_came_after(store: Ports, later: Outcome) -> None:
    _finished(store, "openai:a", Outcome.OK, WINDOWS)
    newest = _finished(store, "openai:a", Outcome.RATE_LIMIT, WINDOWS[:1])
    _finished(store, "openai:a", later, ())
    _finished(store, "openai:b", Outcome.OK, ())
    assert [r for r in store.reader.read().heads if r.usage] == [newest]


def test_each_credential_has_its_own(store: Ports) -> None:
    for at, id in enumerate(("openai:a", "openai:b", "openai:none:")):
        _finished(store, id, Outcome.OK, (UsageWindow("5h", at / 10),))
    told = {r.credential_id: r.usage[0].used for r in store.reader.read().heads}
    assert told == {"openai:a": 0.0, "openai:b": 0.1, "openai:none:": 0.2}


def _finished(
    store: Ports, credential: str, outcome: Outcome, usage: tuple[UsageWindow, ...]
) -> ProbeRecord:
    run = len(store.journal_reader.search(HistoryQuery()).records) + 1
    begun = intent(credential, run=f"run-{run}")
    (id,) = store.journal.begin([begun])
    record = ended(begun._replace(id=id), outcome)._replace(usage=usage)
    store.journal.finish([record])
    return record
