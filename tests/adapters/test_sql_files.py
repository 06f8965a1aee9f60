"""What stands where the store should be: anything but a store of ours is refused, untouched."""

import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.sql import rows
from domain.answers.outcome import Outcome
from domain.errors import (
    AuraError,
    NotAStore,
    StoreDamaged,
    StoreNewer,
    Unavailable,
    UnsafeFile,
)
from domain.journal.records import HistoryQuery
from domain.providers.refs import ModelRef
from domain.routing.state import Stored
from tests.adapters.homes import Home
from tests.adapters.values import NOW, SECRET, ended, intent, own_provider, profile


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home whose store is in use: a profile, a default, a provider, a probe."""
    home = Home(tmp_path / "home")
    fill(home)
    return home


def fill(home: Home) -> None:
    home.profiles.put(profile(), NOW)
    home.selection.update(
        lambda before: type(before)(
            default=ModelRef("openai", "gpt-5"), providers=(own_provider(),)
        ),
        NOW,
    )
    (id,) = home.journal.begin([intent()])
    home.journal.finish([ended(intent()._replace(id=id), Outcome.OK)])


def uses(home: Home) -> list[Callable[[], object]]:
    """Everything that touches a store."""
    return [
        home.reader.read,
        lambda: home.journal_reader.search(HistoryQuery()),
        lambda: home.profiles.get("openai:default"),
        lambda: home.profiles.open(["openai:default"]),
        lambda: home.profiles.put(profile("openai:new"), NOW),
        lambda: home.profiles.remove("openai:default", NOW),
        lambda: home.selection.update(lambda s: s.with_default(ModelRef("groq", "x")), NOW),
        lambda: home.selection.vouch_for(own_provider()),
        lambda: home.journal.begin([intent()]),
    ]


def pragma(statement: str) -> Callable[[Home], None]:
    def change(home: Home) -> None:
        with closing(sqlite3.connect(home.store)) as store, store:
            store.execute(statement)

    return change


def another_programs(home: Home) -> None:
    home.store.unlink()
    home.place(b"")
    with closing(sqlite3.connect(home.store)) as store, store:
        store.execute("CREATE TABLE profiles (id TEXT PRIMARY KEY, secret TEXT)")
        store.execute("INSERT INTO profiles VALUES ('openai:default', 'theirs')")


def truncated(keep: float) -> Callable[[Home], None]:
    def change(home: Home) -> None:
        os.truncate(home.store, int(home.store.stat().st_size * keep))

    return change


def without_a_byte(home: Home) -> None:
    os.truncate(home.store, home.store.stat().st_size - 1)


SPOILED: dict[str, tuple[Callable[[Home], None], type[Unavailable]]] = {
    "empty": (lambda home: home.place(b""), NotAStore),
    "one byte": (lambda home: home.place(b"x"), NotAStore),
    "text": (lambda home: home.place(b"openai = sk-not-a-store\n" * 999), NotAStore),
    "header only": (lambda home: home.place(b"SQLite format 3\0"), NotAStore),
    "another program's": (another_programs, NotAStore),
    "half": (truncated(0.5), StoreDamaged),
    "part of a page short": (truncated(0.95), StoreDamaged),
    "some pages short": (truncated(15 / 19), StoreDamaged),
    "one byte short": (without_a_byte, StoreDamaged),
    "newer": (pragma(f"PRAGMA user_version = {rows.FORMAT + 1}"), StoreNewer),
}


@pytest.mark.parametrize("spoiled", SPOILED)
def test_what_is_no_store_of_ours_is_refused_and_not_touched(home: Home, spoiled: str) -> None:
    spoil, refusal = SPOILED[spoiled]
    spoil(home)
    before, keys = home.digest(), home.key_files()
    for use in uses(home):
        with pytest.raises(refusal) as refused:
            use()
        assert SECRET not in str(refused.value)
        assert refused.value.hint
    assert home.digest() == before
    assert home.key_files() == keys
    assert {file.name for file in home.store.parent.iterdir()} == {"store.db", "store.db.lock"}


@pytest.mark.parametrize("spoiled", ["empty", "another program's", "half", "newer"])
def test_the_command_says_so_in_one_line_and_exits_69(home: Home, spoiled: str) -> None:
    spoil, refusal = SPOILED[spoiled]
    spoil(home)
    before = home.digest()
    done = home.run("models", "set", "groq/x")
    assert done.returncode == 69
    assert done.stdout == ""
    message, hint = done.stderr.splitlines()
    assert message.startswith("aura_intelligence: ")
    assert hint.startswith("hint: ")
    status = home.run("models", "status", "--json")
    assert status.returncode == 69
    assert json.loads(status.stdout)["error"]["type"] == refusal.type
    assert home.digest() == before


def test_a_revision_this_program_does_not_know_is_a_newer_store(home: Home) -> None:
    with home.tampering() as store:
        store.execute("UPDATE alembic_version SET version_num = 'zz_future'")
    before = home.digest()
    for use in (
        lambda: home.profiles.get("openai:default"),
        lambda: home.profiles.put(profile(), NOW),
    ):
        with pytest.raises(StoreNewer):
            use()
    assert home.digest() == before
    assert not list(home.store.parent.glob("backups/*"))


@pytest.mark.parametrize(
    "revision", ["", "../../evil", "0001/x", "a" * 33, "\x1b[31m", "0000", "1"]
)
def test_a_revision_nobody_ever_wrote_is_damage_and_names_no_file(
    home: Home, revision: str
) -> None:
    with home.tampering() as store:
        store.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    before = home.digest()
    with pytest.raises(StoreDamaged):
        home.profiles.put(profile(), NOW)
    assert home.digest() == before
    assert not list(home.root.rglob("*.new"))
    assert not list(home.root.rglob("*/backups/*.db"))


@pytest.mark.parametrize(
    "statement",
    [
        f"UPDATE probe_records SET id = {2**63 - 1}",
        f"UPDATE sqlite_sequence SET seq = {2**63 - 1} WHERE name = 'probe_records'",
    ],
)
def test_a_journal_without_a_next_number_is_damaged_and_the_disk_not_full(
    home: Home, statement: str
) -> None:
    with home.tampering() as store:
        store.execute(statement)
    before = home.digest()
    with pytest.raises(StoreDamaged):
        home.journal.begin([intent(run="run-2")])
    assert home.digest() == before


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE alembic_version",
        "DELETE FROM alembic_version",
        "DROP TABLE profiles",
        "ALTER TABLE profiles DROP COLUMN sealed",
    ],
)
def test_a_store_with_parts_missing_is_damaged(home: Home, statement: str) -> None:
    with home.tampering() as store:
        store.execute(statement)
    before = home.digest()
    with pytest.raises(StoreDamaged):
        home.profiles.put(profile(), NOW)
    assert home.digest() == before


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE selection SET document = 'no json'",
        "UPDATE selection SET document = '[]'",
        "UPDATE selection SET document = '{}'",
        "UPDATE selection SET document = '" + "[" * 100_000 + "'",
        "UPDATE selection SET document = replace(document, 'openai/gpt-5', '/')",
        "UPDATE vault SET vault_id = '../../' || char(27) || '[31m'",
        "UPDATE vault SET vault_id = 'a' || char(0)",
    ],
)
def test_values_nobody_here_wrote_are_damage_and_not_a_bug(home: Home, statement: str) -> None:
    with home.tampering() as store:
        store.execute(statement)
    with pytest.raises(StoreDamaged):
        home.reader.read()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE user_providers SET dialect = 'klingon'",
        "UPDATE user_providers SET env_names = '7'",
        "UPDATE user_providers SET client = '{'",
        "UPDATE user_providers SET client = ''",
        "UPDATE user_providers SET client = 'null'",
        "UPDATE user_providers SET client = '[]'",
        "UPDATE user_providers SET client = '{}'",
        """UPDATE user_providers SET client = '{"client_id": ""}'""",
        """UPDATE user_providers SET client = '{"client_id": 7}'""",
        """UPDATE user_providers SET client = '{"client_id": "a\\u001b[31m"}'""",
        """UPDATE user_providers SET client = '{"client_id": "a", "owner": "nobody"}'""",
        """UPDATE user_providers SET client = '{"client_id": "a", "colour": "red"}'""",
        """UPDATE user_providers SET client = '{"client_id": "a", "parameters": [["b"]]}'""",
        "UPDATE probe_records SET outcome = 'splendid'",
        "UPDATE probe_records SET usage = '{', outcome = 'ok'",
    ],
)
def test_a_row_nobody_understands_is_left_out_and_counted(home: Home, statement: str) -> None:
    with home.tampering() as store:
        store.execute(statement)
    found = home.reader.read()
    assert found.unreadable > 0
    assert found.selection.default is not None
    home.selection.update(lambda s: s._replace(default=None), NOW)


def test_a_label_that_is_no_text_blocks_nothing(home: Home) -> None:
    with home.tampering() as store:
        store.execute("UPDATE profiles SET label = CAST(x'ff' AS TEXT)")
    (found,) = home.reader.read().profiles
    assert found.label == "\ufffd"
    home.profiles.remove(found.id, NOW)
    assert home.reader.read().profiles == ()


def test_a_record_nobody_understands_is_left_out_of_the_history(home: Home) -> None:
    (id,) = home.journal.begin([intent(run="run-9")])
    with home.tampering() as store:
        store.execute("UPDATE probe_records SET outcome = 'splendid' WHERE id < ?", (id,))
    page = home.journal_reader.search(HistoryQuery())
    assert [record.id for record in page.records] == [id]
    assert page.unreadable == id - 1


@pytest.mark.parametrize("page", range(19))
@pytest.mark.parametrize("content", [b"\0", b"\xff"], ids=["zeros", "ones"])
def test_a_lost_page_is_never_a_bug(home: Home, page: int, content: bytes) -> None:
    size = home.store.stat().st_size
    with home.store.open("r+b") as file:
        file.seek(page * 4096 % size)
        file.write(content * 4096)
    for use in uses(home):
        answers_or_refuses(use)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("whole"))
    fill(home)
    return home


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(changes=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=8))
def test_whatever_bytes_change_nothing_but_our_errors_come_out(
    whole: Home, tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[float, int]]
) -> None:
    content = bytearray(whole.store.read_bytes())
    for where, byte in changes:
        content[int(where * (len(content) - 1))] = byte
    home = Home(tmp_path_factory.mktemp("changed"))
    shutil.copytree(whole.root / "config", home.root / "config")
    home.place(bytes(content))
    for use in uses(home)[:4]:
        answers_or_refuses(use)


def answers_or_refuses(use: Callable[[], object]) -> None:
    with suppress(AuraError):
        use()


@dataclass(frozen=True, slots=True)
class Trap:
    """Something unsafe at the store's place, and what the hint must say."""

    set: Callable[[Path, Path], None]
    hint: str


