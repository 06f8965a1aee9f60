"""Credentials and the profiles that hold them; secrets that cannot be printed by accident."""

from dataclasses import dataclass

from domain.credentials.origins import Origin, origin_word
from domain.credentials.profile import Kind, ProfileSummary
from domain.credentials.secret import Secret
from domain.providers.client import Client
from domain.providers.row import Scheme


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key. `expires_at` is epoch ms, or None: it does not expire by itself."""

    key: Secret
    expires_at: int | None = None


@dataclass(frozen=True, slots=True)
class BearerToken:
    """A token that is never refreshed. `expires_at` is epoch ms, or None for unknown or never."""

    token: Secret
    expires_at: int | None = None


@dataclass(frozen=True, slots=True)
class OAuthToken:
    """A grant. `expires_at` is epoch ms of the access token.

    `client` is who got it and where it is refreshed, and nowhere else. `account` names whose it is,
    empty where nobody said. `spent`: its refresh token was refused, so a person has to sign in
    again once the access token has expired.
    """

    access: Secret
    refresh: Secret | None = None
    expires_at: int | None = None
    client: Client | None = None
    account: str = ""
    spent: bool = False

    @property
    def is_refreshable(self) -> bool:
        return self.refresh is not None and self.client is not None and not self.spent


Credential = ApiKey | BearerToken | OAuthToken


@dataclass(frozen=True, slots=True)
class AuthProfile:
    """A profile with its secret. `base_url` and `scheme` are sealed with it: sent there only.

    `origin`: who keeps the secret or prints it, None for one that is kept here alone.
    """

    id: str
    provider: str
    label: str
    base_url: str
    scheme: Scheme
    credential: Credential
    custom_base_url: bool = False
    origin: Origin | None = None


def kind_of(credential: Credential) -> Kind:
    match credential:
        case ApiKey():
            return "api_key"
        case BearerToken():
            return "token"
        case OAuthToken():
            return "oauth"


def expiry_of(credential: Credential) -> int | None:
    return credential.expires_at


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
        refreshable=profile.origin is not None
        or (isinstance(credential, OAuthToken) and credential.is_refreshable),
        created_at=previous.created_at if previous else now,
        updated_at=now,
        revision=previous.revision + 1 if previous else 1,
        fingerprint=fingerprint,
        origin=origin_word(profile.origin),
    )
