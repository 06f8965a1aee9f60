"""AES-256-GCM, bound to the row it seals; keys wrapped by keys (docs/adr/0004).

    key of the slot ── wraps ──► root key ── derives ──► wrapping key ── wraps ──► data key
                                          └─ derives ──► fingerprints, signatures

A sealed blob is `01 | nonce (12) | ciphertext | tag (16)`: 29 bytes more than what it holds.
"""

import hmac
import os
import uuid
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from adapters.keys.source import KEY_SIZE, KeySource, derive, key_check, short_mark
from application.ports.keys import Binding, Keyring, Sealer
from domain.credentials.keys import KeySlot, WrappedKeys
from domain.errors import RecordDamaged, WrongKey

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
        "a sealed record does not open: it was damaged or changed by someone else",
        hint="other records are not affected; remove this one and add it again",
    )


@dataclass(frozen=True, slots=True)
class AesGcmSealer(Sealer):
    vault_id: str
    data_key_version: int
    _root: bytes = field(repr=False)
    _data_key: bytes = field(repr=False)

    def seal(self, plaintext: bytes, binding: Binding) -> bytes:
        return seal(self._data_key, plaintext, self._bound(binding))

    def open(self, sealed: bytes, binding: Binding) -> bytes:
        return unseal(self._data_key, sealed, self._bound(binding))

    def _bound(self, binding: Binding) -> Binding:
        return (self.vault_id, str(self.data_key_version), *binding)

    def fingerprint(self, plaintext: bytes) -> str:
        return short_mark(self._root, "aura/fingerprint/v1", plaintext)

    def sign(self, statement: Binding) -> bytes:
        key = derive(self._root, "aura/signature/v1")
        return hmac.digest(key, additional_data(statement), "sha256")


@dataclass(frozen=True, slots=True)
class AesGcmKeyring(Keyring):
    source: KeySource

    def create(self) -> WrappedKeys:
        vault_id, slot_id = str(uuid.uuid4()), "slot-1"
        outer = self.source.create(vault_id)
        root, data_key = os.urandom(KEY_SIZE), os.urandom(KEY_SIZE)
        slot = KeySlot(slot_id, self.source.kind, key_check(outer))
        return WrappedKeys(
            vault_id=vault_id,
            slot=slot,
            wrapped_root=seal(derive(outer, _ROOT), root, _slot_binding(vault_id, slot)),
            data_key_version=1,
            wrapped_data_key=seal(derive(root, _DATA_KEY), data_key, _data_binding(vault_id, 1)),
        )

    def unlock(self, keys: WrappedKeys) -> Sealer:
        outer = self.source.find(keys.vault_id)
        if not hmac.compare_digest(key_check(outer), keys.slot.check):
            raise WrongKey(
                "the key that was found is not the key of this store",
                hint=f"it was taken from {self.source.where(keys.vault_id)}; nothing was changed",
            )
        try:
            return _unwrapped(outer, keys)
        except RecordDamaged:
            raise RecordDamaged(
                "the keys inside the store do not open: they were damaged or changed by someone",
                hint="restore a backup of the store; nothing was changed",
            ) from None


def _unwrapped(outer: bytes, keys: WrappedKeys) -> AesGcmSealer:
    vault_id, version = keys.vault_id, keys.data_key_version
    root = unseal(derive(outer, _ROOT), keys.wrapped_root, _slot_binding(vault_id, keys.slot))
    data_key = unseal(
        derive(root, _DATA_KEY), keys.wrapped_data_key, _data_binding(vault_id, version)
    )
    return AesGcmSealer(vault_id, version, root, data_key)


_ROOT = "aura/wrap-root/v1"
_DATA_KEY = "aura/wrap-dek/v1"


def _slot_binding(vault_id: str, slot: KeySlot) -> Binding:
    return ("aura/slot/v1", vault_id, slot.id, slot.kind)


def _data_binding(vault_id: str, version: int) -> Binding:
    return ("aura/dek/v1", vault_id, str(version))
