"""What is sealed opens for its own row alone, and tells nothing before."""

import base64
import json
import os
import pickle
import re
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from adapters.keys.sealing import AesGcmKeyring, AesGcmSealer, additional_data, seal, unseal
from adapters.keys.source import KeySource, derive, key_check
from application.ports.keys import Sealer
from domain.credentials.keys import KeySlot
from domain.credentials.wrapped import WrappedKeys, WrappedRoot
from domain.errors import (
    ProviderTampered,
    RecordDamaged,
    SelectionTampered,
    StoreDamaged,
    StoreFailed,
    WrongKey,
)
from domain.providers.refs import ModelRef
from tests.adapters.homes import Home
from tests.adapters.values import NOW, SECRET, own_provider, profile

BINDING = ("aura/profile/v1", "openai:default", "credential", "openai", "api_key")
# Few letters, so that the same text often comes cut at other places.
parts = st.lists(st.text("a\0\x01\ud800ü", max_size=3), max_size=4).map(tuple)


def sealer(folder: Path) -> Sealer:
    keyring = AesGcmKeyring(KeySource(folder))
    return keyring.unlock(keyring.create())


@settings(deadline=None, max_examples=500)
@given(one=parts, other=parts)
def test_two_bindings_never_look_the_same(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    assert (additional_data(one) == additional_data(other)) == (one == other)


@settings(deadline=None)
@given(one=parts)
def test_a_binding_can_be_read_back_from_its_bytes(one: tuple[str, ...]) -> None:
    data, read = additional_data(one), []
    while data:
        length = int.from_bytes(data[:4], "big")
        read.append(data[4 : 4 + length].decode("utf-8", "surrogatepass"))
        data = data[4 + length :]
    assert tuple(read) == one


def test_moving_a_character_over_a_border_is_another_binding() -> None:
    assert additional_data(("ab", "c")) != additional_data(("a", "bc"))
    assert additional_data(("a", "")) != additional_data(("a",))


@settings(deadline=None)
@given(key=st.binary(min_size=32, max_size=32), purpose=st.text(min_size=1, max_size=40))
def test_keys_are_derived_as_rfc_5869_says(key: bytes, purpose: str) -> None:
    expected = HKDFExpand(hashes.SHA256(), 32, purpose.encode()).derive(key)
    assert derive(key, purpose) == expected


def test_the_check_of_a_key_is_not_the_key() -> None:
    key = bytes(range(32))
    assert len(key_check(key)) == 16
    assert key_check(key) not in key
    assert key_check(key) != key_check(bytes(32))


def test_a_blob_is_version_nonce_ciphertext_and_tag(tmp_path: Path) -> None:
    blob = sealer(tmp_path).seal(b"plain", BINDING)
    assert blob[:1] == b"\x01"
    assert len(blob) == 1 + 12 + len(b"plain") + 16


def test_the_same_is_never_sealed_the_same_way_twice(tmp_path: Path) -> None:
    keys = sealer(tmp_path)
    blobs = {keys.seal(b"plain", BINDING) for _ in range(200)}
    assert len({blob[1:13] for blob in blobs}) == 200


def test_every_flipped_bit_of_a_blob_is_noticed(tmp_path: Path) -> None:
    keys = sealer(tmp_path)
    blob = keys.seal(b"p" * 64, BINDING)
    for bit in range(len(blob) * 8):
        flipped = bytearray(blob)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(RecordDamaged):
            keys.open(bytes(flipped), BINDING)
    assert keys.open(blob, BINDING) == b"p" * 64


def test_every_cut_of_a_blob_is_noticed(tmp_path: Path) -> None:
    keys = sealer(tmp_path)
    blob = keys.seal(b"p" * 64, BINDING)
    for length in range(len(blob)):
        with pytest.raises(RecordDamaged):
            keys.open(blob[:length], BINDING)
    with pytest.raises(RecordDamaged):
        keys.open(blob + b"\0", BINDING)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Sealer:
    return sealer(tmp_path_factory.mktemp("keys"))


@settings(deadline=None)
@given(one=parts, other=parts)
def test_no_other_binding_opens_a_blob(
    keys: Sealer, one: tuple[str, ...], other: tuple[str, ...]
) -> None:
    assume(one != other)
    blob = keys.seal(b"plain", one)
    assert keys.open(blob, one) == b"plain"
    with pytest.raises(RecordDamaged):
        keys.open(blob, other)


def test_no_other_vault_opens_a_blob_even_with_the_same_outer_key(tmp_path: Path) -> None:
    keyring = AesGcmKeyring(KeySource(tmp_path, variable=os.urandom(32).hex()))
    one, other = keyring.unlock(keyring.create()), keyring.unlock(keyring.create())
    with pytest.raises(RecordDamaged):
        other.open(one.seal(b"plain", BINDING), BINDING)


def test_fingerprints_and_signatures_differ_between_vaults(tmp_path: Path) -> None:
    one, other = sealer(tmp_path), sealer(tmp_path)
    assert one.fingerprint(b"secret") != other.fingerprint(b"secret")
    assert one.sign(BINDING) != other.sign(BINDING)
    assert re.fullmatch("[0-9a-f]{8}", one.fingerprint(b"secret"))
    assert len(one.sign(BINDING)) == 32


def test_a_sealer_shows_no_key_of_its_own(tmp_path: Path) -> None:
    keys = sealer(tmp_path)
    shown = repr(keys)
    assert "_root" not in shown
    assert "_data_key" not in shown


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.profiles.put(profile("openai:a"), NOW)
    home.profiles.put(profile("openai:b", "another-secret"), NOW)
    return home


@pytest.mark.parametrize(
    ("change", "damaged"),
    [
        ("provider = 'groq'", True),
        ("kind = 'token'", True),
        ("base_url = 'https://evil.test/v1'", True),
        ("scheme = 'x-api-key'", True),
        ("revision = revision + 1", True),
        ("sealed = x''", True),
        ("sealed = x'01'", True),
        ("sealed = zeroblob(10000)", True),
        ("sealed = (SELECT sealed FROM profiles WHERE id = 'openai:b')", True),
        ("label = 'mine'", True),
        ("expires_at = 1", True),
        ("custom_base_url = 1", True),
        ("fingerprint = '00000000'", True),
        ("metadata = '{\"x\": 1}'", False),
    ],
)
def test_an_edited_profile_does_not_open_and_the_others_do(
    home: Home, change: str, damaged: bool
) -> None:
    with home.tampering() as store:
        store.execute(f"UPDATE profiles SET {change} WHERE id = 'openai:a'")
    opened = home.profiles.open(["openai:a", "openai:b"])
    assert isinstance(opened["openai:a"], RecordDamaged) == damaged
    assert opened["openai:b"] == profile("openai:b", "another-secret")
    assert len(home.reader.read().profiles) == 2


def test_a_blob_under_another_id_does_not_open(home: Home) -> None:
    with home.tampering() as store:
        store.execute("DELETE FROM profiles WHERE id = 'openai:b'")
        store.execute("UPDATE profiles SET id = 'openai:b'")
    with pytest.raises(RecordDamaged):
        home.profiles.get("openai:b")


def test_a_profile_that_does_not_open_can_be_removed_and_added_again(home: Home) -> None:
    with home.tampering() as store:
        store.execute("UPDATE profiles SET sealed = x'00' WHERE id = 'openai:a'")
    home.profiles.remove("openai:a", NOW)
    home.profiles.put(profile("openai:a"), NOW)
    assert home.profiles.get("openai:a") == profile("openai:a")


@pytest.mark.parametrize(
    ("column", "refusal"),
    [
        ("vault.wrapped_data_key", RecordDamaged),
        ("key_slots.wrapped_root", RecordDamaged),
        ("key_slots.key_check", WrongKey),
    ],
)
@pytest.mark.parametrize("byte", [0, 1, 13, -1])
def test_a_changed_key_of_the_store_opens_nothing_and_makes_no_new_one(
    home: Home, column: str, refusal: type[Exception], byte: int
) -> None:
    table, name = column.split(".")
    with home.tampering() as store:
        ((blob,),) = store.execute(f"SELECT {name} FROM {table}").fetchall()
        flipped = bytearray(blob)
        flipped[byte] ^= 1
        store.execute(f"UPDATE {table} SET {name} = ?", [bytes(flipped)])
    before, keys = home.digest(), home.key_files()
    with pytest.raises(refusal):
        home.profiles.get("openai:a")
    with pytest.raises(refusal):
        home.profiles.put(profile("openai:c"), NOW)
    assert (home.digest(), home.key_files()) == (before, keys)


@pytest.mark.parametrize("tables", [["vault"], ["key_slots"], ["vault", "key_slots"]])
def test_a_store_that_lost_its_keys_gets_no_new_ones(home: Home, tables: list[str]) -> None:
    with home.tampering() as store:
        for table in tables:
            store.execute(f"DELETE FROM {table}")
    before, keys = home.digest(), home.key_files()
    with pytest.raises(StoreDamaged):
        home.profiles.put(profile("openai:c"), NOW)
    assert (home.digest(), home.key_files()) == (before, keys)


def test_a_slot_of_another_kind_or_name_does_not_open(home: Home) -> None:
    for change in ("kind = 'passphrase'", "id = 'slot-2'"):
        with home.tampering() as store:
            store.execute(f"UPDATE key_slots SET {change}")
        with pytest.raises(RecordDamaged):
            home.profiles.get("openai:a")


@pytest.mark.parametrize("length", [8, 20, 40, 51])
def test_the_length_of_a_sealed_secret_tells_only_64_bytes_apart(home: Home, length: int) -> None:
    home.profiles.put(profile("openai:a", "k" * length), NOW)
    with home.tampering() as store:
        ((size,),) = store.execute("SELECT length(sealed) FROM profiles WHERE id = 'openai:a'")
    assert size == 29 + 64


def test_an_edited_provider_is_not_vouched_for(home: Home) -> None:
    home.selection.update(lambda s: type(s)(providers=(own_provider(),)), NOW)
    for change in (
        "base_url = 'https://evil.test/v1'",
        """env_names = '["AWS_SECRET_ACCESS_KEY"]'""",
        "dialect = 'anthropic'",
        "scheme = 'x-api-key'",
        "allow_http = 1",
        "revision = 2",
        "id = 'groq2'",
        "mac = zeroblob(32)",
    ):
        with home.tampering() as store:
            store.execute("CREATE TABLE kept AS SELECT * FROM user_providers")
            store.execute(f"UPDATE user_providers SET {change}")
        (row,) = home.reader.read().selection.providers
        with pytest.raises(ProviderTampered):
            home.selection.vouch_for(row)
        with home.tampering() as store:
            store.execute("DELETE FROM user_providers")
            store.execute("INSERT INTO user_providers SELECT * FROM kept")
            store.execute("DROP TABLE kept")
    home.selection.vouch_for(home.reader.read().selection.providers[0])


def test_the_secret_lies_nowhere_in_the_home(home: Home) -> None:
    home.profiles.put(profile("openai:a", "the-second-" + SECRET), NOW)
    home.profiles.remove("openai:b", NOW)
    forms = _forms(SECRET) + _forms("another-secret")
    for file in home.root.rglob("*"):
        if file.is_file():
            content = file.read_bytes().lower()
            assert [form for form in forms if form.lower() in content] == []


def test_the_secret_is_in_no_text_a_failing_store_makes(home: Home) -> None:
    with home.tampering() as store:
        store.execute("CREATE UNIQUE INDEX no ON profiles (provider) WHERE id >= 'openai:b'")
    with pytest.raises(StoreFailed) as refused:
        home.profiles.put(profile("openai:c"), NOW)
    failure: BaseException | None = refused.value
    while failure is not None:
        assert SECRET not in f"{failure!r} {failure.args!r} {vars(failure)!r}"
        failure = failure.__context__


def test_bound_values_are_in_no_exception_of_the_database(home: Home) -> None:
    with pytest.raises(StoreFailed) as refused, home.database.writing() as connection:
        connection.execute(
            sa.text("INSERT INTO profiles (id, sealed) VALUES ('x', :sealed)"),
            {"sealed": SECRET.encode()},
        )
    assert SECRET not in str(refused.value)
    assert SECRET not in str(refused.value.__context__)


def test_a_profile_with_its_secret_is_neither_shown_nor_pickled(home: Home) -> None:
    opened = home.profiles.get("openai:a")
    assert SECRET not in f"{opened!r} {opened}"
    with pytest.raises(TypeError):
        pickle.dumps(opened)


def _forms(secret: str) -> list[bytes]:
    raw = secret.encode()
    windows = [raw[at : at + 10] for at in range(len(raw) - 9)]
    encoded = [base64.b64encode(raw[at:])[:-4] for at in range(3)]
    return [*windows, *encoded, raw.hex().encode(), json.dumps(secret).encode()]


@pytest.mark.parametrize("other", [("vault-2", 1), ("vault-1", 2)], ids=["vault", "version"])
def test_a_blob_is_bound_to_its_vault_and_key_version(other: tuple[str, int]) -> None:
    root, data_key = bytes(32), bytes(range(32))
    blob = AesGcmSealer("vault-1", root, {1: data_key}).seal(b"plain", BINDING)
    with pytest.raises(RecordDamaged):
        AesGcmSealer(other[0], root, {other[1]: data_key}).open(blob, BINDING)


def test_each_of_two_slots_opens_the_store(home: Home) -> None:
    first, outer = home.keyring, os.urandom(32)
    keys = first.create()
    sealed = first.unlock(keys).seal(b"plain", BINDING)
    # As adding a key will: the same root, wrapped by the key of another slot.
    both = replace(keys, roots=(*keys.roots, rewrapped(keys, first, outer)))
    moved = AesGcmKeyring(KeySource(home.root, base64.b64encode(outer).decode()))
    assert moved.unlock(both).open(sealed, BINDING) == b"plain"
    assert first.unlock(both).open(sealed, BINDING) == b"plain"
    with pytest.raises(WrongKey):
        moved.unlock(keys)


def rewrapped(keys: WrappedKeys, keyring: AesGcmKeyring, outer: bytes) -> WrappedRoot:
    own = keyring.source.find(keys.vault_id)
    ((slot, wrapped),) = keys.roots
    binding = ("aura/slot/v1", keys.vault_id)
    root = unseal(derive(own, "aura/wrap-root/v1"), wrapped, (*binding, slot.id, slot.kind))
    new = KeySlot("slot-2", "variable", key_check(outer))
    sealed = seal(derive(outer, "aura/wrap-root/v1"), root, (*binding, new.id, new.kind))
    return WrappedRoot(new, sealed)


def test_the_newest_data_key_seals_and_every_one_opens() -> None:
    old = AesGcmSealer("vault-1", bytes(32), {1: bytes(32)})
    both = AesGcmSealer("vault-1", bytes(32), {1: bytes(32), 2: bytes(range(32))})
    new = AesGcmSealer("vault-1", bytes(32), {2: bytes(range(32))})
    assert both.open(old.seal(b"before", BINDING), BINDING) == b"before"
    assert new.open(both.seal(b"after", BINDING), BINDING) == b"after"
    with pytest.raises(RecordDamaged):
        old.open(both.seal(b"after", BINDING), BINDING)


def test_a_selection_that_was_edited_is_not_followed(home: Home) -> None:
    home.selection.update(lambda s: s.with_default(ModelRef("openai", "gpt-5")), NOW)
    with home.tampering() as store:
        store.execute("UPDATE selection SET document = replace(document, 'gpt-5', 'gpt-6')")
    with pytest.raises(SelectionTampered):
        home.selection.verify()
    with home.tampering() as store:
        store.execute("UPDATE selection SET mac = NULL")
    home.selection.verify()
    assert not home.reader.read().signed
    home.selection.update(lambda s: s.with_fallback(ModelRef("openai", "gpt-4")), NOW)
    assert not home.reader.read().signed
    home.selection.update(lambda s: s, NOW, anew=True)
    assert home.reader.read().signed


def test_without_the_key_a_choice_is_changed_and_marked(home: Home) -> None:
    (key,) = home.key_files()
    key.unlink()
    home.selection.update(lambda s: s.with_default(ModelRef("openai", "gpt-5")), NOW)
    assert not home.reader.read().signed


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TRIGGER t AFTER INSERT ON probe_records BEGIN DELETE FROM profiles; END",
        "CREATE TRIGGER t BEFORE UPDATE ON selection BEGIN SELECT 1; END",
        "ALTER TABLE profiles RENAME TO p; CREATE VIEW profiles AS SELECT * FROM p",
    ],
)
def test_a_trigger_or_a_view_in_place_of_a_table_refuses_the_store(
    home: Home, statement: str
) -> None:
    with home.tampering() as store:
        store.executescript(statement)
    for use in (home.reader.read, lambda: home.profiles.put(profile("openai:c"), NOW)):
        with pytest.raises(StoreDamaged) as refused:
            use()
        assert "somebody put a" in str(refused.value)


def test_other_peoples_views_and_tables_are_their_business(home: Home) -> None:
    with home.tampering() as store:
        store.executescript(
            "CREATE VIEW mine AS SELECT id FROM profiles; CREATE TABLE notes (text);"
            "CREATE INDEX extra ON probe_records (latency_ms)"
        )
    assert len(home.reader.read().profiles) == 2
    home.profiles.put(profile("openai:c"), NOW)


def test_the_key_of_a_store_that_came_to_nothing_is_removed(tmp_path: Path) -> None:
    home = Home(tmp_path / "new")
    home.selection.update(lambda s: s.with_default(ModelRef("openai", "gpt-5")), NOW)
    with home.tampering() as store:
        store.execute("CREATE UNIQUE INDEX no ON profiles (abs(-9223372036854775807 - 1))")
    with pytest.raises(StoreDamaged):
        home.profiles.put(profile(), NOW)
    assert home.key_files() == []
