"""An auth profile in JSON."""

from typing import Any

from domain.credentials.profile import ProfileSummary
from domain.instants import iso


def profile_document(profile: ProfileSummary) -> dict[str, Any]:
    """What may be shown of a profile."""
    expires_at = profile.expires_at
    return {
        "profileId": profile.id,
        "provider": profile.provider,
        "type": profile.kind,
        "label": profile.label,
        "baseUrl": profile.base_url,
        "fingerprint": profile.fingerprint,
        "expiresAt": expires_at,
        "expiresAtIso": iso(expires_at) if expires_at is not None else None,
        "createdAt": profile.created_at,
        "updatedAt": profile.updated_at,
        "revision": profile.revision,
        "keptBy": profile.origin,
    }
