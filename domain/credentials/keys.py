"""The keys of a store, wrapped as they are kept."""

from dataclasses import dataclass, field
from typing import NamedTuple


class KeySlot(NamedTuple):
    """How the root key is wrapped. `check` is a keyed digest that tells a wrong key from damage."""

    id: str
    kind: str
    check: bytes


@dataclass(frozen=True, slots=True)
class WrappedKeys:
    """The keys of a store as they are stored: each wrapped by the one before."""

    vault_id: str
    slot: KeySlot
    wrapped_root: bytes = field(repr=False)
    data_key_version: int
    wrapped_data_key: bytes = field(repr=False)
