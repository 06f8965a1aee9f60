"""Connections to the server of a store: who it is is proved, and a full or starting one awaited."""

import configparser
import os
import random
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from adapters.postgres.address import Address
from adapters.postgres.failures import passes, translated, unreached

PATIENCE = 10.0
"""How long a server that is full, or about to start, is waited for, in seconds."""
Connection = psycopg.Connection[tuple[Any, ...]]
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

    def connect(self) -> Connection:
        """A connection of the caller's. Raises Unavailable."""
        told = {**_USUAL, **_with_implied(self.address).keywords(self._authorities())}
        began, pause = time.monotonic(), 0.05
        while True:
            try:
                # Nothing is prepared: a pooler may give the next transaction another connection.
                made = psycopg.connect(**told, prepare_threshold=None)  # type: ignore[arg-type]
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
    """With the host and the TLS mode that a service file or libpq's own variables name: whether
    another host proves its name must not depend on how its name is found.
    """
    service = _service(address.options.get("service"), os.environ)
    implied = {}
    for keyword, variable in (("host", "PGHOST"), ("sslmode", "PGSSLMODE")):
        word = service.get(keyword) or os.environ.get(variable)
        if word and keyword not in address.options:
            implied[keyword] = word
    return address._replace(options={**address.options, **implied})


def _service(name: str | None, environ: Mapping[str, str]) -> Mapping[str, str]:
    if name is None:
        return {}
    file = Path(environ.get("PGSERVICEFILE", "~/.pg_service.conf")).expanduser()
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(file.read_text())
    except (OSError, UnicodeDecodeError, configparser.Error):
        # libpq reads it as well, and says what is wrong.
        return {}
    return dict(parser[name]) if name in parser else {}
