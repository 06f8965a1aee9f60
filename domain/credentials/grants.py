"""A token endpoint's reply: the grant in it, whose it is, or the error (RFC 6749, 5.1 and 5.2)."""

import base64
import json
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from domain.credentials.credential import OAuthToken
from domain.credentials.secret import Secret, secret
from domain.errors import Malformed, SignInFailed
from domain.instants import DAY, SECOND
from domain.providers.client import Client
from domain.text import LIMIT, SHORTEST, foreign, visible

_LONGEST_LIFE = 10 * 365 * DAY
# Epoch seconds; dates of Python end there.
_YEAR_10000 = 253_402_300_800
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(?:\.[0-9]{0,9})?", re.ASCII)
_LARGEST_JWT = 64 * 1024
_OPENAI = "https://api.openai.com/auth"
# Of 64 characters at most, and a word as the standards have them.
_CODE = re.compile(r"(?=.{1,64}$)[a-z]+(_[a-z]+)*", re.ASCII)


class Labels(NamedTuple):
    """What a grant says of its owner; empty where it does not. Nothing of it is verified."""

    account: str = ""
    email: str = ""
    plan: str = ""


def granted(
    document: Mapping[str, object], client: Client, now: int, old: OAuthToken | None = None
) -> OAuthToken:
    """The grant in a good reply to `client`, in place of `old`, at `now` (epoch ms, our clock).

    Keeps the refresh token and the account of `old` where it had them and the reply says none.
    Raises SignInFailed for a reply that grants no bearer token.
    """
    kind = document.get("token_type")
    if kind is not None and not (isinstance(kind, str) and kind.lower() == "bearer"):
        raise SignInFailed("the token that was granted is of a type other than bearer")
    renewed = document.get("refresh_token")
    # An empty one is none: some servers send "" or null where nothing is renewed.
    refresh = token(renewed, "refresh token") if renewed not in (None, "") else None
    account = old.account if old and old.account else labels(document, client.client_id).account
    return OAuthToken(
        token(document.get("access_token"), "access token"),
        refresh or (old.refresh if old else None),
        expiry(document.get("expires_in"), now),
        client,
        account,
    )


def token(value: object, name: str) -> Secret:
    """`value` as a secret of 1 to 16,384 visible ASCII characters. Raises SignInFailed."""
    try:
        # What has white space around it is no token: `secret` would drop it.
        if isinstance(value, str) and (read := secret(value, 1)).reveal() == value:
            return read
    except Malformed:
        pass
    raise SignInFailed(f"the reply has no usable {name}")


def expiry(expires_in: object, now: int) -> int | None:
    """The epoch ms when a token expires that was granted `now`; None where nobody can tell.

    Zero and less has expired already; no number, and more than ten years, says nothing.
    """
    # Relative, so the server's `Date` does not matter, however wrong its clock or ours.
    number = seconds(expires_in)
    if number is None or number * SECOND > _LONGEST_LIFE:
        return None
    return now + int(max(0, number) * SECOND)


def seconds(value: object) -> float | None:
    """`value` as a number, be it in a string; None for what is none: NaN, true, text."""
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        return float(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        return None
    return value


def labels(document: Mapping[str, object], client_id: str) -> Labels:
    """Whose the grant in `document` is: by its id token, else a JWT access token, else the reply.

    An id token for another audience than `client_id` says nothing (OpenID Connect Core, 3.1.3.7).
    """
    identity = _claims(document.get("id_token"))
    if not _is_for(identity, client_id):
        identity = {}
    known = (identity, _claims(document.get("access_token")))
    openai = [_object(claims.get(_OPENAI)) for claims in known]
    tokens = [document.get(name) for name in ("access_token", "refresh_token", "id_token")]
    secrets = [text for text in tokens if isinstance(text, str) and len(text) >= SHORTEST]

    def first(*candidates: object) -> str:
        return next(filter(None, (_label(value, secrets) for value in candidates)), "")

    return Labels(
        first(
            *(claims.get("chatgpt_account_id") for claims in openai),
            *(claims.get("sub") for claims in known),
            document.get("user_id"),
            document.get("account"),
        ),
        first(*(claims.get("email") for claims in known)),
        first(*(claims.get("chatgpt_plan_type") for claims in openai)),
    )


def label(value: object) -> str:
    """`value` as at most 200 printable characters on one line; empty if it is no text."""
    return visible(" ".join(value[: 4 * LIMIT].split())) if isinstance(value, str) else ""


def _label(value: object, secrets: Iterable[str]) -> str:
    # Labels are shown and stored open: a server that repeats a token in one gets none.
    return "" if isinstance(value, str) and any(s in value for s in secrets) else label(value)


def _claims(jwt: object) -> Mapping[str, object]:
    """The claims of a JWT, its signature not looked at; none of what is none."""
    if not isinstance(jwt, str) or len(jwt) > _LARGEST_JWT or jwt.count(".") != 2:
        return {}
    payload = jwt.split(".")[1]
    try:
        return _object(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))))
    except (ValueError, RecursionError):
        return {}


def ends_at(jwt: object) -> int | None:
    """The epoch ms when `jwt` says that it expires; None where it says no such moment."""
    ends = seconds(_claims(jwt).get("exp"))
    return int(ends * SECOND) if ends is not None and 0 < ends < _YEAR_10000 else None


def _is_for(claims: Mapping[str, object], client_id: str) -> bool:
    audience = claims.get("aud")
    if isinstance(audience, list):
        return client_id in audience
    return audience is None or audience == client_id


def _object(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def oauth_error(document: object, secrets: Iterable[str] = ()) -> tuple[str, str] | None:
    """The code and the description of an error, each empty where it has none; None for no error.

    As RFC 6749, 5.2 has it, or as an object (`{"error": {"code", "type", "message"}}`). Both are
    harmless on a terminal, and `secrets` are taken out.
    """
    outer = _object(document)
    error = outer.get("error")
    if not error:
        return None
    inner = _object(error)
    codes = (error, inner.get("code"), inner.get("type"))
    said = (outer.get("error_description"), inner.get("message"), outer.get("message"))
    told = tuple(secrets)
    code, description = (
        next((text for text in texts if isinstance(text, str) and text.strip()), "")
        for texts in (codes, said)
    )
    # Programs decide by a word, so it stays one even where a token has a piece of it.
    is_word = _CODE.fullmatch(code) and code not in told
    return code if is_word else foreign(code, told), foreign(description, told)
