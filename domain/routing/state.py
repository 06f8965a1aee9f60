"""Everything the read commands need, fetched in one read."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from domain.credentials.environment import EnvironmentCredential
from domain.credentials.keys import KeySlot
from domain.credentials.profile import ProfileSummary
from domain.errors import AuraError
from domain.journal.records import ProbeRecord
from domain.providers.refs import ModelRef
from domain.providers.row import Provider
from domain.selection.selection import Selection

_NONE: Mapping[str, Any] = MappingProxyType({})


class Stored(NamedTuple):
    """What the store holds, secrets left closed; `profiles` in the order of their ids.

    `heads`, oldest first, has for each credential its newest finished record, and the newest ones
    that proved it, that refused it, and that told of its usage.

    `trail`, oldest first, is what a standing follows from: the newest failures (see
    NEWEST_FAILURES) of each credential and model since its last success, that success, and the
    newest clearing. `last_used` says when a credential was last used (epoch ms of the newest
    record of kind `use`).

    `vault_id` is None while nothing was ever sealed. `unreadable` is how many rows were left out,
    because nobody can tell what they say; `damaged` are profiles whose sealed record is no such
    thing, by its shape alone. `signed`: the selection carries a signature.
    """

    selection: Selection = Selection()
    profiles: tuple[ProfileSummary, ...] = ()
    heads: tuple[ProbeRecord, ...] = ()
    trail: tuple[ProbeRecord, ...] = ()
    last_used: Mapping[str, int] = _NONE
    vault_id: str | None = None
    slots: tuple[KeySlot, ...] = ()
    signed: bool = True
    damaged: frozenset[str] = frozenset()
    unreadable: int = 0


class State(NamedTuple):
    """What is stored, seen together with the providers and the environment of this moment.

    By credential id: `heads` are the newest records, `usage` the newest that told how much of its
    limits is used, `trail` those its standing follows from (oldest first), `last_used` when it was
    last used. `gone` are the providers whose plug-in is not installed as it was enabled,
    `unconfirmed` those of the user's own that were kept when the keys were lost.
    `key_problem` is why the store's key cannot be used, or None. `unreadable` is how many rows of
    the store were left out, `damaged` are profiles that no key opens. `signed`: the
    selection carries a signature (whose, readers do not know).
    """

    selection: Selection
    providers: Mapping[str, Provider]
    profiles: tuple[ProfileSummary, ...]
    environment: tuple[EnvironmentCredential, ...]
    heads: Mapping[str, ProbeRecord] = _NONE
    usage: Mapping[str, ProbeRecord] = _NONE
    trail: Mapping[str, Sequence[ProbeRecord]] = _NONE
    last_used: Mapping[str, int] = _NONE
    key_problem: AuraError | None = None
    gone: frozenset[str] = frozenset()
    unconfirmed: frozenset[str] = frozenset()
    signed: bool = True
    damaged: frozenset[str] = frozenset()
    unreadable: int = 0

    def called(self, ref: ModelRef) -> ModelRef:
        """`ref` as its provider calls the model."""
        provider = self.providers.get(ref.provider)
        return provider.named(ref) if provider else ref

    @property
    def having(self) -> set[str]:
        """The providers that have a credential."""
        having = {p.provider for p in self.profiles if p.provider in self.providers}
        return having | {e.provider for e in self.environment if e.problem != "malformed"}

    @property
    def only_provider(self) -> str | None:
        """The single provider that has a credential, or None."""
        having = self.having
        return next(iter(having)) if len(having) == 1 else None


def by_credential(records: Iterable[ProbeRecord]) -> dict[str, list[ProbeRecord]]:
    """`records` by the credential they are of."""
    found: dict[str, list[ProbeRecord]] = {}
    for record in records:
        found.setdefault(record.credential_id, []).append(record)
    return found
