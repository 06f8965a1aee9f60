"""A profile as it lies in its row: what is clear, and the secret sealed to what steers it."""

import json
from typing import Any

from adapters.sql import rows
from application.ports.keys import Binding, Sealer
from domain.credentials.credential import (
    ApiKey,
    AuthProfile,
    BearerToken,
    Credential,
    OAuthToken,
    bearer_of,
    summarised,
)
from domain.credentials.origins import Command, Kept, Origin
from domain.credentials.profile import ProfileSummary
from domain.credentials.secret import Secret
from domain.errors import AuraError
from domain.providers.client import Client

# Lengths of sealed blobs tell nothing finer than this (bytes).
_PADDED_TO = 64


def opened_profile(row: Any, sealer: Sealer) -> AuthProfile | AuraError:
    try:
        plaintext = sealer.open(row.sealed, _binding(row.id, row, row.revision))
    except AuraError as damaged:
        # A record that was sealed before more of it was bound.
        try:
            plaintext = sealer.open(row.sealed, _old_binding(row.id, row, row.revision))
        except AuraError:
            return damaged
    held = json.loads(plaintext)
    return AuthProfile(
        id=row.id,
        provider=row.provider,
        label=row.label,
        base_url=row.base_url,
        scheme=row.scheme,
        credential=_credential(row.kind, row.expires_at, held),
        custom_base_url=bool(row.custom_base_url),
        origin=_origin(held.get("origin")),
    )


def resealed(summary: ProfileSummary, profile: AuthProfile, sealer: Sealer) -> dict[str, Any]:
    """The row of `profile` where only what is said of it changed: its revision stays."""
    sealed = sealer.seal(_plaintext(profile), _binding(profile.id, summary, summary.revision))
    return {**summary._asdict(), "sealed": sealed, "metadata": "{}"}


def sealed_row(
    profile: AuthProfile, sealer: Sealer, now: int, previous: ProfileSummary | None
) -> tuple[ProfileSummary, dict[str, Any]]:
    """What may be known of `profile`, stored at `now` (epoch ms) over `previous`, and its row."""
    secret = bearer_of(profile.credential).reveal().encode()
    summary = summarised(profile, sealer.fingerprint(secret), now, previous)
    return summary, resealed(summary, profile, sealer)


def _old_binding(id: str, row: Any, revision: int) -> Binding:
    """Everything that steers where a secret is sent."""
    return (
        "aura/profile/v1",
        id,
        "credential",
        row.provider,
        row.kind,
        row.base_url,
        row.scheme,
        str(revision),
    )


def _binding(id: str, row: Any, revision: int) -> Binding:
    """What a secret is sealed to: what steers where it is sent, and what is said of it."""
    said = (row.label, row.expires_at, int(row.custom_base_url), row.fingerprint)
    _, *steering = _old_binding(id, row, revision)
    told = ("" if text is None else str(text) for text in said)
    # Nothing more without one: what was sealed before there were any stays readable.
    return ("aura/profile/v2", *steering, *told, *filter(None, (row.origin,)))


def _plaintext(profile: AuthProfile) -> bytes:
    held: dict[str, Any]
    match credential := profile.credential:
        case ApiKey(key):
            held = {"key": key.reveal()}
        case BearerToken(token):
            held = {"token": token.reveal()}
        case OAuthToken(access, refresh):
            held = {"access": access.reveal(), "refresh": refresh.reveal() if refresh else ""}
            held |= _grant(credential)
    if profile.origin is not None:
        held["origin"] = profile.origin._asdict()
    text = json.dumps(held, sort_keys=True).encode()
    return text + b" " * (-len(text) % _PADDED_TO)


def _grant(token: OAuthToken) -> dict[str, Any]:
    """What a record of a grant has since there are sign-ins, as far as it is not empty."""
    client = rows.client_document(token.client) if token.client else None
    told = {"client": client, "account": token.account, "spent": token.spent}
    return {name: value for name, value in told.items() if value}


def _origin(told: dict[str, Any] | None) -> Origin | None:
    if told is None:
        return None
    return Kept(**told) if "tool" in told else Command(tuple(told["argv"]), told["ttl"])


def _credential(kind: str, expires_at: int | None, held: dict[str, Any]) -> Credential:
    match kind:
        case "api_key":
            return ApiKey(Secret(held["key"]), expires_at)
        case "token":
            return BearerToken(Secret(held["token"]), expires_at)
        case _:
            refresh = Secret(held["refresh"]) if held["refresh"] else None
            client = _client(held["client"]) if "client" in held else None
            account, spent = held.get("account", ""), held.get("spent", False)
            return OAuthToken(Secret(held["access"]), refresh, expires_at, client, account, spent)


def _client(told: dict[str, Any]) -> Client:
    # As it was sealed, whatever a plug-in put into it: nobody else can have written it.
    parameters = tuple((name, value) for name, value in told.get("parameters", ()))
    return Client(**{**told, "parameters": parameters})
