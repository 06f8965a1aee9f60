"""A team at work, on a server of its own that is restarted."""

import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.credentials.credential import ApiKey
from domain.journal.records import HistoryQuery
from tests import relays
from tests.adapters.certificates import authority
from tests.adapters.homes import REPOSITORY, Home
from tests.cli.program import Program
from tests.cli.servers import GOOD
from tests.databases import PostgresServer, empty, ended, with_role

pytestmark = pytest.mark.soak
WRITERS, READERS, SECONDS = 20, 5, 120


@pytest.fixture
def own() -> Iterator[PostgresServer]:
    """A server that no other test uses."""
    with tempfile.TemporaryDirectory(prefix="aura-pg-") as folder:
        server = PostgresServer(Path(folder) / "server")
        server.start()
        yield server
        ended(server.folder)


def started(home: Home, *words: str) -> "subprocess.Popen[str]":
    assert home.url is not None
    return subprocess.Popen(
        [sys.executable, "-m", "tests.adapters.workers", words[0], str(home.root), *words[1:]],
        cwd=REPOSITORY,
        env={**os.environ, "AURA_INTELLIGENCE_DATABASE_URL": home.url},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_nothing_acknowledged_is_lost_when_the_server_restarts(
    own: PostgresServer, tmp_path: Path
) -> None:
    """A write may fail and say so; what was said to be done is there."""
    home = Home(tmp_path / "home", url=empty(own, "team"))
    writers = [started(home, "keep_on", f"w{n}", str(SECONDS)) for n in range(WRITERS)]
    readers = [started(home, "keep_reading", str(SECONDS)) for _ in range(READERS)]
    time.sleep(SECONDS / 2)
    own.stop("immediate")
    time.sleep(1)
    own.start()
    acknowledged, refused, reads = set(), Counter[str](), 0
    for process in (*writers, *readers):
        said, wrong = process.communicate(timeout=SECONDS + 60)
        assert process.returncode == 0, wrong[-2000:]
        lines = said.splitlines()
        acknowledged |= {line for line in lines if line.startswith("w")}
        refused.update(line.rpartition(": ")[2] for line in lines if line.startswith("not"))
        reads += lines.count("read")
    print(f"{len(acknowledged)} written, {reads} read, refused: {dict(refused)}")
    assert len({name.partition("-")[0] for name in acknowledged}) == WRITERS
    assert acknowledged <= finished(home)
    for n in range(WRITERS):
        key = home.profiles.get(f"openai:w{n}").credential
        assert isinstance(key, ApiKey)
        last = max(
            int(name.partition("-")[2]) for name in acknowledged if name.startswith(f"w{n}-")
        )
        # What came after it may be there too, and only its answer lost.
        assert int(key.key.reveal().split("-")[3]) >= last


def test_twenty_programs_share_the_eight_connections_of_a_server(
    own: PostgresServer, tmp_path: Path
) -> None:
    """With TLS, and as a user for whom none is kept: who finds none left waits."""
    url = empty(own, "team")
    with own.connect("team") as connection:
        with_role(connection, "team", "NOSUPERUSER")
        connection.execute("ALTER SCHEMA public OWNER TO team")
        connection.execute("ALTER SYSTEM SET max_connections = 8")
    own.stop("fast")
    own.start()
    vouching = authority(tmp_path)
    there = "127.0.0.2"
    with relays.serving(relays.with_tls(own.folder, vouching.server(there)), there) as port:
        url = f"postgresql://team@{there}:{port}/team"
        environ = {"DATABASE_URL": url, "CA_FILE": str(vouching.ca_file)}
        environ = {f"AURA_INTELLIGENCE_{name}": word for name, word in environ.items()}
        program = Program(tmp_path / "home", {**environ, "KEY": GOOD})
        program.must("models set openai/gpt-5")
        running = [program.start(f"{words} --json") for n in range(5) for words in commands(n)]
        for process in running:
            out, err = process.communicate(timeout=120)
            assert process.returncode == 0, (out, err)
        profiles = program.must("models auth list --json").document["profiles"]
        aliases = program.must("models aliases list --json").document["aliases"]
    assert {profile["profileId"] for profile in profiles} == {f"openai:p{n}" for n in range(5)}
    assert set(aliases) == {f"a{n}" for n in range(5)}


def commands(n: int) -> list[str]:
    key = f"models auth add --provider openai --profile-id openai:p{n} --no-verify --from-env KEY"
    return ["models status", "models history", key, f"models aliases add a{n} openai/gpt-5"]


def finished(home: Home) -> set[str]:
    journal, found, cursor = home.store_made.journal_reader, set(), None
    while True:
        page = journal.search(HistoryQuery(limit=1000, before=cursor))
        found |= {record.run_id for record in page.records if record.outcome is not None}
        if (cursor := page.next) is None:
            return found