def _linked(store: Path, aside: Path) -> None:
    store.rename(aside)
    store.symlink_to(aside)


def _hard_linked(store: Path, aside: Path) -> None:
    os.link(store, aside)


def _fifo(store: Path, aside: Path) -> None:
    store.rename(aside)
    os.mkfifo(store, 0o600)


def _folder(store: Path, aside: Path) -> None:
    store.rename(aside)
    store.mkdir(mode=0o700)


TRAPS = {
    "symbolic link": Trap(_linked, "put the file itself there"),
    "hard link": Trap(_hard_linked, "copy it"),
    "FIFO": Trap(_fifo, "move it away"),
    "folder": Trap(_folder, "move it away"),
    "readable by all": Trap(lambda store, _: store.chmod(0o644), "chmod 600"),
    "readable by the group": Trap(lambda store, _: store.chmod(0o640), "chmod 600"),
    "folder others may write in": Trap(lambda store, _: store.parent.chmod(0o770), "chmod 700"),
}


@pytest.mark.parametrize("trap", TRAPS)
def test_an_unsafe_place_is_refused_with_the_way_out(home: Home, tmp_path: Path, trap: str) -> None:
    aside = tmp_path / "aside"
    before = home.store.read_bytes()
    TRAPS[trap].set(home.store, aside)
    for use in uses(home):
        with pytest.raises(UnsafeFile) as refused:
            use()
        assert TRAPS[trap].hint in (refused.value.hint or "")
    kept = aside if aside.exists() else home.store
    assert kept.read_bytes() == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_store_of_another_user_is_refused(home: Home) -> None:
    os.chown(home.store, 65534, 65534)
    for use in uses(home):
        with pytest.raises(UnsafeFile, match="belongs to another user"):
            use()


