"""opencode: the credentials of `auth.json`; the providers and the model of its configuration."""

from collections.abc import Iterator, Mapping, Sequence

from domain.credentials.credential import BearerToken
from domain.credentials.grants import labels
from domain.credentials.origins import Kept
from domain.handover.documents import Document
from domain.handover.tools.codex import CLIENT_ID
from domain.handover.tools.contents import Contents, Left, ToolFile
from domain.handover.tools.entries import (
    Chosen,
    Item,
    canonical,
    gathered,
    grant,
    inner,
    instant,
    key,
    model,
    own,
    person,
    place,
    table,
    text,
    variable,
)
from domain.providers.row import Dialect

# Packages that speak a dialect of ours.
_PACKAGES: Mapping[str, Dialect] = {
    "@ai-sdk/openai-compatible": "openai",
    "@ai-sdk/openai": "openai",
    "@ai-sdk/anthropic": "anthropic",
    "@ai-sdk/google": "google",
}
_OWN_DIALECT: Mapping[str, Dialect] = {
    "ollama": "ollama",
    "anthropic": "anthropic",
    "google": "google",
}


def contents(files: Sequence[ToolFile]) -> Contents:
    """Raises Malformed."""
    tables = [(file, table(file, "opencode")) for file in files]
    providers: dict[str, Document] = {}
    for file, document in tables:
        if file.role == "config":
            told = inner(document, "provider")
            providers |= {id: inner(told, id) for id in told}
    return gathered(item for file, document in tables for item in _items(file, document, providers))


def _items(file: ToolFile, document: Document, providers: Mapping[str, Document]) -> Iterator[Item]:
    if file.role == "auth":
        for id, entry in document.items():
            yield _credential(file, id, inner(entry), providers.get(id, {}))
        return
    for id, entry in inner(document, "provider").items():
        yield from _provider(place(file, "provider", id), id, entry)
    if document.get("model"):
        ref = model(document["model"])
        yield Chosen("default", ref) if ref else Left(place(file, "model"), "it is no model")


def _credential(file: ToolFile, id: str, entry: Document, provider: Document) -> Item:
    where = place(file, id)
    match entry.get("type"):
        case "api":
            url, dialect = _url(provider), _dialect(id, provider) or "openai"
            return key(id, entry.get("key"), where, url=url, dialect=dialect)
        case "oauth" if id.startswith("github-copilot"):
            if entry.get("enterpriseUrl"):
                return Left(where, "it is for a GitHub of a company's own")
            # The token of GitHub does not rotate; what it is exchanged for is not kept.
            return key("github-copilot", entry.get("refresh"), where, of=BearerToken)
        case "oauth":
            access = entry.get("access")
            # Its keys and its plans are two providers here.
            is_codex = id == "openai"
            said = labels({"access_token": access}, CLIENT_ID).account if is_codex else ""
            return grant(
                Kept("opencode", file.path, id),
                "openai-codex" if is_codex else id,
                (access, entry.get("refresh")),
                where,
                ends=instant(entry.get("expires")),
                account=person(entry.get("accountId")) or said,
            )
    return Left(where, "it is a kind of credential that is not known here")


def _provider(where: str, name: str, entry: object) -> Iterator[Item]:
    id, provider = canonical(name), inner(entry)
    if id is None:
        yield Left(where, "its name is none that a provider can have here")
        return
    options, dialect = inner(provider, "options"), _dialect(name, provider)
    value, is_own = options.get("apiKey"), bool(provider.get("npm"))
    read = variable(value) if is_own else None
    if is_own and dialect is None:
        yield Left(where, "it speaks no dialect that is known here")
    elif is_own and dialect:
        title = person(provider.get("name"))
        yield own(id, _url(provider), dialect, where, env=[read] if read else (), title=title)
    if value and not read:
        url = _url(provider)
        yield key(id, value, f"{where}.apiKey", url=url, dialect=dialect or "openai")
    if options.get("headers"):
        yield Left(f"{where}.headers", "headers of its own were not taken")


def _dialect(id: str, provider: Document) -> Dialect | None:
    return _OWN_DIALECT.get(id) or _PACKAGES.get(text(provider.get("npm")))


def _url(provider: Document) -> object:
    return inner(provider, "options").get("baseURL") or provider.get("api")
