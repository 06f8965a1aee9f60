"""Credentials and the profiles that hold them; secrets that cannot be printed by accident."""

import re
from dataclasses import dataclass
from typing import NoReturn

from domain.errors import Malformed
from domain.profiles import Kind as Kind
from domain.profiles import ProfileSummary as ProfileSummary
from domain.profiles import profile_id as profile_id
from domain.providers import Scheme

# 16 KiB is far above any token seen and below what servers take in a header.
_SECRET = re.compile(r"[\x21-\x7e]{8,16384}")
_ASCII_SPACE = " \t\r\n\v\f"


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
        import hmac

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


def summarised(
    profile: AuthProfile, fingerprint: str, now: int, previous: ProfileSummary | None
) -> ProfileSummary:
    """What may be known of `profile` once it is stored at `now` (epoch ms) over `previous`."""
    credential = profile.credential
    return ProfileSummary(
        id=profile.id,
        provider=profile.provider,
        kind=kind_of(credential),
        label=profile.label,
        base_url=profile.base_url,
        custom_base_url=profile.custom_base_url,
        scheme=profile.scheme,
        expires_at=expiry_of(credential),
        refreshable=isinstance(credential, OAuthToken) and credential.refresh is not None,
        created_at=previous.created_at if previous else now,
        updated_at=now,
        revision=previous.revision + 1 if previous else 1,
        fingerprint=fingerprint,
    )
