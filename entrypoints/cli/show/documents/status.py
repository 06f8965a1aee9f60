"""`models status --json`: the keys scripts of the anchor know, and ours beside them."""

from collections.abc import Mapping
from typing import Any

from domain.answers.usage import Snapshot
from domain.credentials.expiry import WARN, worst_of
from domain.credentials.profile import ProfileSummary
from domain.instants import iso
from domain.routing.precedence import Candidate
from domain.routing.state import State
from domain.routing.status import Cooling, LastProbe, ProviderStatus, Status
from entrypoints.cli.show import render
from entrypoints.cli.show.documents.usage import document as usage_document
from entrypoints.settings import Settings


def document(
    state: State,
    found: Status,
    now: int,
    settings: Settings,
) -> dict[str, Any]:
    """Times are epoch ms, beside ISO 8601 where a person reads them. No secret, no part of one."""
    selection = state.selection
    default = str(selection.default) if selection.default else None
    auth: dict[str, Any] = {
        "storePath": settings.place,
        "keyProblem": state.key_problem.type if state.key_problem else None,
        "shellEnvFallback": {
            "enabled": False,
            "appliedKeys": [variable.name for variable in state.environment],
        },
        "providersWithOAuth": _with_tokens(found),
        "missingProvidersInUse": list(found.missing),
        "providers": [_provider(p, found.usage) for p in found.providers],
        "unusableProfiles": [
            *(_unusable(c) for c in found.unusable),
            *(_cooling(c, now) for c in found.cooling if c.window.model is None),
        ],
        "cooldowns": [{**_cooling(c, now), "model": _model(c)} for c in found.cooling],
        "oauth": _expiries(found, now),
        "lastProbes": [_last_probe(last, now) for last in found.last_probes],
    }
    return {
        "configPath": str(settings.config),
        "agentDir": str(settings.data),
        "defaultModel": default,
        "resolvedDefault": default,
        "fallbacks": [str(ref) for ref in selection.fallbacks],
        "imageModel": str(selection.image) if selection.image else None,
        "imageFallbacks": [str(ref) for ref in selection.image_fallbacks],
        "aliases": {name: str(ref) for name, ref in sorted(selection.aliases.targets.items())},
        # The anchor's allowlist: we have none, and never arm one by a side effect.
        "allowed": [],
        "auth": auth,
        "outlook": _outlook(found, now),
        "selectionSigned": state.signed,
        "damaged": sorted(state.damaged),
        "unreadable": state.unreadable,
        "problem": render.error(found.problem) if found.problem else None,
        "check": found.exit_code,
    }


def _outlook(found: Status, now: int) -> dict[str, Any] | None:
    if found.retirement is None:
        return None
    from entrypoints.cli.show.outlook import retirement_document

    return retirement_document(found.retirement, now)


def _provider(p: ProviderStatus, usage: Mapping[str, Snapshot]) -> dict[str, Any]:
    kinds = [c.credential.kind for c in p.stored]
    entry: dict[str, Any] = {
        "provider": p.id,
        "effective": {
            "kind": p.kind,
            "detail": _detail(p),
            "usable": p.usable,
            "cooldownUntil": _cools_until(p),
        },
        "status": p.health,
        "inUse": p.in_use,
        "profiles": {
            "count": len(kinds),
            "oauth": kinds.count("oauth"),
            "token": kinds.count("token"),
            "apiKey": kinds.count("api_key"),
            "labels": [c.credential.id for c in p.stored],
        },
    }
    if p.row is not None:
        entry["baseUrl"] = p.row.base_url
        if p.row.is_plain_http:
            entry["plainHttp"] = True
    if p.environment:
        first, *_ = p.environment
        entry["env"] = {"value": _fingerprint(first), "source": f"env: {_variable(first)}"}
        entry["environment"] = [_environment(c, usage) for c in p.environment]
    if p.shadowed:
        entry["shadowed"] = [_variable(c) for c in p.shadowed]
    return entry


def _detail(p: ProviderStatus) -> str | None:
    return None if p.effective is None else p.effective.credential.id


def _cools_until(p: ProviderStatus) -> int | None:
    window = p.effective.window() if p.effective else None
    return window.until if window else None


def _variable(candidate: Candidate) -> str:
    return candidate.credential.id.rpartition(":")[2]


