"""The promise of StateReader: everything stored, in one read; a missing store is empty."""

from domain.answers.outcome import Outcome
from domain.journal.records import HistoryQuery
from domain.providers.refs import ModelRef
from domain.routing.state import Stored
from tests.adapters.values import NOW, ended, intent, own_provider, profile
from tests.contracts.conftest import Ports


def test_a_store_that_was_never_written_is_empty(store: Ports) -> None:
    assert store.reader.read() == Stored()


def test_a_store_that_was_never_written_has_no_history(store: Ports) -> None:
    page = store.journal_reader.search(HistoryQuery())
    assert page.records == ()
    assert page.next is None


def test_profiles_come_in_the_order_of_their_ids(store: Ports) -> None:
    for id in ("openai:work", "anthropic:default", "openai:default"):
        store.profiles.put(profile(id), NOW)
    ids = [found.id for found in store.reader.read().profiles]
    assert ids == ["anthropic:default", "openai:default", "openai:work"]


def test_what_is_read_is_what_put_said(store: Ports) -> None:
    summary = store.profiles.put(profile(), NOW)
    assert store.reader.read().profiles == (summary,)


def test_the_selection_is_read_as_update_left_it(store: Ports) -> None:
    ref = ModelRef("openai", "gpt-5")
    left = store.selection.update(
        lambda before: (
            before.with_default(ref)
            ._replace(aliases=before.aliases.add("Fast", ref))
            .with_order("openai", ("openai:b", "openai:a"))
        ),
        NOW,
    )
    assert store.reader.read().selection == left


def test_own_providers_are_read_signed(store: Ports) -> None:
    store.selection.update(lambda before: before._replace(providers=(own_provider(),)), NOW)
    (row,) = store.reader.read().selection.providers
    assert row.mac
    assert row._replace(mac=b"") == own_provider()


def test_without_a_finished_probe_there_are_no_heads(store: Ports) -> None:
    store.journal.begin([intent()])
    assert store.reader.read().heads == ()


def test_the_newest_finished_record_of_a_credential_is_a_head(store: Ports) -> None:
    _tried(store, Outcome.TIMEOUT, Outcome.NETWORK)
    assert _heads(store) == [Outcome.NETWORK]


def test_the_newest_proof_and_the_newest_refusal_are_heads_too(store: Ports) -> None:
    _tried(store, Outcome.OK, Outcome.AUTH, Outcome.OK, Outcome.AUTH, Outcome.TIMEOUT)
    assert _heads(store) == [Outcome.OK, Outcome.AUTH, Outcome.TIMEOUT]
    assert [head.id for head in store.reader.read().heads] == [3, 4, 5]


def test_a_record_that_is_newest_and_proof_is_one_head(store: Ports) -> None:
    _tried(store, Outcome.AUTH, Outcome.RATE_LIMIT)
    assert _heads(store) == [Outcome.AUTH, Outcome.RATE_LIMIT]


def test_cancelled_unreadable_and_unfinished_probes_are_no_heads(store: Ports) -> None:
    _tried(store, Outcome.OK, Outcome.CANCELLED, Outcome.UNREADABLE)
    store.journal.begin([intent(run="cut short")])
    assert _heads(store) == [Outcome.OK]


def test_each_credential_has_heads_of_its_own(store: Ports) -> None:
    _tried(store, Outcome.OK, id="openai:a")
    _tried(store, Outcome.AUTH, id="openai:b")
    _tried(store, Outcome.NETWORK, id="openai:a")
    heads = [(head.credential_id, head.outcome) for head in store.reader.read().heads]
    assert heads == [
        ("openai:a", Outcome.OK),
        ("openai:b", Outcome.AUTH),
        ("openai:a", Outcome.NETWORK),
    ]


def test_heads_outlive_the_profile_they_are_of(store: Ports) -> None:
    store.profiles.put(profile(), NOW)
    _tried(store, Outcome.OK)
    store.profiles.remove("openai:default", NOW)
    assert _heads(store) == [Outcome.OK]


def _tried(store: Ports, *outcomes: Outcome, id: str = "openai:default") -> None:
    for outcome in outcomes:
        begun = intent(
            id, run=f"{id} {outcome} {store.journal_reader.search(HistoryQuery()).records!r}"
        )
        (at,) = store.journal.begin([begun])
        store.journal.finish([ended(begun._replace(id=at), outcome)])


def _heads(store: Ports) -> list[Outcome | None]:
    return [head.outcome for head in store.reader.read().heads]
