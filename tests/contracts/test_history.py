"""What the journal answers, in every store, is what all its records say."""

import random
from collections import defaultdict
from collections.abc import Iterable
from itertools import product
from typing import get_args

from application.journal.summaries import summary_of
from application.ports.reading import JournalReader
from domain.answers.outcome import Outcome
from domain.instants import DAY, HOUR
from domain.journal.blame import BLAME_OF, FAILURES, NO_REQUESTS
from domain.journal.days import DayKey
from domain.journal.pruning import Pruning
from domain.journal.queries import Change, Failure, changes_of, failures_of
from domain.journal.records import HistoryQuery, ProbeRecord
from domain.journal.summary import By, Figures, Question, figures, of_day
from tests.adapters.values import ended, intent
from tests.contracts.conftest import Ports

MIDNIGHT = 20_000 * DAY
OUTCOMES = [*[Outcome.OK] * 12, *Outcome]


def filled(store: Ports, count: int = 240, days: int = 6) -> list[ProbeRecord]:
    """Records of six days from MIDNIGHT on, oldest first; some runs were offline."""
    chance = random.Random(18)
    for at in range(0, count, 8):
        began = MIDNIGHT + at * days * DAY // count
        is_offline = chance.random() < 0.1
        begun = []
        for n in range(8):
            provider = f"p{chance.randrange(3)}"
            new = intent(f"{provider}:{chance.randrange(2)}", run=f"run{at}", provider=provider)
            kind = chance.choice(["probe", "probe", "use", "login", "other kind"])
            model = chance.choice(["m", "n", None])
            begun.append(new._replace(kind=kind, model=model, started_at=began + n))
        ids = store.journal.begin(begun)
        done = []
        for each, id in zip(begun, ids, strict=True):
            outcome = Outcome.NETWORK if is_offline else chance.choice(OUTCOMES)
            if outcome is not Outcome.INTERRUPTED:
                # A result may begin on the day after its intent.
                later = each.started_at + chance.randrange(2 * HOUR)
                record = ended(each._replace(id=id, started_at=later), outcome)
                done.append(record._replace(latency_ms=chance.randrange(90, 3000)))
        if done:
            store.journal.finish(done)
    return everything(store)


def everything(store: Ports) -> list[ProbeRecord]:
    return list(store.journal_reader.search(HistoryQuery(limit=10_000)).records)[::-1]


def plainly(records: Iterable[ProbeRecord], question: Question) -> dict[object, dict[str, object]]:
    """The figures by the words of docs/history.md, one record after another."""
    groups: dict[object, list[ProbeRecord]] = defaultdict(list)
    for record in records:
        if record.kind in NO_REQUESTS or not question.since <= record.started_at < question.until:
            continue
        day, model = record.started_at // DAY, record.model or ""
        key = DayKey(day, record.credential_id, model, record.kind, record.provider)
        groups[question.group(key)].append(record)
    return {group: of_group(found) for group, found in groups.items()}


def of_group(records: list[ProbeRecord]) -> dict[str, object]:
    blames = [BLAME_OF.get(r.outcome or "", "") for r in records]
    known = {
        r.started_at // HOUR for r, b in zip(records, blames, strict=True) if b not in ("", "here")
    }
    good, provider = blames.count("good"), blames.count("provider")
    answered = good + provider + blames.count("mine") + blames.count("throttled")
    told = [r.outcome == "ok" for r in records if r.outcome == "ok" or r.outcome in FAILURES]
    streak = 0
    while streak < len(told) and told[-1 - streak] == told[-1]:
        streak += 1
    return {
        "runs": len(records),
        "availability": good / (good + provider) if good + provider else None,
        "usable": good / answered if answered else None,
        "known": len(known),
        "latencies": sorted(r.latency_ms or 0 for r in records if r.outcome == "ok"),
        "streak": streak,
    }