def _fingerprint(candidate: Candidate) -> str | None:
    return candidate.credential.fingerprint


def _environment(candidate: Candidate, usage: Mapping[str, Snapshot]) -> dict[str, Any]:
    variable = candidate.credential
    assert not isinstance(variable, ProfileSummary)
    entry: dict[str, Any] = {
        "profileId": variable.id,
        "name": variable.name,
        "type": variable.kind,
        "baseUrl": variable.base_url,
        "baseUrlFrom": variable.base_url_from,
        "fingerprint": variable.fingerprint,
        "problem": candidate.skip,
    }
    if variable.id in usage:
        entry["usage"] = usage_document(usage[variable.id])
    return entry


def _with_tokens(found: Status) -> list[str]:
    counts = (
        (p.id, sum(c.credential.kind != "api_key" for c in p.stored)) for p in found.providers
    )
    return [f"{id} ({count})" for id, count in counts if count]


def _unusable(candidate: Candidate) -> dict[str, Any]:
    return {
        "profileId": candidate.credential.id,
        "provider": candidate.credential.provider,
        "kind": "disabled",
        "reason": candidate.skip,
        "scope": "credential",
        "until": None,
        "untilIso": None,
        "remainingMs": None,
    }


def _cooling(cooling: Cooling, now: int) -> dict[str, Any]:
    window = cooling.window
    return {
        "profileId": cooling.credential_id,
        "provider": cooling.provider,
        "kind": window.kind,
        "reason": window.outcome.value,
        "scope": window.scope,
        "until": window.until,
        "untilIso": iso(window.until) if window.until is not None else None,
        "remainingMs": window.until - now if window.until is not None else None,
    }


def _model(cooling: Cooling) -> str | None:
    model = cooling.window.model
    return f"{cooling.provider}/{model}" if model else None


def _expiries(found: Status, now: int) -> dict[str, Any]:
    return {
        "warnAfterMs": WARN,
        "profiles": [_expiry(c, now, found.usage) for p in found.providers for c in p.stored],
        "providers": [
            {
                "provider": p.id,
                "status": p.health if p.usable else worst_of(c.health for c in p.stored),
                # Only those that would really be used: the rest is in `profiles`.
                "effectiveProfiles": [_expiry(c, now, found.usage) for c in _used(p)],
                "usage": usage_document(_effective_usage(p, found)),
            }
            for p in found.providers
            if p.stored
        ],
    }


def _used(p: ProviderStatus) -> tuple[Candidate, ...]:
    return (p.effective,) if p.effective and p.kind == "profiles" and p.usable else ()


def _effective_usage(p: ProviderStatus, found: Status) -> Snapshot | None:
    return found.usage.get(p.effective.credential.id) if p.effective else None


def _expiry(candidate: Candidate, now: int, usage: Mapping[str, Snapshot]) -> dict[str, Any]:
    # There may be ten thousand of these: no ISO string, no fingerprint; `auth list` has them.
    profile, health = candidate.credential, candidate.health
    assert isinstance(profile, ProfileSummary)
    entry: dict[str, Any] = {
        "profileId": profile.id,
        "provider": profile.provider,
        "type": profile.kind,
        "status": health,
        "source": "store",
        "label": profile.label,
    }
    if profile.kind == "oauth":
        entry["refreshable"] = bool(profile.refreshable)
    if profile.expires_at is not None:
        entry["expiresAt"] = profile.expires_at
        entry["remainingMs"] = profile.expires_at - now
    if profile.origin is not None:
        entry |= {"keptBy": profile.origin, "readAt": profile.updated_at}
    if usage and profile.id in usage:
        entry["usage"] = usage_document(usage[profile.id])
    return entry


def _last_probe(last: LastProbe, now: int) -> dict[str, Any]:
    record = last.record
    at = record.finished_at or record.started_at
    return {
        "provider": last.provider,
        "kind": record.kind,
        "profileId": last.candidate.credential.id if last.candidate else None,
        "model": f"{record.provider}/{record.model}" if record.model else None,
        "mode": record.mode,
        "status": record.outcome_text,
        "credential": record.credential,
        "at": at,
        "atIso": iso(at),
        "ageMs": now - at,
        "resetsAt": record.resets_at,
    }
