"""A store in memory: for the tests of this program, and of programs that use its Router."""

import dataclasses
import hashlib
import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from application.ports.keys import KeyProbe
from application.ports.reading import ChangesPage, HistoryPage, JournalReader, StateReader
from application.ports.sign_in import Locks
from application.ports.store import Held, ProbeJournal, ProfileStore, SelectionStore, Store, Vault
from domain.credentials.credential import AuthProfile, bearer_of, summarised
from domain.credentials.environment import Fingerprint
from domain.credentials.keys import KeySlot
from domain.credentials.profile import ProfileSummary, changed
from domain.errors import (
    AlreadyExists,
    AuraError,
    NotFound,
    ProviderTampered,
    Refused,
    StoreBusy,
)
from domain.instants import DAY
from domain.journal.days import Day, DayKey, Rebuilt, told_of
from domain.journal.heads import heads_of, trail_of
from domain.journal.pruning import Pruned, Pruner, Pruning
from domain.journal.queries import (
    Failure,
    changes_of,
    failures_of,
    matches,
    tally_of,
)
from domain.journal.records import HistoryQuery, ProbeRecord, Retention
from domain.journal.summary import Question, Tallied
from domain.providers.row import Provider
from domain.routing.state import Stored
from domain.selection.selection import Selection, refuse_orphans, taken_away
from domain.text import did_you_mean

_SIGNATURE, _VAULT = b"memory", "memory"


@dataclass(slots=True)
class MemoryLocks(Locks):
    """Between the threads of this process."""

    _locks: dict[str, threading.Lock] = field(default_factory=dict)

    @contextmanager
    def held(self, name: str, patience: float) -> Iterator[None]:
        lock = self._locks.setdefault(name, threading.Lock())
        if not lock.acquire(timeout=patience):
            raise StoreBusy(
                f"another thread has held the lock for {patience:.0f} s",
                hint="try again; nothing was changed",
            )
        try:
            yield
        finally:
            lock.release()


