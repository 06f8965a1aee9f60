"""The journal, day by day: what is left to count when its records are gone.

Days and hours are UTC. What is kept of a day is a pure function of its records, whatever order
they come in, so that a store can be asked whether both agree.
"""

from operator import attrgetter
from typing import NamedTuple

from domain.answers.outcome import Outcome
from domain.instants import DAY, HOUR
from domain.journal import latencies
from domain.journal.blame import BLAME_OF
from domain.journal.records import ProbeRecord

OTHER = "other"
COUNTERS = (*(outcome.value for outcome in Outcome), OTHER)
"""What is counted: each outcome, `interrupted` for none, `other` for one nobody knows."""

_KNOWN = frozenset(COUNTERS) - {OTHER}


class DayKey(NamedTuple):
    """What one row is of. `day` is how many days after 1970-01-01; `model` is empty where none
    was asked.
    """

    day: int
    credential_id: str
    model: str
    kind: str
    provider: str


class Told(NamedTuple):
    """What of a record is counted. `started_at` is epoch ms, `latency_ms` is ms."""

    id: int
    started_at: int
    credential_id: str
    model: str | None
    kind: str
    provider: str
    outcome: str | None
    latency_ms: int | None

    @property
    def key(self) -> DayKey:
        day = self.started_at // DAY
        return DayKey(day, self.credential_id, self.model or "", self.kind, self.provider)


_told = attrgetter(*Told._fields)


def told_of(record: ProbeRecord) -> Told:
    return Told._make(_told(record))


class Rebuilt(NamedTuple):
    """How far it is: of `records` that were read `days` rows follow, and `different` rows said
    something else.
    """

    records: int = 0
    days: int = 0
    different: int = 0


class Newest(NamedTuple):
    """The newest record of its sort: what has the highest id. `at` is epoch ms."""

    id: int = 0
    at: int = 0


class Counted:
    """What several records come to.

    `hours` has a bit for each hour in which something was learned of a provider, a credential or
    a limit; `latencies` is the histogram of good ones.
    """

    __slots__ = ("counts", "failed", "good", "hours", "latencies")

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.hours = 0
        self.latencies = 0
        self.good = Newest()
        self.failed = Newest()

    def count(self, name: str, by: int) -> None:
        self.counts[name] = self.counts.get(name, 0) + by

    def learn(self, id: int, at: int, outcome: str | None, hour: int) -> bool:
        """Counts a record, but for its latency; whether it was good. `hour` is its bit."""
        name = outcome or Outcome.INTERRUPTED.value
        self.count(name if name in _KNOWN else OTHER, 1)
        blame = BLAME_OF.get(name, "here")
        if blame == "here":
            return False
        self.hours |= 1 << hour
        if blame == "good":
            self.good = max(self.good, Newest(id, at))
            return True
        self.failed = max(self.failed, Newest(id, at))
        return False

    def join(self, other: "Counted", hours: int = 0) -> None:
        """Counts what `other` does, whose first hour is so many later."""
        for name, count in other.counts.items():
            self.count(name, count)
        self.hours |= other.hours << hours
        self.latencies += other.latencies
        self.good = max(self.good, other.good)
        self.failed = max(self.failed, other.failed)


class Day(Counted):
    """What the records of one key come to; its hours are those of the day. All ids lie from
    `first_id` to `last_id`, which may be wider than they are.
    """

    __slots__ = ("first_id", "last_id")

    def __init__(self) -> None:
        super().__init__()
        self.first_id = 0
        self.last_id = 0

    def add(self, told: Told) -> None:
        hour = told.started_at % DAY // HOUR
        is_good = self.learn(told.id, told.started_at, told.outcome, hour)
        if is_good and told.latency_ms is not None:
            self.latencies += latencies.one(told.latency_ms)
        self._reach(told.id, told.id)

    def answered(self) -> None:
        """One intent less: it has a result now, which is counted where it belongs."""
        self.count(Outcome.INTERRUPTED.value, -1)

    def merge(self, other: "Day") -> None:
        self.join(other)
        if other.last_id:
            self._reach(other.first_id, other.last_id)

    def same_as(self, other: "Day") -> bool:
        """Whether both count the same."""
        return self._counted() == other._counted()

    def _counted(self) -> tuple[object, ...]:
        counts = {name: count for name, count in self.counts.items() if count}
        return counts, self.hours, self.latencies, self.good, self.failed

    def _reach(self, first: int, last: int) -> None:
        self.first_id = min(self.first_id or first, first)
        self.last_id = max(self.last_id, last)
