"""What is kept: profiles, the selection, the journal."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol, Self

if TYPE_CHECKING:
    from application.ports.keys import KeyProbe
    from application.ports.reading import JournalReader, StateReader
    from application.ports.sign_in import Locks
    from domain.credentials.credential import AuthProfile
    from domain.credentials.environment import Fingerprint
    from domain.credentials.profile import ProfileSummary
    from domain.errors import AuraError
    from domain.journal.days import Rebuilt
    from domain.journal.pruning import Pruned, Pruning
    from domain.journal.records import ProbeRecord, Retention
    from domain.providers.row import Provider
    from domain.selection.selection import Selection


class Held(NamedTuple):
    """A profile with its secret, and what may be known of it."""

    profile: AuthProfile
    summary: ProfileSummary


class ProfileStore(Protocol):
    """Auth profiles, sealed. Raises Unavailable whenever store or key cannot be used."""

    def get(self, id: str) -> AuthProfile:
        """The profile with its secret. Raises NotFound, WrongKey, KeyMissing or RecordDamaged."""
        ...

    def open(self, ids: Sequence[str]) -> Mapping[str, AuthProfile | AuraError]:
        """Each profile with its secret, or what `get` would have raised; one look at the store.

        Raises Unavailable only where the store itself cannot be read.
        """
        ...

    def current(self, id: str) -> Held:
        """The profile as it is now. Raises what `get` raises."""
        ...

    def put(self, profile: AuthProfile, now: int) -> ProfileSummary:
        """Adds or replaces, all or nothing; the revision grows by one. `now` is epoch ms.

        The first secret of a store creates its key. A key that cannot be read is never replaced.
        """
        ...

    def replace(self, profile: AuthProfile, if_revision: int, now: int) -> ProfileSummary:
        """The same, only where what is stored has that revision: of several who read it, one wins.

        Raises Changed where it has another one by now, and NotFound where it is gone.
        """
        ...

    def relabel(self, id: str, label: str, now: int) -> ProfileSummary:
        """Gives it another label; its secret and revision stay. Raises NotFound, Unavailable."""
        ...

    def rename(self, id: str, new: str, now: int) -> ProfileSummary:
        """The same profile under another id, its place in the auth order with it.

        What is in the journal stays under the old one. Raises NotFound, AlreadyExists.
        """
        ...

    def marker(self) -> Fingerprint:
        """Says of a secret the fingerprint it has here, and None while nothing was ever sealed.

        Raises KeyMissing, WrongKey.
        """
        ...

    def ensure_key(self, now: int) -> str:
        """Makes the store's key where nothing was sealed yet; the id of the vault either way.

        `now` is epoch ms. A key that cannot be read is never replaced.
        """
        ...

    def remove(self, id: str, now: int) -> None:
        """Removes the profile and its place in the auth order. Raises NotFound. Opens nothing."""
        ...


class SelectionStore(Protocol):
    """What the user chose. Raises Unavailable whenever the store cannot be used."""

    def update(
        self,
        change: Callable[[Selection], Selection],
        now: int,
        *,
        moving: Collection[str] = (),
        anew: bool = False,
    ) -> Selection:
        """Reads, changes and writes in one transaction; what `change` raises changes nothing.

        A provider that `change` adds is signed, and only then stored. One that profiles are stored
        of is neither taken away nor moved: raises InUse, whatever was known before. Those named in
        `moving` take their profiles along, each opened and sealed for the new address.

        What somebody else changed is signed again only where a person chose `anew`.
        """
        ...

    def verify(self) -> None:
        """Returns if the selection is as it was written here, or is marked as unsigned.

        To be asked before a secret is handed out or a request is sent. Raises SelectionTampered,
        WrongKey, KeyMissing.
        """
        ...

    def vouch_for(self, provider: Provider) -> None:
        """Returns if `provider` is the row a person added here, else raises ProviderTampered.

        To be asked before any credential goes to a user provider. Raises WrongKey, KeyMissing.
        """
        ...


class Vault(Protocol):
    """The keys of a store, as a whole."""

    def reset(self, keep: Collection[Provider], now: int) -> tuple[str, ...]:
        """New keys where the old ones are lost: the ids of the profiles that went with them.

        What was chosen stays, unsigned, and the journal; so does a copy of the old store. Own
        providers that are just as in `keep` are signed anew; no other is vouched for. Raises
        Refused where the store's secrets can be opened.
        """
        ...


class ProbeJournal(Protocol):
    """Every request that was made, and every clearing. An intent is written before its request is
    sent.
    """

    def begin(
        self, intents: Sequence[ProbeRecord], *, patience: float | None = None
    ) -> tuple[int, ...]:
        """Writes the intents of one run in one commit; their ids, in order. Raises Unavailable,
        where other writers are in the way for `patience` seconds as well.

        A run may grow by later ones. A record that has an outcome already is kept as it is.
        """
        ...

    def finish(self, records: Sequence[ProbeRecord]) -> None:
        """Writes results over their intents (by `id`), in one commit. Safe from any one thread."""
        ...

    def prune(self, pruning: Pruning, now: int) -> Iterator[Pruned]:
        """Removes what may go, newest first, in short steps that keep no writer waiting.

        Yields how far it is after each step, and once at least; who stops listening stops it, and
        what was done stays.
        `Stored` is the same before and after: whatever a standing, a last probe or a usage shown
        follows from stays (see `Pruner`), and so does an intent whose answer may still come. A run
        goes with its last record; an id is never used again. A store that was never written stays
        unwritten. `now` is epoch ms. Raises Unavailable.
        """
        ...

    def set_retention(self, retention: Retention) -> None:
        """How long records are kept from now on. Raises Unavailable."""
        ...

    def retain(self, now: int) -> int:
        """Removes some of the records that are not to be kept any longer, and may go as in
        `prune`; how many. To be called after a run that wrote: it takes a second at most, and
        mostly nothing. A store that was never written stays unwritten. Raises Unavailable.
        """
        ...

    def rebuild(self, *, dry_run: bool = False) -> Iterator[Rebuilt]:
        """Compares what is counted of each day with its records, and counts those anew that
        differ; yields as `prune` does. Days that lost records to pruning stay as they are. With
        `dry_run` nothing is written. Raises Unavailable.
        """
        ...


class Copied(NamedTuple):
    """What was copied, and where: how many rows of each table."""

    source: str
    target: str
    rows: Mapping[str, int]


class StoreCopier(Protocol):
    """Moves a store to another back end."""

    def copy(self, source: str, target: str, *, dry_run: bool = False) -> Copied:
        """All of `source` in `target`: each is `current`, a path, or a URL without a password.

        In one transaction, every row compared before it ends. With `dry_run` only looked at. Raises
        AlreadyExists where `target` is not empty, NotFound, Malformed, Unavailable.
        """
        ...


class Recorder(Protocol):
    """Writes the results of one run while others are still under way; to be used as a context.

    Its end waits until all are written. `failure` is why they could not be, if so.
    """

    failure: AuraError | None

    def __enter__(self) -> Self: ...

    def __exit__(self, *failure: object) -> None: ...

    def add(self, record: ProbeRecord) -> None:
        """Never waits for the store."""
        ...


class Store(Protocol):
    """A back end: what keeps each promise of this page. They are of one store.

    Not a port of its own: only who wires asks it.
    """

    @property
    def reader(self) -> StateReader: ...

    @property
    def journal_reader(self) -> JournalReader: ...

    @property
    def profiles(self) -> ProfileStore: ...

    @property
    def selections(self) -> SelectionStore: ...

    @property
    def vault(self) -> Vault: ...

    @property
    def journal(self) -> ProbeJournal: ...

    @property
    def key_probe(self) -> KeyProbe: ...

    @property
    def locks(self) -> Locks: ...
