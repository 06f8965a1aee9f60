"""Who signs in at a provider, imported when somebody does."""

from typing import TYPE_CHECKING

from adapters.providers.sign_in.clients import client_of

if TYPE_CHECKING:
    from application.ports.sign_in import SignsIn
    from domain.providers.row import Provider


def sign_in_at(row: "Provider") -> "SignsIn | None":
    """The sign-in of `row`; None where nobody can sign in."""
    if client_of(row) is None:
        return None
    if row.builtin and row.id == "openrouter":
        from adapters.providers.sign_in.openrouter import OpenRouterKeys

        return OpenRouterKeys()
    from adapters.providers.sign_in.oauth2 import OAuth2

    return OAuth2()
