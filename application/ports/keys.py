"""What opens the store's secrets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from domain.credentials.environment import Fingerprint
    from domain.credentials.keys import KeySlot
    from domain.credentials.wrapped import WrappedKeys
    from domain.errors import AuraError


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

    def discard(self, vault_id: str) -> None:
        """Takes back what `create` made: no store has these keys."""
        ...

    def unlock(self, keys: WrappedKeys) -> Sealer:
        """Raises KeyMissing, KeyMalformed, UnsafeFile, WrongKey or RecordDamaged; makes no key."""
        ...


class KeyProbe(Protocol):
    """What the read side may know of the key: without any cipher, in a millisecond."""

    def problem(self, vault_id: str, slots: Sequence[KeySlot]) -> AuraError | None:
        """Why the store's secrets could not be opened now, or None."""
        ...

    def fingerprint(self, vault_id: str | None) -> Fingerprint:
        """A keyed hash (8 hex digits) of environment credentials; None where there is no key."""
        ...
