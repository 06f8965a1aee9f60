"""What every key probe promises: whether the key fits, and marks that tell credentials apart."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from adapters.keys.sealing import AesGcmKeyring
from adapters.keys.source import KeySource, StdlibKeyProbe
from application.ports.keys import KeyProbe
from domain.credentials.keys import KeySlot
from domain.errors import AuraError
from tests.application.fakes import LostKey

KEY, OTHER = bytes(range(32)).hex(), bytes(range(1, 33)).hex()
SECRET = "sk-canary-0123456789"
PROBLEMS = ["key_missing", "wrong_key", "key_malformed", "unsafe_file"]


class Vault(NamedTuple):
    """A store as the read side knows it, and what may be known of its key."""

    probe: KeyProbe
    id: str
    slots: tuple[KeySlot, ...]


def by_file(folder: Path, problem: str | None) -> Vault:
    source = KeySource(folder)
    keys = AesGcmKeyring(source).create()
    file = source.path(keys.vault_id)
    if problem == "key_missing":
        file.unlink()
    elif problem == "unsafe_file":
        file.chmod(0o644)
    elif problem is not None:
        file.write_text(OTHER if problem == "wrong_key" else "no key at all")
    return Vault(StdlibKeyProbe(source), keys.vault_id, (keys.roots[0].slot,))


def by_variable(folder: Path, problem: str | None) -> Vault:
    if problem in ("key_missing", "unsafe_file"):
        pytest.fail("a variable that is set can be neither")
    keys = AesGcmKeyring(KeySource(folder, variable=KEY)).create()
    given = {None: KEY, "wrong_key": OTHER, "key_malformed": "no key at all"}[problem]
    return Vault(
        StdlibKeyProbe(KeySource(folder, variable=given)), keys.vault_id, (keys.roots[0].slot,)
    )


def by_fake(folder: Path, problem: str | None) -> Vault:
    return Vault(LostKey(problem), "vault-of-a-test", (KeySlot("slot-1", "file", bytes(16)),))


Make = Callable[[Path, str | None], Vault]
MAKES: list[Make] = [by_file, by_variable, by_fake]
LACKING = [
    (make, problem)
    for make in MAKES
    for problem in PROBLEMS
    if make is not by_variable or problem in ("wrong_key", "key_malformed")
]


def type_of(problem: AuraError | None) -> str | None:
    return problem.type if problem else None


@pytest.mark.parametrize("make", MAKES)
def test_a_key_that_fits_is_no_problem(make: Make, tmp_path: Path) -> None:
    vault = make(tmp_path, None)
    assert vault.probe.problem(vault.id, vault.slots) is None


@pytest.mark.parametrize("make", [by_file, by_variable])
def test_a_key_need_fit_one_slot_alone(make: Make, tmp_path: Path) -> None:
    vault = make(tmp_path, None)
    strange = KeySlot("slot-0", "file", bytes(16))
    assert vault.probe.problem(vault.id, (strange, *vault.slots)) is None
    assert type_of(vault.probe.problem(vault.id, (strange,))) == "wrong_key"
    assert type_of(vault.probe.problem(vault.id, ())) == "wrong_key"


@pytest.mark.parametrize(("make", "problem"), LACKING)
def test_why_a_store_could_not_be_opened_is_the_type_of_an_error(
    make: Make, problem: str, tmp_path: Path
) -> None:
    vault = make(tmp_path, problem)
    assert type_of(vault.probe.problem(vault.id, vault.slots)) == problem


@pytest.mark.parametrize(("make", "problem"), LACKING)
def test_looking_changes_and_makes_no_file(make: Make, problem: str, tmp_path: Path) -> None:
    vault = make(tmp_path, problem)
    before = {file: file.read_bytes() for file in tmp_path.rglob("*")}
    vault.probe.problem(vault.id, vault.slots)
    vault.probe.fingerprint(vault.id)(SECRET)
    assert {file: file.read_bytes() for file in tmp_path.rglob("*")} == before


@pytest.mark.parametrize("make", MAKES)
def test_a_fingerprint_is_8_hex_digits_that_stay_the_same(make: Make, tmp_path: Path) -> None:
    vault = make(tmp_path, None)
    mark = vault.probe.fingerprint(vault.id)(SECRET)
    assert mark is not None
    assert len(mark) == 8
    assert bytes.fromhex(mark)
    assert mark == vault.probe.fingerprint(vault.id)(SECRET)
    assert mark not in SECRET


@pytest.mark.parametrize("make", MAKES)
def test_a_fingerprint_tells_credentials_apart_that_are_as_long(make: Make, tmp_path: Path) -> None:
    vault = make(tmp_path, None)
    mark = vault.probe.fingerprint(vault.id)
    marks = {mark(text) for text in (SECRET, SECRET[:-1] + "0", SECRET + " ", "ключ", "")}
    assert len(marks) == 5


@pytest.mark.parametrize("make", [by_file, by_fake])
def test_the_fingerprints_of_two_stores_differ(make: Make, tmp_path: Path) -> None:
    one, other = make(tmp_path / "one", None), make(tmp_path / "other", None)
    ids = (one.id, other.id if other.id != one.id else "another-vault")
    assert one.probe.fingerprint(ids[0])(SECRET) != other.probe.fingerprint(ids[1])(SECRET)


@pytest.mark.parametrize("make", MAKES)
def test_a_store_in_which_nothing_was_sealed_has_no_fingerprints(
    make: Make, tmp_path: Path
) -> None:
    assert make(tmp_path, None).probe.fingerprint(None)(SECRET) is None


@pytest.mark.parametrize(("make", "problem"), [c for c in LACKING if c[1] != "wrong_key"])
def test_where_there_is_no_key_there_are_no_fingerprints(
    make: Make, problem: str, tmp_path: Path
) -> None:
    vault = make(tmp_path, problem)
    assert vault.probe.fingerprint(vault.id)(SECRET) is None
