"""`models auth token`."""

import asyncio

from application.grants.tokens import Tokens
from domain.credentials.profile import ProfileSummary
from domain.errors import Refused
from domain.instants import span
from entrypoints.cli.reading.token import show
from entrypoints.cli.show import screen
from entrypoints.cli.words.injection import AsJson, Flag, Later


def token(
    name: str,
    /,
    *,
    min_ttl: str = "10m",
    reveal: Flag = False,
    json: AsJson = False,
    tokens: Later[Tokens],
) -> int:
    """One fresh token on a pipe: for programs that would else keep a grant of their own.

    Parameters
    ----------
    name
        A profile's id, or a provider: the credential that is used now.
    min_ttl
        It is good for that long at least, where the provider's tokens live so long; a grant that
        ends before is refreshed.
    reveal
        Show it at a terminal as well.
    """
    margin = span(min_ttl)
    if not reveal and screen.width() is not None:
        raise Refused("a token is not shown at a terminal", hint="pipe it, or give --reveal")
    attempt, access = asyncio.run(tokens().fresh(name, margin))
    assert access.secret is not None
    text, held = access.secret.reveal(), attempt.credential
    ends = held.expires_at if isinstance(held, ProfileSummary) else None
    show(text, attempt.profile_id, attempt.row.id, access.base_url, ends, json=json)
    return 0
