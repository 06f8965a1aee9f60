"""Where a store's key comes from, and what works without it."""

import base64
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.keys.source import KeySource, StdlibKeyProbe
from domain.errors import (
    KeyMalformed,
    KeyMissing,
    RecordDamaged,
    StoreDamaged,
    UnsafeFile,
    WrongKey,
)
from domain.journal.records import HistoryQuery
from domain.providers.refs import ModelRef
from domain.selection.selection import Selection
from tests.adapters.homes import Home
from tests.adapters.values import NOW, SECRET, intent, own_provider, profile

KEY = bytes(range(32))
VAULT = "12345678-1234-1234-1234-123456789abc"
ENCODINGS = {
    "hex": KEY.hex(),
    "upper-case hex": KEY.hex().upper(),
    "base64": base64.b64encode(KEY).decode(),
    "base64 without padding": base64.b64encode(KEY).decode().rstrip("="),
    "base64url": base64.urlsafe_b64encode(bytes([0xFB, 0xFF] * 16)).decode(),
    "base64url without padding": base64.urlsafe_b64encode(KEY).decode().rstrip("="),
    "with a line end": KEY.hex() + "\n",
}
NO_KEYS = {
    "31 bytes": base64.b64encode(KEY[:31]).decode(),
    "33 bytes": base64.b64encode(KEY + b"x").decode(),
    "cut hex": KEY.hex()[:63],
    "hex and more": KEY.hex() + "0",
    "words": "correct horse battery staple",
    "63 and a space": KEY.hex()[:31] + " " + KEY.hex()[32:],
    "not ASCII": "ключ" * 11,
    "no text at all": os.fsdecode(b"\xff" * 44),
}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.profiles.put(profile(), NOW)
    home.selection.update(lambda _: Selection(providers=(own_provider(),)), NOW)
    home.journal.begin([intent()])
    return home


def test_the_key_file_has_64_bytes_a_header_and_a_checksum(home: Home) -> None:
    (file,) = home.key_files()
    content = file.read_bytes()
    assert len(content) == 64
    header, encoded, checksum = content.split()
    assert header == b"AURAKEY1"
    assert len(base64.urlsafe_b64decode(encoded + b"=")) == 32
    assert len(checksum) == 10
    assert content.endswith(b"\n")
    assert file.stem == home.reader.read().vault_id


@settings(deadline=None)
@given(key=st.binary(min_size=32, max_size=32))
def test_every_key_comes_back_from_every_form_of_it(key: bytes) -> None:
    for text in (key.hex(), base64.b64encode(key).decode(), base64.urlsafe_b64encode(key).decode()):
        assert KeySource(Path("/nowhere"), variable=text).find(VAULT) == key


@pytest.mark.parametrize("form", ENCODINGS)
def test_a_key_of_ones_own_may_be_written_in_these_forms(tmp_path: Path, form: str) -> None:
    home = Home(tmp_path, variable=ENCODINGS[form])
    home.profiles.put(profile(), NOW)
    assert home.profiles.get("openai:default") == profile()
    assert home.key_files() == []


@pytest.mark.parametrize("form", ENCODINGS)
def test_a_key_file_of_ones_own_may_hold_them_too(tmp_path: Path, form: str) -> None:
    file = tmp_path / "own.key"
    file.write_text(ENCODINGS[form])
    file.chmod(0o600)
    home = Home(tmp_path / "home", key_file=file)
    home.profiles.put(profile(), NOW)
    assert home.profiles.get("openai:default") == profile()
    assert home.key_files() == []


@pytest.mark.parametrize("form", NO_KEYS)
def test_anything_else_is_malformed_and_not_repeated(tmp_path: Path, form: str) -> None:
    home = Home(tmp_path, variable=NO_KEYS[form])
    with pytest.raises(KeyMalformed) as refused:
        home.profiles.put(profile(), NOW)
    assert NO_KEYS[form][:8] not in f"{refused.value} {refused.value.hint}"
    assert "AURA_INTELLIGENCE_VAULT_KEY" in str(refused.value)
    assert home.reader.read().profiles == ()


def test_a_named_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    home = Home(tmp_path / "home", key_file=tmp_path / "own.key")
    with pytest.raises(KeyMissing):
        home.profiles.put(profile(), NOW)
    assert not (tmp_path / "own.key").exists()
    assert home.key_files() == []


