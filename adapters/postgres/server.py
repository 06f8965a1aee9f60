"""Connections to the server of a store: who it is is proved, and a full or starting one awaited."""

import configparser
import logging
import os
import random
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from adapters.postgres.address import Address
from adapters.postgres.failures import passes, translated, unreached

PATIENCE = 10.0
"""How long a server that is full, or about to start, is waited for, in seconds."""
Connection = psycopg.Connection[tuple[Any, ...]]
_FROM_LIBPQ = {
    "service": "PGSERVICE",
    "host": "PGHOST",
    "hostaddr": "PGHOSTADDR",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
}
"""What says who the server is and how it proves that, with the variables libpq reads it from."""
_USUAL = {
    "connect_timeout": "10",
    "application_name": "aura_intelligence",
    "client_encoding": "UTF8",
    # A host that is gone without a word is noticed in half a minute.
    "keepalives_idle": "15",
    "keepalives_interval": "5",
    "keepalives_count": "3",
}


class Server:
    """The server at `address`. `ca_file` is what a person set for this program, if anything."""

    def __init__(self, address: Address, ca_file: Path | None = None) -> None:
        self.address = address
        self._ca_file = ca_file
        self._was_there = False
        log = logging.getLogger("psycopg")
        if not log.hasHandlers():
            # What it says after a Ctrl-C are words of libpq's, as they come.
            log.addHandler(logging.NullHandler())

    def keywords(self) -> dict[str, str]:
        """What libpq is told, the password with it."""
        return {**_USUAL, **_with_implied(self.address).keywords(self._authorities())}

    def connect(self) -> Connection:
        """A connection of the caller's. Raises Unavailable."""
        told = self.keywords()
        began, pause = time.monotonic(), 0.05
        while True:
            try:
                # One text: libpq's options, none of the driver's own (autocommit). Nothing is
                # prepared: a pooler may give the next transaction another connection.
                made = psycopg.connect(make_conninfo(**told), prepare_threshold=None)
            except psycopg.Error as failure:
                waited = time.monotonic() - began
                if waited > PATIENCE or not passes(failure, was_there=self._was_there):
                    raise unreached(failure, self.address) from None
            else:
                self._was_there = True
                return made
            time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - spreads those who wait
            pause = min(pause * 2, 1.0)

    @contextmanager
    def connected(self) -> Iterator[Connection]:
        """The same, closed at the end; what goes wrong on it is raised as Unavailable."""
        connection = self.connect()
        try:
            yield connection
        except (psycopg.Error, UnicodeDecodeError) as failure:
            raise translated(failure, self.address) from None
        finally:
            connection.close()

    def _authorities(self) -> Path:
        usual = Path("~/.postgresql/root.crt").expanduser()
        if self._ca_file or usual.is_file():
            return self._ca_file or usual
        import certifi

        return Path(certifi.where())


def _with_implied(address: Address) -> Address:
    """With what a service file or libpq's own variables say of the server: whether another host
    proves its name must not depend on how its name is found.
    """
    usual = {keyword: os.environ.get(name, "") for keyword, name in _FROM_LIBPQ.items()}
    service = _service(address.options.get("service") or usual["service"])
    implied = {keyword: service.get(keyword) or word for keyword, word in usual.items()}
    known = {keyword: word for keyword, word in implied.items() if word}
    return address._replace(options={**known, **address.options})


def _service(name: str) -> Mapping[str, str]:
    file = Path(os.environ.get("PGSERVICEFILE", "~/.pg_service.conf")).expanduser()
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(file.read_text())
    except (OSError, UnicodeDecodeError, configparser.Error):
        # libpq reads it as well, and says what is wrong.
        return {}
    return dict(parser[name]) if name in parser else {}
