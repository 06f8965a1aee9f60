"""AES-256-GCM, bound to the row it seals; keys wrapped by keys (docs/adr/0004).

    key of the slot ── wraps ──► root key ── derives ──► wrapping key ── wraps ──► data key
                                          └─ derives ──► fingerprints, signatures

A sealed blob is `01 | nonce (12) | ciphertext | tag (16)`: 29 bytes more than what it holds.
"""

import contextlib
import hmac
import os
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from adapters.keys.source import KEY_SIZE, KeySource, derive, key_check, short_mark, wrong_key
from application.ports.keys import Binding, Keyring, Sealer
from domain.credentials.keys import KeySlot
from domain.credentials.wrapped import WrappedKeys, WrappedRoot
from domain.errors import RecordDamaged

_AES_256_GCM = b"\x01"
_NONCE = 12
_SHORTEST = len(_AES_256_GCM) + _NONCE + 16


def additional_data(parts: Binding) -> bytes:
    """`parts` so that no two different ones give the same bytes: 4-byte lengths, big-endian."""
    encoded = (part.encode("utf-8", "surrogatepass") for part in parts)
    return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)


def seal(key: bytes, plaintext: bytes, binding: Binding) -> bytes:
    nonce = os.urandom(_NONCE)
    sealed = AESGCM(key).encrypt(nonce, plaintext, additional_data(binding))
    return _AES_256_GCM + nonce + sealed


def unseal(key: bytes, sealed: bytes, binding: Binding) -> bytes:
    """Raises RecordDamaged; the message names no content."""
    if len(sealed) < _SHORTEST or sealed[:1] != _AES_256_GCM:
        raise _damaged()
    nonce, rest = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
    try:
        return AESGCM(key).decrypt(nonce, rest, additional_data(binding))
    except InvalidTag:
        raise _damaged() from None


def _damaged() -> RecordDamaged:
    return RecordDamaged(
        "an encrypted record cannot be opened: it was damaged, or changed by somebody else",
        hint="other records are not affected; remove this one and add it again",
    )


@dataclass(frozen=True, slots=True)
class AesGcmSealer(Sealer):
    vault_id: str
    _root: bytes = field(repr=False)
    _data_keys: Mapping[int, bytes] = field(repr=False)

    def seal(self, plaintext: bytes, binding: Binding) -> bytes:
        newest = max(self._data_keys)
        return seal(self._data_keys[newest], plaintext, self._bound(newest, binding))

    def open(self, sealed: bytes, binding: Binding) -> bytes:
        # A blob does not say its version: the binding does, and only the right one opens it.
        *newer, oldest = sorted(self._data_keys, reverse=True)
        for version in newer:
            with contextlib.suppress(RecordDamaged):
                return self._opened(sealed, version, binding)
        return self._opened(sealed, oldest, binding)

    def _opened(self, sealed: bytes, version: int, binding: Binding) -> bytes:
        return unseal(self._data_keys[version], sealed, self._bound(version, binding))

    def _bound(self, version: int, binding: Binding) -> Binding:
        return (self.vault_id, str(version), *binding)

    def fingerprint(self, plaintext: bytes) -> str:
        return short_mark(self._root, "aura/fingerprint/v1", plaintext)

    def sign(self, statement: Binding) -> bytes:
        key = derive(self._root, "aura/signature/v1")
        return hmac.digest(key, additional_data(statement), "sha256")


@dataclass(frozen=True, slots=True)
class AesGcmKeyring(Keyring):
    """`on_open` is called before any secret is in memory."""

    source: KeySource
    on_open: Callable[[], object] | None = None

    def create(self) -> WrappedKeys:
        vault_id = str(uuid.uuid4())
        outer = self.source.create(vault_id)
        root, data_key = os.urandom(KEY_SIZE), os.urandom(KEY_SIZE)
        slot = KeySlot(_FIRST_SLOT, self.source.kind, key_check(outer))
        wrapped = seal(derive(outer, _ROOT), root, _slot_binding(vault_id, slot))
        sealed = seal(derive(root, _DATA_KEY), data_key, _data_binding(vault_id, 1))
        return WrappedKeys(vault_id, (WrappedRoot(slot, wrapped),), {1: sealed})

    def discard(self, vault_id: str) -> None:
        self.source.discard(vault_id)

    def unlock(self, keys: WrappedKeys) -> Sealer:
        if self.on_open is not None:
            self.on_open()
        outer = self.source.find(keys.vault_id)
        check = key_check(outer)
        fitting = [r for r in keys.roots if hmac.compare_digest(check, r.slot.check)]
        if not fitting:
            needed = [root.slot.check for root in keys.roots]
            raise wrong_key(check, needed, self.source.where(keys.vault_id))
        try:
            return _unwrapped(outer, fitting[0], keys)
        except RecordDamaged:
            raise RecordDamaged(
                "the keys inside the store cannot be opened: they were damaged or changed",
                hint="restore a backup of the store; nothing was changed",
            ) from None


def _unwrapped(outer: bytes, fitting: WrappedRoot, keys: WrappedKeys) -> AesGcmSealer:
    vault_id = keys.vault_id
    binding = _slot_binding(vault_id, fitting.slot)
    root = unseal(derive(outer, _ROOT), fitting.wrapped, binding)
    wrapping = derive(root, _DATA_KEY)
    return AesGcmSealer(
        vault_id,
        root,
        {
            version: unseal(wrapping, wrapped, _data_binding(vault_id, version))
            for version, wrapped in keys.data_keys.items()
        },
    )


_FIRST_SLOT = "slot-1"
_ROOT = "aura/wrap-root/v1"
_DATA_KEY = "aura/wrap-dek/v1"


def _slot_binding(vault_id: str, slot: KeySlot) -> Binding:
    return ("aura/slot/v1", vault_id, slot.id, slot.kind)


def _data_binding(vault_id: str, version: int) -> Binding:
    return ("aura/dek/v1", vault_id, str(version))