def same(told: Figures, plain: dict[str, object]) -> bool:
    latencies = plain["latencies"]
    assert isinstance(latencies, list)
    for percent, found in ((50, told.p50), (95, told.p95), (99, told.p99)):
        if not latencies:
            assert found is None
            continue
        true = latencies[-(-len(latencies) * percent // 100) - 1]
        assert found is not None
        assert abs(found - true) <= (0.05 * true if told.approx else 0)
    return (told.runs, told.availability, told.usable, told.known, told.latencies) == (
        *(plain["runs"], plain["availability"], plain["usable"], plain["known"]),
        len(latencies),
    )


SPANS = [
    (MIDNIGHT, MIDNIGHT + 7 * DAY),
    (MIDNIGHT + 2 * DAY, MIDNIGHT + 4 * DAY),
    (MIDNIGHT + 5 * HOUR, MIDNIGHT + 7 * DAY),
    (MIDNIGHT + 5 * HOUR, MIDNIGHT + 3 * DAY + 7 * HOUR + 1),
    (MIDNIGHT + 30 * HOUR, MIDNIGHT + 40 * HOUR),
    (0, 1),
]


def test_figures_of_any_span_are_what_the_records_say(store: Ports) -> None:
    records = filled(store)
    for (since, until), by in product(SPANS, get_args(By)):
        question = Question(by, since, until, now=until)
        told = store.journal_reader.tally(question)
        plain = plainly(records, question)
        assert told.groups.keys() == plain.keys()
        for group, tally in told.groups.items():
            assert same(figures(tally, question.slots), plain[group]), (group, since, until)
            if by in ("profile", "provider", "model"):
                assert told.streaks[group] == plain[group]["streak"], (group, since, until)
        strange = [r for r in records if r.kind == "other kind"]
        assert told.strange == sum(since <= r.started_at < until for r in strange)


def test_figures_of_some_credentials_are_those_they_have_among_all(store: Ports) -> None:
    filled(store)
    for since, until in SPANS:
        question = Question("profile", since, until, now=until, daily=True)
        told = store.journal_reader.tally(question).groups
        one = str(next(iter(told), "0 nobody")).partition(" ")[2]
        only = store.journal_reader.tally(question._replace(only=(one,))).groups
        assert only.keys() == {group for group in told if str(group).partition(" ")[2] == one}
        for group, tally in only.items():
            assert figures(tally, 24) == figures(told[group], 24)


def test_whole_days_stay_answerable_when_their_records_are_gone(store: Ports) -> None:
    records = filled(store)
    assert store.journal_reader.pruned_until() == 0
    for _ in store.journal.prune(Pruning(before=MIDNIGHT + 4 * DAY), MIDNIGHT + 8 * DAY):
        pass
    assert len(everything(store)) < len(records) * 2 / 3
    question = Question("profile", MIDNIGHT, MIDNIGHT + 7 * DAY, MIDNIGHT + 7 * DAY)
    told = store.journal_reader.tally(question)
    plain = plainly(records, question)
    assert told.groups.keys() == plain.keys()
    assert all(same(figures(t, question.slots), plain[g]) for g, t in told.groups.items())
    assert MIDNIGHT + 3 * DAY < told.pruned_until <= MIDNIGHT + 4 * DAY
    assert store.journal_reader.pruned_until() == told.pruned_until


def test_records_of_days_to_come_are_told(store: Ports) -> None:
    records = filled(store)
    now = MIDNIGHT + 3 * DAY
    told = store.journal_reader.tally(Question("day", MIDNIGHT, now, now))
    assert told.later == sum(r.started_at >= now + DAY for r in records) > 0
    asked_for = store.journal_reader.tally(Question("day", MIDNIGHT, now + 5 * DAY, now))
    assert asked_for.later == 0
    # What a clock ahead says of hours to come covers none of those that are over.
    question = Question("profile", MIDNIGHT + 5 * HOUR, now + 5 * DAY, now)
    over = plainly([r for r in records if r.started_at < now + HOUR], question)
    for row in summary_of(store.journal_reader, question).rows:
        assert row.figures.known == over[row.group]["known"] != 0
        assert row.figures.slots == 3 * 24 + 1 - 5


def test_a_store_that_was_never_written_comes_to_nothing(store: Ports) -> None:
    assert store.journal_reader.tally(Question("day", 0, DAY, DAY)).groups == {}
    assert store.journal_reader.changes(HistoryQuery()).changes == ()
    assert list(store.journal_reader.failures(HistoryQuery())) == []
    assert store.journal_reader.runs("") == ()


QUERIES = [
    HistoryQuery(limit=9),
    HistoryQuery(provider="p1"),
    HistoryQuery(profile="p0:1", limit=3),
    HistoryQuery(model="m", outcomes=(Outcome.OK, Outcome.TIMEOUT)),
    HistoryQuery(outcomes=(Outcome.INTERRUPTED, Outcome.AUTH)),
    HistoryQuery(model="p1/n"),
    HistoryQuery(kinds=("use", "login")),
    HistoryQuery(since=MIDNIGHT + 30 * HOUR, until=MIDNIGHT + 60 * HOUR),
    HistoryQuery(since=MIDNIGHT + 3 * DAY),
    HistoryQuery(until=MIDNIGHT + 1),
    HistoryQuery(since=MIDNIGHT + 90 * DAY),
    HistoryQuery(run="run8"),
    HistoryQuery(before=100),
]


def test_pages_of_records_changes_and_failures_are_what_the_records_say(store: Ports) -> None:
    records = filled(store)
    for query in QUERIES:
        pages_are_what_they_say(store.journal_reader, query, records)


def pages_are_what_they_say(
    reader: JournalReader, query: HistoryQuery, records: list[ProbeRecord]
) -> None:
    found = [record for record in records if plainly_matches(record, query)][::-1]
    page = reader.search(query)
    assert page.records == tuple(found[: query.limit])
    assert page.next == (page.records[-1].id if len(found) > query.limit else None)
    changes: list[Change] = changes_of(records, query)
    told = reader.changes(query)
    assert told.changes == tuple(changes[: query.limit])
    assert told.next == (told.changes[-1].record.id if len(changes) > query.limit else None)
    failures: list[Failure] = failures_of(records, query)
    assert list(reader.failures(query)) == failures


def plainly_matches(record: ProbeRecord, query: HistoryQuery) -> bool:
    outcomes = [None if o is Outcome.INTERRUPTED else o for o in query.outcomes]
    is_cut = record.outcome is not None or record.kind != "login"
    return (
        (query.provider or record.provider) == record.provider
        and (query.profile or record.credential_id) == record.credential_id
        and (query.model is None or query.model.rpartition("/")[2] == record.model)
        and (query.model != "p1/n" or record.provider == "p1")
        and (not outcomes or (record.outcome in outcomes and is_cut))
        and (record.kind in query.kinds or not query.kinds)
        and (query.since or 0) <= record.started_at < (query.until or 2**60)
        and (query.run or record.run_id) == record.run_id
        and record.id < (query.before or 2**60)
    )


def test_runs_are_found_by_how_their_ids_begin(store: Ports) -> None:
    filled(store, 40)
    assert store.journal_reader.runs("run32") == ("run32",)
    assert len(store.journal_reader.runs("run")) == 2
    assert store.journal_reader.runs("Run") == ()


def test_what_is_counted_is_what_the_records_say_and_a_rebuild_finds_nothing(store: Ports) -> None:
    filled(store)
    *_, done = store.journal.rebuild(dry_run=True)
    assert (done.records, done.different) == (240, 0)
    assert done.days > 50


def test_each_group_can_be_asked_day_by_day(store: Ports) -> None:
    filled(store)
    until = MIDNIGHT + 4 * DAY + 9 * HOUR
    question = Question("model", MIDNIGHT + 5 * HOUR, until, until, daily=True)
    told = dict(store.journal_reader.tally(question).groups)
    for day in range(20_000, 20_005):
        since, end = max(question.since, day * DAY), min(until, (day + 1) * DAY)
        alone = store.journal_reader.tally(Question("model", since, end, end)).groups
        assert len(alone) > 2
        for group, tally in alone.items():
            of_it = told.pop(of_day(group, day))
            assert figures(of_it, 1)[:7] == figures(tally, 1)[:7]
            assert figures(of_it, 1).p50 == figures(tally, 1).p50
    assert told == {}
