"""OpenClaw: its auth profiles, their order, and what `openclaw.json` says of models."""

from collections.abc import Iterator, Mapping, Sequence

from domain.credentials.credential import BearerToken
from domain.credentials.origins import Kept
from domain.credentials.profile import named_for, profile_id
from domain.errors import Malformed
from domain.handover.documents import Document
from domain.handover.tools.contents import Contents, Left, ToolFile
from domain.handover.tools.entries import (
    Chosen,
    Item,
    account,
    canonical,
    gathered,
    grant,
    inner,
    instant,
    key,
    listed,
    model,
    named,
    own,
    person,
    place,
    table,
    text,
    variable,
)
from domain.providers.row import Dialect

VERSION = 1
_DIALECTS: Mapping[str, Dialect] = {
    "openai-completions": "openai",
    "openai-responses": "openai",
    "anthropic-messages": "anthropic",
    "google-generative-ai": "google",
    "ollama": "ollama",
}
# Where each chain stands, and what its fallbacks were called before they stood with their model.
_CHAINS = (
    ("model", "modelFallbacks", "default", "fallbacks"),
    ("imageModel", "imageModelFallbacks", "image", "image_fallbacks"),
)


def contents(files: Sequence[ToolFile]) -> Contents:
    """Raises Malformed."""
    return gathered(_items([(file, table(file, "OpenClaw")) for file in files]))


def _items(tables: Sequence[tuple[ToolFile, Document]]) -> Iterator[Item]:
    profiles: dict[str, object] = {}
    for file, document in tables:
        if file.role == "config":
            yield from _config(file, document)
        elif document.get("version", VERSION) != VERSION:
            yield Left(place(file, "version"), "it is none that is known here; nothing was read")
        else:
            for id, entry in inner(document, "profiles").items():
                profiles[id] = entry
                yield _profile(file, id, inner(entry))
    for file, document in tables:
        for id in inner(document, "auth", "profiles"):
            if id in profiles:
                continue
            # Versions since the middle of 2026 keep them there.
            where = place(file, "auth", "profiles", id)
            yield Left(where, "its secret is in none of these files")
    # An order of the profiles' own file comes before one of the configuration.
    for file, document in tables:
        keys = ("auth", "order") if file.role == "config" else ("order",)
        for provider, ids in inner(document, *keys).items():
            yield from _order(place(file, *keys, provider), provider, ids, profiles)


def _profile(file: ToolFile, id: str, entry: Document) -> Item:
    where = place(file, "profiles", id)
    provider, name = _called(id, entry)
    if provider is None:
        return Left(where, "its provider has no name that one can have here")
    ends = instant(entry.get("expires"))
    match entry.get("type"):
        case "api_key":
            value = entry.get("key") or entry.get("keyRef")
            return key(provider, value, where, name=name)
        case "token":
            value = entry.get("token") or entry.get("tokenRef")
            return key(provider, value, where, of=BearerToken, ends=ends, name=name)
        case "oauth":
            tokens = (entry.get("access"), entry.get("refresh"))
            whose = account(entry.get("accountId")) or account(entry.get("email"))
            kept = Kept("openclaw", file.path, id)
            return grant(kept, provider, tokens, where, ends=ends, account=whose, name=name)
    return Left(where, "it is a kind of credential that is not known here")


def _called(id: str, entry: Document) -> tuple[str | None, str]:
    """The provider and the name that the profile `id` has here."""
    head, _, name = id.partition(":")
    provider = canonical(entry.get("provider") or head)
    # Its keys and its plans are two providers here.
    if provider == "openai" and entry.get("type") == "oauth":
        provider = "openai-codex"
    try:
        return provider, profile_id(person(name), provider or "").rpartition(":")[2]
    except Malformed:
        return provider, named_for(person(name))


def _order(where: str, told: str, told_ids: object, profiles: Document) -> Iterator[Item]:
    order: dict[str, dict[str, None]] = {}
    for id in listed(told_ids):
        entry = inner(profiles, text(id)) if text(id) in profiles else {"provider": told}
        provider, name = _called(text(id), entry)
        if provider is None:
            yield Left(where, "its provider has no name that one can have here")
        else:
            order.setdefault(provider, {})[f"{provider}:{name}"] = None
    yield Chosen("auth_order", {provider: list(ids) for provider, ids in order.items()})


def _config(file: ToolFile, document: Document) -> Iterator[Item]:
    """All that it says of models; of single agents nothing."""
    # Versions before 2026 had one agent.
    agent = {**inner(document, "agent"), **inner(document, "agents", "defaults")}
    told_aliases = _aliases(agent)
    aliases = {alias.casefold(): ref for alias, ref in told_aliases.items()}
    for name, told in told_aliases.items():
        ref = model(told)
        yield Chosen("aliases", {name: ref}) if ref else _no_model(place(file, "aliases", name))
    for field, before, head, chain in _CHAINS:
        value = agent.get(field)
        first = value if isinstance(value, str) else inner(value).get("primary")
        for told in [first] if first else []:
            ref = _resolved(told, aliases)
            yield Chosen(head, ref) if ref else _no_model(place(file, field))
        for told in listed(inner(value).get("fallbacks") or agent.get(before)):
            ref = _resolved(told, aliases)
            yield Chosen(chain, [ref]) if ref else _no_model(place(file, field, "fallbacks"))
    for id, entry in inner(document, "models", "providers").items():
        yield from _provider(place(file, "models", "providers", id), id, inner(entry))
    if inner(document, "env").keys() - {"shellEnv"}:
        yield Left(place(file, "env"), "variables for OpenClaw alone were not read")


def _no_model(where: str) -> Left:
    return Left(where, "it is no model of a provider (provider/model)")


def _aliases(agent: Document) -> dict[str, object]:
    """What each alias stands for; one that may be a pasted key is no name."""
    told = dict(inner(agent, "modelAliases"))
    for ref, entry in inner(agent, "models").items():
        if alias := text(inner(entry).get("alias")):
            told[alias] = ref
    return {alias: ref for alias, ref in told.items() if named(alias) == alias}


def _resolved(told: object, aliases: Mapping[str, object]) -> str | None:
    """The model that `told` is, or that it is an alias of; `aliases` are in small letters."""
    return model(told if "/" in text(told) else aliases.get(text(told).casefold()))


def _provider(where: str, name: str, entry: Document) -> Iterator[Item]:
    id, dialect = canonical(name), _DIALECTS.get(text(entry.get("api")) or "openai-completions")
    if id is None:
        yield Left(where, "its name is none that a provider can have here")
        return
    if dialect is None:
        yield Left(where, "it speaks no dialect that is known here")
        return
    # Its native client and the other one ask the same server.
    dialect = "ollama" if id == "ollama" else dialect
    url, value = entry.get("baseUrl"), entry.get("apiKey")
    read = variable(value)
    if url:
        yield own(id, url, dialect, where, env=[read] if read else ())
    if value and not (read and url):
        yield key(id, value, f"{where}.apiKey", url=url, dialect=dialect)
    if entry.get("headers"):
        yield Left(f"{where}.headers", "headers of its own were not taken")