def test_each_store_makes_a_key_of_its_own(tmp_path: Path) -> None:
    one, other = Home(tmp_path / "one"), Home(tmp_path / "other")
    for home in (one, other):
        home.profiles.put(profile(), NOW)
    assert one.key_files()[0].read_bytes() != other.key_files()[0].read_bytes()
    assert one.key_files()[0].name != other.key_files()[0].name


def test_a_choice_without_a_secret_needs_no_key(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.selection.update(lambda s: s.with_default(ModelRef("openai", "gpt-5")), NOW)
    home.journal.begin([intent()])
    assert home.key_files() == []
    assert home.reader.read().vault_id is None


def _gone(home: Home) -> Home:
    home.key_files()[0].unlink()
    return home


def _anothers(home: Home) -> Home:
    other = Home(home.root.with_name("another"))
    other.profiles.put(profile(), NOW)
    home.key_files()[0].write_bytes(other.key_files()[0].read_bytes())
    return home


def _mistyped(home: Home) -> Home:
    file = home.key_files()[0]
    content = file.read_bytes()
    swapped = content[:20] + (b"A" if content[20:21] != b"A" else b"B") + content[21:]
    file.write_bytes(swapped)
    return home


def _cut(home: Home) -> Home:
    os.truncate(home.key_files()[0], 40)
    return home


def _emptied(home: Home) -> Home:
    os.truncate(home.key_files()[0], 0)
    return home


def _shown(home: Home) -> Home:
    home.key_files()[0].chmod(0o644)
    return home


def _linked(home: Home) -> Home:
    file = home.key_files()[0]
    file.rename(home.root / "moved.key")
    file.symlink_to(home.root / "moved.key")
    return home


def _in_an_open_folder(home: Home) -> Home:
    home.keys.chmod(0o777)
    return home


PROBLEMS = {
    "missing": (_gone, KeyMissing),
    "another store's": (_anothers, WrongKey),
    "mistyped": (_mistyped, KeyMalformed),
    "cut": (_cut, KeyMalformed),
    "empty": (_emptied, KeyMalformed),
    "readable by all": (_shown, UnsafeFile),
    "a link": (_linked, UnsafeFile),
    "in an open folder": (_in_an_open_folder, UnsafeFile),
    "another one in the variable": (lambda home: replace(home, variable=KEY.hex()), WrongKey),
    "no key in the variable": (lambda home: replace(home, variable="short"), KeyMalformed),
    "another one in the named file": (
        lambda home: replace(home, key_file=_written(home.root / "k", KEY.hex())),
        WrongKey,
    ),
    "no named file": (lambda home: replace(home, key_file=home.root / "gone"), KeyMissing),
}


def _written(file: Path, text: str) -> Path:
    file.write_text(text)
    file.chmod(0o600)
    return file


@pytest.mark.parametrize("problem", PROBLEMS)
def test_without_its_key_a_store_keeps_its_secrets_and_makes_no_other(
    home: Home, problem: str
) -> None:
    spoil, refusal = PROBLEMS[problem]
    home = spoil(home)
    before, keys = home.digest(), [file.name for file in home.key_files()]
    provider = home.reader.read().selection.providers[0]
    for use in (
        lambda: home.profiles.get("openai:default"),
        lambda: home.profiles.put(profile("openai:new"), NOW),
        lambda: home.profiles.put(profile(), NOW),
        lambda: home.selection.vouch_for(provider),
        lambda: home.selection.update(lambda _: Selection(providers=(own_provider("other"),)), NOW),
    ):
        with pytest.raises(refusal) as refused:
            use()
        assert refused.value.hint
        assert SECRET not in f"{refused.value} {refused.value.hint}"
    opened = home.profiles.open(["openai:default"])
    assert isinstance(opened["openai:default"], refusal)
    assert home.digest() == before
    assert [file.name for file in home.key_files()] == keys


@pytest.mark.parametrize("problem", PROBLEMS)
def test_what_needs_no_secret_works_without_the_key(home: Home, problem: str) -> None:
    spoil, refusal = PROBLEMS[problem]
    home = spoil(home)
    home.selection.update(lambda s: s.with_default(ModelRef("openai", "gpt-5")), NOW)
    (id,) = home.journal.begin([intent(run="run-2")])
    stored = home.reader.read()
    assert stored.selection.default == ModelRef("openai", "gpt-5")
    assert [kept.id for kept in stored.profiles] == ["openai:default"]
    assert home.journal_reader.search(HistoryQuery()).records[0].id == id
    assert stored.vault_id is not None
    assert isinstance(home.key_probe.problem(stored.vault_id, stored.slots), refusal)
    home.profiles.remove("openai:default", NOW)


def test_with_its_key_a_store_has_no_problem(home: Home) -> None:
    stored = home.reader.read()
    assert stored.vault_id is not None
    assert home.key_probe.problem(stored.vault_id, stored.slots) is None


def test_the_key_moves_to_the_variable_or_a_named_file_and_still_fits(home: Home) -> None:
    (file,) = home.key_files()
    encoded = file.read_bytes().split()[1].decode()
    moved = file.rename(home.root / "elsewhere")
    assert replace(home, variable=encoded).profiles.get("openai:default") == profile()
    assert replace(home, key_file=moved).profiles.get("openai:default") == profile()


def test_a_wrong_variable_is_named_so_that_it_can_be_unset(home: Home) -> None:
    with pytest.raises(WrongKey) as refused:
        replace(home, variable=KEY.hex()).profiles.get("openai:default")
    assert "AURA_INTELLIGENCE_VAULT_KEY" in (refused.value.hint or "")


@pytest.mark.soak
def test_every_flipped_bit_of_a_key_file_is_noticed(home: Home) -> None:
    (file,) = home.key_files()
    whole = file.read_bytes()
    vault = file.stem
    found = home.source.find(vault)
    for bit in range(len(whole.rstrip()) * 8):
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        file.write_bytes(flipped)
        with pytest.raises(KeyMalformed):
            home.source.find(vault)
    file.write_bytes(whole)
    assert home.source.find(vault) == found


def test_environment_fingerprints_need_a_key_and_differ_between_stores(home: Home) -> None:
    other = Home(home.root.with_name("other"))
    other.profiles.put(profile(), NOW)
    mine = home.key_probe.fingerprint(home.reader.read().vault_id)(SECRET)
    theirs = other.key_probe.fingerprint(other.reader.read().vault_id)(SECRET)
    assert mine != theirs
    assert mine is not None
    assert len(mine) == 8
    assert StdlibKeyProbe(KeySource(home.keys)).fingerprint(None)(SECRET) is None


def test_a_source_does_not_show_the_key_in_the_variable(tmp_path: Path) -> None:
    assert KEY.hex() not in repr(KeySource(tmp_path, variable=KEY.hex()))


@pytest.mark.parametrize("name", ["../../escape", "a\x00b", "", "\x1b[31m"])
def test_a_vault_id_that_is_none_names_no_file(home: Home, name: str) -> None:
    with home.tampering() as store:
        store.execute("UPDATE vault SET vault_id = ?", [name])
    for use in (
        home.reader.read,
        lambda: home.profiles.get("openai:default"),
        lambda: home.profiles.put(profile(), NOW),
    ):
        with pytest.raises(StoreDamaged):
            use()


def test_a_vault_id_of_another_store_finds_no_key(home: Home) -> None:
    with home.tampering() as store:
        store.execute("UPDATE vault SET vault_id = ?", [VAULT])
    with pytest.raises(KeyMissing):
        home.profiles.get("openai:default")
    (file,) = home.key_files()
    file.rename(file.with_name(f"{VAULT}.key"))
    with pytest.raises(RecordDamaged):
        home.profiles.get("openai:default")


def test_the_command_goes_on_without_the_key(home: Home) -> None:
    _gone(home)
    for words in (
        ["models", "set", "openai/gpt-5"],
        ["models", "aliases", "list"],
        ["models", "fallbacks", "list"],
        ["models", "history"],
    ):
        assert home.run(*words).returncode == 0, words
    status = home.run("models", "status", "--json")
    assert status.returncode == 0
    assert json.loads(status.stdout)["auth"]["keyProblem"] == "key_missing"
    added = home.run(
        *["models", "auth", "add", "--provider", "openai", "--stdin", "--no-verify", "--json"],
        given=SECRET,
    )
    assert added.returncode == 69
    assert json.loads(added.stdout)["error"]["type"] == "key_missing"
    assert SECRET not in added.stdout + added.stderr
    assert home.key_files() == []
