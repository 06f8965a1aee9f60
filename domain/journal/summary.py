"""What the history of a span of time comes to: figures, and what each of them is of.

Of days that are whole only counters are looked at (`domain.journal.days`); percentiles are then
at most 5 % off.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Literal, NamedTuple

from domain.answers.outcome import Outcome
from domain.instants import DAY, HOUR
from domain.journal.blame import BLAME_OF, BLAMES, Blame
from domain.journal.days import COUNTERS, OTHER, Counted, Day, DayKey
from domain.journal.latencies import counts, one, percentiles, ranks

By = Literal["profile", "provider", "model", "outcome", "day"]
Group = str | int
HOURS = DAY // HOUR
"""How many a day has."""
_PERCENTS, _NO_PERCENTILES = (50, 95, 99), (None, None, None)
_NONE: Mapping[Group, int] = MappingProxyType({})


class Question(NamedTuple):
    """The records that began from `since` on, and before `until` (epoch ms), by what. The last
    slot is the one of `now`, where that comes before. `daily`: each group is one of each day, as
    `of_day` names it. `only` are the credentials it is of; of all where none is named.
    """

    by: By
    since: int
    until: int
    now: int
    daily: bool = False
    only: tuple[str, ...] = ()

    @property
    def whole_days(self) -> range:
        """Those no part of which is left out (days after 1970-01-01)."""
        return range(-(-self.since // DAY), self.until // DAY)

    @property
    def last_day(self) -> int:
        """The day of `now`, or the last one that is asked for."""
        return max(self.now, self.until - 1) // DAY

    @property
    def slots(self) -> int:
        """How many hours there are, of UTC; one that is cut counts."""
        return self._last_hour - self.since // HOUR + 1

    @property
    def mask(self) -> int:
        """Of the hours of a tally those that count: others are still to come, by a clock ahead."""
        return (1 << self._last_hour + 1 - self.since // DAY * HOURS) - 1

    @property
    def _last_hour(self) -> int:
        return min(self.until - 1, max(self.now, self.since)) // HOUR

    def asks_for(self, credential: str) -> bool:
        return not self.only or credential in self.only

    def group(self, key: DayKey) -> Group:
        return of_day(self._group(key), key.day) if self.daily else self._group(key)

    def _group(self, key: DayKey) -> Group:
        match self.by:
            case "profile":
                return key.credential_id
            case "provider":
                return key.provider
            case "model":
                return f"{key.provider}/{key.model}" if key.model else ""
            case "day":
                return key.day
            case "outcome":
                return ""


def of_day(group: Group, day: int) -> str:
    """The group of one day (days after 1970-01-01)."""
    return f"{day} {group}"


class Tally(Counted):
    """What is counted of one group; its hours are those from the first day on. `latencies` are
    those of whole days, `exact` those of single records (ms).
    """

    __slots__ = ("exact", "read_from", "read_to", "spans")

    def __init__(self) -> None:
        super().__init__()
        self.exact: list[int] = []
        self.spans: list[tuple[int, int, int]] = []
        """From which id to which so many were good."""
        self.read_from, self.read_to = 2**63 - 1, 0
        """The lowest id that was read as a record, and the highest."""

    def add_day(self, offset: int, day: Day) -> None:
        """`offset` is how many days after the first one."""
        self.join(day, offset * HOURS)
        self.spans.append((day.first_id, day.last_id, day.counts.get(Outcome.OK.value, 0)))

    def add_record(
        self, first_day: int, id: int, at: int, outcome: str | None, latency: int | None
    ) -> None:
        """`at` is when it began (epoch ms)."""
        if self.learn(id, at, outcome, at // HOUR - first_day * HOURS) and latency is not None:
            self.exact.append(latency)
        self.read_from = min(self.read_from, id)
        self.read_to = max(self.read_to, id)

    @property
    def is_failing(self) -> bool:
        return self.failed > self.good

    def streak(self) -> tuple[int, int, int]:
        """How many of the newest records were good (or failed, if the newest did), as far as days
        tell; to be added are those with an id above the second number, up to the third.
        """
        if self.is_failing:
            return 0, self.good.id, self.failed.id
        spans, streak = sorted(self.spans), 0
        begin = min(self.read_from, spans[0][0] if spans else self.read_from)
        low = max(self.failed.id, begin - 1)
        high = max(low, self.read_to)
        for first, last, good in spans:
            if first > high:
                streak += good
            elif last > low:
                high = max(high, last)
        return streak, low, high


class Tallied(NamedTuple):
    """By group what is counted, and how many of its newest records ended alike: good, or failed.

    `later` is how many records are of days that are still to come, by a clock that is ahead;
    `strange` how many are of a kind nobody knows; `pruned_until` (epoch ms): older records may
    be gone, what was counted of them is not.
    """

    groups: Mapping[Group, Tally]
    streaks: Mapping[Group, int] = _NONE
    later: int = 0
    strange: int = 0
    pruned_until: int = 0


class Figures(NamedTuple):
    """Shares are from 0 to 1, None where they are of nothing; times are ms. `availability` is of
    `judged` requests, `usable` of `answered` ones, `coverage` of `slots`, percentiles of
    `latencies` good ones. `approx`: percentiles may be 5 % off.
    """

    runs: int
    blames: Mapping[Blame, int]
    outcomes: Mapping[str, int]
    judged: int
    availability: float | None
    answered: int
    usable: float | None
    known: int
    slots: int
    coverage: float | None
    latencies: int
    p50: float | None
    p95: float | None
    p99: float | None
    approx: bool


def figures(tally: Tally, slots: int, mask: int = -1) -> Figures:
    """Of the hours in `mask`, of which there are so many `slots`; the rest of all."""
    outcomes = {name: tally.counts[name] for name in COUNTERS if tally.counts.get(name)}
    blames: dict[Blame, int] = dict.fromkeys(BLAMES, 0)
    for name, count in outcomes.items():
        if blame := BLAME_OF.get(name):
            blames[blame] += count
    good = blames["good"]
    judged = good + blames["provider"]
    answered = judged + blames["mine"] + blames["throttled"]
    known = (tally.hours & mask).bit_count()
    (p50, p95, p99), count, approx = _percentiles(tally)
    return Figures(
        sum(outcomes.values()),
        blames,
        outcomes,
        judged,
        _share(good, judged),
        answered,
        _share(good, answered),
        known,
        slots,
        _share(known, slots),
        count,
        p50,
        p95,
        p99,
        approx,
    )


def unknown(tally: Tally) -> int:
    """How many have an outcome nobody knows."""
    return tally.counts.get(OTHER, 0)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _percentiles(tally: Tally) -> tuple[Sequence[float | None], int, bool]:
    """Of how many they are, too, and whether they are near the truth only."""
    if tally.latencies:
        histogram = tally.latencies + sum(map(one, tally.exact))
        return percentiles(histogram, *_PERCENTS), sum(counts(histogram)), True
    exact = sorted(tally.exact)
    found = [exact[rank - 1] for rank in ranks(len(exact), *_PERCENTS)]
    return found or _NO_PERCENTILES, len(exact), False
