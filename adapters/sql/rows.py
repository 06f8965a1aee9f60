"""How values lie in columns: shared by what writes and by what reads, so that both agree."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar, cast, get_args

from domain.answers.outcome import Outcome
from domain.answers.usage import LARGEST, UsageWindow
from domain.credentials.profile import ProfileSummary
from domain.errors import Malformed, StoreDamaged, StoreNewer
from domain.journal.records import SAYS_NOTHING, ProbeRecord
from domain.providers.client import Client, Owner
from domain.providers.refs import ModelRef
from domain.providers.row import DIALECTS, Dialect, Provider, Scheme, is_env_name
from domain.selection.aliases import AliasTable
from domain.selection.chains import FallbackChain
from domain.selection.selection import Selection
from domain.text import visible

T = TypeVar("T")
APPLICATION_ID = 0x41555241
"""`AURA`: marks the file as ours."""
FORMAT = 2
"""The format of the store; grows with every migration an older program could not live with."""

_VAULT_ID = re.compile(r"[0-9a-f-]{36}")
SUMMARY_COLUMNS = ProfileSummary._fields
RECORD_COLUMNS = ProbeRecord._fields
_OUTCOME = RECORD_COLUMNS.index("outcome")
_NO_ANSWER = ", ".join(f"'{outcome}'" for outcome in SAYS_NOTHING if outcome)
ANSWERED = f"outcome NOT IN ({_NO_ANSWER})"
FAILED = f"outcome NOT IN ('ok', {_NO_ANSWER})"
"""Which records say something, and which of them that something failed."""
_OUTCOMES = {outcome.value: outcome for outcome in Outcome}
PROVIDER_COLUMNS = (
    "id",
    "label",
    "base_url",
    "dialect",
    "env_names",
    "scheme",
    "allow_http",
    "revision",
    "mac",
    "client",
)
NOT_OURS = (ValueError, KeyError, TypeError, AttributeError, RecursionError, Malformed)
"""What reading a value raises that this program did not write."""


def readable(
    make: Callable[[tuple[Any, ...]], T], found: Iterable[tuple[Any, ...]]
) -> tuple[tuple[T, ...], int]:
    """What `make` makes of each row, and how many rows it can make nothing of."""
    made: list[T] = []
    unreadable = 0
    for row in found:
        try:
            made.append(make(row))
        except NOT_OURS:
            unreadable += 1
    return tuple(made), unreadable


NOT_A_TABLE = """
WITH ours (name) AS (VALUES ('profiles'), ('selection'), ('user_providers'), ('probe_runs'),
    ('probe_records'), ('vault'), ('key_slots'), ('alembic_version'), ('journal_days'),
    ('journal_state'))
SELECT type, name FROM sqlite_master
WHERE (type = 'trigger' AND tbl_name IN ours) OR (type = 'view' AND name IN ours)
UNION ALL
SELECT 'table', name FROM pragma_table_list
WHERE schema = 'main' AND type = 'table' AND NOT strict AND name IN ours
    AND name <> 'alembic_version'
