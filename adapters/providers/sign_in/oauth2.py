"""OAuth 2.0 by a browser (RFC 6749 and 7636) and by a device code (RFC 8628)."""

import re

from adapters.providers.sign_in import discovery
from adapters.providers.sign_in.clients import client_of
from adapters.providers.sign_in.replies import Reply, posted, with_query
from application.ports.network import Flow
from application.ports.sign_in import DeviceCode, Pending, Redirect, Signed, SignsIn
from domain.credentials import grants
from domain.credentials.credential import OAuthToken
from domain.errors import NeedsLogin, SignInFailed
from domain.instants import SECOND
from domain.providers.client import Client
from domain.providers.row import Provider

_DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
# RFC 6749; OpenAI's, some of which begin alike; GitHub's.
_SPENT = re.compile(r"invalid_grant|(invalid|bad)_refresh_token|refresh_token_\w+", re.ASCII)
_PAGE = re.compile(r"https?://[A-Za-z0-9.:\[\]_-]+([/?#][!#-;=?-~]{0,2000})?", re.ASCII)
_LONGEST_USER_CODE = 64
# RFC 8628, 3.5.
_INTERVAL, _LONGEST_INTERVAL, _SLOWER = 5, 60, 5.0
_CODE_LIFE, _LONGEST_CODE_LIFE = 900, 1800


class OAuth2(SignsIn):
    def client(self, row: Provider) -> Client | None:
        return client_of(row)

    def discovered(self, client: Client) -> Flow[Client]:
        return discovery.discovered(client)

    def address(self, client: Client, redirect: Redirect, login_hint: str = "") -> str:
        standard = {
            "response_type": "code",
            **_who(client),
            "redirect_uri": redirect.redirect_uri,
            "scope": client.scope,
            "state": redirect.state,
            "code_challenge": redirect.challenge,
            "code_challenge_method": "S256",
        }
        # No parameter beside those of the standard replaces one of them.
        fields = {**dict(client.parameters), "login_hint": login_hint, **standard}
        return with_query(_known(client.authorize_url, "page to sign in by a browser"), fields)

    def exchange(
        self, client: Client, code: str, redirect: Redirect, secret: str, now: int
    ) -> Flow[Signed]:
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect.redirect_uri,
            "code_verifier": redirect.verifier,
        }
        reply = yield from _at_token_endpoint(client, fields, secret)
        return _signed(reply, client, now)

    def device(self, client: Client, secret: str, now: int) -> Flow[DeviceCode]:
        url = _known(client.device_url, "sign-in by a device code")
        reply = yield from posted(url, {**_who(client, secret), "scope": client.scope})
        return _device_code(reply, now)

    def poll(
        self, client: Client, code: DeviceCode, secret: str, now: int
    ) -> Flow[Signed | Pending]:
        fields = {"grant_type": _DEVICE_GRANT, "device_code": code.device_code}
        reply = yield from _at_token_endpoint(client, fields, secret)
        match reply.code:
            case "authorization_pending":
                return Pending()
            case "slow_down":
                return Pending(_SLOWER)
            case "access_denied":
                raise SignInFailed(f"the sign-in was declined at {reply.host}")
            case "expired_token":
                raise SignInFailed("the code has expired", hint="sign in again for a new one")
        # Somebody may still be typing: no gateway's page and no bad minute ends that.
        if reply.is_trouble or reply.document is None:
            return Pending()
        return _signed(reply, client, now)

    def refresh(self, client: Client, token: OAuthToken, secret: str, now: int) -> Flow[OAuthToken]:
        if token.refresh is None:
            raise NeedsLogin("the grant has no refresh token", hint="sign in again")
        # Without a scope, which means the one that was granted: it may be less than was asked for.
        fields = {"grant_type": "refresh_token", "refresh_token": token.refresh.reveal()}
        reply = yield from _at_token_endpoint(client, fields, secret)
        if not reply.is_trouble and _SPENT.fullmatch(reply.code):
            raise NeedsLogin(
                f"{reply.host} takes the refresh token no longer: {reply.code}",
                hint="sign in again",
            )
        return grants.granted(reply.good, client, now, token)

    def revoke(self, client: Client, token: OAuthToken, secret: str) -> Flow[None]:
        url = _known(client.revoke_url, "page to revoke a grant")
        # With the refresh token its access tokens go as well (RFC 7009, 2.1).
        hint = "refresh_token" if token.refresh else "access_token"
        fields = {
            "token": (token.refresh or token.access).reveal(),
            "token_type_hint": hint,
            **_who(client, secret),
        }
        reply = yield from posted(url, fields)
        # The status says it all: the body of a good one may be empty.
        if reply.error or not 200 <= reply.status < 300:
            raise SignInFailed(reply.refusal)


def _at_token_endpoint(client: Client, fields: dict[str, str], secret: str) -> Flow[Reply]:
    url = _known(client.token_url, "token endpoint")
    return posted(url, {**fields, **_who(client, secret)})


def _who(client: Client, secret: str = "") -> dict[str, str]:
    """Who asks, in a body (RFC 6749, 2.3.1). Raises SignInFailed for nobody."""
    if not client.client_id:
        raise SignInFailed(
            "no application of this program is registered there",
            hint="register one of your own, and give its id by --client-id",
        )
    return {"client_id": client.client_id, "client_secret": secret}


def _known(url: str, what: str) -> str:
    if not url:
        raise SignInFailed(f"no {what} is known there")
    return url


def _signed(reply: Reply, client: Client, now: int) -> Signed:
    token = grants.granted(reply.good, client, now)
    return Signed(token, *grants.labels(reply.good, client.client_id))


def _device_code(reply: Reply, now: int) -> DeviceCode:
    """The code of a reply, whatever is wrong with the rest of it. Raises SignInFailed."""
    document = reply.good
    code = document.get("user_code")
    # Google still says `url`, as the drafts did.
    page = _page(document.get("verification_uri") or document.get("verification_url"))
    is_code = isinstance(code, str) and code.isprintable() and code.strip()
    if not page or not is_code or len(str(code)) > _LONGEST_USER_CODE:
        raise SignInFailed(f"{reply.host} answered with no code that a person can type")
    life = grants.seconds(document.get("expires_in")) or 0
    interval = grants.seconds(document.get("interval"))
    return DeviceCode(
        grants.token(document.get("device_code"), "device code").reveal(),
        str(code).strip(),
        page,
        _page(document.get("verification_uri_complete")),
        now + int(min(life if life > 0 else _CODE_LIFE, _LONGEST_CODE_LIFE) * SECOND),
        min(max(_INTERVAL if interval is None else interval, 1), _LONGEST_INTERVAL),
    )


def _page(url: object) -> str:
    """`url` if a person can be sent there, else empty."""
    return url if isinstance(url, str) and _PAGE.fullmatch(url) else ""
