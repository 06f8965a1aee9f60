"""The selection as a plain document that travels between stores, and what is taken from one."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from domain.credentials.profile import profile_id
from domain.errors import AlreadyExists, InUse, Malformed, Refused
from domain.handover.documents import (
    Document,
    at,
    flag_of,
    list_of,
    refuse_unknown,
    table_of,
    text_of,
)
from domain.handover.sign_ins import sign_in_of, sign_in_table
from domain.providers.refs import ModelRef, provider_id
from domain.providers.row import DIALECTS, Provider, known_provider
from domain.providers.user_defined import of_another_service, own_provider
from domain.routing.state import State
from domain.selection.aliases import AliasTable
from domain.selection.chains import FallbackChain
from domain.selection.selection import Selection

VERSION = 1
_KEYS = (
    "version",
    "default",
    "fallbacks",
    "image",
    "image_fallbacks",
    "aliases",
    "auth_order",
    "providers",
)
_OWN_KEYS = ("id", "label", "base_url", "dialect", "env", "allow_http", "sign_in")


@dataclass(frozen=True, slots=True)
class Taken:
    """The selection a document asks for, here; `notes` say what of it could not be had."""

    selection: Selection
    notes: tuple[str, ...] = ()


def selection_document(selection: Selection) -> dict[str, Any]:
    """All of `selection` in plain values, always in the same order; what is empty is absent."""
    document = {
        "version": VERSION,
        "default": str(selection.default) if selection.default else "",
        "fallbacks": [str(ref) for ref in selection.fallbacks],
        "image": str(selection.image) if selection.image else "",
        "image_fallbacks": [str(ref) for ref in selection.image_fallbacks],
        "aliases": {name: str(ref) for name, ref in sorted(selection.aliases.targets.items())},
        "auth_order": {name: list(ids) for name, ids in sorted(selection.auth_order.items())},
        "providers": [_own_document(own) for own in sorted(selection.providers, key=_id)],
    }
    return {key: value for key, value in document.items() if value}


def _id(row: Provider) -> str:
    return row.id


def _own_document(row: Provider) -> dict[str, Any]:
    signs_in = {"sign_in": sign_in_table(row.client)} if row.client else {}
    return {
        "id": row.id,
        "label": row.label,
        "base_url": row.base_url,
        "dialect": row.dialect,
        "env": list(row.env_names),
        "allow_http": row.allow_http,
        **signs_in,
    }


def taken(document: Document, before: Selection, state: State) -> Taken:
    """What replaces `before` where `document` is taken; nothing of a document in doubt is.

    Providers of one's own that it does not have stay where a stored profile or the document itself
    refers to them. Raises Malformed, Refused.
    """
    refuse_unknown(document, _KEYS)
    _refuse_other_version(document)
    models = _models(document)
    orders = _orders(document)
    told = _own(document, state)
    used = {ref.provider for ref, _ in models.configured()} | orders.keys()
    held = {profile.provider for profile in state.profiles}
    staying = {o.id: o for o in before.providers if o.id not in told and o.id in used | held}
    rows = _rows(told, staying, before, state)
    known = {**_fixed(state), **rows}
    for name in sorted(used - {id for id in used if before.uses_of(id)}):
        known_provider(name, known)
    order, notes = _kept(orders, before, state)
    notes += [f"{id} stays: profiles of it are stored" for id in staying if id not in used]
    selection = models._replace(auth_order=order, providers=tuple(_in_place(rows, before)))
    return Taken(selection, tuple(notes))


def _in_place(rows: Mapping[str, Provider], before: Selection) -> Iterator[Provider]:
    """`rows`, those that were there before in the order they had."""
    order = dict.fromkeys([*(own.id for own in before.providers), *rows])
    return (rows[id] for id in order if id in rows)


def _fixed(state: State) -> dict[str, Provider]:
    return {id: row for id, row in state.providers.items() if row.source != "user"}


def _refuse_other_version(document: Document) -> None:
    version = document.get("version")
    if version is None or isinstance(version, bool) or not isinstance(version, int):
        raise Malformed(
            "the file does not say its version", hint=f"its first line is: version = {VERSION}"
        )
    if version != VERSION:
        raise Malformed(
            f"the file is of another version than {VERSION}", hint="update this program"
        )


def _models(document: Document) -> Selection:
    """The default, the chains and the aliases. Raises Malformed, AlreadyExists, Refused."""
    default, image = _ref(document, "default"), _ref(document, "image")
    selection = Selection(default=default, image=image, aliases=_aliases(document))
    return selection._replace(
        fallbacks=_chain(document, "fallbacks", default),
        image_fallbacks=_chain(document, "image_fallbacks", image),
    )


def _ref(document: Document, key: str) -> ModelRef | None:
    if key not in document:
        return None
    with at(key):
        return ModelRef.parse(text_of(document[key]))


def _chain(document: Document, key: str, head: ModelRef | None) -> FallbackChain:
    refs: dict[ModelRef, None] = {}
    for number, text in enumerate(_list(document, key), 1):
        with at(f"{key}, entry {number}"):
            ref = ModelRef.parse(text_of(text))
            if ref in refs or ref == head:
                raise AlreadyExists("that model is named twice", hint="name each once")
            refs[ref] = None
    return FallbackChain(refs)


def _aliases(document: Document) -> AliasTable:
    targets: dict[str, ModelRef] = {}
    folded: set[str] = set()
    for number, (name, text) in enumerate(_table(document, "aliases").items(), 1):
        with at(f"aliases, entry {number}"):
            ref = ModelRef.parse(text_of(text))
            AliasTable().add(name, ref)
            if name.casefold() in folded:
                raise AlreadyExists(
                    "that alias is there already, with other capitals", hint="name each once"
                )
            folded.add(name.casefold())
            targets[name] = ref
    return AliasTable(MappingProxyType(targets))


def _orders(document: Document) -> dict[str, tuple[str, ...]]:
    """The profile ids of each provider, whether they are stored here or not."""
    orders: dict[str, tuple[str, ...]] = {}
    for number, (name, ids) in enumerate(_table(document, "auth_order").items(), 1):
        with at(f"auth_order, entry {number}"):
            provider = provider_id(name)
            named = tuple(profile_id(text_of(id), provider) for id in list_of(ids))
            if provider in orders or len(set(named)) < len(named):
                raise AlreadyExists("it names something twice", hint="name each once")
            orders[provider] = named
    return orders


def _kept(
    orders: Mapping[str, tuple[str, ...]], before: Selection, state: State
) -> tuple[Mapping[str, tuple[str, ...]], list[str]]:
    """The orders without the profiles that are not stored here, and a note for each such."""
    here = {profile.id for profile in state.profiles}
    order, notes = {}, []
    for provider, ids in orders.items():
        already = before.auth_order.get(provider, ())
        kept = tuple(id for id in ids if id in here or id in already)
        if gone := len(ids) - len(kept):
            what = "profile is" if gone == 1 else "profiles are"
            notes.append(f"{gone} {what} not stored here and left out of the order of {provider}")
        if kept:
            order[provider] = kept
    return MappingProxyType(order), notes


def _own(document: Document, state: State) -> dict[str, Document]:
    """The tables of one's own providers by their ids, not looked into any further."""
    told: dict[str, Document] = {}
    fixed = _fixed(state)
    for number, table in enumerate(_list(document, "providers"), 1):
        with at(f"providers, entry {number}"):
            refuse_unknown(table_of(table), _OWN_KEYS, " of a provider")
            id = provider_id(text_of(table.get("id")))
            if id in told:
                raise AlreadyExists(f"{id} is there twice", hint="name each once")
            if id in fixed:
                what = "built in" if fixed[id].builtin else "a plug-in"
                raise AlreadyExists(f"{id} is {what}", hint="take it out, or give it another id")
            told[id] = table
    return told


