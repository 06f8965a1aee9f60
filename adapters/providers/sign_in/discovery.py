"""Where an issuer's endpoints are, by its own metadata (OpenID Connect Discovery 1.0)."""

import re
from urllib.parse import urlsplit

from adapters.providers.sign_in.replies import asked
from application.ports.network import Flow, Request
from domain.errors import Malformed, SignInFailed
from domain.providers.client import Client
from domain.providers.endpoints import base_url

_PATH = "/.well-known/openid-configuration"
# Its origin, and a path and a query without a fragment (RFC 6749, 3.1).
_URL = re.compile(r"(https?://[^/?#]+)([/?][!$-~]{0,2000})?", re.ASCII | re.IGNORECASE)
_HINT = "give the URLs themselves in place of the issuer, if you trust them"


def discovered(client: Client) -> Flow[Client]:
    """`client` with the endpoints it does not name, as far as its issuer has them.

    Raises SignInFailed for metadata of another issuer, and for endpoints on another host than the
    issuer's, or neither https nor this machine.
    """
    known = client.token_url, client.authorize_url, client.device_url, client.revoke_url
    if not client.issuer or all(known):
        return client
    issuer = client.issuer.rstrip("/")
    host = _host(issuer, "issuer")
    document = (yield from asked(Request("GET", issuer + _PATH))).good
    said = document.get("issuer")
    if not isinstance(said, str) or said.rstrip("/") != issuer:
        raise SignInFailed(f"the metadata at {host} is that of another issuer", hint=_HINT)

    def endpoint(name: str) -> str:
        url = document.get(name)
        return _endpoint(url, name.replace("_", " "), host) if url else ""

    return client._replace(
        token_url=client.token_url or endpoint("token_endpoint"),
        authorize_url=client.authorize_url or endpoint("authorization_endpoint"),
        device_url=client.device_url or endpoint("device_authorization_endpoint"),
        revoke_url=client.revoke_url or endpoint("revocation_endpoint"),
    )


def _endpoint(url: object, name: str, issuer: str) -> str:
    host = _host(url, name)
    # A code or a refresh token would go there: to the issuer, and to nobody it names.
    if host != issuer:
        raise SignInFailed(f"the {name} of {issuer} is on another host, {host}", hint=_HINT)
    return str(url)


def _host(url: object, name: str) -> str:
    """The host and port of an address that a secret may be sent to. Raises SignInFailed."""
    match = _URL.fullmatch(url) if isinstance(url, str) else None
    try:
        if match:
            return urlsplit(base_url(match[1])).netloc
    except Malformed:
        pass
    raise SignInFailed(f"the {name} is no https address (http only on this machine)", hint=_HINT)
