"""The promise of ProbeJournal.prune: what may go is gone, and what is read of `Stored` is not."""

from collections.abc import Iterable, Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.memory import MemoryStore
from domain.answers.outcome import Outcome
from domain.answers.usage import UsageWindow
from domain.instants import DAY, HOUR
from domain.journal.pruning import Pruned, Pruning
from domain.journal.records import LONGEST_TRAIL, HistoryQuery, ProbeRecord, Retention
from domain.journal.standing import standing
from domain.routing.state import Stored, by_credential
from tests.adapters.homes import Home
from tests.adapters.values import NOW, ended, intent, profile
from tests.contracts.conftest import Ports

A, B = "openai:a", "openai:b"
NONE_IS_NEW = Pruning(keep=0)


def told(
    store: Ports,
    outcome: Outcome | None,
    id: str = A,
    *,
    model: str | None = "m",
    kind: str = "probe",
    age: int = 9 * DAY,
    usage: bool = False,
) -> ProbeRecord:
    """One record more in the store, begun `age` before NOW."""
    windows = (UsageWindow("5h", 0.5),) if usage else ()
    begun = intent(id, run=f"run {age}", model=model)._replace(kind=kind, started_at=NOW - age)
    (at,) = store.journal.begin([begun])
    if outcome is None:
        return begun._replace(id=at)
    record = ended(begun._replace(id=at), outcome)._replace(
        finished_at=NOW - age + 250, usage=windows
    )
    store.journal.finish([record])
    return record


def pruned(store: Ports, pruning: Pruning) -> Pruned:
    """The last step's word."""
    *_, last = store.journal.prune(pruning, NOW)
    return last


def left(store: Ports) -> list[int]:
    return [r.id for r in reversed(store.journal_reader.search(HistoryQuery(limit=5000)).records)]


def test_what_is_older_goes_and_what_is_not_stays(store: Ports) -> None:
    for age in (9, 8, 3, 2, 1):
        told(store, Outcome.OK, age=age * DAY)
    assert pruned(store, Pruning(before=NOW - 3 * DAY)) == Pruned(2, 0, 5)
    assert left(store) == [3, 4, 5]


def test_the_newest_of_that_number_stay(store: Ports) -> None:
    for _ in range(5):
        told(store, Outcome.OK)
    assert pruned(store, Pruning(keep=2)) == Pruned(3, 0, 5)
    assert left(store) == [4, 5]


def test_with_both_a_record_has_to_be_old_and_beyond_the_number(store: Ports) -> None:
    for age in (9, 8, 7, 2, 1):
        told(store, Outcome.OK, age=age * DAY)
    assert pruned(store, Pruning(NOW - 3 * DAY, 4)).removed == 1
    assert left(store) == [2, 3, 4, 5]
    assert pruned(store, Pruning(NOW - 3 * DAY, 1)).removed == 2
    assert left(store) == [4, 5]


def test_of_each_credential_and_model_the_newest_record_and_the_last_ok_stay(store: Ports) -> None:
    for id, model in ((A, "m"), (A, "n"), (B, "m"), (B, None)):
        for outcome in (Outcome.OK, Outcome.OK, Outcome.CANCELLED, Outcome.CANCELLED):
            told(store, outcome, id, model=model)
    assert pruned(store, NONE_IS_NEW) == Pruned(8, 8, 16)
    assert left(store) == [2, 4, 6, 8, 10, 12, 14, 16]


def test_nothing_old_is_needed_twice(store: Ports) -> None:
    for outcome in (Outcome.NETWORK, Outcome.AUTH, Outcome.OK, Outcome.NETWORK, Outcome.OK):
        told(store, outcome)
    assert pruned(store, NONE_IS_NEW).removed == 2
    assert pruned(store, NONE_IS_NEW) == Pruned(0, 3, 3)


def test_a_dry_run_counts_the_same_and_removes_nothing(store: Ports) -> None:
    for _ in range(4):
        told(store, Outcome.OK)
    assert pruned(store, Pruning(keep=0, dry_run=True)) == Pruned(3, 1, 4)
    assert left(store) == [1, 2, 3, 4]
    assert pruned(store, NONE_IS_NEW) == Pruned(3, 1, 4)


