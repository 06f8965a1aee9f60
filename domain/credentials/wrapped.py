"""The keys of a store, wrapped as they are kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from domain.credentials.keys import KeySlot


class WrappedRoot(NamedTuple):
    """The root key in one slot, wrapped by the key of that slot."""

    slot: KeySlot
    wrapped: bytes


@dataclass(frozen=True, slots=True)
class WrappedKeys:
    """The keys of a store as they are stored: each wrapped by the one before.

    Any of `roots` leads to the root key, which opens all `data_keys` (by version). The newest one
    seals; the others are there for what was sealed before.
    """

    vault_id: str
    roots: tuple[WrappedRoot, ...] = field(repr=False)
    data_keys: Mapping[int, bytes] = field(repr=False)
