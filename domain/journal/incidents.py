"""What went wrong from when to when, and whose fault that was."""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from domain.answers.outcome import Outcome
from domain.journal.blame import BLAME_OF, Blame
from domain.journal.queries import Failure


class Incident(NamedTuple):
    """From the first record of one credential that failed by one blame to its first good one.

    Without a credential it is ours: several providers were out of reach in one run. Moments are
    epoch ms; `ended_at` is None while it lasts.
    """

    blame: Blame
    credential_id: str | None
    provider: str | None
    began_at: int
    ended_at: int | None
    records: int
    outcomes: tuple[str, ...]
    first_id: int

    def lasted(self, now: int) -> int:
        """How long, in ms; up to `now` where it lasts."""
        return max((now if self.ended_at is None else self.ended_at) - self.began_at, 0)

    def is_approx(self, pruned_until: int) -> bool:
        """Whether it may have been over before: a good record from then may be gone."""
        return self.ended_at is not None and self.began_at < pruned_until


def incidents(failures: Iterable[Failure], confirm: int = 1) -> list[Incident]:
    """Oldest first; those of fewer than `confirm` records are none."""
    known = sorted(failures)
    ours = _offline_runs(known)
    found: dict[object, list[Failure]] = defaultdict(list)
    back, number = 0, 0
    for failure in known:
        if failure.run_id not in ours:
            blame = BLAME_OF.get(failure.outcome)
            found[failure.credential_id, blame, failure.good_id].append(failure)
            continue
        if failure.id > back > 0:
            back, number = 0, number + 1
        found[number].append(failure)
        ends = [id for id in (back, failure.good_id) if id]
        back = min(ends) if ends else 0
    made = [_incident(records, records[0].run_id in ours) for records in found.values()]
    return sorted((one for one in made if one.records >= confirm), key=lambda one: one.first_id)


def mean_time_to_recovery(known: Iterable[Incident], pruned_until: int = 0) -> int | None:
    """Of those that are over and whose length is known, in ms."""
    lengths = [
        one.lasted(0)
        for one in known
        if one.ended_at is not None and not one.is_approx(pruned_until)
    ]
    return round(sum(lengths) / len(lengths)) if lengths else None


def _offline_runs(failures: Iterable[Failure]) -> set[str]:
    providers: dict[str, set[str]] = defaultdict(set)
    for failure in failures:
        if failure.outcome == Outcome.NETWORK and failure.is_alone:
            providers[failure.run_id].add(failure.provider)
    return {run for run, tried in providers.items() if len(tried) > 1}


def _incident(records: list[Failure], is_ours: bool) -> Incident:
    first = records[0]
    good = [(one.good_id, one.good_at) for one in records if one.good_id is not None]
    return Incident(
        BLAME_OF.get(first.outcome, "here"),
        None if is_ours else first.credential_id,
        None if is_ours else first.provider,
        first.at,
        min(good)[1] if good else None,
        len(records),
        tuple(dict.fromkeys(one.outcome for one in records)),
        first.id,
    )