def _rows(
    told: Mapping[str, Document], staying: Mapping[str, Provider], before: Selection, state: State
) -> dict[str, Provider]:
    """The rows of `told`, after those that are `staying`."""
    rows = dict(staying)
    held = {profile.provider for profile in state.profiles}
    for number, (id, table) in enumerate(told.items(), 1):
        with at(f"providers, entry {number}"):
            row = _row(id, table, [*_fixed(state).values(), *rows.values()])
            old = next((own for own in before.providers if own.id == id), None)
            rows[id] = row if old is None else _succeeding(old, row, in_use=id in held)
            if rows[id] is not old:
                _refuse_of_others(row)
    return rows


def _refuse_of_others(row: Provider) -> None:
    """A file must not send a secret of another service, or what is in another file, to the host it
    names. Raises Refused.
    """
    if row.client and row.client.secret_file:
        raise Refused(
            "a file may not name the file of a client's secret",
            hint="take it out; later: "
            f"aura_intelligence models providers set {row.id} --client-secret-file FILE …",
        )
    for name in filter(of_another_service, row.env_names):
        raise Refused(
            f"a file may not name {name}, a variable of another service",
            hint="take it out; later: "
            f"aura_intelligence models providers set {row.id} --env {name}",
        )


def _row(id: str, table: Document, others: Iterable[Provider]) -> Provider:
    dialect = table.get("dialect")
    if dialect not in DIALECTS:
        raise Malformed("there is no such dialect", hint=f"one of: {', '.join(DIALECTS)}")
    return own_provider(
        id,
        label=text_of(table["label"]) if "label" in table else None,
        base_url=text_of(table.get("base_url")),
        dialect=dialect,
        env=dict.fromkeys(text_of(name) for name in list_of(table.get("env", []))),
        allow_http=flag_of(table.get("allow_http", False)),
        others=others,
        client=sign_in_of(table["sign_in"]) if "sign_in" in table else None,
    )


def _succeeding(old: Provider, row: Provider, *, in_use: bool) -> Provider:
    """`old` where `row` says the same, else `row` in its place. Raises InUse."""
    if row._replace(revision=old.revision, mac=old.mac) == old:
        return old
    if in_use and (row.base_url, row.dialect) != (old.base_url, old.dialect):
        raise InUse(
            f"{old.id} is at another address here, and profiles of it are stored",
            hint="a credential is only ever sent where it was stored for; remove those first",
        )
    return row._replace(revision=old.revision + 1)


def _list(document: Document, key: str) -> Sequence[Any]:
    with at(key):
        return list_of(document.get(key, []))


def _table(document: Document, key: str) -> Document:
    with at(key):
        return table_of(document.get(key, {}))
