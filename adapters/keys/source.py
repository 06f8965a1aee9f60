"""Where the 32 bytes that open a store come from: a variable, a named file, or our key file.

Standard library only: `status` asks here whether the key fits, and must stay fast.
"""

import base64
import binascii
import contextlib
import hashlib
import hmac
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from adapters.machine.files import create_private, private_folder, read_private
from application.ports.keys import KeyProbe
from domain.credentials.environment import Fingerprint
from domain.credentials.keys import KeySlot
from domain.errors import AuraError, KeyMalformed, KeyMissing, WrongKey

KEY_SIZE = 32
_HEADER = b"AURAKEY1"
VARIABLE = "AURA_INTELLIGENCE_VAULT_KEY"


def derive(key: bytes, purpose: str) -> bytes:
    """A key of its own for each purpose: HKDF-Expand (RFC 5869) with SHA-256, one block.

    `key` is uniformly random, so the extract step is not needed (RFC 5869, 3.3).
    """
    return hmac.digest(key, purpose.encode() + b"\x01", "sha256")


def key_check(key: bytes) -> bytes:
    """16 bytes that tell whether `key` is the one a slot was made with, and nothing else."""
    return hmac.digest(derive(key, "aura/kek-id/v1"), b"", "sha256")[:16]


def wrong_key(found: bytes, needed: Iterable[bytes], where: str) -> WrongKey:
    """Of a key that is another store's; both are named by the first bytes of their check."""
    have, need = found.hex()[:8], " or ".join(check.hex()[:8] for check in needed) or "none"
    return WrongKey(
        f"the key that was found is not the key of this store (have {have}, need {need})",
        hint=f"it was taken from {where}; nothing was changed. If the right one is lost: "
        "aura_intelligence vault reset",
    )


def short_mark(key: bytes, purpose: str, content: bytes) -> str:
    """8 hex digits of a keyed hash."""
    return hmac.digest(derive(key, purpose), content, "sha256").hex()[:8]


class KeySource:
    """`variable` is the value of AURA_INTELLIGENCE_VAULT_KEY, `file` of …_FILE, or None."""

    def __init__(self, folder: Path, variable: str | None = None, file: Path | None = None) -> None:
        self.folder = folder
        self.variable = variable
        self.file = file

    @property
    def kind(self) -> str:
        return "env" if self.variable else "file"

    def where(self, vault_id: str) -> str:
        """Where the key is looked for, in words."""
        return VARIABLE if self.variable else str(self.path(vault_id))

    def path(self, vault_id: str) -> Path:
        return self.file or self.folder / f"{vault_id}.key"

    def find(self, vault_id: str) -> bytes:
        """The key. Raises KeyMissing, KeyMalformed or UnsafeFile; never makes one."""
        if self.variable:
            return _decoded(os.fsencode(self.variable), VARIABLE)
        path = self.path(vault_id)
        content = read_private(path)
        if content is None:
            raise KeyMissing(
                f"the key of the store is not at {path}",
                hint=f"restore it, ask whoever shares the store, or set {VARIABLE}. If it is lost: "
                "aura_intelligence vault reset",
            )
        return _of_file(content, path)

    def create(self, vault_id: str) -> bytes:
        """The key for a new store: the one a person gave, else a fresh key file, on disk."""
        if self.variable or self.file:
            return self.find(vault_id)
        private_folder(self.folder)
        key = os.urandom(KEY_SIZE)
        create_private(self.path(vault_id), _to_file(key))
        return key

    def discard(self, vault_id: str) -> None:
        """Removes the key file that was made for a store that came to nothing."""
        if not self.variable and not self.file:
            with contextlib.suppress(OSError):
                self.path(vault_id).unlink()


def _to_file(key: bytes) -> bytes:
    encoded = base64.urlsafe_b64encode(key).rstrip(b"=")
    return b" ".join((_HEADER, encoded, _checksum(key))) + b"\n"


def _checksum(key: bytes) -> bytes:
    return hashlib.sha256(_HEADER + key).hexdigest()[:10].encode()


def _of_file(content: bytes, path: Path) -> bytes:
    parts = content.split()
    if len(parts) != 3 or parts[0] != _HEADER:
        return _decoded(content, str(path))
    key = _decoded(parts[1], str(path))
    # Written in one way only: the last letter of base64 has bits that decode to nothing.
    if not hmac.compare_digest(_to_file(key), b" ".join(parts) + b"\n"):
        raise KeyMalformed(f"{path} is damaged", hint="restore it from a backup")
    return key


def _decoded(text: bytes, where: str) -> bytes:
    text = text.strip()
    try:
        if len(text) == 2 * KEY_SIZE:
            return bytes.fromhex(text.decode("ascii"))
        padded = text.rstrip(b"=") + b"=" * (-len(text.rstrip(b"=")) % 4)
        key = base64.b64decode(padded.replace(b"-", b"+").replace(b"_", b"/"), validate=True)
    except (ValueError, binascii.Error):
        key = b""
    if len(key) != KEY_SIZE:
        raise KeyMalformed(
            f"{where} does not hold a key", hint="32 bytes in base64, base64url or hex"
        )
    return key


class StdlibKeyProbe(KeyProbe):
    def __init__(self, source: KeySource) -> None:
        self.source = source

    def problem(self, vault_id: str, slots: Sequence[KeySlot]) -> AuraError | None:
        try:
            check = key_check(self.source.find(vault_id))
        except AuraError as refusal:
            return refusal
        fits = any(hmac.compare_digest(check, slot.check) for slot in slots)
        needed = [slot.check for slot in slots]
        return None if fits else wrong_key(check, needed, self.source.where(vault_id))

    def fingerprint(self, vault_id: str | None) -> Fingerprint:
        try:
            key = self.source.find(vault_id) if vault_id else None
        except AuraError:
            # Gone since somebody looked whether it is there.
            key = None
        if key is None:
            return lambda _: None
        return lambda text: short_mark(key, "aura/env-fingerprint/v1", text.encode())
