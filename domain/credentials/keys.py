"""The slots of a store's key."""

from typing import NamedTuple


class KeySlot(NamedTuple):
    """How the root key is wrapped. `check` is a keyed digest that tells a wrong key from damage."""

    id: str
    kind: str
    check: bytes
