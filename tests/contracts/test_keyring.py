"""What every keyring promises: keys made once, opened by who has the outermost, never made anew."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.keys.sealing import AesGcmKeyring
from adapters.keys.source import KeySource
from application.ports.keys import Keyring
from domain.credentials.wrapped import WrappedKeys
from domain.errors import KeyMalformed, KeyMissing, RecordDamaged, UnsafeFile, WrongKey

BINDING = ("aura/profile/v1", "openai:default", "ключ")
KEY, OTHER = bytes(range(32)).hex(), bytes(range(1, 33)).hex()


def by_own_file(folder: Path) -> KeySource:
    return KeySource(folder / "keys")


def by_named_file(folder: Path) -> KeySource:
    _write(folder / "named.key", KEY)
    return KeySource(folder / "keys", file=folder / "named.key")


def by_variable(folder: Path) -> KeySource:
    return KeySource(folder / "keys", variable=KEY)


SOURCES = (by_own_file, by_named_file, by_variable)
IN_FILES = (by_own_file, by_named_file)


@pytest.fixture(params=SOURCES)
def source(request: pytest.FixtureRequest, tmp_path: Path) -> KeySource:
    make: Callable[[Path], KeySource] = request.param
    return make(tmp_path)


@pytest.fixture(params=IN_FILES)
def filed(request: pytest.FixtureRequest, tmp_path: Path) -> KeySource:
    make: Callable[[Path], KeySource] = request.param
    return make(tmp_path)


def _write(file: Path, content: str) -> None:
    file.write_text(content)
    file.chmod(0o600)


def ring(source: KeySource) -> Keyring:
    """A keyring as a new process has it."""
    return AesGcmKeyring(source)


def everything(folder: Path) -> dict[str, bytes]:
    return {str(file): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_the_outermost_key_outlives_who_made_it(source: KeySource) -> None:
    keys = ring(source).create()
    sealed = ring(source).unlock(keys).seal(b"secret", BINDING)
    assert ring(source).unlock(keys).open(sealed, BINDING) == b"secret"


def test_each_store_has_keys_of_its_own(source: KeySource) -> None:
    one, other = ring(source).create(), ring(source).create()
    assert one.vault_id != other.vault_id
    sealed = ring(source).unlock(one).seal(b"secret", BINDING)
    with pytest.raises(RecordDamaged):
        ring(source).unlock(other).open(sealed, BINDING)
    assert ring(source).unlock(one).open(sealed, BINDING) == b"secret"


def test_the_keys_of_a_store_show_none(source: KeySource) -> None:
    keys = ring(source).create()
    shown = repr(keys) + repr(keys.roots) + repr(source)
    assert KEY not in shown
    assert KEY.encode() not in keys.roots[0].wrapped + keys.data_keys[1] + keys.roots[0].slot.check


def test_unlocking_makes_and_changes_nothing(source: KeySource, tmp_path: Path) -> None:
    keys = ring(source).create()
    before = everything(tmp_path)
    ring(source).unlock(keys)
    assert everything(tmp_path) == before


def test_a_missing_key_is_refused_and_none_is_made(filed: KeySource, tmp_path: Path) -> None:
    keys = ring(filed).create()
    filed.path(keys.vault_id).unlink()
    with pytest.raises(KeyMissing):
        ring(filed).unlock(keys)
    assert everything(tmp_path) == {}


def test_the_key_of_another_store_is_wrong(tmp_path: Path) -> None:
    one, other = ring(by_own_file(tmp_path)), by_own_file(tmp_path)
    keys, strange = one.create(), ring(other).create()
    other.path(keys.vault_id).write_bytes(other.path(strange.vault_id).read_bytes())
    with pytest.raises(WrongKey):
        one.unlock(keys)


def test_another_key_than_the_one_it_was_made_with_is_wrong(filed: KeySource) -> None:
    keys = ring(filed).create()
    _write(filed.path(keys.vault_id), OTHER)
    with pytest.raises(WrongKey):
        ring(filed).unlock(keys)


def test_another_key_in_the_variable_is_wrong(tmp_path: Path) -> None:
    keys = ring(by_variable(tmp_path)).create()
    with pytest.raises(WrongKey) as refused:
        ring(KeySource(tmp_path, variable=OTHER)).unlock(keys)
    assert OTHER not in f"{refused.value} {refused.value.hint}"


MALFORMED = ["", "no key at all", KEY[:-2], KEY + "00", "ключ" * 11, "\x00" * 44]


@pytest.mark.parametrize("content", MALFORMED)
def test_a_malformed_key_is_refused_and_not_repeated(filed: KeySource, content: str) -> None:
    keys = ring(filed).create()
    _write(filed.path(keys.vault_id), content)
    with pytest.raises(KeyMalformed) as refused:
        ring(filed).unlock(keys)
    assert not content or content not in f"{refused.value} {refused.value.hint}"
    assert filed.path(keys.vault_id).read_text() == content


@pytest.mark.parametrize("content", MALFORMED[1:])
def test_a_malformed_key_in_the_variable_opens_and_makes_nothing(
    tmp_path: Path, content: str
) -> None:
    keys = ring(by_variable(tmp_path)).create()
    malformed = ring(KeySource(tmp_path / "keys", variable=content))
    with pytest.raises(KeyMalformed):
        malformed.unlock(keys)
    with pytest.raises(KeyMalformed):
        malformed.create()
    assert everything(tmp_path) == {}


def test_a_named_key_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(KeyMissing):
        ring(KeySource(tmp_path / "keys", file=tmp_path / "named.key")).create()
    assert everything(tmp_path) == {}


def test_a_key_that_others_may_read_is_not_used(filed: KeySource) -> None:
    keys = ring(filed).create()
    filed.path(keys.vault_id).chmod(0o644)
    with pytest.raises(UnsafeFile):
        ring(filed).unlock(keys)


def test_a_key_behind_a_link_is_not_used(filed: KeySource) -> None:
    keys = ring(filed).create()
    file = filed.path(keys.vault_id)
    file.symlink_to(file.rename(file.with_name("moved.key")))
    with pytest.raises(UnsafeFile):
        ring(filed).unlock(keys)


def _flipped(blob: bytes) -> bytes:
    return blob[:-1] + bytes([blob[-1] ^ 1])


def _rooted(keys: WrappedKeys, **changed: Any) -> WrappedKeys:
    return replace(keys, roots=(keys.roots[0]._replace(**changed),))


DAMAGES: dict[str, Callable[[WrappedKeys], WrappedKeys]] = {
    "root": lambda keys: _rooted(keys, wrapped=_flipped(keys.roots[0].wrapped)),
    "no root": lambda keys: _rooted(keys, wrapped=b""),
    "data key": lambda keys: replace(keys, data_keys={1: _flipped(keys.data_keys[1])}),
    "half a data key": lambda keys: replace(keys, data_keys={1: keys.data_keys[1][:30]}),
    "version": lambda keys: replace(keys, data_keys={2: keys.data_keys[1]}),
    "slot": lambda keys: _rooted(keys, slot=keys.roots[0].slot._replace(id="slot-2")),
    "swapped": lambda keys: replace(
        _rooted(keys, wrapped=keys.data_keys[1]), data_keys={1: keys.roots[0].wrapped}
    ),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_damaged_keys_do_not_open(
    source: KeySource, damage: Callable[[WrappedKeys], WrappedKeys]
) -> None:
    keys = ring(source).create()
    with pytest.raises(RecordDamaged):
        ring(source).unlock(damage(keys))
    ring(source).unlock(keys)


def test_a_changed_check_is_a_wrong_key(source: KeySource) -> None:
    keys = ring(source).create()
    slot = keys.roots[0].slot
    changed = _rooted(keys, slot=slot._replace(check=_flipped(slot.check)))
    with pytest.raises(WrongKey):
        ring(source).unlock(changed)


@pytest.mark.parametrize("plaintext", [b"", b"secret", "пароль".encode(), bytes(100_000)])
def test_what_is_sealed_opens_under_its_binding_alone(source: KeySource, plaintext: bytes) -> None:
    sealer = ring(source).unlock(ring(source).create())
    sealed = sealer.seal(plaintext, BINDING)
    assert sealer.open(sealed, BINDING) == plaintext
    assert not plaintext or plaintext not in sealed
    for strange in (BINDING[:2], (*BINDING, ""), ("".join(BINDING),), ()):
        with pytest.raises(RecordDamaged):
            sealer.open(sealed, strange)
    with pytest.raises(RecordDamaged):
        sealer.open(_flipped(sealed), BINDING)


def test_a_fingerprint_is_of_its_store_and_its_secret(source: KeySource) -> None:
    keys = ring(source).create()
    one, again = ring(source).unlock(keys), ring(source).unlock(keys)
    other = ring(source).unlock(ring(source).create())
    assert one.fingerprint(b"secret") == again.fingerprint(b"secret")
    assert one.fingerprint(b"secret") != one.fingerprint(b"secret2")
    assert one.fingerprint(b"secret") != other.fingerprint(b"secret")
    assert len(bytes.fromhex(one.fingerprint(b""))) == 4


def test_a_signature_is_of_its_store_and_its_statement(source: KeySource) -> None:
    keys = ring(source).create()
    one, again = ring(source).unlock(keys), ring(source).unlock(keys)
    other = ring(source).unlock(ring(source).create())
    assert one.sign(BINDING) == again.sign(BINDING)
    assert one.sign(("a", "bc")) != one.sign(("ab", "c"))
    assert one.sign(BINDING) != other.sign(BINDING)
    assert len(one.sign(BINDING)) == 32
