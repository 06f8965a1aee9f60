"""`models auth add --kind command`: a credential that a program of the user's prints."""

import asyncio
from typing import NamedTuple

from application.grants.elsewhere import Elsewhere
from domain.credentials.credential import ApiKey, BearerToken, Credential, bearer_of
from domain.credentials.origins import Command
from domain.credentials.secret import secret
from domain.errors import Malformed
from domain.instants import span
from domain.providers.row import Provider
from entrypoints.cli.words.another import another
from entrypoints.cli.words.pasted import refuse_pasted

INSTEAD = "aura_intelligence models auth add --provider ID --kind command --ttl 45m -- PROGRAM …"
# How the access tokens of Google and those that are JWTs begin, whoever prints them.
_TOKENS = ("ya29.", "eyJ")


class Printed(NamedTuple):
    """What a command printed, and the command."""

    credential: Credential
    origin: Command


def printed(words: tuple[str, ...], ttl: str, row: Provider, url: str, made: Elsewhere) -> Printed:
    """Runs the program for the first time: whoever typed it lets it run.

    Raises Malformed, CommandFailed, UnsafeFile.
    """
    argv = another(words, INSTEAD)
    refuse_pasted(argv)
    command = Command(made.programs.found(argv, made.environ), span(ttl))
    credential = asyncio.run(made.printed(command))
    text = bearer_of(credential).reveal()
    secret(text, row.shortest_key(url))
    is_token = row.kind_of(text) == "token" or text.startswith(_TOKENS)
    if is_token and isinstance(credential, ApiKey):
        credential = BearerToken(credential.key, credential.expires_at)
    return Printed(credential, command)


def refuse_mixed(kind: str, words: tuple[str, ...], *sources: object) -> None:
    """Raises Malformed unless a program is there where, and only where, one is wanted."""
    if kind != "command" and words:
        raise Malformed("words after -- are the program of --kind command", hint=INSTEAD)
    if kind == "command" and not words:
        raise Malformed("--kind command takes a program after --", hint=INSTEAD)
    if kind == "command" and any(sources):
        raise Malformed("--kind command excludes --from-env, --from-file and --stdin", hint=INSTEAD)