LIMIT 1
"""
"""Finds what would change or read along when a table of ours is used. A view of another name is
other people's business.
"""


def refuse_altered(found: tuple[str, str] | None, path: Path) -> None:
    """Raises StoreDamaged for what NOT_A_TABLE found."""
    if found is not None:
        kind, name = found
        if kind == "table":
            # Ours are STRICT, so that a column holds what it is declared to hold.
            raise StoreDamaged(
                f"somebody made the table {visible(name)} of the store {path} anew",
                hint="keep a copy of the file and restore a backup; nothing was changed",
            )
        raise StoreDamaged(
            f"somebody put a {kind} {visible(name)} into the store {path}",
            hint=f"this program makes none; look at it, then: DROP {kind.upper()}",
        )


def refuse_newer(format: int, path: object) -> None:
    """Raises StoreNewer for a store of a later format."""
    if format > FORMAT:
        raise StoreNewer(
            f"the store {path} was written by a newer version "
            f"(format {format}, this program knows {FORMAT})",
            hint="update this program; nothing was changed",
        )


def refuse_cut(size: int, path: Path) -> None:
    """Raises StoreDamaged if the file is shorter than `size`: SQLite overlooks half a last page."""
    if path.stat().st_size < size:
        raise damaged(path)


def vault_id(text: str) -> str:
    """Raises ValueError for what cannot be one: it names a file."""
    if not _VAULT_ID.fullmatch(text):
        raise ValueError("not a vault id")
    return text


# The two flags stay SQLite's 0 and 1: a bool() for each of 10,000 rows is time at a prompt.
summary: Callable[[tuple[Any, ...]], ProfileSummary] = partial(tuple.__new__, ProfileSummary)


def record(row: tuple[Any, ...]) -> ProbeRecord:
    # Made once: a `_replace` costs as much as the row, and there may be thousands.
    outcome = row[_OUTCOME]
    told = _OUTCOMES[outcome] if outcome else None
    usage = _windows(row[-1]) if outcome and row[-1] else ()
    return ProbeRecord._make((*row[:_OUTCOME], told, *row[_OUTCOME + 1 : -1], usage))


def usage_document(windows: tuple[UsageWindow, ...]) -> str | None:
    """What is stored of a snapshot: no text for none, and of each window what is known."""
    known = [{k: v for k, v in w._asdict().items() if v is not None} for w in windows]
    return json.dumps(known) if known else None


def _windows(document: str | None) -> tuple[UsageWindow, ...]:
    """Raises one of NOT_OURS for a document this program did not write."""
    if not document:
        return ()
    return tuple(_window(**told) for told in json.loads(document))


def _window(label: object, **numbers: object) -> UsageWindow:
    for told in numbers.values():
        if not isinstance(told, int | float) or not 0 <= told < LARGEST:
            raise ValueError("not a window")
    if not isinstance(label, str):
        raise ValueError("not a window")
    return UsageWindow(label, **cast(dict[str, Any], numbers))


def provider(row: tuple[Any, ...]) -> Provider:
    id, label, base_url, dialect, env_names, scheme, allow_http, revision, mac, held = row
    names = json.loads(env_names)
    # The row is signed, but listings read it unverified: no other variable is even looked at.
    if dialect not in DIALECTS or not all(is_env_name(name) for name in names):
        raise ValueError("not a row of ours")
    return Provider(
        id=id,
        label=label,
        base_url=base_url,
        dialect=cast(Dialect, dialect),
        env_names=tuple(names),
        scheme=cast(Scheme, scheme),
        check_proves=False,
        allow_http=bool(allow_http),
        source="user",
        client=client(json.loads(held)) if held is not None else None,
        revision=revision,
        mac=mac,
    )


def provider_row(row: Provider, now: int) -> dict[str, object]:
    return {
        "id": row.id,
        "label": row.label,
        "base_url": row.base_url,
        "dialect": row.dialect,
        "env_names": json.dumps(row.env_names),
        "scheme": row.scheme,
        "allow_http": int(row.allow_http),
        "revision": row.revision,
        "mac": row.mac,
        "created_at": now,
        "client": _client_text(row.client) if row.client else None,
    }


def provider_statement(row: Provider) -> tuple[str, ...]:
    """What is signed of a user provider: everything that steers where a credential goes."""
    return (
        "aura/provider/v1",
        row.id,
        row.base_url,
        row.dialect,
        json.dumps(row.env_names),
        row.scheme,
        str(int(row.allow_http)),
        str(row.revision),
        # Nothing more without one: what was signed before there were any stays signed.
        *((_client_text(row.client),) if row.client else ()),
    )


def client_document(client: Client) -> dict[str, Any]:
    """What is stored of a client: the fields that are not empty or the usual ones."""
    usual = Client._field_defaults
    return {name: v for name, v in client._asdict().items() if v != usual.get(name)}


def client(document: object) -> Client:
    """Raises one of NOT_OURS for a document this program did not write."""
    held = cast(dict[str, Any], document)
    pairs = tuple((_word(name), _word(value)) for name, value in held.get("parameters", ()))
    texts = {name: _word(text) for name, text in held.items() if name != "parameters"}
    told = Client(**cast(dict[str, Any], texts), parameters=pairs)
    if told.owner not in get_args(Owner) or not told.client_id:
        raise ValueError("not a client")
    return told


def _client_text(client: Client) -> str:
    return json.dumps(client_document(client))


def selection_statement(document: str) -> tuple[str, ...]:
    """What is signed of a selection."""
    return ("aura/selection/v1", document)


def selection_document(selection: Selection) -> str:
    return json.dumps(
        {
            "default": _text(selection.default),
            "fallbacks": [str(ref) for ref in selection.fallbacks],
            "image": _text(selection.image),
            "imageFallbacks": [str(ref) for ref in selection.image_fallbacks],
            "aliases": {name: str(ref) for name, ref in selection.aliases.targets.items()},
            "authOrder": {name: list(ids) for name, ids in selection.auth_order.items()},
        }
    )


def selection(document: str | None, providers: tuple[Provider, ...]) -> Selection:
    """Raises one of NOT_OURS for a document this program did not write."""
    if document is None:
        return Selection(providers=providers)
    stored: Mapping[str, Any] = json.loads(document)
    aliases = {name: ModelRef.parse(ref) for name, ref in stored["aliases"].items()}
    order = {name: tuple(map(_word, ids)) for name, ids in stored["authOrder"].items()}
    return Selection(
        default=_ref(stored["default"]),
        fallbacks=FallbackChain(map(ModelRef.parse, stored["fallbacks"])),
        image=_ref(stored["image"]),
        image_fallbacks=FallbackChain(map(ModelRef.parse, stored["imageFallbacks"])),
        aliases=AliasTable(MappingProxyType(aliases)),
        auth_order=MappingProxyType(order),
        providers=providers,
    )


def damaged(path: object) -> StoreDamaged:
    return StoreDamaged(
        f"the store {path} holds values this program did not write",
        hint="keep a copy of the file and restore a backup; nothing was changed",
    )


def uncountable(place: object) -> StoreDamaged:
    return StoreDamaged(
        f"the store {place} counts its history in a way this program does not know",
        hint="aura_intelligence models history rebuild",
    )


def _word(value: object) -> str:
    if isinstance(value, str) and value.isprintable():
        return value
    raise ValueError("not a word")


def _text(ref: ModelRef | None) -> str | None:
    return str(ref) if ref else None


def _ref(text: str | None) -> ModelRef | None:
    return ModelRef.parse(text) if text else None
