"""The whole outside world on one page. Each docstring is the promise a contract suite checks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

# Only the types: a prompt that asks for one port does not load the values of all.
if TYPE_CHECKING:
    from application.exchange import Flow, Stream
    from application.provider import Dialect, PluginListing, Speaker
    from domain.credentials import AuthProfile
    from domain.environment import Fingerprint
    from domain.errors import AuraError
    from domain.profiles import ProfileSummary
    from domain.providers import Provider
    from domain.pruning import Pruned, Pruning
    from domain.records import HistoryQuery, ProbeRecord
    from domain.selection import Selection
    from domain.state import KeySlot, Stored
    from domain.vault import WrappedKeys

T = TypeVar("T")
Clock = Callable[[], datetime]
"""The moment, aware, in UTC."""


class HistoryPage(NamedTuple):
    """Records, newest first; `next` is the cursor of the page after, None on the last one."""

    records: tuple[ProbeRecord, ...]
    next: int | None


class StateReader(Protocol):
    """The read side. Opens no secret, writes nothing, creates no file; a missing store is empty.

    Everything is fetched and the store closed before anything returns. Raises Unavailable.
    """

    def read(self) -> Stored: ...

    def history(self, query: HistoryQuery) -> HistoryPage: ...


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

    def put(self, profile: AuthProfile, now: int) -> ProfileSummary:
        """Adds or replaces, all or nothing; the revision grows by one. `now` is epoch ms.

        The first secret of a store creates its key. A key that cannot be read is never replaced.
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

    def update(self, change: Callable[[Selection], Selection], now: int) -> Selection:
        """Reads, changes and writes in one transaction; what `change` raises changes nothing.

        A provider that `change` adds is signed, and only then stored. One that profiles are stored
        of is neither taken away nor moved: raises InUse, whatever was known before.
        """
        ...

    def vouch_for(self, provider: Provider) -> None:
        """Returns if `provider` is the row a person added here, else raises ProviderTampered.

        To be asked before any credential goes to a user provider. Raises WrongKey, KeyMissing.
        """
        ...


