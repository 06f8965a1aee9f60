"""Credentials and the profiles that hold them; secrets that cannot be printed by accident."""

import hmac
import re
from dataclasses import dataclass
from typing import Literal, NamedTuple, NoReturn

from domain.errors import Malformed
from domain.providers import Scheme
from domain.refs import provider_id

Kind = Literal["api_key", "token", "oauth"]
# 16 KiB is far above any token seen and below what servers take in a header.
_SECRET = re.compile(r"[\x21-\x7e]{8,16384}")
_PROFILE_NAME = re.compile(r"[A-Za-z0-9_.@+-]{1,128}")
_ASCII_SPACE = " \t\r\n\v\f"
_RESERVED = ("env", "none")


class Secret:
    """Text that does not leave by repr, str, format, pickle, json or comparison; see `reveal`."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The secret itself: to be sealed, or put into a request header, and nowhere else."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)"

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._text.encode(), other._text.encode())

    __hash__ = None  # type: ignore[assignment]  # a secret is no key of a table

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a secret is not pickled")


def secret(text: str) -> Secret:
    """A secret fit for a header: ASCII white space around it is dropped.

    Raises Malformed (never with the text) unless 8 to 16,384 visible ASCII characters remain.
    """
    stripped = text.strip(_ASCII_SPACE)
    if _SECRET.fullmatch(stripped):
        return Secret(stripped)
    if not stripped:
        raise Malformed("no credential was given", hint="the input was empty")
    if len(stripped) < 8:
        raise Malformed("that credential is too short", hint="at least 8 characters are needed")
    if len(stripped) > 16384:
        raise Malformed("that credential is too long", hint="at most 16,384 characters")
    raise Malformed(
        "that credential has spaces, line breaks or characters no credential has",
        hint="copy it again; a wrapped paste or a typographic quote is the usual cause",
    )


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key that does not expire by itself."""

    key: Secret


@dataclass(frozen=True, slots=True)
class BearerToken:
    """A token that is never refreshed. `expires_at` is epoch ms, or None for unknown or never."""

    token: Secret
    expires_at: int | None = None


@dataclass(frozen=True, slots=True)
class OAuthToken:
    """A grant. `expires_at` is epoch ms of the access token."""

    access: Secret
    refresh: Secret | None = None
    expires_at: int | None = None


Credential = ApiKey | BearerToken | OAuthToken


class ProfileSummary(NamedTuple):
    """What can be known of a profile WITHOUT opening its secret; every listing uses only this.

    A tuple, not a dataclass: `status` makes one for each row it reads, and this costs a sixth.
    Times are epoch ms. `fingerprint` is 8 hex digits of a keyed hash of the secret.
    `custom_base_url`: the person gave this profile an endpoint of its own.
    """

    id: str
    provider: str
    kind: Kind
    label: str
    base_url: str
    custom_base_url: bool
    scheme: Scheme
    expires_at: int | None
    refreshable: bool
    created_at: int
    updated_at: int
    revision: int
    fingerprint: str


@dataclass(frozen=True, slots=True)
class AuthProfile:
    """A profile with its secret. `base_url` and `scheme` are sealed with it: sent there only."""

    id: str
    provider: str
    label: str
    base_url: str
    scheme: Scheme
    credential: Credential
    custom_base_url: bool = False


def kind_of(credential: Credential) -> Kind:
    match credential:
        case ApiKey():
            return "api_key"
        case BearerToken():
            return "token"
        case OAuthToken():
            return "oauth"


def expiry_of(credential: Credential) -> int | None:
    return None if isinstance(credential, ApiKey) else credential.expires_at


def bearer_of(credential: Credential) -> Secret:
    """The part of a credential that goes into a request."""
    match credential:
        case ApiKey(key):
            return key
        case BearerToken(token):
            return token
        case OAuthToken(access):
            return access


def profile_id(text: str, provider: str) -> str:
    """The id `provider:name` a person chose; a bare name gets the provider in front.

    Raises Malformed: another provider's id, a reserved name (`env`, `none`), or characters other
    than letters, digits and `_ . @ + -`.
    """
    head, colon, name = text.strip().rpartition(":")
    if colon and provider_id(head) != provider:
        raise Malformed(
            f"a profile of {provider} has an id that starts with {provider}:",
            hint=f"for example {provider}:work",
        )
    if not _PROFILE_NAME.fullmatch(name):
        raise Malformed(
            "a profile's name has letters, digits and _ . @ + - only",
            hint=f"for example {provider}:work",
        )
    if name.lower() in _RESERVED:
        raise Malformed(f"the profile name {name} is reserved", hint=f"for example {provider}:work")
    return f"{provider}:{name}"
