"""What StateReader promises of the trail: enough of the past to say what is forbidden now."""

from collections.abc import Iterable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.memory import MemoryStore
from domain.answers.outcome import Outcome
from domain.journal.records import (
    EARLIER_FAILURES,
    LONGEST_TRAIL,
    NEWEST_FAILURES,
    ProbeRecord,
)
from tests.adapters.homes import Home
from tests.adapters.values import NOW, ended, intent
from tests.contracts.conftest import Ports
from tests.databases import PostgresServer, empty

Step = tuple[str, str | None, Outcome]
A, B = "openai:a", "openai:b"


def tried(store: Ports, *steps: Step, kind: str = "probe") -> list[ProbeRecord]:
    """Those records in the store, oldest first."""
    records: list[ProbeRecord] = []
    for id, model, outcome in steps:
        begun = intent(id, run=f"run {len(records)} {kind}", model=model)._replace(kind=kind)
        (at,) = store.journal.begin([begun])
        records.append(ended(begun._replace(id=at), outcome))
        store.journal.finish([records[-1]])
    return records


def ids(records: Iterable[ProbeRecord]) -> list[int]:
    return [record.id for record in records]


def test_failures_since_the_last_success_of_the_same_model_are_kept(store: Ports) -> None:
    tried(
        store,
        (A, "m", Outcome.NETWORK),
        (A, "m", Outcome.OK),
        (A, "m", Outcome.TIMEOUT),
        (A, "n", Outcome.RATE_LIMIT),
        (B, "m", Outcome.OK),
    )
    assert ids(store.reader.read().trail) == [2, 3, 4]


def test_who_has_no_failure_since_has_no_trail(store: Ports) -> None:
    tried(store, (A, "m", Outcome.NETWORK), (A, "m", Outcome.OK), (B, None, Outcome.OK))
    assert store.reader.read().trail == ()


def test_a_success_of_another_model_is_part_of_it(store: Ports) -> None:
    tried(store, (A, "m", Outcome.NETWORK), (A, "n", Outcome.OK), (A, "n", Outcome.OK))
    assert ids(store.reader.read().trail) == [1, 3]


def test_the_newest_clearing_is_part_of_it(store: Ports) -> None:
    tried(store, (A, None, Outcome.CLEARED), (A, "m", Outcome.AUTH), (A, None, Outcome.CLEARED))
    assert ids(store.reader.read().trail) == [2, 3]


def test_free_checks_without_a_model_are_part_of_it(store: Ports) -> None:
    tried(store, (A, None, Outcome.OK), (A, None, Outcome.AUTH), (A, "m", Outcome.OK))
    assert ids(store.reader.read().trail) == [1, 2, 3]


def test_what_was_never_answered_is_not(store: Ports) -> None:
    tried(store, (A, "m", Outcome.CANCELLED), (A, "m", Outcome.UNREADABLE))
    store.journal.begin([intent(A)])
    assert store.reader.read().trail == ()


def test_a_clearing_is_no_last_probe(store: Ports) -> None:
    tried(store, (A, "m", Outcome.NETWORK), (A, None, Outcome.CLEARED))
    assert ids(store.reader.read().heads) == [1]


def test_of_very_many_failures_the_newest_are_read_and_a_few_before_them(store: Ports) -> None:
    begun = [intent(A, run="many", model="m") for _ in range(LONGEST_TRAIL + 5)]
    at = store.journal.begin(begun)
    failed = [i._replace(id=id) for i, id in zip(begun, at, strict=True)]
    store.journal.finish([ended(record, Outcome.NETWORK) for record in failed])
    earlier = [at[-number] for number in sorted(EARLIER_FAILURES, reverse=True)]
    assert ids(store.reader.read().trail) == [*earlier, *at[-NEWEST_FAILURES:]]


def test_only_uses_say_when_a_credential_was_last_used(store: Ports) -> None:
    tried(store, (A, "m", Outcome.OK), (B, "m", Outcome.OK))
    assert store.reader.read().last_used == {}
    used = intent(B, run="use")._replace(kind="use", started_at=NOW + 7)
    store.journal.begin([used])
    assert store.reader.read().last_used == {B: NOW + 7}


def test_a_run_may_grow(store: Ports) -> None:
    first = store.journal.begin([intent(A, run="one")])
    second = store.journal.begin([intent(B, run="one"), intent(A, run="one")])
    assert [*first, *second] == [1, 2, 3]


_STEPS = st.lists(
    st.tuples(
        st.sampled_from([A, B]),
        st.sampled_from(["m", "n", None]),
        st.sampled_from(
            [Outcome.OK, Outcome.AUTH, Outcome.NETWORK, Outcome.CANCELLED, Outcome.CLEARED]
        ),
    ),
    max_size=12,
)


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=_STEPS)
def test_both_stores_read_the_same_trail(
    tmp_path_factory: pytest.TempPathFactory, steps: list[Step]
) -> None:
    home = Home(tmp_path_factory.mktemp("home"))
    reads_as_memory(home, steps)


@pytest.mark.soak
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=_STEPS)
def test_so_does_postgresql(
    postgres: PostgresServer,
    worker_id: str,
    tmp_path_factory: pytest.TempPathFactory,
    steps: list[Step],
) -> None:
    url = empty(postgres, worker_id)
    reads_as_memory(Home(tmp_path_factory.mktemp("home"), url=url), steps)


def reads_as_memory(home: Home, steps: list[Step]) -> None:
    made, memory = home.store_made, MemoryStore()
    ports = made.reader, made.journal_reader, made.profiles, made.selections, made.journal
    stores = Ports(*ports), Ports(*[memory] * 5)
    for store in stores:
        tried(store, *steps)
    kept, plain = (store.reader.read() for store in stores)
    assert kept.trail == plain.trail
    assert kept.heads == plain.heads