@dataclass(slots=True)
class MemoryStore(
    Store, StateReader, JournalReader, ProfileStore, SelectionStore, Vault, ProbeJournal, KeyProbe
):
    """Keeps its promises as long as the process lives; nothing is sealed, nothing is written."""

    selection: Selection = field(default_factory=Selection)
    _profiles: dict[str, AuthProfile] = field(default_factory=dict)
    _summaries: dict[str, ProfileSummary] = field(default_factory=dict)
    _records: dict[int, ProbeRecord] = field(default_factory=dict)
    _days: dict[DayKey, Day] = field(default_factory=lambda: defaultdict(Day))
    _pruned_until: int = 0
    _retention: Retention = field(default_factory=Retention)
    _last_id: int = 0
    _vault_id: str | None = None
    _locks: MemoryLocks = field(default_factory=MemoryLocks)

    @property
    def reader(self) -> StateReader:
        return self

    @property
    def journal_reader(self) -> JournalReader:
        return self

    @property
    def profiles(self) -> ProfileStore:
        return self

    @property
    def selections(self) -> SelectionStore:
        return self

    @property
    def vault(self) -> Vault:
        return self

    @property
    def journal(self) -> ProbeJournal:
        return self

    @property
    def key_probe(self) -> KeyProbe:
        return self

    @property
    def locks(self) -> Locks:
        return self._locks

    def problem(self, vault_id: str, slots: Sequence[KeySlot]) -> AuraError | None:
        return None

    def fingerprint(self, vault_id: str | None) -> Fingerprint:
        return _mark if vault_id else lambda _: None

    def marker(self) -> Fingerprint:
        return self.fingerprint(self._vault_id)

    def read(self) -> Stored:
        return Stored(
            selection=self.selection,
            profiles=tuple(self._summaries[id] for id in sorted(self._summaries)),
            heads=heads_of(self._records.values()),
            trail=trail_of(self._records.values()),
            last_used={
                r.credential_id: r.started_at for r in self._records.values() if r.kind == "use"
            },
            vault_id=self._vault_id,
        )

    def search(self, query: HistoryQuery) -> HistoryPage:
        found = [record for record in self._newest_first() if matches(record, query)]
        page = tuple(found[: query.limit])
        return HistoryPage(page, page[-1].id if len(found) > query.limit else None)

    def changes(self, query: HistoryQuery) -> ChangesPage:
        found = changes_of(self._records.values(), query)
        page = tuple(found[: query.limit])
        return ChangesPage(page, page[-1].record.id if len(found) > query.limit else None)

    def failures(self, query: HistoryQuery) -> Iterator[Failure]:
        return iter(failures_of(self._records.values(), query))

    def tally(self, question: Question) -> Tallied:
        return tally_of(question, self._days, self._records.values(), self._pruned_until)

    def runs(self, prefix: str) -> tuple[str, ...]:
        known = sorted({record.run_id for record in self._records.values()})
        return tuple(run for run in known if run.startswith(prefix))[:2]

    def get(self, id: str) -> AuthProfile:
        if id not in self._profiles:
            raise self._unknown(id)
        return self._profiles[id]

    def current(self, id: str) -> Held:
        return Held(self.get(id), self._summaries[id])

    def open(self, ids: Sequence[str]) -> Mapping[str, AuthProfile | AuraError]:
        return {id: self._profiles.get(id) or self._unknown(id) for id in ids}

    def put(self, profile: AuthProfile, now: int) -> ProfileSummary:
        self.ensure_key(now)
        mark = _mark(bearer_of(profile.credential).reveal())
        summary = summarised(profile, mark, now, self._summaries.get(profile.id))
        self._profiles[profile.id] = profile
        self._summaries[profile.id] = summary
        return summary

    def replace(self, profile: AuthProfile, if_revision: int, now: int) -> ProfileSummary:
        if profile.id not in self._summaries:
            raise self._unknown(profile.id)
        if self._summaries[profile.id].revision != if_revision:
            raise changed(profile.id)
        return self.put(profile, now)

    def relabel(self, id: str, label: str, now: int) -> ProfileSummary:
        profile = self.get(id)
        self._profiles[id] = dataclasses.replace(profile, label=label)
        self._summaries[id] = self._summaries[id]._replace(label=label, updated_at=now)
        return self._summaries[id]

    def rename(self, id: str, new: str, now: int) -> ProfileSummary:
        profile = self.get(id)
        if new in self._profiles:
            raise AlreadyExists(f"{new} is there already", hint="choose another id")
        selection = self.selection.with_profile_renamed(id, new)
        self.remove(id, now)
        self.selection = selection
        return self.put(dataclasses.replace(profile, id=new), now)

    def ensure_key(self, now: int) -> str:
        self._vault_id = _VAULT
        return _VAULT

    def remove(self, id: str, now: int) -> None:
        if id not in self._profiles:
            raise self._unknown(id)
        del self._profiles[id], self._summaries[id]
        self.selection = self.selection.without_profile(id)

    def update(
        self,
        change: Callable[[Selection], Selection],
        now: int,
        *,
        moving: Collection[str] = (),
        anew: bool = False,
    ) -> Selection:
        del anew  # nobody else writes here
        after = change(self.selection)
        held = (profile.provider for profile in self._profiles.values())
        taken = taken_away(self.selection.providers, after.providers) - {*moving}
        refuse_orphans(taken, held)
        kept = {row for row in self.selection.providers if row in after.providers}
        signed = tuple(
            row if row in kept else row._replace(mac=_SIGNATURE) for row in after.providers
        )
        self.selection = after._replace(providers=signed)
        there = {row.id: row.base_url for row in signed if row.id in moving}
        for profile in tuple(self._profiles.values()):
            if profile.provider in there and not profile.custom_base_url:
                self.put(dataclasses.replace(profile, base_url=there[profile.provider]), now)
        return self.selection

    def reset(self, keep: Collection[Provider], now: int) -> tuple[str, ...]:
        # Nothing is sealed here, so no key is ever lost.
        raise Refused("the key opens this store: there is nothing to reset")

    def verify(self) -> None:
        # Nobody else writes here.
        return

    def vouch_for(self, provider: Provider) -> None:
        if provider not in self.selection.providers or provider.mac != _SIGNATURE:
            raise ProviderTampered(f"the provider {provider.id} was not added here")

    def begin(
        self, intents: Sequence[ProbeRecord], *, patience: float | None = None
    ) -> tuple[int, ...]:
        ids = tuple(range(self._last_id + 1, self._last_id + len(intents) + 1))
        begun = {id: i._replace(id=id) for i, id in zip(intents, ids, strict=True)}
        self._records |= begun
        self._last_id += len(intents)
        for told in map(told_of, begun.values()):
            self._days[told.key].add(told)
        return ids

    def finish(self, records: Sequence[ProbeRecord]) -> None:
        for record in records:
            begun = self._records.get(record.id)
            if begun is not None and begun.outcome is None:
                told = told_of(record)
                self._days[told_of(begun).key].answered()
                self._days[told.key].add(told)
            if begun is not None:
                self._records[record.id] = record

    def prune(self, pruning: Pruning, now: int) -> Iterator[Pruned]:
        pruner = Pruner(pruning, now)
        going = [r.id for r in self._newest_first() if pruner.takes(r)]
        for id in going if not pruning.dry_run else ():
            self._pruned_until = max(self._pruned_until, self._records.pop(id).started_at + 1)
        yield Pruned(len(going), pruner.kept, pruner.seen)

    def set_retention(self, retention: Retention) -> None:
        self._retention = retention

    def retention(self) -> Retention:
        return self._retention

    def pruned_until(self) -> int:
        return self._pruned_until

    def retain(self, now: int) -> int:
        days, rows = self._retention
        wishes = [Pruning(before=now - days * DAY)] if days is not None else []
        wishes += [Pruning(keep=rows)] if rows is not None else []
        return sum(done.removed for wish in wishes for done in self.prune(wish, now))

    def rebuild(self, *, dry_run: bool = False) -> Iterator[Rebuilt]:
        # Nobody else counts here.
        yield Rebuilt(len(self._records), len(self._days))

    def _newest_first(self) -> Iterator[ProbeRecord]:
        return reversed(self._records.values())

    def _unknown(self, id: str) -> NotFound:
        return NotFound("no such auth profile", hint=did_you_mean(id, self._profiles))


def _mark(secret: str) -> str:
    return hashlib.blake2b(secret.encode(), digest_size=4).hexdigest()
