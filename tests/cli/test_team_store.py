"""A store in PostgreSQL, and what may be wrong with one: a line, a hint, nothing half-written."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests import relays
from tests.adapters.certificates import Authority, authority
from tests.cli.program import Program
from tests.cli.servers import GOOD
from tests.databases import GUARDED, PostgresServer, with_role

URL = "AURA_INTELLIGENCE_DATABASE_URL"
ADD = "models auth add --provider openai --stdin --no-verify"


@pytest.fixture
def team(cli: Program, database: str) -> Program:
    cli.environ[URL] = database
    return cli


@contextmanager
def opened(team: Program) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    """The database as who runs the server sees it."""
    url = team.environ[URL].replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def content(team: Program) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    with opened(team) as connection:
        tables = connection.execute(
            "SELECT relname FROM pg_class"
            " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        ).fetchall()
        return {
            name: sorted(connection.execute(f'SELECT * FROM "{name}"').fetchall(), key=repr)
            for (name,) in tables
        }


def refused(team: Program, words: str, type: str, code: int = 69) -> str:
    """What is said of it: one line and a hint, in text and in JSON."""
    ran = team(words, stdin=GOOD)
    assert (ran.code, ran.out) == (code, ""), ran
    told = [line for line in ran.err.splitlines() if not line.startswith("AURA_INTELLIGENCE_DAT")]
    assert [line.partition(":")[0] for line in told] == ["aura_intelligence", "hint"], ran.err
    as_json = team(f"{words} --json", stdin=GOOD)
    assert (as_json.code, as_json.error["type"]) == (code, type)
    assert as_json.error["hint"]
    return told[0]


NOT_OURS = {
    "a table called as one of ours": "CREATE TABLE profiles (id integer)",
    "a history of migrations of somebody else's": "CREATE TABLE alembic_version (version_num text)",
    "any table at all": "CREATE TABLE customers (id integer)",
}


@pytest.mark.parametrize("made", NOT_OURS.values(), ids=NOT_OURS)
@pytest.mark.parametrize("words", ["models status", "models set openai/gpt-5 --force", ADD])
def test_a_database_that_is_not_ours_is_left_alone(team: Program, made: str, words: str) -> None:
    with opened(team) as connection:
        connection.execute(made)
    before = content(team)
    assert "not of this program" in refused(team, words, "not_a_store")
    assert content(team) == before
    assert not team.home.joinpath("config", "keys").exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            "COMMENT ON TABLE alembic_version IS 'aura_intelligence store, format 99'",
            "models status",
        ),
        ("COMMENT ON TABLE alembic_version IS 'aura_intelligence store, format 99'", ADD),
        ("UPDATE alembic_version SET version_num = '9999'", "models set openai/gpt-5 --force"),
    ],
)
def test_a_store_of_a_newer_version_is_left_alone(team: Program, change: str, words: str) -> None:
    team.must(ADD, stdin=GOOD)
    with opened(team) as connection:
        connection.execute(change)
    before = content(team)
    refused(team, words, "store_newer")
    assert content(team) == before


def test_who_may_only_read_reads(team: Program, worker_id: str) -> None:
    reader = f"reader_{worker_id}"
    team.must(ADD, stdin=GOOD)
    with opened(team) as connection:
        with_role(connection, reader, "NOSUPERUSER")
        connection.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {reader}")
    before = content(team)
    writer = team.environ[URL]
    team.environ[URL] = writer.replace("postgres@", f"{reader}@")
    assert "openai:default" in team.must("models auth list").out
    assert "GRANT" in team("models set openai/gpt-5 --force").err
    refused(team, "models set openai/gpt-5 --force", "store_failed")
    team.environ[URL] = writer
    assert content(team) == before
    with opened(team) as connection:
        connection.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {reader}")
        team.environ[URL] = writer.replace("postgres@", f"{reader}@")
        refused(team, "models status", "store_failed")
        connection.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
        # Not that there is nothing: that nothing can be seen.
        refused(team, "models status", "store_failed")
        refused(team, ADD, "store_failed")


def test_a_replica_is_read_and_not_written(team: Program, worker_id: str) -> None:
    team.must(ADD, stdin=GOOD)
    before = content(team)
    with opened(team) as connection:
        connection.execute(f"ALTER DATABASE {worker_id} SET default_transaction_read_only = on")
    try:
        assert team("models auth list").code == 0
        refused(team, "models set openai/gpt-5 --force", "store_readonly")
        assert content(team) == before
    finally:
        with opened(team) as connection:
            connection.execute("SET default_transaction_read_only = off")
            connection.execute(f"ALTER DATABASE {worker_id} RESET ALL")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://nobody-at-all@/{name}?host={folder}", "no such database or user"),
        ("postgresql://postgres@/nothing-here?host={folder}", "no such database or user"),
        ("postgresql://postgres@127.0.0.1:1/aura", "cannot be reached"),
        ("postgresql:///aura?service=nobody-wrote-it", "not in the service file"),
    ],
)
def test_who_does_not_get_in_is_told_why(
    team: Program, postgres: PostgresServer, url: str, said: str
) -> None:
    team.environ[URL] = url.format(name="postgres", folder=postgres.folder)
    assert said in refused(team, "models status", "store_failed")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:p@ss/w%rd@host/aura",
        "postgresql://me:12/secret@host/aura",
        "postgresql://me:secret#1@host/aura",
        "postgresql://me:sec%ret@host/aura",
        "postgresqlx://me:secret@host/aura",
        "postgresql://me:secret@host:port/aura",
        "postgresql://me:secret@host/aura\nsecret",
        "postgresql://me@localhost/aura?conninfo=host%3Dother",
    ],
)
def test_what_cannot_be_understood_is_not_repeated(team: Program, url: str) -> None:
    team.environ[URL] = url
    ran = team("models status")
    assert (ran.code, ran.out) == (64, "")
    assert "secret" not in ran.err
    assert "w%rd" not in ran.err
    assert "%40" in ran.err


@pytest.mark.parametrize(
    # The last three are the driver's own: they would undo transactions, or be a bug.
    "option",
    ["colour=blue", "autocommit=1", "prepare_threshold=1", "row_factory=x"],
)
def test_an_option_nobody_knows_is_said(team: Program, option: str) -> None:
    team.environ[URL] += f"&{option}"
    refused(team, "models status", "malformed", 64)


def test_any_password_gets_in_and_is_shown_nowhere(team: Program, worker_id: str) -> None:
    user = f"{GUARDED}_{worker_id}"
    password, written = "p@ss/w%rd: ?#ü", "p%40ss%2Fw%25rd%3A%20%3F%23%C3%BC"
    with opened(team) as connection:
        with_role(connection, user, f"SUPERUSER PASSWORD '{password}'")
    plain = team.environ[URL].replace("postgres@", f"{user}:{written}@")
    team.environ[URL] = plain
    ran = team.process(ADD, stdin=GOOD)
    assert (ran.code, ran.err.count(f"{URL} has a password")) == (0, 1)
    hot = team.process("models auth list")
    assert (hot.code, hot.err.count(f"{URL} has a password")) == (0, 1)
    assert "p@ss" not in ran.text + team("paths").text + team("models status --json").text
    del team.environ[URL]
    file = team.home / "url"
    file.write_text(plain + "\n")
    file.chmod(0o600)
    team.environ[f"{URL}_FILE"] = str(file)
    ran = team.process("models auth list")
    assert ("openai:default" in ran.out, ran.err) == (True, "")
    assert "p@ss" not in team("paths").text
    file.chmod(0o644)
    refused(team, "models status", "unsafe_file")
    team.environ[URL] = plain
    assert team("models status").code == 64


def test_a_wrong_password_is_said_without_it(team: Program, worker_id: str) -> None:
    user = f"{GUARDED}_{worker_id}"
    with opened(team) as connection:
        with_role(connection, user, "PASSWORD 'right'")
    team.environ[URL] = team.environ[URL].replace("postgres@", f"{user}:mistaken@")
    assert "does not let this user in" in refused(team, "models status", "store_failed")
    assert "mistaken" not in team("models status").text


def test_without_the_driver_the_package_is_named(team: Program, tmp_path: Path) -> None:
    ran = team.process("models status")
    assert ran.code == 0
    hidden = tmp_path / "psycopg"
    hidden.mkdir()
    hidden.joinpath("__init__.py").write_text("raise ImportError('gone', name='psycopg')")
    team.environ["PYTHONPATH"] = f"{tmp_path}:{Path(__file__).parents[2]}"
    ran = team.process("models status")
    assert (ran.code, ran.out) == (69, "")
    assert ran.err.splitlines()[1] == "hint: pip install 'aura-intelligence[postgres]'"


def test_a_server_without_a_connection_left_is_waited_for_and_then_told(
    team: Program, worker_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = f"one_{worker_id}"
    team.must(ADD, stdin=GOOD)
    with opened(team) as connection:
        with_role(connection, user, "NOSUPERUSER CONNECTION LIMIT 1")
        connection.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {user}")
    team.environ[URL] = team.environ[URL].replace("postgres@", f"{user}@")
    with opened(team) as only:
        with monkeypatch.context() as hurried:
            hurried.setattr("adapters.postgres.server.PATIENCE", 0.1)
            said = refused(team, "models auth list", "store_busy")
            assert "has no connection left" in said
        timer = threading.Timer(0.2, only.close)
        timer.start()
        assert "openai:default" in team.must("models auth list").out
        timer.join()


@pytest.mark.parametrize(
    ("state", "type", "said"),
    [
        ("disk_full", "store_full", "has no space left"),
        ("untranslatable_character", "store_failed", "does not keep all characters"),
    ],
)
def test_what_a_server_refuses_at_the_last_moment_changes_nothing(
    team: Program, state: str, type: str, said: str
) -> None:
    team.must(ADD, stdin=GOOD)
    with opened(team) as connection:
        # As late as it can be: at the COMMIT.
        connection.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{state}'; END $$;"
            "CREATE CONSTRAINT TRIGGER refuse AFTER UPDATE ON profiles"
            " INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()"
        )
    before = content(team)
    assert said in refused(team, "models auth set openai:default --label Mine", type)
    assert content(team) == before


THERE = "127.0.0.2"
"""An address of this machine that no rule takes for it: as if it were another host."""


@pytest.fixture(scope="module")
def vouching(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("authority"))


@contextmanager
def another_host(
    team: Program, postgres: PostgresServer, vouching: Authority, name: str, days: int
) -> Iterator[None]:
    """The same database where a network leads: `name` is what its certificate says."""
    inside = relays.with_tls(postgres.folder, vouching.server(name, days=days) if name else None)
    before = team.environ[URL]
    with relays.serving(inside, THERE) as port:
        database = before.partition("@/")[2].partition("?")[0]
        team.environ[URL] = f"postgresql://postgres@{THERE}:{port}/{database}"
        team.environ["AURA_INTELLIGENCE_CA_FILE"] = str(vouching.ca_file)
        yield
    team.environ[URL] = before


def test_another_host_proves_who_it_is(
    team: Program, postgres: PostgresServer, vouching: Authority
) -> None:
    with another_host(team, postgres, vouching, THERE, 1):
        team.must(ADD, stdin=GOOD)
        assert "openai:default" in team.must("models auth list").out
        team.environ[URL] += "?sslmode=disable"
        assert team("models auth list").code == 0


@pytest.mark.parametrize(
    ("name", "days", "said"),
    [
        ("other.test", 1, "certificate of another host"),
        (THERE, -1, "not to be trusted"),
        ("", 1, "does not encrypt"),
    ],
)
def test_who_does_not_prove_it_is_sent_nothing(
    team: Program, postgres: PostgresServer, vouching: Authority, name: str, days: int, said: str
) -> None:
    with another_host(team, postgres, vouching, name, days):
        assert said in refused(team, ADD, "store_failed")
    assert content(team) == {}


def test_a_pooler_may_give_each_transaction_another_connection(
    team: Program, postgres: PostgresServer
) -> None:
    database = team.environ[URL].partition("@/")[2].partition("?")[0]
    pooler = relays.TransactionPooler(postgres.folder, relays.startup(database))
    before = team.environ[URL]
    with relays.serving(pooler) as port:
        team.environ[URL] = f"postgresql://postgres@127.0.0.1:{port}/{database}"
        team.must(ADD, stdin=GOOD)
        team.must("models set openai/gpt-5")
        for number in range(2):
            team.must(f"models aliases add a{number} openai/gpt-5")
        assert "a1" in team.must("models aliases list").out
        team.must("models auth remove openai:default --yes")
    assert pooler.used > 10
    team.environ[URL] = before
    assert content(team)["profiles"] == []


def test_what_is_cut_off_in_the_moment_of_writing_is_said_to_be_in_doubt(
    team: Program, postgres: PostgresServer
) -> None:
    database = team.environ[URL].partition("@/")[2].partition("?")[0]
    before = team.environ[URL]
    team.must("models set openai/gpt-5")
    with relays.serving(relays.cut_at(postgres.folder, b"COMMIT\0")) as port:
        team.environ[URL] = f"postgresql://postgres@127.0.0.1:{port}/{database}"
        assert "in the moment of writing" in team(ADD, stdin=GOOD).err
    team.environ[URL] = before
    # It came through, and the key of what was written is still there.
    assert team.must("models auth token openai").out.strip() == GOOD


def test_of_secrets_the_database_has_none(team: Program) -> None:
    team.must(ADD, stdin=GOOD)
    team.must("models auth token openai")
    text = repr(content(team))
    assert "openai:default" in text
    assert GOOD not in text
    assert GOOD.encode().hex() not in text


def test_each_record_names_host_and_user(team: Program) -> None:
    team.must(ADD, stdin=GOOD)
    team.must("models auth token openai")
    (record,) = team.must("models history --json").document["records"]
    user, _, host = record["host"].partition("@")
    assert user
    assert host
