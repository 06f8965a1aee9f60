"""OpenRouter's sign-in: a page and PKCE as OAuth has them, and a permanent key in the end.

Source: https://openrouter.ai/docs/guides/overview/auth/oauth.
"""

import json

from adapters.providers.sign_in.oauth2 import OAuth2
from adapters.providers.sign_in.replies import asked, with_query
from application.ports.network import Flow, Request
from application.ports.sign_in import Redirect, Signed
from domain.credentials.credential import ApiKey, OAuthToken
from domain.credentials.grants import label, token
from domain.errors import NeedsLogin, SignInFailed
from domain.providers.client import Client

_JSON = {"content-type": "application/json", "accept": "application/json"}


class OpenRouterKeys(OAuth2):
    """There are no device codes: OAuth2 refuses them where no endpoint is known."""

    def address(self, client: Client, redirect: Redirect, login_hint: str = "") -> str:
        fields = {
            # A state beside the callback does not come back; one within it does.
            "callback_url": with_query(redirect.redirect_uri, {"state": redirect.state}),
            "code_challenge": redirect.challenge,
            "code_challenge_method": "S256",
        }
        return with_query(client.authorize_url, fields)

    def exchange(
        self, client: Client, code: str, redirect: Redirect, secret: str, now: int
    ) -> Flow[Signed]:
        body = {
            "code": code,
            "code_verifier": redirect.verifier,
            "code_challenge_method": "S256",
        }
        request = Request("POST", client.token_url, _JSON, json.dumps(body).encode())
        document = (yield from asked(request, (code, redirect.verifier))).good
        key = token(document.get("key"), "key")
        owner = label(document.get("user_id"))
        # Labels are shown and stored open.
        return Signed(ApiKey(key), "" if key.reveal() in owner else owner)

    def refresh(self, client: Client, token: OAuthToken, secret: str, now: int) -> Flow[OAuthToken]:
        yield from ()
        raise NeedsLogin("OpenRouter issues keys, and refreshes nothing", hint="sign in again")

    def revoke(self, client: Client, token: OAuthToken, secret: str) -> Flow[None]:
        yield from ()
        raise SignInFailed(
            "a key of OpenRouter is deleted on its page only",
            hint="see https://openrouter.ai/settings/keys",
        )
