"""`models auth list`."""

from typing import Any

from application.ports.people import Clock
from application.survey import Survey
from domain.credentials.profile import ProfileSummary
from domain.routing.precedence import Candidate, Credentials
from domain.routing.precedence import credentials as credentials_of
from entrypoints.cli.show import render
from entrypoints.cli.show.documents.profile import profile_document
from entrypoints.cli.show.reasons import REMEDIES, candidate_mark, ending, kept
from entrypoints.cli.words.named import named_provider


def credentials(
    survey: Survey,
    clock: Clock,
    *,
    provider: str | None = None,
    json: bool = False,
    plain: bool = False,
) -> int:
    """Stored and of the environment. Raises Malformed for a `provider` that nobody knows."""
    render.one_format(json, plain)
    state = survey()
    only = None
    if provider is not None:
        only = named_provider(provider, state.providers).id
    now = clock()
    found = credentials_of(state, now)
    shown = [
        (name, candidate)
        for name in sorted(found.by_provider)
        if only in (None, name)
        for candidate in found.of(name)
    ]
    if json:
        render.json(
            {
                "profiles": [_stored(c, found) for _, c in shown if c.is_stored],
                "environment": [_variable(c, found) for _, c in shown if not c.is_stored],
            }
        )
    elif plain:
        render.plain(map(_record, (c for _, c in shown)))
    else:
        _show([c for _, c in shown], found, now)
    return 0


def _record(candidate: Candidate) -> tuple[object, ...]:
    credential, skip = candidate.credential, candidate.skip or "usable"
    return credential.id, credential.kind, candidate.health, skip, credential.fingerprint


def _is_used(candidate: Candidate, found: Credentials) -> bool:
    return found.effective(candidate.credential.provider) == candidate and candidate.is_ready


def _cools_until(candidate: Candidate) -> int | None:
    """Epoch ms; None where nothing of its past keeps it from being used, or for good."""
    window = candidate.window()
    return window.until if window else None


def _stored(candidate: Candidate, found: Credentials) -> dict[str, Any]:
    profile = candidate.credential
    assert isinstance(profile, ProfileSummary)
    return {
        **profile_document(profile),
        "status": candidate.health,
        "used": _is_used(candidate, found),
        "unusable": candidate.skip,
        "cooldownUntil": _cools_until(candidate),
    }


def _variable(candidate: Candidate, found: Credentials) -> dict[str, Any]:
    variable = candidate.credential
    assert not isinstance(variable, ProfileSummary)
    used = _is_used(candidate, found)
    first = found.effective(variable.provider)
    return {
        "profileId": variable.id,
        "provider": variable.provider,
        "type": variable.kind,
        "name": variable.name,
        "baseUrl": variable.base_url,
        "baseUrlFrom": variable.base_url_from,
        "fingerprint": variable.fingerprint,
        "used": used,
        "unusable": candidate.skip,
        "cooldownUntil": _cools_until(candidate),
        "shadowedBy": first.credential.id if first and not used and not candidate.skip else None,
    }


def _show(shown: list[Candidate], found: Credentials, now: int) -> None:
    for title, candidates in (
        ("Stored", [c for c in shown if c.is_stored]),
        ("Environment", [c for c in shown if not c.is_stored]),
    ):
        render.line(f"{title}{'' if candidates else ': none'}")
        if candidates:
            headers = ("Credential", "Label", "Type", "Fingerprint", "Expiry", "Use")
            rows = (_row(c, found, now) for c in candidates)
            render.table(headers, rows, indent="  ", marks=[*map(candidate_mark, candidates)])


def _row(candidate: Candidate, found: Credentials, now: int) -> tuple[object, ...]:
    credential = candidate.credential
    if candidate.skip:
        use = f"not used: {REMEDIES[candidate.skip]}"
    elif window := candidate.window():
        use = f"not used: {ending(window, now)}"
    elif _is_used(candidate, found):
        use = "used"
    else:
        first = found.effective(credential.provider)
        use = f"shadowed by {first.credential.id}" if first else ""
    label = credential.label if isinstance(credential, ProfileSummary) else ""
    expiry = kept(credential, now) or candidate.health
    return credential.id, label, credential.kind, credential.fingerprint, expiry, use
