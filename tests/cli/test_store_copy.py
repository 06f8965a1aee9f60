"""`store copy`: everything in the other back end, and the same in what it means."""

from pathlib import Path

import psycopg
import pytest

from domain.providers.refs import ModelRef
from tests.adapters.homes import Home
from tests.cli.program import Program
from tests.cli.servers import GOOD
from tests.databases import GUARDED, with_role

URL = "AURA_INTELLIGENCE_DATABASE_URL"
READS = [
    f"models {what} --json"
    for what in ("auth list", "history", "providers list", "aliases list", "fallbacks list")
]


@pytest.fixture
def filled(gateway: Program) -> Program:
    """A store with something in every table, and ids that were used and are gone."""
    gateway.must("models fallbacks add gate/other")
    gateway.must("models aliases add Fast gate/ok")
    gateway.must("models auth set gate:default --label Jörg-🔑")
    gateway.must("models status --probe")
    gateway.must("models auth token gate")
    gateway.must("models history prune --keep 1")
    return gateway


@pytest.fixture
def small(cli: Program) -> Program:
    """A store with one credential."""
    cli.must("models auth add --provider openai --stdin --no-verify", stdin=GOOD)
    return cli


def shown(cli: Program) -> list[dict[str, object]]:
    """What the reading commands say, but for where the store is."""
    return [cli.must(words).document for words in READS]


def in_clear(url: str) -> str:
    """As it may be said in a command."""
    return url.replace("+psycopg", "")


def test_there_and_back_it_is_the_same(filled: Program, database: str, tmp_path: Path) -> None:
    before = shown(filled)
    there = filled.must(["store", "copy", "current", database, "--json"]).document
    assert (there["from"], there["changed"]) == (str(filled.store), True)
    assert {table["name"]: table["rows"] for table in there["tables"]}["profiles"] == 1
    filled.environ[URL] = database
    assert shown(filled) == before
    assert filled.must("models auth token gate").out.strip() == GOOD
    back = tmp_path / "back" / "store.db"
    filled.must(["store", "copy", "current", str(back)])
    after = shown(filled)
    filled.environ[URL] = f"sqlite:///{back}"
    assert shown(filled) == after
    assert filled.must("models auth token gate").out.strip() == GOOD


def test_no_id_is_used_again(filled: Program, database: str) -> None:
    (last,) = filled.must("models history --json --limit 1").document["records"]
    with Home(filled.home).tampering() as store:
        store.execute("UPDATE sqlite_sequence SET seq = 1000")
    filled.must(["store", "copy", "current", database])
    filled.environ[URL] = database
    filled.must("models auth token gate")
    filled.must("models status --probe")
    (newest,) = filled.must("models history --json --limit 1").document["records"]
    assert last["id"] < 1000 < newest["id"]


def test_a_dry_run_counts_and_makes_nothing(small: Program, tmp_path: Path) -> None:
    to = tmp_path / "not" / "there.db"
    ran = small.must(["store", "copy", "current", str(to), "--dry-run", "--json"])
    rows = {table["name"]: table["rows"] for table in ran.document["tables"]}
    assert (rows["profiles"], ran.document["changed"]) == (1, False)
    assert not to.parent.exists()


def test_what_is_not_empty_is_left_as_it_is(small: Program, database: str) -> None:
    small.must(["store", "copy", "current", database])
    for to in (database, "current"):
        for more in ([], ["--dry-run"]):
            ran = small(["store", "copy", "current", to, "--json", *more])
            assert (ran.code, ran.error["type"]) == (1, "already_exists")


@pytest.mark.parametrize("url", ["me:s3cret@host/aura", "me@host/aura?sslpassword=s3cret"])
def test_a_password_among_the_words_is_refused_and_not_repeated(cli: Program, url: str) -> None:
    ran = cli(f"store copy current postgresql://{url}")
    assert (ran.code, ran.out) == (64, "")
    assert "s3cret" not in ran.err
    assert f"{URL}_FILE" in ran.err


