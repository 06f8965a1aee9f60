"""How the store is opened: pragmas, transactions, and failures on the way to the disk."""

import contextlib
import logging
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from adapters.sql.database import engine
from adapters.sqlite.failures import translated
from domain.errors import (
    NotAStore,
    NotFound,
    StoreBusy,
    StoreDamaged,
    StoreFailed,
    StoreFull,
    StoreReadonly,
    Unavailable,
)
from domain.journal.records import HistoryQuery
from domain.providers.refs import ModelRef
from domain.selection.selection import Selection
from tests.adapters.homes import REPOSITORY, Home
from tests.adapters.values import NOW, SECRET, intent, profile

AS_REFERENCE_SAYS = {
    "journal_mode": "delete",
    "synchronous": 2,
    "busy_timeout": 10_000,
    "secure_delete": 1,
    "foreign_keys": 1,
    "trusted_schema": 0,
    "cell_size_check": 1,
    "mmap_size": 0,
    "temp_store": 2,
    "application_id": 0x41555241,
    "user_version": 2,
}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.profiles.put(profile(), NOW)
    return home


@pytest.mark.parametrize("pragma", AS_REFERENCE_SAYS)
def test_every_writing_connection_has_the_pragmas_of_the_reference(home: Home, pragma: str) -> None:
    with home.database.writing() as connection:
        found = connection.exec_driver_sql(f"PRAGMA {pragma}").scalar()
    # mmap may be compiled out: then the pragma answers nothing.
    assert found == AS_REFERENCE_SAYS[pragma] or (pragma == "mmap_size" and found is None)


def test_a_writer_holds_the_write_lock_from_the_start(home: Home) -> None:
    with (
        home.database.writing(),
        closing(sqlite3.connect(home.store, timeout=0)) as other,
        pytest.raises(sqlite3.OperationalError, match="locked"),
    ):
        other.execute("BEGIN IMMEDIATE")


def test_a_reader_holds_no_lock_once_it_has_answered(home: Home) -> None:
    home.reader.read()
    home.journal_reader.search(HistoryQuery())
    home.profiles.get("openai:default")
    with closing(sqlite3.connect(home.store, timeout=0)) as other:
        other.execute("BEGIN EXCLUSIVE")


@pytest.mark.parametrize("failure", [ZeroDivisionError, KeyboardInterrupt, SystemExit])
def test_what_raises_inside_a_transaction_undoes_all_of_it(
    home: Home, failure: type[BaseException]
) -> None:
    before = home.digest()
    with pytest.raises(failure):
        _half(home, failure)
    assert home.digest() == before


def _half(home: Home, failure: type[BaseException]) -> None:
    with home.database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM profiles")
        connection.exec_driver_sql("CREATE TABLE half (id INTEGER)")
        raise failure


def test_the_driver_commits_nothing_by_itself(home: Home) -> None:
    with home.database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM profiles")
        connection.exec_driver_sql("CREATE TABLE other (id INTEGER)")
        assert home.reader.read().profiles[0].id == "openai:default"
        connection.exec_driver_sql("DROP TABLE other")
    assert home.reader.read().profiles == ()


def test_a_removed_secret_is_overwritten_in_the_file(home: Home) -> None:
    with home.tampering() as store:
        ((sealed,),) = store.execute("SELECT sealed FROM profiles").fetchall()
    assert sealed in home.store.read_bytes()
    home.profiles.remove("openai:default", NOW)
    assert sealed[13:] not in home.store.read_bytes()


def test_no_journal_stays_behind_a_commit(home: Home) -> None:
    names = {file.name for file in home.store.parent.iterdir()}
    assert names == {"store.db", "store.db.lock"}


def test_reading_where_there_is_no_store_finds_nothing(tmp_path: Path) -> None:
    with pytest.raises(NotFound), Home(tmp_path).database.reading():
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_commit_that_a_reader_blocks_is_busy_and_undone(home: Home) -> None:
    before = home.reader.read()
    with closing(sqlite3.connect(home.store, isolation_level=None)) as slow:
        slow.execute("BEGIN")
        slow.execute("SELECT * FROM profiles").fetchall()
        with pytest.raises(StoreBusy):
            _hurried(home)
    assert home.reader.read() == before


def _hurried(home: Home) -> None:
    with home.database.writing() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 50")
        connection.exec_driver_sql("DELETE FROM profiles")


