"""Whether the standard flow can be begun with a client, tried with canned answers."""

import json
from typing import TypeVar

from adapters.providers.sign_in.oauth2 import OAuth2
from application.ports.network import Flow, Response
from application.ports.sign_in import Redirect
from domain.errors import SignInFailed
from domain.providers.client import Client

T = TypeVar("T")
_REDIRECT = Redirect("http://127.0.0.1/callback", "state", "verifier", "challenge")
_CODE = {"device_code": "d", "user_code": "A-B", "verification_uri": "https://provider.test"}
_ENDPOINTS = ("token", "authorization", "device_authorization")


def problem_of(client: Client) -> str | None:
    """Why nobody can sign in with `client`, by one of the ways it has at least; else None."""
    signs, issuer = OAuth2(), client.issuer.rstrip("/")
    metadata = {f"{name}_endpoint": f"{issuer}/{name}" for name in _ENDPOINTS}
    try:
        client = _learned(signs.discovered(client), {"issuer": issuer, **metadata})
        if client.authorize_url:
            signs.address(client, _REDIRECT)
        if client.device_url:
            _learned(signs.device(client, "", 0), _CODE)
    except SignInFailed as failure:
        return f"it cannot be begun: {failure}"
    if client.token_url and (client.authorize_url or client.device_url):
        return None
    return "it has no issuer, and no token URL with a page to begin at"


def _learned(flow: Flow[T], document: object) -> T:
    """What `flow` returns where everything it asks is answered with `document`."""
    answer = Response(200, {"content-type": "application/json"}, json.dumps(document).encode())
    try:
        next(flow)
        while True:
            flow.send(answer)
    except StopIteration as stop:
        learned: T = stop.value
        return learned
