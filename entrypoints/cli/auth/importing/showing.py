"""What `models auth import` says."""

from collections.abc import Mapping
from typing import Any

from application.importing import Findings
from domain.credentials.credential import OAuthToken, expiry_of, kind_of
from domain.handover.differences import differences
from domain.handover.tools.admission import Admission, Admitted
from domain.instants import brief, iso
from domain.routing.state import State
from domain.text import visible
from entrypoints.cli.auth.setup_token import TERMS
from entrypoints.cli.show import render
from entrypoints.cli.show.documents.profile import profile_document
from entrypoints.cli.words.changes import told_of

_HEADERS = ("Credential", "Type", "Expiry", "Fingerprint", "Found as", "Here")
_FATES = {"new": "new", "replaces": "replaces what is here"}


def is_new(told: Admission) -> bool:
    """Whether there is anything to store."""
    chosen = told.before != told.after or bool(told.orders)
    return chosen or any(one.is_stored for one in told.credentials)


def notices(told: Admission) -> tuple[str, ...]:
    """What the terms of a provider say of credentials that are to be stored."""
    new = (one.profile for one in told.credentials if one.is_stored)
    own = [profile for profile in new if not profile.custom_base_url]
    is_subscription = any(
        p.provider == "anthropic" and kind_of(p.credential) != "api_key" for p in own
    )
    return (TERMS,) if is_subscription else ()


def findings(source: str, found: Findings, told: Admission, now: int) -> None:
    for path in found.files:
        render.line(f"Read {visible(path)}")
    if told.credentials:
        render.table(_HEADERS, (_row(one, now) for one in told.credentials), indent="  ")
    for line in changes(told):
        render.line(f"  {line}")
    for path in found.exposed:
        render.note(f"other users can read {visible(path)}, and every secret in it")
    for text in notices(told):
        render.note(text)
    for left in told.left:
        render.note(f"left out {visible(left.place)}: {left.reason}")
    own = {row.id for row in told.after.providers}
    for one in (one for one in told.credentials if one.is_stored):
        id, credential = one.profile.id, one.profile.credential
        if one.profile.custom_base_url or one.profile.provider in own:
            render.note(f"{id} is sent to {one.profile.base_url}")
        if one.profile.origin is not None:
            render.note(
                f"{id} stays with {source}: it is read again before each use, and refreshed by "
                f"{source} alone"
            )
        elif isinstance(credential, OAuthToken):
            render.note(
                f"{id} is refreshed here from now on; {source} must not use its copy any longer",
                f"sign in there again, or let it ask: aura_intelligence models auth token {id}",
            )


def _row(one: Admitted, now: int) -> tuple[object, ...]:
    credential = one.profile.credential
    ends = expiry_of(credential)
    expiry = "none known" if ends is None else f"in {brief(ends - now)}"
    if ends is not None and ends <= now:
        expiry = f"expired {brief(now - ends)} ago"
    here = f"there as {one.there_as}" if one.fate == "there" else _FATES[one.fate]
    return one.profile.id, kind_of(credential), expiry, one.fingerprint, one.found.place, here


def changes(told: Admission) -> list[str]:
    """What would be chosen otherwise, a line each."""
    order = "auth order of {}: none -> {}; others of it are not used then"
    orders = [order.format(visible(p), ", ".join(ids)) for p, ids in told.orders.items()]
    return [*(told_of(one) for one in differences(told.before, told.after)), *orders]


def done(told: Admission, *, dry_run: bool, changed: bool) -> None:
    count = sum(one.is_stored for one in told.credentials)
    skipped = len(told.credentials) - count
    what = f"{count} credential{'' if count == 1 else 's'}"
    if not changed:
        render.line("There is nothing new to store.")
    elif dry_run:
        render.line(f"Nothing was written; {what} would be stored, {skipped} are here already.")
    else:
        render.line(f"Stored {what}; {skipped} were here already.")
        if count:
            render.note("they were not checked", "aura_intelligence models status --probe")


def document(
    source: str, found: Findings, told: Admission, state: State, *, dry_run: bool
) -> dict[str, Any]:
    # The first secret of a store makes its key: before, nobody knows a fingerprint.
    marks = {profile.id: profile.fingerprint for profile in state.profiles}
    return {
        "source": source,
        "files": [{"path": path, "exposed": path in found.exposed} for path in found.files],
        "found": [_found(one, marks) for one in told.credentials],
        "changes": [one._asdict() for one in differences(told.before, told.after)],
        "orders": {provider: list(ids) for provider, ids in told.orders.items()},
        "leftOut": [left._asdict() for left in told.left],
        "notices": list(notices(told)),
        "changed": is_new(told) and not dry_run,
        "dryRun": dry_run,
        "profiles": [profile_document(profile) for profile in state.profiles],
    }


def _found(one: Admitted, marks: Mapping[str, str]) -> dict[str, Any]:
    profile, ends = one.profile, expiry_of(one.profile.credential)
    id = one.there_as or profile.id
    return {
        "profileId": id,
        "provider": profile.provider,
        "type": kind_of(profile.credential),
        "baseUrl": profile.base_url,
        "expiresAt": ends,
        "expiresAtIso": iso(ends) if ends is not None else None,
        "fingerprint": one.fingerprint or marks.get(id),
        "keptBy": one.found.kept.tool if one.found.kept else None,
        "place": one.found.place,
        "here": one.fate,
    }
