"""The promise of ProbeJournal, and of reading it: intents first, results over them, pages."""

import pytest

from domain.answers.outcome import Outcome
from domain.journal.records import HistoryQuery, ProbeRecord
from tests.adapters.values import NOW, ended, intent
from tests.contracts.conftest import Ports


def test_ids_come_in_the_order_of_the_intents_and_only_grow(store: Ports) -> None:
    first = store.journal.begin([intent(f"openai:{n}") for n in range(2500)])
    second = store.journal.begin([intent("openai:x", run="run-2"), intent("openai:y", run="run-2")])
    assert list(first) == sorted(set(first))
    assert max(first) < second[0] < second[1]
    by_id = {record.id: record.credential_id for record in _all(store)}
    assert [by_id[id] for id in first] == [f"openai:{n}" for n in range(2500)]


def test_an_intent_without_a_result_is_shown_as_interrupted(store: Ports) -> None:
    (id,) = store.journal.begin([intent()])
    (record,) = _all(store)
    assert record == intent()._replace(id=id)
    assert record.outcome is None
    assert record.shown_outcome is Outcome.INTERRUPTED


def test_a_result_is_written_over_its_intent(store: Ports) -> None:
    begun = _begun(store, "openai:a", "openai:b", "openai:c")
    store.journal.finish([ended(begun[2], Outcome.AUTH), ended(begun[0], Outcome.OK)])
    assert [(r.credential_id, r.shown_outcome) for r in _all(store)] == [
        ("openai:c", Outcome.AUTH),
        ("openai:b", Outcome.INTERRUPTED),
        ("openai:a", Outcome.OK),
    ]


def test_every_field_of_a_record_is_kept(store: Ports) -> None:
    (begun,) = _begun(store, "openai:default")
    whole = ended(begun, Outcome.RATE_LIMIT)._replace(
        model="мodel/🦙",
        source="env",
        mode="free",
        revision=2**40,
        http_status=429,
        code="rate_limit_exceeded",
        error_type="requests",
        resets_at=NOW + 60_000,
        host="räumlich",
    )
    store.journal.finish([whole])
    assert _all(store) == [whole]


def test_what_may_be_unknown_may_stay_unknown(store: Ports) -> None:
    (begun,) = _begun(store, "ollama:none:")
    bare = ended(begun, Outcome.NETWORK)._replace(
        source="none", revision=None, fingerprint=None, model=None, http_status=None
    )
    store.journal.finish([bare])
    assert _all(store) == [bare]
    assert bare.profile_id is None


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (HistoryQuery(), [6, 5, 4, 3, 2, 1]),
        (HistoryQuery(provider="openai"), [5, 3, 2, 1]),
        (HistoryQuery(provider="nobody"), []),
        (HistoryQuery(profile="openai:a"), [3, 1]),
        (HistoryQuery(profile="openai:A"), []),
        (HistoryQuery(profile="openai:%"), []),
        (HistoryQuery(profile="' OR 1=1 --"), []),
        (HistoryQuery(profile="openai:\udcff"), []),
        (HistoryQuery(model="m1"), [5, 1]),
        (HistoryQuery(outcomes=(Outcome.OK,)), [4, 1]),
        (HistoryQuery(outcomes=(Outcome.INTERRUPTED,)), [6]),
        (HistoryQuery(outcomes=(Outcome.CANCELLED,)), [5]),
        (HistoryQuery(provider="openai", outcomes=(Outcome.OK,)), [1]),
        (HistoryQuery(profile="openai:a", model="m1", outcomes=(Outcome.OK,), before=2), [1]),
        (HistoryQuery(before=4), [3, 2, 1]),
        (HistoryQuery(before=1), []),
        (HistoryQuery(before=2**62), [6, 5, 4, 3, 2, 1]),
    ],
)
def test_history_holds_what_was_asked_for_newest_first(
    store: Ports, query: HistoryQuery, expected: list[int]
) -> None:
    _six(store)
    page = store.journal_reader.search(query)
    assert [record.id for record in page.records] == expected
    assert page.next is None


@pytest.mark.parametrize("size", [1, 2, 3, 5, 6, 7])
def test_pages_follow_each_other_without_a_gap_or_a_repeat(store: Ports, size: int) -> None:
    _six(store)
    seen: list[int] = []
    cursor: int | None = None
    while True:
        page = store.journal_reader.search(HistoryQuery(limit=size, before=cursor))
        seen += [record.id for record in page.records]
        cursor = page.next
        if cursor is None:
            break
        assert len(page.records) == size
        assert cursor == seen[-1]
    assert seen == [6, 5, 4, 3, 2, 1]


def test_a_filter_holds_on_every_page(store: Ports) -> None:
    _six(store)
    first = store.journal_reader.search(HistoryQuery(provider="openai", limit=3))
    rest = store.journal_reader.search(HistoryQuery(provider="openai", limit=3, before=first.next))
    assert [[r.id for r in page.records] for page in (first, rest)] == [[5, 3, 2], [1]]
    assert rest.next is None


def test_a_page_stays_where_it_was_while_probes_are_added(store: Ports) -> None:
    _six(store)
    first = store.journal_reader.search(HistoryQuery(limit=2))
    _begun(store, "openai:late", run="late")
    after = store.journal_reader.search(HistoryQuery(limit=2, before=first.next))
    assert [record.id for record in after.records] == [4, 3]


def _all(store: Ports) -> list[ProbeRecord]:
    return list(store.journal_reader.search(HistoryQuery(limit=5000)).records)


def _begun(store: Ports, *credentials: str, run: str = "run-1") -> list[ProbeRecord]:
    intents = [intent(id, run=run) for id in credentials]
    return [i._replace(id=id) for i, id in zip(intents, store.journal.begin(intents), strict=True)]


def _six(store: Ports) -> None:
    """Six records, ids 1 to 6; the last one an intent without a result."""
    intents = [
        intent("openai:a", model="m1"),
        intent("openai:b", model="m2"),
        intent("openai:a", model="m2"),
        intent("groq:a", provider="groq", model="m3"),
        intent("openai:b", model="m1"),
        intent("groq:a", provider="groq", model=None),
    ]
    outcomes = [Outcome.OK, Outcome.AUTH, Outcome.TIMEOUT, Outcome.OK, Outcome.CANCELLED]
    ids = store.journal.begin(intents)
    assert ids == (1, 2, 3, 4, 5, 6)
    begun = [i._replace(id=id) for i, id in zip(intents, ids, strict=True)]
    store.journal.finish([ended(r, o) for r, o in zip(begun, outcomes, strict=False)])
