"""A provider's own list of its models, as rows of the catalogue: whatever its shape."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from domain.errors import Malformed
from domain.providers.refs import model_id, provider_id
from domain.selection.catalogue import CatalogueRow, merged
from domain.selection.list_fields import KINDS, PROSE, RULES, understood
from domain.selection.list_values import Found
from domain.text import visible

_LISTS = ("data", "models")
_NAMES = ("id", "key", "slug", "model", "name")
_PREFIX = "models/"
_COLUMNS = frozenset(CatalogueRow._fields)
# What is longer is no fact of a model: a prompt, a licence, a template.
_LONGEST_EXTRA, _MOST_EXTRAS = 4000, 60
_json = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode


def entries(document: object) -> list[object]:
    """The entries of a list: under `data` or `models`, or bare. Raises Malformed where none is."""
    if isinstance(document, list):
        return document
    told = document if isinstance(document, dict) else {}
    for name in _LISTS:
        match told.get(name, ...):
            case list() as found:
                return found
            case dict() as named:
                return [{"id": id, **said} for id, said in named.items() if isinstance(said, dict)]
            case None:
                # A server without any model, written in Go.
                return []
    raise Malformed("no list of models is in the answer")


def listed_rows(
    documents: Iterable[object], provider: str, *, source: str, as_of: str
) -> list[CatalogueRow]:
    """The models of all `documents` (parsed JSON), each once, in their order.

    What has no name a model can have is left out. `as_of` is an ISO day. Raises Malformed.
    """
    rows = (
        row
        for document in documents
        for said in _without_aliases(entries(document))
        if (row := _row(said, provider, source, as_of))
    )
    return merged(rows)


def catalogued_rows(document: object, *, source: str, as_of: str) -> dict[str, list[CatalogueRow]]:
    """The models of a document (parsed JSON) of the shape of models.dev's, by canonical provider.

    What is no provider there, or has no models, is left out. Raises Malformed where nothing is one.
    """
    told = document.items() if isinstance(document, dict) else ()
    found: dict[str, list[object]] = {}
    for name, said in told:
        if isinstance(said, dict) and isinstance(said.get("models"), dict):
            try:
                found.setdefault(provider_id(name), []).append(_with_numbers(said))
            except Malformed:
                continue
    if not found:
        raise Malformed("no models of any provider are in it")
    return {
        provider: listed_rows(documents, provider, source=source, as_of=as_of)
        for provider, documents in found.items()
    }


def _with_numbers(said: dict[str, Any]) -> dict[str, Any]:
    """`said` with its prices as numbers: those are per million tokens, a text would be of one."""
    models = {}
    for model, facts in said["models"].items():
        cost = facts.get("cost") if isinstance(facts, dict) else None
        if isinstance(cost, dict):
            facts = {**facts, "cost": {name: _number(value) for name, value in cost.items()}}
        models[model] = facts
    return {**said, "models": models}


def _number(value: object) -> object:
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _without_aliases(said: Iterable[object]) -> Iterator[dict[str, Any]]:
    """Each model once, by its own name: Mistral says it again under each of its aliases."""
    found = [{"id": e} if isinstance(e, str) else e for e in said]
    whole = [e for e in found if isinstance(e, dict)]
    # First those that are not said to be another's name, so that the own name stays.
    own = {e["id"] for e in whole if isinstance(e.get("id"), str) and e.get("name") == e["id"]}
    others: set[str] = set()
    for entry in whole:
        id, aliases = entry.get("id"), entry.get("aliases")
        if not isinstance(id, str) or not isinstance(aliases, list):
            yield entry
            continue
        known = [alias for alias in aliases if isinstance(alias, str) and alias != id]
        if id in others or (id not in own and any(alias in own for alias in known)):
            continue
        others.update(known)
        yield entry


def _row(said: dict[str, Any], provider: str, source: str, as_of: str) -> CatalogueRow | None:
    key, model = _named(said)
    if not model:
        return None
    found: Found = {}
    rest = {name: value for name, value in said.items() if name != key and name not in PROSE}
    left = understood(rest, RULES, found)
    if found.get("name") == model:
        del found["name"]
    _taken(found)
    if found.get("deprecated", "9") <= as_of:
        found.setdefault("status", "deprecated")
    if after := found.get("replacement"):
        found["replacement"] = f"{provider}/{after}"
    return CatalogueRow(
        provider,
        model,
        source=source,
        as_of=as_of,
        extra=_extra(left, model),
        **{name: value for name, value in found.items() if name in _COLUMNS},
    )


def _named(said: dict[str, Any]) -> tuple[str, str]:
    """Which field names the model, and the name."""
    for key in _NAMES:
        if isinstance(value := said.get(key), str):
            try:
                return key, model_id(value.removeprefix(_PREFIX))
            except Malformed:
                continue
    return "", ""


def _taken(found: Found) -> None:
    """What goes in and comes out, where only abilities were told."""
    kinds = {kind: found[kind] for kind in KINDS if kind in found}
    if found.get("embeds"):
        found.setdefault("outputs", ("embedding",))
    if kinds and found.get("outputs", ("text",)) == ("text",):
        found.setdefault("inputs", ("text", *(kind for kind, able in kinds.items() if able)))


def _extra(left: Found, model: str) -> tuple[tuple[str, str], ...]:
    kept = []
    for name, value in left.items():
        if value in ([], {}, model):
            continue
        try:
            told = _json(value)
        except (ValueError, RecursionError):
            continue
        if len(told) <= _LONGEST_EXTRA:
            kept.append((visible(name, 60), told))
    return tuple(kept[:_MOST_EXTRAS])