def test_another_programs_write_lock_stops_no_reader(home: Home) -> None:
    with closing(sqlite3.connect(home.store, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert home.reader.read().profiles[0].id == "openai:default"


def test_a_store_in_wal_mode_is_brought_back(home: Home) -> None:
    with closing(sqlite3.connect(home.store)) as store:
        assert store.execute("PRAGMA journal_mode = WAL").fetchone() == ("wal",)
        store.execute("UPDATE profiles SET label = 'by another'")
        store.commit()
    assert home.reader.read().profiles[0].label == "by another"
    home.profiles.put(profile(), NOW)
    with closing(sqlite3.connect(home.store)) as store:
        assert store.execute("PRAGMA journal_mode").fetchone() == ("delete",)


@pytest.mark.parametrize(
    ("code", "refusal"),
    [
        (sqlite3.SQLITE_NOTADB, NotAStore),
        (sqlite3.SQLITE_CORRUPT, StoreDamaged),
        (sqlite3.SQLITE_CORRUPT_INDEX, StoreDamaged),
        (sqlite3.SQLITE_ERROR, StoreDamaged),
        (sqlite3.SQLITE_READONLY, StoreReadonly),
        (sqlite3.SQLITE_READONLY_ROLLBACK, StoreReadonly),
        (sqlite3.SQLITE_READONLY_DIRECTORY, StoreReadonly),
        (sqlite3.SQLITE_FULL, StoreFull),
        (sqlite3.SQLITE_BUSY, StoreBusy),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, StoreBusy),
        (sqlite3.SQLITE_LOCKED, StoreBusy),
        (sqlite3.SQLITE_IOERR_WRITE, StoreFailed),
        (sqlite3.SQLITE_IOERR_FSYNC, StoreFailed),
        (sqlite3.SQLITE_CANTOPEN, StoreFailed),
        (sqlite3.SQLITE_CONSTRAINT, StoreFailed),
        (sqlite3.SQLITE_NOMEM, StoreFailed),
    ],
)
def test_each_refusal_of_sqlite_has_its_name_here(code: int, refusal: type[Unavailable]) -> None:
    failure = sqlite3.OperationalError(SECRET)
    failure.sqlite_errorcode = code
    error = translated(failure, Path("/store.db"))
    assert type(error) is refusal
    assert SECRET not in f"{error} {error.hint}"
    assert error.hint


@contextmanager
def no_file_over(size: int) -> Iterator[None]:
    """A disk that takes no byte beyond `size` of any file of this process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("size", [0, 1, 63, 64, 4096, 16_384, 40_000, 73_728])
def test_a_store_that_cannot_be_made_leaves_nothing_of_itself(tmp_path: Path, size: int) -> None:
    home = Home(tmp_path / "home")
    with no_file_over(size), pytest.raises(Unavailable) as refused:
        home.profiles.put(profile(), NOW)
    assert "space" in f"{refused.value} {refused.value.hint}"
    assert [f.name for f in home.store.parent.iterdir()] == ["store.db.lock"]
    home.profiles.put(profile(), NOW)
    assert home.profiles.get("openai:default") == profile()


@pytest.mark.parametrize("size", [0, 1, 511, 512, 1024, 4096, 8192, 20_000, 60_000, 77_000])
def test_a_write_that_finds_no_space_changes_nothing(home: Home, size: int) -> None:
    for n in range(20):
        home.profiles.put(profile(f"openai:p{n}"), NOW)
    before = home.reader.read()
    for use in (
        lambda: home.profiles.put(profile("openai:new", "x" * 9000), NOW),
        lambda: home.profiles.put(profile("openai:p7", "x" * 9000), NOW),
        lambda: home.journal.begin([intent(f"openai:p{n}") for n in range(99)]),
        lambda: home.selection.update(_with_aliases, NOW),
    ):
        with no_file_over(size), pytest.raises(Unavailable) as refused:
            use()
        assert "space" in f"{refused.value} {refused.value.hint}"
        assert home.reader.read() == before
    assert sound(home.store)
    home.profiles.put(profile("openai:new"), NOW)


def _with_aliases(before: Selection) -> Selection:
    for n in range(400):
        before = before._replace(aliases=before.aliases.add(f"alias-{n}", ModelRef("openai", "x")))
    return before


def sound(store: Path) -> bool:
    with closing(sqlite3.connect(store)) as connection:
        return connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@contextmanager
def mounted(folder: Path, *options: str) -> Iterator[Path]:
    """A file system of its own at `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        done = subprocess.run(["mount", *options, str(folder)], capture_output=True, text=True)
    except FileNotFoundError:
        pytest.skip("there is no mount command here")
    if done.returncode:
        pytest.skip(f"mounting is not permitted here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_told_and_nothing_is_lost(tmp_path: Path) -> None:
    with mounted(tmp_path / "small", "-t", "tmpfs", "-o", "size=256k", "tmpfs") as disk:
        home = Home(disk / "home")
        home.profiles.put(profile(), NOW)
        before = home.reader.read()
        with contextlib.suppress(OSError), (disk / "ballast").open("wb", buffering=0) as ballast:
            while True:
                ballast.write(bytes(4096))
        for n in range(3):
            with pytest.raises(StoreFull) as refused:
                home.profiles.put(profile(f"openai:p{n}", "x" * 16_000), NOW)
            assert "free some space" in (refused.value.hint or "")
        assert home.reader.read() == before
        assert home.run("models", "set", "openai/gpt-5").returncode == 69
        (disk / "ballast").unlink()
        home.profiles.put(profile("openai:new"), NOW)
        assert home.profiles.get("openai:default") == profile()
        assert sound(home.store)


def test_a_store_cannot_be_made_on_a_full_disk_and_can_when_there_is_space(tmp_path: Path) -> None:
    with mounted(tmp_path / "tiny", "-t", "tmpfs", "-o", "size=48k", "tmpfs") as disk:
        home = Home(disk / "home")
        with pytest.raises(StoreFull):
            home.profiles.put(profile(), NOW)
        assert [f.name for f in home.store.parent.iterdir()] == ["store.db.lock"]
        subprocess.run(["mount", "-o", "remount,size=1m", str(disk)], check=True)
        home.profiles.put(profile(), NOW)
        assert home.profiles.get("openai:default") == profile()


@contextmanager
def read_only(home: Home) -> Iterator[None]:
    with mounted(home.root, "--bind", str(home.root)):
        done = subprocess.run(["mount", "-o", "remount,ro,bind", str(home.root)])
        assert done.returncode == 0
        yield


def test_on_a_read_only_disk_reading_works_and_writing_is_refused(home: Home) -> None:
    before, digest = home.reader.read(), home.digest()
    with read_only(home):
        assert home.reader.read() == before
        assert home.profiles.get("openai:default") == profile()
        assert home.run("models", "status").returncode == 0
        for use in (
            lambda: home.profiles.put(profile(), NOW),
            lambda: home.profiles.remove("openai:default", NOW),
            lambda: home.journal.begin([intent()]),
            lambda: home.selection.update(lambda s: s.with_default(ModelRef("a", "b")), NOW),
        ):
            with pytest.raises(StoreReadonly):
                use()
    assert home.digest() == digest


def test_half_a_transaction_on_a_read_only_disk_is_not_shown(home: Home) -> None:
    for n in range(50):
        home.profiles.put(profile(f"openai:p{n}"), NOW)
    subprocess.run(
        [sys.executable, "-m", "tests.adapters.workers", "leave_hot", str(home.root)],
        cwd=REPOSITORY,
        check=False,
    )
    assert home.store.with_name("store.db-journal").exists()
    with read_only(home):
        with pytest.raises(StoreReadonly):
            home.reader.read()
        assert home.run("models", "status").returncode == 69
    assert home.reader.read().profiles[0].label == "Work"


def bound_by_modes() -> list[str]:
    """What to put before a command so that file modes bind it: they do not bind root."""
    if os.geteuid() != 0:
        return []
    without = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"]
    if shutil.which("setpriv") is None or subprocess.run([*without, "true"]).returncode:
        pytest.skip("this is root, and setpriv cannot take root's privileges away here")
    return without


def run_bound(home: Home, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*bound_by_modes(), sys.executable, "-m", "aura_intelligence", *words],
        env={"PATH": os.environ["PATH"], "AURA_INTELLIGENCE_HOME": str(home.root)},
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def modes(home: Home) -> Iterator[Home]:
    yield home
    for path in (home.root, home.store.parent, home.store):
        if path.exists():
            path.chmod(0o700)


@pytest.mark.parametrize("what", ["file", "folder", "both"])
def test_a_store_without_write_permission_is_read_and_not_written(modes: Home, what: str) -> None:
    if what in ("file", "both"):
        modes.store.chmod(0o400)
    if what in ("folder", "both"):
        modes.store.parent.chmod(0o500)
    before = modes.digest()
    status = run_bound(modes, "models", "auth", "list", "--json")
    assert status.returncode == 0, status.stderr
    assert "openai:default" in status.stdout
    written = run_bound(modes, "models", "set", "openai/gpt-5", "--json")
    assert written.returncode == 69, written.stdout
    assert '"type": "store_readonly"' in written.stdout
    assert modes.digest() == before


def test_a_store_that_may_not_be_read_says_so(modes: Home) -> None:
    modes.store.chmod(0o000)
    status = run_bound(modes, "models", "status", "--json")
    assert status.returncode == 69
    assert '"hint"' in status.stdout


def test_a_home_where_nothing_may_be_made_says_so(modes: Home) -> None:
    shutil.rmtree(modes.root / "data")
    modes.root.chmod(0o500)
    assert run_bound(modes, "models", "status").returncode == 0
    written = run_bound(modes, "models", "set", "openai/gpt-5", "--json")
    assert written.returncode == 69
    assert '"type": "store_readonly"' in written.stdout


def test_bound_values_are_hidden_from_the_engines_own_words(home: Home) -> None:
    with home.database.writing() as connection, pytest.raises(sa.exc.IntegrityError) as refused:
        connection.execute(sa.text("INSERT INTO profiles (id) VALUES (:id)"), {"id": SECRET})
    assert SECRET not in str(refused.value)


def test_sqlalchemy_says_nothing_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    # pytest sets up logging, which a program does not.
    log = logging.getLogger("sqlalchemy")
    monkeypatch.setattr(log, "propagate", False)
    monkeypatch.setattr(log, "handlers", [])
    engine("sqlite+pysqlite", lambda: sqlite3.connect(":memory:"))
    assert log.hasHandlers()
