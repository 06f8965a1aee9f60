"""Which records of the journal may go: what is shown now follows from none of them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from domain.answers.outcome import Outcome
from domain.errors import Malformed
from domain.instants import DAY
from domain.journal.records import LONGEST_TRAIL, SAYS_NOTHING, ProbeRecord

UNDER_WAY = DAY
"""How long an intent without a result is left alone, in ms: its answer may still come."""
_Name = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Pruning:
    """Records may go that began before `before` (epoch ms) and are not among the newest `keep`.

    None: that does not matter; one of the two has to. With `dry_run` nothing is removed.
    """

    before: int | None = None
    keep: int | None = None
    dry_run: bool = False

    def __post_init__(self) -> None:
        if self.before is None and self.keep is None:
            raise Malformed(
                "neither an age nor a number of records is chosen",
                hint="aura_intelligence models history prune --older-than 90d, or --keep N",
            )
        if self.keep is not None and self.keep < 0:
            raise Malformed("no fewer than 0 can be kept", hint="0 or more")


MOST_AT_ONCE = 5_000
"""How many records are looked at after a run."""


class Pruned(NamedTuple):
    """How far it is: of `seen` records `removed` are gone (or would be), and `kept` are still
    needed, though old enough to go.
    """

    removed: int = 0
    kept: int = 0
    seen: int = 0


class Trace(NamedTuple):
    """What of a record decides whether it may go; of `usage` only whether there is any."""

    id: int
    run_id: str
    kind: str
    started_at: int
    credential_id: str
    model: str | None
    outcome: str | None
    credential: str
    usage: object


_Traced = Trace | ProbeRecord


@dataclass(slots=True)
class Pruner:
    """Is told every record, newest first. `now` is epoch ms; it counts what it was told.

    Needed are, of each credential and model, the newest record of every outcome and the failures
    since the last success (as many as are ever looked at); of each credential, the newest that
    proved it, that refused it, that told of its usage, and that used it.
    """

    pruning: Pruning
    now: int
    seen: int = 0
    kept: int = 0
    _names: set[_Name] = field(default_factory=set)
    _failures: dict[_Name, int] = field(default_factory=dict)

    def takes(self, trace: _Traced) -> bool:
        """Whether it may go."""
        is_needed = self._is_newest(trace) | self._is_of_trail(trace)
        is_needed |= trace.outcome is None and trace.started_at > self.now - UNDER_WAY
        is_old = self._is_old(trace)
        self.seen += 1
        self.kept += is_old and is_needed
        return is_old and not is_needed

    def _is_old(self, trace: _Traced) -> bool:
        before, keep = self.pruning.before, self.pruning.keep
        return (before is None or trace.started_at < before) and (keep is None or self.seen >= keep)

    def _is_newest(self, trace: _Traced) -> bool:
        known = len(self._names)
        self._names.update(_names_of(trace))
        return len(self._names) > known

    def _is_of_trail(self, trace: _Traced) -> bool:
        pair: _Name = (trace.credential_id, trace.model)
        if trace.outcome in _NO_FAILURE or (*pair, Outcome.OK) in self._names:
            return False
        self._failures[pair] = self._failures.get(pair, 0) + 1
        return self._failures[pair] <= LONGEST_TRAIL


_NO_FAILURE = (*SAYS_NOTHING, Outcome.OK)


def _names_of(trace: _Traced) -> Iterator[_Name]:
    """What it may be the newest of; names of a credential alone have two parts, others three."""
    if trace.kind == "use":
        yield trace.credential_id, "use"
    if trace.usage:
        yield trace.credential_id, "usage"
    if trace.credential != "unknown":
        yield trace.credential_id, trace.credential
    if trace.outcome is not None:
        yield trace.credential_id, trace.model, trace.outcome
