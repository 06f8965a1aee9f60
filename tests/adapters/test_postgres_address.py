"""Where a server is and whether it proves its name, however that is said."""

import logging
from pathlib import Path

import psycopg
import pytest

from adapters.postgres.address import address
from adapters.postgres.failures import unreached
from adapters.postgres.server import Server

SERVICES = """
[far]
host=db.example
[vouched]
host=db.example
sslmode=verify-ca
sslrootcert=/etc/team.pem
[near]
host=/run/postgresql
"""


@pytest.fixture(autouse=True)
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "services"
    file.write_text(SERVICES)
    monkeypatch.setenv("PGSERVICEFILE", str(file))


def told(url: str) -> dict[str, str]:
    return Server(address(url, "the URL"), Path("/ours.pem")).keywords()


FOUND: list[tuple[str, dict[str, str], str | None, str | None]] = [
    ("postgresql://db.example/aura", {}, "verify-full", "/ours.pem"),
    ("postgresql://db.example/aura?sslmode=require", {}, "require", None),
    ("postgresql://localhost/aura", {}, None, None),
    ("postgresql:///aura", {}, None, None),
    ("postgresql:///aura", {"PGHOST": "db.example"}, "verify-full", "/ours.pem"),
    ("postgresql:///aura", {"PGSERVICE": "far"}, "verify-full", "/ours.pem"),
    ("postgresql:///aura", {"PGSERVICE": "nobody-wrote-it"}, "verify-full", "/ours.pem"),
    ("postgresql:///aura?service=far", {}, "verify-full", "/ours.pem"),
    ("postgresql:///aura?service=vouched", {}, "verify-ca", "/etc/team.pem"),
    ("postgresql:///aura?service=near", {"PGHOST": "db.example"}, None, None),
    ("postgresql://localhost/aura", {"PGHOSTADDR": "192.0.2.1"}, "verify-full", "/ours.pem"),
    ("postgresql://db.example/aura", {"PGSSLMODE": "disable"}, "disable", None),
    ("postgresql://db.example/aura", {"PGSSLROOTCERT": "/x.pem"}, "verify-full", "/x.pem"),
    ("postgresql://localhost,db.example/aura", {}, "verify-full", "/ours.pem"),
    ("postgresql:///aura?host=/run/postgresql,db.example", {}, "verify-full", "/ours.pem"),
]
"""An address, libpq's variables, and what libpq is told: sslmode and sslrootcert."""


def test_another_host_proves_its_name_however_it_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    for url, variables, *wanted in FOUND:
        with monkeypatch.context() as environ:
            for name, word in variables.items():
                environ.setenv(name, word)
            known = told(url)
            assert [known.get("sslmode"), known.get("sslrootcert")] == wanted, (url, variables)


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("postgresql://me@one,two/aura", "one,two", None),
        ("postgresql://me@one:5433,two:5434/aura", "one,two", "5433,5434"),
        ("postgresql://me@one,[::1]:5434/aura", "one,::1", ",5434"),
    ],
)
def test_several_hosts_are_those_that_libpq_is_told(url: str, host: str, port: str | None) -> None:
    known = told(url)
    assert (known["host"], known.get("port")) == (host, port)
    assert str(address(url, "the URL")) == url


def test_a_file_of_authorities_that_is_not_there_is_no_missing_database() -> None:
    said = psycopg.OperationalError('root certificate file "/x.pem" does not exist')
    assert "authorities" in str(unreached(said, address("postgresql://db.example/aura", "it")))


def test_psycopg_says_nothing_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    # pytest sets up logging, which a program does not.
    log = logging.getLogger("psycopg")
    monkeypatch.setattr(log, "propagate", False)
    monkeypatch.setattr(log, "handlers", [])
    Server(address("postgresql:///aura", "the URL"))
    assert log.hasHandlers()