def test_a_dangling_link_is_refused_and_nothing_is_made_at_its_end(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.store.parent.mkdir(mode=0o700)
    home.store.symlink_to(tmp_path / "nowhere")
    for use in uses(home):
        with pytest.raises(UnsafeFile):
            use()
    assert not (tmp_path / "nowhere").exists()


def test_a_linked_folder_is_written_to_by_nobody(tmp_path: Path) -> None:
    home, elsewhere = Home(tmp_path), tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    home.store.parent.symlink_to(elsewhere)
    with pytest.raises(UnsafeFile):
        home.profiles.put(profile(), NOW)
    assert list(elsewhere.iterdir()) == []


def test_everything_that_is_made_is_ours_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        home = Home(tmp_path / "home")
        fill(home)
    finally:
        os.umask(before)
    folders = [home.store.parent, home.keys]
    files = [file for folder in folders for file in folder.iterdir()]
    assert {oct(folder.stat().st_mode & 0o777) for folder in folders} == {"0o700"}
    assert {file.name: oct(file.stat().st_mode & 0o777) for file in files} == {
        "store.db": "0o600",
        "store.db.lock": "0o600",
        home.key_files()[0].name: "0o600",
    }


@pytest.mark.parametrize(
    "name", ["a b", "ü🦙", "q?mode=memory", "h#x", "p%41", "semi;colon", "'quote\"", "a&b=c"]
)
def test_a_folder_of_any_name_holds_the_store_and_no_other_place(tmp_path: Path, name: str) -> None:
    home = Home(tmp_path / name)
    fill(home)
    assert home.store.stat().st_size > 4096
    assert home.reader.read().profiles[0].id == "openai:default"
    assert [folder.name for folder in tmp_path.iterdir()] == [name]


def test_a_folder_whose_name_is_no_text_holds_the_store(tmp_path: Path) -> None:
    home = Home(tmp_path / os.fsdecode(b"\xff\xfe"))
    fill(home)
    assert home.reader.read().profiles[0].id == "openai:default"


def test_reading_makes_nothing(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    assert home.reader.read() == Stored()
    assert home.journal_reader.search(HistoryQuery()).records == ()
    assert not home.root.exists()


def test_a_journal_of_a_store_that_is_gone_is_not_played_into_a_new_one(home: Home) -> None:
    home.store.unlink()
    orphan = home.store.with_name("store.db-journal")
    orphan.write_bytes(b"what was")
    with pytest.raises(StoreDamaged) as refused:
        home.profiles.put(profile(), NOW)
    assert "move it away" in (refused.value.hint or "")
    assert orphan.read_bytes() == b"what was"
    assert not home.store.exists()


def test_what_a_killed_creation_left_is_not_in_the_way(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.store.parent.mkdir(mode=0o700)
    for name in (".store.db.new", ".store.db.new-journal"):
        (home.store.parent / name).write_bytes(b"half a store")
    home.profiles.put(profile(), NOW)
    names = {file.name for file in home.store.parent.iterdir()}
    assert names == {"store.db", "store.db.lock"}
