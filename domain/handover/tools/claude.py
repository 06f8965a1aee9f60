"""Claude Code: its sign-in, the key it was given, and what its settings say."""

from collections.abc import Iterator, Mapping, Sequence

from domain.credentials.credential import ApiKey, BearerToken
from domain.credentials.origins import Kept
from domain.credentials.profile import named_for
from domain.handover.documents import Document
from domain.handover.tools.contents import Contents, Left, ToolFile
from domain.handover.tools.entries import (
    Item,
    gathered,
    grant,
    inner,
    instant,
    key,
    person,
    place,
    table,
)

_VARIABLES: Mapping[str, type[ApiKey] | type[BearerToken]] = {
    "ANTHROPIC_API_KEY": ApiKey,
    "ANTHROPIC_AUTH_TOKEN": BearerToken,
    "CLAUDE_CODE_OAUTH_TOKEN": BearerToken,
}


def contents(files: Sequence[ToolFile]) -> Contents:
    """Raises Malformed."""
    tables = [(file, table(file, "Claude Code")) for file in files]
    emails = (inner(document, "oauthAccount").get("emailAddress") for _, document in tables)
    email = next(filter(None, map(person, emails)), "")
    return gathered(item for file, document in tables for item in _items(file, document, email))


def _items(file: ToolFile, document: Document, email: str) -> Iterator[Item]:
    match file.role:
        case "credentials":
            yield from _credentials(file, document, email)
        case "state" if document.get("primaryApiKey"):
            yield key("anthropic", document["primaryApiKey"], place(file, "primaryApiKey"))
        case "settings":
            yield from _settings(file, document)


def _credentials(file: ToolFile, document: Document, email: str) -> Iterator[Item]:
    for name, value in document.items():
        where = place(file, name)
        if name == "claudeAiOauth" and isinstance(value, dict):
            yield grant(
                Kept("claude", file.path),
                "anthropic",
                (value.get("accessToken"), value.get("refreshToken")),
                where,
                ends=instant(value.get("expiresAt")),
                account=email,
                name=named_for(email) if email else "",
            )
        elif isinstance(value, dict):
            yield Left(where, "it is no sign-in for models")


def _settings(file: ToolFile, document: Document) -> Iterator[Item]:
    env = inner(document, "env")
    for name, kind in _VARIABLES.items():
        if env.get(name):
            yield key(
                "anthropic",
                env[name],
                place(file, "env", name),
                of=kind,
                url=env.get("ANTHROPIC_BASE_URL"),
                dialect="anthropic",
            )
    if document.get("apiKeyHelper"):
        yield Left(
            place(file, "apiKeyHelper"),
            "a program prints the key, and was not run (see: auth add --kind command)",
        )
