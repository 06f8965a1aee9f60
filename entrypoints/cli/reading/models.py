"""`models list`."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from application.ports.catalogue import Catalogue
from application.ports.people import Clock
from application.survey import Survey
from domain.instants import iso
from domain.providers.refs import ModelRef
from domain.routing.state import State
from domain.routing.status import status
from domain.selection.catalogue import (
    LIVE,
    NO_WISHES,
    OWN,
    CatalogueRow,
    Wishes,
    narrowed,
    ranked,
)
from entrypoints.cli.show import render
from entrypoints.cli.show.listing import Listing, show_listing
from entrypoints.cli.show.screen import width
from entrypoints.cli.words.named import named_provider

_NONE = (
    "no models are configured",
    "aura_intelligence models set openai/gpt-5.4-mini, for example",
)


class _Listed(NamedTuple):
    """A model, what is known of it, and what it is here."""

    row: CatalogueRow
    local: bool
    usable: bool
    tags: tuple[str, ...]
    missing: bool

    @property
    def key(self) -> str:
        return f"{self.row.provider}/{self.row.model}"


def models(
    survey: Survey,
    catalogue: Catalogue,
    clock: Clock,
    *,
    provider: str | None = None,
    local: bool = False,
    all: bool = False,
    wishes: Wishes = NO_WISHES,
    json: bool = False,
    plain: bool = False,
    asked: Mapping[str, Any] | None = None,
) -> int:
    """The models in use, and, with `all` or any wish, those of the catalogue.

    `asked` is what JSON says of who was asked first. Raises Malformed for a `provider` that nobody
    knows.
    """
    render.one_format(json, plain)
    state, now = survey(), clock()
    if provider is not None:
        provider = named_provider(provider, state.providers).id
    is_wide = all or wishes != NO_WISHES
    chosen = _chosen(state, provider)
    known = _known(catalogue, chosen, provider, whole=is_wide)
    here = _Here(state, now, chosen, _unlisted(chosen, known, state, catalogue, now))
    rows = [_looked_up(ref, state, known) for ref in chosen]
    # A model of whom this program does not know the address is no use to most.
    rest = (row for row in known.values() if all or row.provider in state.providers)
    found = narrowed([*rows, *ranked(rest)] if is_wide else rows, wishes)
    shown = [one for one in map(here.listed, found) if one.local or not local]
    is_known = sum(bool(row.source) for row in rows)
    others = len(known) if is_wide else _count(catalogue, provider) - is_known
    hidden = max(len(rows) + others - len(shown), 0)
    _show(shown, hidden, asked or {}, is_wide, json=json, plain=plain)
    if hidden and not (json or plain):
        _note_hidden(hidden, provider, all=all, is_wide=is_wide)
    return 0


def _count(catalogue: Catalogue, provider: str | None) -> int:
    counts = catalogue.counts()
    return sum(counts.values()) if provider is None else counts.get(provider, 0)


def _note_hidden(hidden: int, provider: str | None, *, all: bool, is_wide: bool) -> None:
    of = f" -p {provider}" if provider else ""
    if is_wide:
        hint = None if all else "--all has models of providers that are unknown here, too"
        render.note(f"{hidden:,} models do not match", hint)
    else:
        render.note(
            f"{hidden:,} more models are in the catalogue",
            f"aura_intelligence models list --all{of}, or --search WORD, --free, --tools",
        )


def _chosen(state: State, provider: str | None) -> dict[ModelRef, list[str]]:
    """The models in use, in the order they would be tried, each with why it is listed."""
    tags: dict[ModelRef, list[str]] = {}
    for ref, tag in state.selection.configured():
        if provider in (None, ref.provider):
            tags.setdefault(ref, []).append(tag)
    return tags


def _known(
    catalogue: Catalogue, chosen: Iterable[ModelRef], provider: str | None, *, whole: bool
) -> dict[tuple[Any, ...], CatalogueRow]:
    """Rows by provider and model: of `provider`, of all, or of those that are in use."""
    wanted: Iterable[str | None] = [provider]
    if not whole:
        wanted = dict.fromkeys(ref.provider for ref in chosen)
    return {row[:2]: row for name in wanted for row in catalogue.rows(name)}


def _unlisted(
    chosen: Iterable[ModelRef],
    known: Mapping[tuple[Any, ...], CatalogueRow],
    state: State,
    catalogue: Catalogue,
    now: int,
) -> frozenset[tuple[str, ...]]:
    """Those in use that nobody lists, of providers of which models are known."""
    found = set()
    for ref in chosen:
        called = state.called(ref)
        row = known.get((*called,))
        listed_at = catalogue.complete_at(called.provider)
        if row is None or (listed_at is not None and row.source not in (OWN, LIVE)):
            from domain.selection.lookup import is_trusted, named_in

            rows = {row.model: row for row in known.values() if row.provider == called.provider}
            is_whole = is_trusted(listed_at, now)
            if rows and not named_in(called.model, rows, is_whole=is_whole):
                found.add((*ref,))
    return frozenset(found)


def _looked_up(
    ref: ModelRef, state: State, known: dict[tuple[Any, ...], CatalogueRow]
) -> CatalogueRow:
    called = state.called(ref)
    row = known.pop((*called,), None) or CatalogueRow(*called)
    known.pop((*ref,), None)
    return row._replace(provider=ref.provider, model=ref.model)


class _Here:
    """What is true of models on this machine, at `now` (epoch ms)."""

    def __init__(
        self,
        state: State,
        now: int,
        chosen: dict[ModelRef, list[str]],
        unlisted: frozenset[tuple[str, ...]],
    ) -> None:
        # Looked up for each of many thousand rows.
        self.usable = frozenset(p.id for p in status(state, now).providers if p.usable)
        self.tags = {(*ref,): tuple(tags) for ref, tags in chosen.items()}
        self.local = frozenset(id for id, one in state.providers.items() if one.is_loopback)
        self.unlisted, self.today = unlisted, iso(now)[:10]

    def listed(self, row: CatalogueRow) -> _Listed:
        tags = self.tags.get(row[:2], ())
        missing = row[:2] in self.unlisted
        if row.retires:
            when = "retired" if row.retires <= self.today else "retires"
            tags = (*tags, f"{when} on {row.retires}")
        if missing:
            tags = (*tags, "missing")
        is_local = row.provider in self.local
        # A server of this machine that lists it may need no key.
        usable = row.provider in self.usable or (is_local and row.source == LIVE)
        return _Listed(row, is_local, usable, tags, missing)


def _show(
    shown: list[_Listed],
    hidden: int,
    asked: Mapping[str, Any],
    is_wide: bool,
    *,
    json: bool,
    plain: bool,
) -> None:
    if json:
        listed = [_document(one) for one in shown]
        render.json({"count": len(listed), "hidden": hidden, "models": listed, **asked})
        return
    columns = _columns(shown)
    listing = Listing(
        {},
        [(one.key,) for one in shown],
        tuple(columns),
        rows=() if plain else [tuple(cell(one) for cell in columns.values()) for one in shown],
        marks=["good" if one.usable else "bad" for one in shown],
        empty=("no model matches", None) if is_wide else _NONE,
    )
    show_listing(listing, json=False, plain=plain)


def _columns(shown: list[_Listed]) -> dict[str, Callable[[_Listed], str]]:
    """What a person sees of each: at a terminal a mark says whether there is a credential."""
    columns: dict[str, Callable[[_Listed], str]] = {
        "Model": lambda one: one.key,
        "Context": lambda one: render.tokens(one.row.context),
        "$/M in": lambda one: _price(one.row.cost_input),
        "$/M out": lambda one: _price(one.row.cost_output),
    }
    if any(one.local for one in shown):
        columns["Local"] = lambda one: _yes(one.local)
    if width() is None:
        columns["Credential"] = lambda one: _yes(one.usable)
    if any(one.tags for one in shown):
        columns["Tags"] = lambda one: " ".join(one.tags)
    return columns


def _price(cost: float | None) -> str:
    return "" if cost is None else f"{cost:g}"


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _document(one: _Listed) -> dict[str, Any]:
    row = one.row
    return {
        "key": one.key,
        "name": row.name or row.model,
        "provider": row.provider,
        "input": "+".join(row.inputs) or None,
        "contextWindow": row.context,
        "maxOutputTokens": row.output,
        "local": one.local,
        "available": one.usable,
        "tags": list(one.tags),
        "missing": one.missing,
        "tools": row.tools,
        "reasoning": row.reasoning,
        "reasoningOff": row.reasoning_off or None,
        "structuredOutput": row.structured,
        "cost": {
            "input": row.cost_input,
            "output": row.cost_output,
            "cacheRead": row.cost_cache_read,
            "cacheWrite": row.cost_cache_write,
        },
        "knowledge": row.knowledge or None,
        "released": row.released or None,
        "retires": row.retires or None,
        "replacement": row.replacement or None,
        "modelStatus": row.status or None,
        "catalogue": {"source": row.source or None, "asOf": row.as_of or None},
    }