def test_an_intent_goes_when_it_is_old_and_not_while_its_answer_may_come(store: Ports) -> None:
    told(store, None)
    under_way = told(store, None, age=HOUR)
    assert pruned(store, NONE_IS_NEW) == Pruned(1, 1, 2)
    answered = ended(under_way, Outcome.OK)
    store.journal.finish([answered])
    assert store.journal_reader.search(HistoryQuery()).records == (answered,)


def test_a_result_of_an_intent_that_is_gone_is_no_record(store: Ports) -> None:
    stale = told(store, None)
    pruned(store, NONE_IS_NEW)
    store.journal.finish([ended(stale, Outcome.OK)])
    assert left(store) == []


def test_ids_go_on_growing_when_everything_is_gone(store: Ports) -> None:
    for _ in range(3):
        told(store, None)
    assert pruned(store, NONE_IS_NEW).removed == 3
    assert left(store) == []
    assert told(store, Outcome.OK).id == 4


def test_a_cursor_stays_where_it_was(store: Ports) -> None:
    for _ in range(6):
        told(store, Outcome.OK)
    first = store.journal_reader.search(HistoryQuery(limit=2))
    pruned(store, Pruning(keep=3))
    after = store.journal_reader.search(HistoryQuery(limit=2, before=first.next))
    assert [record.id for record in after.records] == [4]


def test_a_store_that_was_never_written_has_nothing_to_remove(store: Ports) -> None:
    assert pruned(store, NONE_IS_NEW) == Pruned()
    assert store.reader.read() == Stored()


def test_profiles_stay(store: Ports) -> None:
    store.profiles.put(profile(), NOW)
    before = store.reader.read()
    assert pruned(store, NONE_IS_NEW) == Pruned()
    assert store.reader.read() == before


def test_a_trail_of_the_longest_stays_whole(store: Ports) -> None:
    begun = [intent(A, model="m", run="long") for _ in range(LONGEST_TRAIL + 300)]
    ids = store.journal.begin(begun)
    failed = [i._replace(id=id) for i, id in zip(begun, ids, strict=True)]
    store.journal.finish([ended(record, Outcome.NETWORK) for record in failed])
    before = store.reader.read()
    assert pruned(store, NONE_IS_NEW) == Pruned(300, LONGEST_TRAIL, LONGEST_TRAIL + 300)
    assert store.reader.read() == before


@pytest.mark.parametrize("size", [499, 500, 501, 1000, 1203])
def test_however_many_there_are_each_is_looked_at_once(store: Ports, size: int) -> None:
    for at in range(0, size, 250):
        begun = [intent(A, model="m", run=f"run {at}") for _ in range(min(250, size - at))]
        ids = store.journal.begin(begun)
        done = [i._replace(id=id) for i, id in zip(begun, ids, strict=True)]
        store.journal.finish([ended(record, Outcome.OK) for record in done])
    assert pruned(store, NONE_IS_NEW) == Pruned(size - 1, 1, size)
    assert left(store) == [size]


_OUTCOMES = [
    None,
    *(Outcome.OK, Outcome.AUTH, Outcome.NETWORK, Outcome.BILLING, Outcome.RATE_LIMIT),
    *(Outcome.CANCELLED, Outcome.CLEARED),
]
_PASTS = st.lists(
    st.tuples(
        st.sampled_from(_OUTCOMES),
        st.sampled_from([A, B]),
        st.sampled_from(["m", "n", None]),
        st.sampled_from(["probe", "use"]),
        st.integers(0, 5 * DAY),
        st.booleans(),
    ),
    max_size=25,
)
_WISHES = st.builds(
    Pruning, st.integers(NOW - 5 * DAY, NOW + 1), st.none() | st.integers(0, 20)
) | st.builds(Pruning, st.none(), st.integers(0, 20))


Past = list[tuple[Outcome | None, str, str | None, str, int, bool]]
_OF_ONE_FOLDER = [HealthCheck.function_scoped_fixture]


@settings(max_examples=6, deadline=None, suppress_health_check=_OF_ONE_FOLDER)
@given(past=_PASTS, wish=_WISHES)
def test_whatever_is_pruned_what_is_read_of_the_store_is_the_same(
    tmp_path_factory: pytest.TempPathFactory, past: Past, wish: Pruning
) -> None:
    nothing_else_is_read(tmp_path_factory, past, wish)


