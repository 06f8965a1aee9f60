"""`models list`."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from application.ports.catalogue import Catalogue
from application.ports.people import Clock
from application.survey import Survey
from domain.instants import iso
from domain.providers.refs import ModelRef
from domain.routing.state import State
from domain.routing.status import Status, status
from domain.selection.catalogue import CatalogueRow, narrowed, ranked
from entrypoints.cli.show import render
from entrypoints.cli.show.listing import Listing, show_listing
from entrypoints.cli.words.named import named_provider

_HEADERS = ("Model", "Context", "$/M in", "$/M out", "Local", "Credential", "Tags")


class _Listed(NamedTuple):
    """A model, what is known of it, and what it is here. `tags` are empty unless it is chosen."""

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
    search: str = "",
    free: bool = False,
    tools: bool = False,
    vision: bool = False,
    reasoning: bool = False,
    min_context: int = 0,
    json: bool = False,
    plain: bool = False,
    refreshed: list[dict[str, Any]] | None = None,
) -> int:
    """The models in use, and, with `all` or any wish, those of the catalogue.

    Raises Malformed for a `provider` that nobody knows.
    """
    render.one_format(json, plain)
    state, now = survey(), clock()
    if provider is not None:
        provider = named_provider(provider, state.providers).id
    wishes = bool(search or free or tools or vision or reasoning or min_context)
    chosen = _chosen(state, provider)
    known = _known(catalogue, chosen, provider, whole=all or wishes)
    rows = [_looked_up(ref, state, known) for ref in chosen]
    rest = known.keys() - {row[:2] for row in rows} if all or wishes else set()
    found = narrowed(
        [*rows, *ranked(known[key] for key in rest)],
        search=search,
        free=free,
        tools=tools,
        vision=vision,
        reasoning=reasoning,
        min_context=min_context,
    )
    own = frozenset(id for id, one in state.providers.items() if one.is_loopback)
    catalogued = frozenset(catalogue.providers())
    here = _Here(status(state, now), own, catalogued, chosen, iso(now)[:10])
    shown = [one for one in map(here.listed, found) if one.local or not local]
    hidden = len(rows) + len(rest) - len(shown)
    _show(shown, hidden, refreshed, json=json, plain=plain)
    if not (all or wishes or json or plain):
        render.note(
            f"the catalogue has models of {len(catalogued)} providers",
            "aura_intelligence models list --all, or --search WORD, --free, --tools",
        )
    elif hidden and not (json or plain):
        render.note(f"{hidden} models are not shown: they have not all that was asked for")
    return 0


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


def _looked_up(
    ref: ModelRef, state: State, known: dict[tuple[Any, ...], CatalogueRow]
) -> CatalogueRow:
    called = state.called(ref)
    row = known.pop((*called,), None) or CatalogueRow(*called)
    return row._replace(provider=ref.provider, model=ref.model)


class _Here:
    """What is true of models on this machine, at `today` (an ISO date)."""

    def __init__(
        self,
        found: Status,
        local: frozenset[str],
        catalogued: frozenset[str],
        chosen: dict[ModelRef, list[str]],
        today: str,
    ) -> None:
        # Looked up for each of many thousand rows.
        self.usable = frozenset(p.id for p in found.providers if p.usable)
        self.tags = {(*ref,): tuple(tags) for ref, tags in chosen.items()}
        self.local, self.catalogued, self.today = local, catalogued, today

    def listed(self, row: CatalogueRow) -> _Listed:
        tags = self.tags.get(row[:2], ())
        missing = bool(tags) and not row.source and row.provider in self.catalogued
        if row.retires:
            when = "retired" if row.retires <= self.today else "retires"
            tags = (*tags, f"{when} on {row.retires}")
        if missing:
            tags = (*tags, "missing")
        return _Listed(row, row.provider in self.local, row.provider in self.usable, tags, missing)


def _show(
    shown: list[_Listed],
    hidden: int,
    refreshed: list[dict[str, Any]] | None,
    *,
    json: bool,
    plain: bool,
) -> None:
    if json:
        listed = [_document(one) for one in shown]
        asked = {"refreshed": refreshed} if refreshed is not None else {}
        render.json({"count": len(listed), "hidden": hidden, "models": listed, **asked})
        return
    listing = Listing(
        {},
        [(one.key,) for one in shown],
        _HEADERS,
        rows=() if plain else [_cells(one) for one in shown],
        marks=["good" if one.usable else "bad" for one in shown],
        empty=(
            "no models are configured",
            "aura_intelligence models set openai/gpt-5-mini, for example",
        ),
    )
    show_listing(listing, json=False, plain=plain)


def _cells(one: _Listed) -> tuple[object, ...]:
    row = one.row
    costs = ("" if cost is None else f"{cost:g}" for cost in (row.cost_input, row.cost_output))
    here = _yes(one.local), _yes(one.usable), " ".join(one.tags)
    return one.key, _tokens(row.context), *costs, *here


def _tokens(count: int | None) -> str:
    if count is None:
        return ""
    return f"{count / 1_000_000:g}M" if count % 1_000_000 == 0 else f"{round(count / 1000)}k"


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
