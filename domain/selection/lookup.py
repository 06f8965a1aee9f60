"""Which model of a list was meant: by its name, by one of its other names, by several words."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence

from domain.instants import DAY
from domain.selection.catalogue import LIVE, OWN, CatalogueRow, Wishes, narrowed

_TRUSTED_FOR = 7 * DAY
# What a router takes behind the name of any model, which its list does not say.
_SORTS = frozenset({"cheapest", "exacto", "fastest", "floor", "nitro", "online", "preferred"})
_ROUTERS = ("huggingface", "openrouter")
_DATE = re.compile(r"-(\d{8}|\d{4}-\d\d-\d\d)")


def listed_as(model: str, known: Mapping[str, CatalogueRow]) -> CatalogueRow | None:
    """The row of `known` (by model) that `model` names.

    Providers list a model once and answer to more: Anthropic without the date, Ollama without
    `:latest`, Mistral by its aliases, routers with a way of sorting behind it.
    """
    if found := known.get(model) or known.get(f"{model}:latest"):
        return found
    base, _, sort = model.rpartition(":")
    if sort in _SORTS and base in known and known[base].provider in _ROUTERS:
        return known[base]
    undated = model.removesuffix("-latest")
    for name, row in known.items():
        if name.startswith(undated) and _DATE.fullmatch(name, len(undated)):
            return row
        if model in _aliases(row):
            return row
    return None


def is_trusted(listed_at: int | None, now: int) -> bool:
    """Whether what is not in a whole list of that moment is no model now (both epoch ms): new ones
    come every week.
    """
    return listed_at is not None and 0 <= now - listed_at < _TRUSTED_FOR


def named_in(called: str, known: Mapping[str, CatalogueRow], *, is_whole: bool) -> bool:
    """Whether the model `called` so by its provider is one of the rows `known` of that (by model).

    `is_whole`: what the provider itself lists is all it has; what others say of it is not asked.
    """
    told = {n: r for n, r in known.items() if r.source in (OWN, LIVE)} if is_whole else known
    return listed_as(called, told) is not None


def _aliases(row: CatalogueRow) -> Sequence[str]:
    told = json.loads(dict(row.extra).get("aliases", "[]"))
    return told if isinstance(told, list) else ()


def meant_by(
    words: str, *sources: Iterable[CatalogueRow], today: str, vision: bool = False
) -> list[CatalogueRow]:
    """The models that have all `words` (apart by spaces), of the first source that has any.

    Best first: those that stay before those that will be retired, then the shortest name, for
    who means `mini high` says so. `today` is an ISO day: what was retired by then is none.
    """
    for rows in sources:
        found = [
            row for row in narrowed(rows, Wishes(words, vision=vision)) if row.is_choice(today)
        ]
        if found:
            return sorted(found, key=lambda row: (row.retires != "", len(row.model), row[:2]))
    return []