@pytest.mark.soak
@settings(max_examples=150, deadline=None, suppress_health_check=_OF_ONE_FOLDER)
@given(past=_PASTS, wish=_WISHES)
def test_of_four_hundred_pasts_it_is_the_same(
    tmp_path_factory: pytest.TempPathFactory, past: Past, wish: Pruning
) -> None:
    nothing_else_is_read(tmp_path_factory, past, wish)


def nothing_else_is_read(folders: pytest.TempPathFactory, past: Past, wish: Pruning) -> None:
    lefts: list[list[int]] = []
    for store in _both(folders):
        for outcome, id, model, kind, age, usage in past:
            told(store, outcome, id, model=model, kind=kind, age=age, usage=usage)
        before, standings = store.reader.read(), _standings(store.reader.read())
        ids = set(left(store))
        last = pruned(store, wish)
        assert store.reader.read() == before
        assert _standings(store.reader.read()) == standings
        assert last.removed == len(ids) - len(left(store))
        lefts.append(left(store))
    assert lefts[0] == lefts[1]


@settings(max_examples=8, deadline=None, suppress_health_check=_OF_ONE_FOLDER)
@given(past=_PASTS, wish=_WISHES)
def test_only_what_may_go_went(
    tmp_path_factory: pytest.TempPathFactory, past: Past, wish: Pruning
) -> None:
    for store in _both(tmp_path_factory):
        for outcome, id, model, kind, age, usage in past:
            told(store, outcome, id, model=model, kind=kind, age=age, usage=usage)
        everything = store.journal_reader.search(HistoryQuery(limit=100)).records
        list(store.journal.prune(wish, NOW))
        gone = {r.id for r in everything} - set(left(store))
        for place, record in enumerate(everything):
            young = wish.before is not None and record.started_at >= wish.before
            assert not (record.id in gone and (young or place < (wish.keep or 0)))
        newest: dict[tuple[str, str | None, Outcome], int] = {}
        for record in reversed(everything):
            if record.outcome is not None:
                newest[record.credential_id, record.model, record.outcome] = record.id
        assert not gone & set(newest.values())


def test_what_is_not_to_be_kept_goes_after_runs_and_what_is_needed_stays(store: Ports) -> None:
    assert store.journal_reader.retention() == Retention(180, 500_000)
    assert store.journal.retain(NOW) == 0
    for age in (9, 8, 7, 2, 1):
        told(store, Outcome.OK, age=age * DAY)
    store.journal.set_retention(Retention(None, None))
    assert store.journal_reader.retention() == Retention(None, None)
    assert store.journal.retain(NOW) == 0
    store.journal.set_retention(Retention(5, 100))
    assert store.journal.retain(NOW) == 3
    assert left(store) == [4, 5]
    store.journal.set_retention(Retention(5, 1))
    assert (store.journal.retain(NOW), left(store)) == (1, [5])
    told(store, Outcome.AUTH, age=300 * DAY)
    assert (store.journal.retain(NOW + DAY), left(store)) == (0, [5, 6])


@settings(max_examples=10, deadline=None, suppress_health_check=_OF_ONE_FOLDER)
@given(past=_PASTS, days=st.integers(1, 5), rows=st.integers(1, 20))
def test_whatever_is_not_kept_what_is_read_of_the_store_is_the_same(
    tmp_path_factory: pytest.TempPathFactory, past: Past, days: int, rows: int
) -> None:
    lefts = []
    for store in _both(tmp_path_factory):
        for outcome, id, model, kind, age, usage in past:
            told(store, outcome, id, model=model, kind=kind, age=age, usage=usage)
        before = store.reader.read()
        store.journal.set_retention(Retention(days, rows))
        count = len(left(store))
        assert store.journal.retain(NOW) == count - len(left(store))
        assert store.reader.read() == before
        lefts.append(left(store))
    assert lefts[0] == lefts[1]


def _both(folders: pytest.TempPathFactory) -> Iterator[Ports]:
    home, memory = Home(folders.mktemp("home")), MemoryStore()
    yield Ports(home.reader, home.journal_reader, home.profiles, home.selection, home.journal)
    yield Ports(*[memory] * 5)


def _standings(stored: Stored) -> list[object]:
    """What is forbidden of each credential, now and at some later moments."""
    records: Iterable[ProbeRecord] = (*stored.heads, *stored.trail)
    return [
        standing(of_one, NOW + later)
        for of_one in by_credential(records).values()
        for later in (0, HOUR, DAY, 30 * DAY)
    ]