class ProbeJournal(Protocol):
    """Every request that was made, and every clearing. An intent is written before its request is
    sent.
    """

    def begin(self, intents: Sequence[ProbeRecord]) -> tuple[int, ...]:
        """Writes the intents of one run in one commit; their ids, in order. Raises Unavailable.

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


class ProviderRegistry(Protocol):
    """The providers of this installation."""

    def builtin(self) -> Mapping[str, Provider]:
        """The rows shipped with the program: plain data, no dialect is loaded."""
        ...

    def enabled(self) -> Mapping[str, Provider]:
        """The rows of enabled plug-ins as they were then; no code of theirs is touched."""
        ...

    def gone(self) -> frozenset[str]:
        """Which of the enabled are not installed any longer, or in another version."""
        ...

    def dialect(self, row: Provider) -> Dialect:
        """The code that speaks with `row`, loaded now. Of a plug-in it is a stranger's: ask apart.

        Raises PluginFailed for a plug-in that is not the one that was enabled.
        """
        ...

    def speaker(self, row: Provider) -> Speaker | None:
        """The same where it is code of ours; None where a plug-in brought code of its own."""
        ...

    def complain(self, row: Provider, reason: str | None, *, works: bool = False) -> None:
        """Keeps what is wrong, or with `works` only odd, of the plug-in of `row`; None: nothing."""
        ...

    def plugins(self) -> tuple[PluginListing, ...]:
        """Every entry of the group `aura_intelligence.providers`; a stranger's is not imported.

        And every plug-in that was enabled and is not installed any longer.
        """
        ...

    def enable(self, id: str, taken: Mapping[str, Provider]) -> PluginListing:
        """Imports the plug-in, tries it and remembers it: this distribution, version and files.

        `taken` are the other providers. Raises NotFound, and PluginFailed with nothing enabled.
        """
        ...

    def disable(self, id: str) -> bool:
        """Whether it was enabled. Raises Unavailable."""
        ...


class Wire(Protocol):
    """The whole network, open between `async with` and its end."""

    async def __aenter__(self) -> object: ...

    async def __aexit__(self, *failure: object) -> None: ...

    async def hold(self, flow: Flow[T], timeout: int) -> T:
        """Holds the conversation and returns what the flow learned; `timeout` in ms is for all
        of it. Where no usable answer comes a WireFailure is thrown into the flow. No redirect is
        followed, nothing is sent twice, no header is ever in an exception.
        """
        ...

    async def stream(
        self, talk: Stream[T], on_text: Callable[[str], None], timeout: int, silence: int
    ) -> T:
        """Holds a conversation whose answer comes in pieces and returns what the talk learned.

        Each piece of text goes to `on_text` as it comes. `timeout` in ms is for all of it,
        `silence` from one text or sign of thinking to the next, and to the first; neither head nor
        comments are one. Where no usable answer comes a WireFailure is thrown into the talk. At
        most 16 MiB of a good answer are read and 256 KiB of any other. No redirect is followed,
        nothing is sent twice, no header is ever in an exception. What `on_text` raises ends it and
        is raised; the connection is closed whenever this ends, be it cancelled.
        """
        ...


Binding = tuple[str, ...]


class Sealer(Protocol):
    """Secrets of one store, whose keys are open."""

    def seal(self, plaintext: bytes, binding: Binding) -> bytes:
        """Ciphertext that opens only under the same `binding`."""
        ...

    def open(self, sealed: bytes, binding: Binding) -> bytes:
        """Raises RecordDamaged: other binding, other store, or a changed bit."""
        ...

    def fingerprint(self, plaintext: bytes) -> str:
        """8 hex digits that tell two secrets of this store apart and say nothing else."""
        ...

    def sign(self, statement: Binding) -> bytes:
        """A signature (32 bytes) nobody without the key can make."""
        ...


class Keyring(Protocol):
    """Where the key that opens a store comes from."""

    def create(self) -> WrappedKeys:
        """Keys for a new store. The outermost one is durable before this returns."""
        ...

    def unlock(self, keys: WrappedKeys) -> Sealer:
        """Raises KeyMissing, KeyMalformed, UnsafeFile, WrongKey or RecordDamaged; makes no key."""
        ...


class KeyProbe(Protocol):
    """What the read side may know of the key: without any cipher, in a millisecond."""

    def problem(self, vault_id: str, slots: Sequence[KeySlot]) -> str | None:
        """Why the store's secrets could not be opened now (an error type), or None."""
        ...

    def fingerprint(self, vault_id: str | None) -> Fingerprint:
        """A keyed hash (8 hex digits) of environment credentials; None where there is no key."""
        ...


class Prompter(Protocol):
    """A person at a terminal. Raises Malformed, naming `instead`, where there is no terminal."""

    @property
    def is_terminal(self) -> bool: ...

    def ask(self, question: str, *, instead: str) -> str: ...

    def ask_secret(self, question: str, *, instead: str) -> str:
        """Nothing is echoed; a paste of up to 20,000 characters arrives whole."""
        ...

    def choose(self, question: str, options: Sequence[str], *, instead: str) -> str: ...

    def confirm(self, question: str, *, instead: str) -> bool: ...

    def read_all(self, *, instead: str, most: int = 64 * 1024) -> str:
        """All of standard input, `most` bytes. Raises Malformed where it is closed or not text."""
        ...


class Launcher(Protocol):
    """Another program, run in the place of this one until it ends."""

    def run(
        self, argv: Sequence[str], environ: Mapping[str, str], secrets: Collection[str] = ()
    ) -> int:
        """Runs `argv` with `environ` and no other; its exit code, or 128 and the signal's number.

        It has our streams, terminal and process group; signals sent to us alone reach it. What it
        writes passes without `secrets`, if there are any; after its end what it wrote is waited
        for. Raises NotStarted, and ProgramMissing where the PATH of `environ` has no such program.
        """
        ...