def test_the_password_of_the_file_is_used_for_its_database(
    small: Program, database: str, worker_id: str
) -> None:
    user = f"{GUARDED}_{worker_id}"
    with psycopg.connect(in_clear(database), autocommit=True) as connection:
        with_role(connection, user, "SUPERUSER PASSWORD 'its own'")
    mine = in_clear(database).replace("postgres@", f"{user}@")
    file = small.home / "url"
    file.write_text(mine.replace("@", ":its%20own@"))
    file.chmod(0o600)
    store = str(small.store)
    assert small(["store", "copy", store, mine]).code == 69
    small.environ[f"{URL}_FILE"] = str(file)
    assert small.must(["store", "copy", store, mine, "--json"]).document["to"] == mine


def test_another_schema_of_the_same_database_is_another_store(
    small: Program, database: str, tmp_path: Path, worker_id: str
) -> None:
    user = f"{GUARDED}_{worker_id}"
    with psycopg.connect(in_clear(database), autocommit=True) as connection:
        with_role(connection, user, "SUPERUSER PASSWORD 'own'")
    mine = in_clear(database).replace("postgres@", f"{user}@")
    file = small.home / "url"
    file.write_text(mine.replace("@", ":own@"))
    file.chmod(0o600)
    other = f"{mine}&options=-csearch_path%3Dother"
    small.environ[f"{URL}_FILE"] = str(file)
    small.must(["store", "copy", str(small.store), other])
    assert small(["store", "copy", "current", str(tmp_path / "a" / "store.db")]).code == 1
    copied = small.must(["store", "copy", other, str(tmp_path / "b" / "store.db"), "--json"])
    rows = {table["name"]: table["rows"] for table in copied.document["tables"]}
    assert rows["profiles"] == 1


def test_there_is_nothing_to_copy_where_there_is_no_store(cli: Program, database: str) -> None:
    ran = cli(["store", "copy", "current", database, "--json"])
    assert (ran.code, ran.error["type"]) == (1, "not_found")
    other = cli(["store", "copy", "current", "sqlite://relative"])
    assert (other.code, "the URL cannot be understood" in other.err) == (64, True)


def test_a_copy_that_reads_differently_is_taken_back(
    filled: Program, database: str, tmp_path: Path
) -> None:
    # As a server does that has a trigger of somebody's.
    target = Home(tmp_path / "other", url=database).store_made
    target.selections.update(lambda now: now.with_default(ModelRef("openai", "gpt-5")), 1)
    with psycopg.connect(in_clear(database), autocommit=True) as connection:
        connection.execute("TRUNCATE selection")
        connection.execute(
            "CREATE FUNCTION louder() RETURNS trigger LANGUAGE plpgsql AS"
            " 'BEGIN NEW.label := upper(NEW.label || ''!''); RETURN NEW; END'"
        )
        connection.execute(
            "CREATE TRIGGER louder BEFORE INSERT ON profiles FOR EACH ROW EXECUTE FUNCTION louder()"
        )
        ran = filled(["store", "copy", "current", database, "--json"])
        assert (ran.code, ran.error["type"]) == (69, "store_failed")
        assert "profiles" in ran.error["message"]
        assert connection.execute("SELECT count(*) FROM profiles").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM probe_records").fetchone() == (0,)


def test_a_copy_lies_aside_before_keys_are_made_anew(small: Program, database: str) -> None:
    small.must(["store", "copy", "current", database])
    small.environ[URL] = database
    for key in (small.home / "config" / "keys").iterdir():
        key.rename(small.home / "key")
    small.must("vault reset --yes")
    assert small.must("models auth list --json").document["profiles"] == []
    (copy,) = (small.home / "data" / "backups").glob("team-*.db")
    (small.home / "key").rename(key)
    small.environ[URL] = f"sqlite:///{copy}"
    assert small.must("models auth token openai").out.strip() == GOOD
