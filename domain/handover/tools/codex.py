"""OpenAI's Codex: `auth.json`, and the providers of `config.toml`, which are only named."""

from collections.abc import Iterator, Sequence

from domain.credentials.grants import ends_at, labels
from domain.credentials.origins import Kept
from domain.credentials.profile import named_for
from domain.handover.agents.files import OURS
from domain.handover.documents import Document
from domain.handover.tools.contents import Contents, Left, ToolFile
from domain.handover.tools.entries import Item, account, gathered, grant, inner, key, place, table

CLIENT_ID = "app_EMoamEEZ73f0CkXaXp7hrann"
_KNOWN = ("auth_mode", "OPENAI_API_KEY", "tokens", "last_refresh")


def contents(files: Sequence[ToolFile]) -> Contents:
    """Raises Malformed."""
    return gathered(item for file in files for item in _items(file, table(file, "Codex")))


def _items(file: ToolFile, document: Document) -> Iterator[Item]:
    if file.role == "config":
        yield from _providers(file, document)
        return
    if document.get("OPENAI_API_KEY"):
        yield key("openai", document["OPENAI_API_KEY"], place(file, "OPENAI_API_KEY"))
    if tokens := inner(document, "tokens"):
        where = place(file, "tokens")
        said = labels(tokens, CLIENT_ID)
        whose = account(tokens.get("account_id")) or account(said.account)
        access = tokens.get("access_token")
        yield grant(
            Kept("codex", file.path),
            "openai-codex",
            (access, tokens.get("refresh_token")),
            where,
            ends=ends_at(access),
            account=whose,
            name=named_for(said.email) if said.email else "",
        )
    for name, value in document.items():
        if name not in _KNOWN and value:
            yield Left(place(file, name), "it is a kind of sign-in that is not known here")


def _providers(file: ToolFile, document: Document) -> Iterator[Item]:
    # They speak the Responses interface, and nothing says whether they speak another.
    for id in inner(document, "model_providers"):
        if id.startswith(OURS):
            continue
        where = place(file, "model_providers", id)
        yield Left(where, "add it with: aura_intelligence models providers add")
