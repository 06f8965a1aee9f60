"""Where a PostgreSQL store is, from its URL. Of the standard library: who reads settings waits."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from domain.errors import Malformed

_SCHEMES = ("postgresql+psycopg", "postgresql", "postgres")
# Line ends and tabs would be taken out of a URL, and two lines be one.
_SPOILT = re.compile(r"%(?![0-9A-Fa-f]{2})|[\t\r\n]")
_HINT = "write postgresql://USER@HOST/DATABASE; in a password @ / % : are %40 %2F %25 %3A"
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_FROM_SERVICE = "service"
_SECRETS = {"sslpassword", "oauth_client_secret", "scram_client_key", "scram_server_key"}
"""What libpq is told beside the password that nobody else may see."""


class Address(NamedTuple):
    """`options` are libpq's keywords, all but the password, which is a secret."""

    options: Mapping[str, str]
    password: str | None = None

    def __repr__(self) -> str:
        return f"Address({self})"

    def __str__(self) -> str:
        """What a message calls it: a URL without a password."""
        told = self.options
        if _FROM_SERVICE in told:
            return f"postgresql:///?service={quote(told[_FROM_SERVICE], safe='')}"
        user = f"{quote(told['user'], safe='')}@" if "user" in told else ""
        host = told.get("host", "")
        port = f":{told['port']}" if "port" in told else ""
        database = quote(told.get("dbname", ""), safe="")
        if host.startswith("/"):
            return f"postgresql://{user}{port}/{database}?host={quote(host)}"
        hosts, ports = host.split(","), told.get("port", "").split(",")
        # One port is that of all of them.
        pairs = zip(hosts, ports if len(ports) > 1 else ports * len(hosts), strict=False)
        return f"postgresql://{user}{','.join(_with_port(*pair) for pair in pairs)}/{database}"

    @property
    def is_elsewhere(self) -> bool:
        """Whether what is said goes over a network; so it may where only a service is named."""
        hosts = self.options.get("hostaddr") or self.options.get("host", "")
        if not hosts:
            return _FROM_SERVICE in self.options
        return any(
            host not in _LOOPBACK and not host.startswith(("/", "@")) for host in hosts.split(",")
        )

    @property
    def has_secret(self) -> bool:
        return self.password is not None or not _SECRETS.isdisjoint(self.options)

    def is_same(self, other: "Address") -> bool:
        """Whether both are one database and user, however they get in."""
        return str(self) == str(other)

    def is_within(self, other: "Address") -> bool:
        """Whether `other`, which is the same, says all of this, and leads to the same schema."""
        said = self.options.items() <= other.options.items()
        return said and self.options.get("options") == other.options.get("options")

    def keywords(self, ca_file: Path) -> dict[str, str]:
        """What libpq is told. Another host has to prove its name, by a certificate that `ca_file`
        leads to, unless the URL says otherwise.
        """
        known = dict(self.options)
        if self.password is not None:
            known["password"] = self.password
        if self.is_elsewhere:
            known.setdefault("sslmode", "verify-full")
        if known.get("sslmode", "").startswith("verify"):
            known.setdefault("sslrootcert", str(ca_file))
        return known


def address(url: str, where: str) -> Address:
    """What `url` says; `where` names it in a message, which has nothing of it. Raises Malformed."""
    try:
        parts = urlsplit(url)
        hosts = [urlsplit(f"//{host}") for host in parts.netloc.rpartition("@")[2].split(",")]
        ports = ",".join("" if host.port is None else str(host.port) for host in hosts)
        query = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    except ValueError:
        raise _unclear(where) from None
    # What a password may hold makes something else of the rest: better nothing than another host.
    path = parts.path.removeprefix("/")
    if parts.scheme not in _SCHEMES or _SPOILT.search(url):
        raise _unclear(where)
    if "@" in path or "/" in path or parts.fragment:
        raise _unclear(where)
    names = ",".join(host.hostname or "" for host in hosts)
    said = {"user": parts.username, "host": names, "port": ports, "dbname": path}
    options = {name: unquote(word) for name, word in said.items() if word and word.strip(",")}
    password = unquote(parts.password) if parts.password else None
    for name, word in query:
        if name == "password":
            password = word
        elif name == "conninfo":
            # Of the driver's own: a second address, whose host proved nothing.
            raise _unclear(where)
        else:
            options[name] = word
    if "\0" in "".join((*options.values(), password or "")):
        raise _unclear(where)
    return Address(options, password)


def _with_port(host: str, port: str) -> str:
    return (f"[{host}]" if ":" in host else host) + (f":{port}" if port else "")


def _unclear(where: str) -> Malformed:
    return Malformed(f"{where} cannot be understood", hint=_HINT)
