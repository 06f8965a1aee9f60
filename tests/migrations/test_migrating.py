"""From one revision to the next: a copy first, all or nothing, whoever dies meanwhile."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

import migrations
from adapters.sqlite.backups import BACKUPS_KEPT, back_up, drop_old
from domain.answers.outcome import Outcome
from domain.errors import StoreFailed, StoreNewer, Unavailable
from domain.journal.records import HistoryQuery
from domain.providers.refs import ModelRef
from domain.routing.state import Stored
from domain.selection.selection import Selection
from tests.adapters.homes import REPOSITORY, Home
from tests.adapters.values import NOW, ended, intent, own_provider, profile
from tests.migrations.conftest import LATER, later, upgraded


@pytest.fixture
def filled(home: Home) -> Home:
    home.profiles.put(profile(), NOW)
    home.selection.update(
        lambda _: Selection(default=ModelRef("openai", "gpt-5"), providers=(own_provider(),)), NOW
    )
    begun = [intent(), intent("openai:gone")]
    ids = home.journal.begin(begun)
    done = [ended(i._replace(id=id), Outcome.OK) for i, id in zip(begun, ids, strict=True)]
    home.journal.finish(done)
    return home


def contents(home: Home) -> tuple[Stored, object, object]:
    history = home.journal_reader.search(HistoryQuery()).records
    return home.reader.read(), history, home.profiles.get("openai:default")


def revision(store: Path) -> str:
    with closing(sqlite3.connect(store)) as connection:
        (found,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(found)


def backups(home: Home) -> list[Path]:
    return sorted(home.store.parent.glob("backups/*"))


def write(home: Home) -> None:
    home.selection.update(lambda now: now, NOW)


def test_the_first_write_brings_the_store_up_to_date_and_loses_nothing(
    filled: Home, tmp_path: Path
) -> None:
    before = contents(filled)
    newer = upgraded(filled, later(tmp_path / "scripts"))
    write(newer)
    assert revision(newer.store) == LATER
    assert contents(newer) == before
    with closing(sqlite3.connect(newer.store)) as store:
        assert store.execute("SELECT colour FROM profiles").fetchall() == [("red",)]
        assert store.execute("SELECT machine FROM probe_runs").fetchall() == [("somewhere",)]
        assert store.execute("PRAGMA foreign_key_check").fetchall() == []
        assert store.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_copy_of_the_store_as_it_was_is_made_first(filled: Home, tmp_path: Path) -> None:
    before = contents(filled)
    write(upgraded(filled, later(tmp_path / "scripts")))
    (copy,) = backups(filled)
    assert copy.stat().st_mode & 0o777 == 0o600
    assert copy.parent.stat().st_mode & 0o777 == 0o700
    assert revision(copy) == migrations.HEAD
    filled.store.unlink()
    copy.rename(filled.store)
    assert contents(filled) == before


def test_children_of_a_table_that_is_rebuilt_stay(filled: Home, tmp_path: Path) -> None:
    newer = upgraded(filled, later(tmp_path / "scripts"))
    write(newer)
    assert len(newer.journal_reader.search(HistoryQuery()).records) == 2
    with newer.database.writing() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1


def test_looking_does_not_migrate_and_opening_a_secret_does(filled: Home, tmp_path: Path) -> None:
    before = filled.digest()
    newer = upgraded(filled, later(tmp_path / "scripts"))
    newer.reader.read()
    newer.journal_reader.search(HistoryQuery())
    assert filled.digest() == before
    assert backups(filled) == []
    assert newer.profiles.get("openai:default") == profile()
    assert revision(filled.store) == LATER
    assert len(backups(filled)) == 1


def test_an_older_program_leaves_a_migrated_store_alone(filled: Home, tmp_path: Path) -> None:
    write(upgraded(filled, later(tmp_path / "scripts")))
    before, copies = filled.digest(), backups(filled)
    for use in (lambda: filled.profiles.get("openai:default"), lambda: write(filled)):
        with pytest.raises(StoreNewer):
            use()
    assert (filled.digest(), backups(filled)) == (before, copies)


def test_a_migration_that_fails_changes_nothing_and_can_be_tried_again(
    filled: Home, tmp_path: Path
) -> None:
    before, digest = contents(filled), filled.digest()
    failing = upgraded(filled, later(tmp_path / "bad", "op.execute('SELECT * FROM nowhere')"))
    for _ in range(2):
        with pytest.raises(Unavailable):
            write(failing)
        assert contents(filled) == before
        assert filled.digest() == digest
        assert backups(filled) == []
    write(upgraded(filled, later(tmp_path / "good")))
    assert revision(filled.store) == LATER


def test_a_migration_with_a_bug_changes_nothing_either(filled: Home, tmp_path: Path) -> None:
    before = contents(filled)
    with pytest.raises(ZeroDivisionError):
        write(upgraded(filled, later(tmp_path / "bad", "1 / 0")))
    assert contents(filled) == before
    write(upgraded(filled, later(tmp_path / "good")))
    assert revision(filled.store) == LATER


def test_a_migration_that_orphans_a_child_is_refused(filled: Home, tmp_path: Path) -> None:
    before = contents(filled)
    with pytest.raises(Unavailable):
        write(upgraded(filled, later(tmp_path / "bad", "op.execute('DELETE FROM probe_runs')")))
    assert contents(filled) == before


@pytest.mark.parametrize("when", ["pass", "op.execute('UPDATE profiles SET label = 1')"])
def test_a_killed_migration_changes_nothing_and_is_done_by_the_next(
    filled: Home, tmp_path: Path, when: str
) -> None:
    before = contents(filled)
    die = f"{when}; os.kill(os.getpid(), signal.SIGKILL)"
    assert migrating(filled, later(tmp_path / "deadly", die)).wait(60) == -9
    assert revision(filled.store) == migrations.HEAD
    assert contents(filled) == before
    newer = upgraded(filled, later(tmp_path / "good"))
    write(newer)
    assert revision(newer.store) == LATER
    assert contents(newer) == before


@pytest.mark.soak
def test_ten_processes_that_migrate_at_once_all_succeed(filled: Home, tmp_path: Path) -> None:
    before = contents(filled)
    scripts = later(tmp_path / "scripts")
    processes = [migrating(filled, scripts) for _ in range(10)]
    assert [process.wait(120) for process in processes] == [0] * 10
    assert revision(filled.store) == LATER
    assert contents(upgraded(filled, scripts)) == before
    assert len(backups(filled)) == 1


def migrating(home: Home, scripts: Path) -> subprocess.Popen[bytes]:
    program = (
        "import sys; from pathlib import Path; from tests.adapters.homes import Home;"
        "from tests.migrations.conftest import upgraded;"
        "home = upgraded(Home(Path(sys.argv[1])), Path(sys.argv[2]));"
        "home.selection.update(lambda now: now, 1)"
    )
    command = [sys.executable, "-c", program, str(home.root), str(scripts)]
    return subprocess.Popen(command, cwd=REPOSITORY)


def test_the_newest_copies_are_kept_and_half_a_one_is_none(filled: Home) -> None:
    copies = []
    for age in range(BACKUPS_KEPT + 2):
        copy = back_up(filled.store, f"000{age}")
        os.utime(copy, (NOW / 1000 + age, NOW / 1000 + age))
        drop_old(copy)
        copies.append(copy)
    assert BACKUPS_KEPT == 3
    assert set(backups(filled)) == set(copies[-BACKUPS_KEPT:])


def test_the_copy_just_made_is_kept_whatever_the_clock_says(filled: Home) -> None:
    for _ in range(3):
        os.utime(back_up(filled.store, "later"), (2**33, 2**33))
    copy = back_up(filled.store, "now")
    drop_old(copy)
    assert copy in backups(filled)
    assert len(backups(filled)) == BACKUPS_KEPT


def test_no_copy_no_migration(filled: Home, tmp_path: Path) -> None:
    (filled.store.parent / "backups").write_text("in the way")
    before = filled.digest()
    with pytest.raises(Unavailable):
        write(upgraded(filled, later(tmp_path / "scripts")))
    assert filled.digest() == before


def test_scripts_in_a_folder_of_any_name_are_found(home: Home, tmp_path: Path) -> None:
    write(upgraded(home, later(tmp_path / "100 % ü%(x)s")))
    assert revision(home.store) == LATER


def test_the_environment_of_the_migrations_runs_under_alembic_only() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import migrations.env"], cwd=REPOSITORY, capture_output=True
    )
    assert done.returncode != 0


def test_a_failure_while_the_store_is_made_leaves_none(home: Home, tmp_path: Path) -> None:
    failing = upgraded(home, later(tmp_path / "bad", "op.execute('INSERT INTO vault VALUES (1)')"))
    with pytest.raises(Unavailable) as refused:
        failing.profiles.put(profile(), NOW)
    assert not isinstance(refused.value, StoreFailed)
    assert [file.name for file in home.store.parent.iterdir()] == ["store.db.lock"]
    home.profiles.put(profile(), NOW)
    assert home.profiles.get("openai:default") == profile()
