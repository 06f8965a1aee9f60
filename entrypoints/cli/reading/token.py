"""`models auth token`, where a token is served again within the hour."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from domain.errors import AuraError
from domain.instants import MINUTE, iso
from entrypoints.cli.show import render, screen

if TYPE_CHECKING:
    from application.ports.store import Held

MIN_TTL = 10 * MINUTE
"""How long a token that is given is good at least, in ms."""
# No exit code: the whole program is to answer (entrypoints/hot.py).
_PASSES = -1


def token(served: "Callable[[str, int], Held | None]", name: str, *, json: bool = False) -> int:
    """Shows the token that `served` gives; -1 where it gives none, whatever the reason."""
    from domain.credentials.credential import bearer_of

    if screen.width() is not None:
        return _PASSES
    try:
        held = served(name, MIN_TTL)
    except AuraError:
        return _PASSES
    if held is None:
        return _PASSES
    profile, summary = held
    text = bearer_of(profile.credential).reveal()
    show(text, profile.id, profile.provider, profile.base_url, summary.expires_at, json=json)
    return 0


def show(
    text: str, id: str | None, provider: str, base_url: str, ends: int | None, *, json: bool
) -> None:
    if not json:
        render.whole(text)
        return
    render.json(
        {
            "token": text,
            "profileId": id,
            "provider": provider,
            "baseUrl": base_url,
            "expiresAt": ends,
            "expiresAtIso": iso(ends) if ends is not None else None,
        }
    )
