"""The tables as they are written about, as they are read, and as the migrations make them."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import migrations
from adapters.sql import rows
from adapters.sql.tables import metadata
from tests.adapters.homes import REPOSITORY, Home
from tests.adapters.values import NOW, own_provider, profile


def scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    return ScriptDirectory.from_config(config)


def test_head_is_the_newest_revision_and_there_is_one_line_of_them() -> None:
    assert scripts().get_heads() == [migrations.HEAD]
    assert scripts().get_bases() == ["0001"]


def test_the_tables_are_what_the_migrations_make(home: Home) -> None:
    with home.database.writing() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, metadata) == []


def test_strict_checks_keys_and_indexes_are_the_same_too(home: Home) -> None:
    with home.database.writing():
        pass
    fresh = sa.create_engine("sqlite://")
    with fresh.connect() as connection, closing(sqlite3.connect(home.store)) as store:
        metadata.create_all(connection)
        drawn = schema(connection.connection.driver_connection)
        made = schema(store)
    fresh.dispose()
    made.pop("alembic_version")
    # Nothing of this program reads the views: they are for who comes with SQL.
    views = {name for name, sql in made.items() if sql.startswith("CREATE VIEW")}
    assert views == {"v_probes", "v_days", "v_incidents"}
    assert {name: sql for name, sql in made.items() if name not in views} == drawn
    assert all(sql.rstrip().endswith("STRICT") for sql in drawn.values() if "TABLE" in sql)


def schema(store: object) -> dict[str, str]:
    assert isinstance(store, sqlite3.Connection)
    found = store.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL").fetchall()
    return {name: " ".join(sql.split()) for name, sql in found if not name.startswith("sqlite_")}


def test_what_the_read_side_names_is_in_the_tables(home: Home) -> None:
    with home.database.writing():
        pass
    with closing(sqlite3.connect(home.store)) as store:
        for table, named in (
            ("profiles", rows.SUMMARY_COLUMNS),
            ("probe_records", rows.RECORD_COLUMNS),
            ("user_providers", rows.PROVIDER_COLUMNS),
        ):
            there = [column[1] for column in store.execute(f"PRAGMA table_info({table})")]
            assert set(named) <= set(there)


def test_the_file_says_whose_it_is_and_in_which_format(home: Home) -> None:
    with home.database.writing():
        pass
    with closing(sqlite3.connect(home.store)) as store:
        assert store.execute("PRAGMA application_id").fetchone() == (0x41555241,)
        assert store.execute("PRAGMA user_version").fetchone() == (rows.FORMAT,)
        assert store.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert store.execute("SELECT version_num FROM alembic_version").fetchall() == [
            (migrations.HEAD,)
        ]


def test_strict_tables_refuse_what_is_of_another_type(home: Home) -> None:
    home.profiles.put(profile(), NOW)
    home.selection.update(lambda s: type(s)(providers=(own_provider(),)), NOW)
    for statement in (
        "UPDATE profiles SET revision = 'many'",
        "UPDATE profiles SET kind = 'password'",
        "UPDATE profiles SET sealed = NULL",
        "INSERT INTO vault SELECT 2, vault_id, 1, wrapped_data_key, 1, 1 FROM vault",
        "INSERT INTO selection (id, document, updated_at, revision) VALUES (2, '{}', 1, 1)",
    ):
        with closing(sqlite3.connect(home.store)) as store:
            try:
                store.execute(statement)
            except sqlite3.IntegrityError:
                continue
        raise AssertionError(f"accepted: {statement}")


def test_importing_the_migrations_loads_no_alembic() -> None:
    program = "import sys, migrations; sys.exit('alembic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY).returncode == 0


def test_a_second_write_loads_no_alembic(home: Home) -> None:
    home.profiles.put(profile(), NOW)
    program = (
        "import sys; from pathlib import Path; from tests.adapters.homes import Home;"
        "from tests.adapters.values import profile;"
        "Home(Path(sys.argv[1])).profiles.put(profile(), 2); sys.exit('alembic' in sys.modules)"
    )
    command = [sys.executable, "-c", program, str(home.root)]
    assert subprocess.run(command, cwd=REPOSITORY).returncode == 0
    assert home.reader.read().profiles[0].revision == 2
