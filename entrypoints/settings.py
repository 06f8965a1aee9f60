"""Where things are, and what the environment says of this program itself."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, Self
from urllib.parse import quote, unquote, urlsplit

from domain.errors import Malformed, Unavailable
from entrypoints.lazy import attribute

NAME, VERSION = "aura_intelligence", "0.1.0"
PREFIX = "AURA_INTELLIGENCE_"
_STORE = "store.db"
_URL = f"{PREFIX}DATABASE_URL"
CATALOGUE = "https://models.dev/api.json"
_PROXIES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy")


class Settings(NamedTuple):
    """`vault_key` and `database` are secrets. `store` is the file, where no `database` is named.
    `ignored_proxy` names a proxy variable that is set, not followed.
    """

    config: Path
    data: Path
    cache: Path
    store: Path
    vault_key: str | None = None
    vault_key_file: Path | None = None
    proxy: str | None = None
    ca_file: Path | None = None
    ignored_proxy: str | None = None
    database: str | None = None
    database_file: Path | None = None
    # Where a catalogue of many providers is fetched; empty: nowhere.
    catalogue_url: str = CATALOGUE

    def __repr__(self) -> str:
        # A key and the passwords of a proxy and a database are among its fields.
        return f"Settings(store={self.store})"

    @property
    def keys(self) -> Path:
        return self.config / "keys"

    @property
    def plugins(self) -> Path:
        return self.config / "plugins.json"

    @property
    def commands(self) -> Path:
        return self.config / "commands.json"

    @property
    def proxy_hint(self) -> str | None:
        if self.ignored_proxy is None or self.proxy:
            return None
        return f"{self.ignored_proxy} is set and not followed; set {PREFIX}PROXY to use a proxy"

    def address(self) -> Any:
        """The `Address` of the team's database; None where the store is a file.

        Raises Malformed, Unavailable.
        """
        if self.database is None and self.database_file is None:
            return None
        address = attribute("adapters.postgres.address:address")
        if self.database is not None:
            return address(self.database, _URL)
        assert self.database_file is not None
        return address(_content(self.database_file), str(self.database_file))

    @property
    def exposes_password(self) -> bool:
        """Whether a variable has the password of the database. Raises Malformed."""
        if self.database is None:
            return False
        address = self.address()
        return address is not None and address.has_secret

    def for_store(self, word: str) -> Self:
        """The same for the store that a command names: `current`, a path, or a URL. Its password is
        the one that is set for that database, if any. Raises Malformed, Unavailable.
        """
        if word == "current":
            return self
        plain = self._replace(database=None, database_file=None)
        if not word.lower().startswith("postgres"):
            path = _store(word, "the URL") if "://" in word else _path(word, "the store")
            assert path is not None
            return plain._replace(store=path)
        named, known = (
            attribute("adapters.postgres.address:address")(word, "the URL"),
            self.address(),
        )
        if named.has_secret:
            raise Malformed(
                "a password among the words of a command is seen by every user of this machine",
                hint=f"change it; then {_URL}_FILE, pgpass or a service file keep it",
            )
        if known is None or not named.is_same(known):
            return plain._replace(database=word)
        if named.is_within(known):
            return self
        # Another schema of it, or another way in.
        secret = f"{'&' if '?' in word else '?'}password={quote(known.password or '', safe='')}"
        return plain._replace(database=word + (secret if known.password else ""))

    @property
    def place(self) -> str:
        """What the store is called: without a password. Raises Malformed, Unavailable."""
        return str(self.address() or self.store)

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Self:
        """Raises Malformed for a variable that cannot be understood."""

        def text(name: str) -> str | None:
            return environ.get(PREFIX + name, "").strip() or None

        def path(name: str) -> Path | None:
            value = text(name)
            return _path(value, PREFIX + name) if value else None

        config, data, cache = _folders(path("HOME"), environ)
        url, file = text("DATABASE_URL"), path("DATABASE_URL_FILE")
        if url and file:
            raise Malformed(f"both {_URL} and {_URL}_FILE are set", hint="unset one of them")
        is_elsewhere = url is not None and url.lower().startswith("postgres")
        catalogue = text("CATALOGUE_URL") or CATALOGUE
        return cls(
            config=config,
            data=data,
            cache=cache,
            store=(None if is_elsewhere else _store(url)) or data / _STORE,
            vault_key=text("VAULT_KEY"),
            vault_key_file=path("VAULT_KEY_FILE"),
            proxy=text("PROXY"),
            ca_file=path("CA_FILE"),
            ignored_proxy=next((name for name in _PROXIES if environ.get(name)), None),
            database=url if is_elsewhere else None,
            database_file=file,
            catalogue_url="" if catalogue.lower() == "off" else catalogue,
        )


def _path(text: str, variable: str) -> Path:
    try:
        return Path(text).expanduser().absolute()
    except (RuntimeError, OSError):
        # No such user, no home, or a current folder that is gone.
        raise Malformed(f"{variable} is not a path", hint="write an absolute path") from None


def _folders(home: Path | None, environ: Mapping[str, str]) -> tuple[Path, Path, Path]:
    if home is not None:
        return home / "config", home / "data", home / "cache"
    names = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME")
    config, data, cache = (_xdg(environ, name) for name in names)
    if config and data and cache:
        return config, data, cache
    usual = _usual_folders(environ)
    return config or usual[0], data or usual[1], cache or usual[2]


def _usual_folders(environ: Mapping[str, str]) -> tuple[Path, Path, Path]:
    if sys.platform == "linux":
        # What platformdirs answers (a test compares), without the 9 ms it takes to import.
        text = environ.get("HOME")
        home = Path(text) if text is not None else _path("~", f"{PREFIX}HOME")
        if not home.is_absolute() or text == "":
            raise Malformed("HOME is not an absolute path", hint=f"correct it, or set {PREFIX}HOME")
        return home / ".config" / NAME, home / ".local/share" / NAME, home / ".cache" / NAME
    from platformdirs import user_cache_path, user_config_path, user_data_path

    return user_config_path(NAME), user_data_path(NAME), user_cache_path(NAME)


def _xdg(environ: Mapping[str, str], variable: str) -> Path | None:
    # The XDG specification: a relative path there is to be ignored.
    chosen = Path(environ.get(variable, "").strip())
    return chosen / NAME if chosen.is_absolute() else None


def _content(file: Path) -> str:
    content: bytes | None = attribute("adapters.machine.files:read_private")(file)
    if content is None:
        raise Unavailable(f"{file} is not there", hint=f"{_URL}_FILE names it")
    return content.decode("utf-8", "replace").strip()


def _store(url: str | None, where: str = _URL) -> Path | None:
    if url is None:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        raise Malformed(f"{where} is not a URL", hint="sqlite:////folder/store.db") from None
    path = Path(unquote(parts.path[1:]))
    is_file = path.is_absolute() and path.name and "\0" not in os.fspath(path)
    if parts.scheme != "sqlite" or parts.netloc or not is_file:
        raise Malformed(
            f"{where} cannot be understood",
            hint="write sqlite:////folder/store.db or postgresql://USER@HOST/DATABASE",
        )
    return path
