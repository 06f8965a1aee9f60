"""What PostgreSQL's refusals mean here: by SQLSTATE, or by libpq's words before there is one."""

import psycopg

from adapters.postgres.address import Address
from domain.errors import (
    Malformed,
    NotAStore,
    StoreBusy,
    StoreDamaged,
    StoreFailed,
    StoreFull,
    StoreGone,
    StoreReadonly,
    Unavailable,
)
from domain.text import visible

_SAFE = "nothing was changed"
_GONE = "cannot be reached any longer"
_STATES: dict[str, tuple[type[Unavailable], str, str]] = {
    "25006": (StoreReadonly, "can only be read", "is it a replica, or set read-only? " + _SAFE),
    "42501": (
        StoreFailed,
        "lets its user do less than is needed",
        "its owner may: GRANT the user all on the schema and its tables; " + _SAFE,
    ),
    "53100": (StoreFull, "has no space left", "free some space on the server; nothing was lost"),
    "55P03": (StoreBusy, "is held by another process", "try again; " + _SAFE),
    "57014": (StoreBusy, "did not answer in time", "try again; " + _SAFE),
    "23505": (StoreGone, "was written by another process", "try again; " + _SAFE),
    "40001": (StoreGone, "is too busy", "try again; " + _SAFE),
    "40P01": (StoreGone, "is too busy", "try again; " + _SAFE),
    "25P03": (StoreBusy, "waited for this program too long", "try again; " + _SAFE),
    "22P05": (StoreFailed, "does not keep all characters", "its encoding has to be UTF8; " + _SAFE),
    "2200H": (StoreDamaged, "has used up its ids", "keep a copy, and restore a backup"),
    "42P01": (StoreDamaged, "does not have the tables of this program", "restore a backup"),
    "42703": (StoreDamaged, "does not have the tables of this program", "restore a backup"),
    "57P01": (StoreGone, _GONE, "is the server restarting? try again; " + _SAFE),
    "57P02": (StoreGone, _GONE, "is the server restarting? try again; " + _SAFE),
    "57P03": (StoreGone, _GONE, "is the server restarting? try again; " + _SAFE),
}
# libpq tells what it met while connecting in words only; those of a server may be translated.
_BUSY = ("too many clients", "too many connections", "connection slots are reserved")
_AWAY = ("starting up", "shutting down", "recovery mode", "not yet accepting")
_REFUSED = ("Connection refused", "No such file or directory", "reset by peer", "closed the conn")
_WORDS: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (_BUSY, "has no connection left", "try again, or raise its max_connections"),
    (_AWAY, "is starting or stopping", "try again"),
    (
        ("does not match host name",),
        "shows the certificate of another host",
        "nothing was sent to it; write the name the certificate has",
    ),
    (
        ("certificate verify failed",),
        "shows a certificate that is not to be trusted, or no longer",
        "nothing was sent to it; a CA of your own: AURA_INTELLIGENCE_CA_FILE",
    ),
    (
        ("root certificate file",),
        "cannot be proved to be itself: the file of its authorities is not there",
        "nothing was sent to it; AURA_INTELLIGENCE_CA_FILE or sslrootcert names it",
    ),
    (
        ("does not support SSL",),
        "does not encrypt the connection",
        "nothing was sent to it; switch ssl on there, or if you trust the way: ?sslmode=disable",
    ),
    (
        ("password authentication failed", "no password supplied", "authentication failed"),
        "does not let this user in",
        "check user and password: AURA_INTELLIGENCE_DATABASE_URL_FILE, pgpass or a service file",
    ),
    (("no pg_hba.conf entry",), "does not let this user in from here", "its pg_hba.conf says who"),
    (
        ("does not exist",),
        "has no such database or user",
        "its owner makes them: createdb, createuser",
    ),
    (("resolve host", "translate host"), "has a host name that leads nowhere", "check the address"),
    (("timeout expired", "timed out"), "did not answer in time", "check address and firewall"),
    (_REFUSED, "cannot be reached", "is the server running there?"),
    (("definition of service",), "is not in the service file", "PGSERVICEFILE says which file"),
)


def translated(failure: BaseException | None, place: Address) -> Unavailable:
    """The error of our tree for one of psycopg's; no text of the server's is kept."""
    state = getattr(failure, "sqlstate", None) or ""
    if state in _STATES:
        kind, what, hint = _STATES[state]
        return kind(f"the store {visible(str(place))} {what}", hint=hint)
    is_lost = isinstance(failure, psycopg.OperationalError) and not state
    if state.startswith("08") or is_lost:
        return StoreGone(f"the store {visible(str(place))} {_GONE}", hint="try again; " + _SAFE)
    name = state or type(failure).__name__
    return StoreFailed(
        f"the store {visible(str(place))} cannot be used ({name})", hint="ask who runs the server"
    )


def unreached(failure: psycopg.Error, place: Address) -> Unavailable | Malformed:
    """Why there is no connection."""
    if isinstance(failure, psycopg.ProgrammingError):
        return Malformed(
            f"{visible(str(place))} has an option that PostgreSQL does not know",
            hint="what may follow the ? is what libpq calls its parameters",
        )
    said = str(failure)
    for words, what, hint in _WORDS:
        if any(word in said for word in words):
            kind = StoreBusy if words is _BUSY else StoreFailed
            return kind(f"the store {visible(str(place))} {what}", hint=hint)
    return StoreFailed(
        f"the store {visible(str(place))} cannot be reached", hint="psql may tell more, or its log"
    )


def passes(failure: psycopg.Error, *, was_there: bool) -> bool:
    """Whether to wait for it: a server that is full or starts; one that `was_there` comes back."""
    said = str(failure)
    return any(word in said for word in (*_BUSY, *_AWAY, *(_REFUSED if was_there else ())))


def not_ours(place: Address) -> NotAStore:
    return NotAStore(
        f"{visible(str(place))} has tables that are not of this program",
        hint="give it a database, or a schema, of its own; it was not changed",
    )


def shut(place: Address) -> StoreFailed:
    return StoreFailed(
        f"the store {visible(str(place))} has no schema that its user may use",
        hint="its owner may: GRANT USAGE ON SCHEMA; or its search_path leads nowhere",
    )


def in_doubt(place: Address) -> StoreFailed:
    return StoreFailed(
        f"the store {visible(str(place))} was lost in the moment of writing",
        hint="what was written is there whole or not at all; look before you do it again",
    )
