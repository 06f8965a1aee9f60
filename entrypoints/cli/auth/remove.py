"""`models auth remove`."""

import asyncio
from typing import NamedTuple

from application.grants.signing_in import SigningIn
from application.ports.people import Clock, Prompter
from application.ports.store import ProfileStore
from application.survey import Survey
from domain.credentials.credential import OAuthToken
from domain.credentials.origins import COMMAND
from domain.credentials.profile import ProfileSummary, unknown_profile
from domain.errors import AuraError, Refused
from domain.providers.row import known_provider
from domain.routing.state import State
from domain.text import visible
from entrypoints.cli.show import render
from entrypoints.cli.show.documents.profile import profile_document
from entrypoints.cli.words.injection import AsJson, Flag, Injected, Later
from entrypoints.cli.words.sources import refuse_to_ask


class _Revoked(NamedTuple):
    """`done` is None where nothing was to be revoked; `failure` is why it was not."""

    done: bool | None = None
    failure: AuraError | None = None


def remove(
    id: str,
    /,
    *,
    local_only: Flag = False,
    yes: Flag = False,
    no_input: Flag = False,
    json: AsJson = False,
    survey: Injected[Survey],
    profiles: Later[ProfileStore],
    signing: Later[SigningIn],
    prompter: Later[Prompter],
    clock: Injected[Clock],
) -> int:
    """Remove a profile, and its place in the auth order. The secret is not kept anywhere.

    A grant is revoked first, where its provider has an address for that; it is removed whatever
    comes of it.

    Parameters
    ----------
    id
        The profile's id, as `auth list` shows it.
    local_only
        Revoke nothing: no request is made.
    yes
        Do not ask.
    no_input
        Ask nothing, even at a terminal.
    """
    state = survey()
    profile = _stored(id, state)
    instead = f"aura_intelligence models auth remove {id} --yes"
    if not yes:
        refuse_to_ask(no_input, instead)
        if not prompter().confirm(f"Remove {id}?", instead=instead):
            raise Refused("nothing was changed", hint="answer y to remove it")
    revoked = _Revoked() if local_only else _revoked(profile, state, profiles, signing)
    profiles().remove(id, clock())
    if json:
        _tell_program(revoked, survey().profiles)
    else:
        _tell_person(profile, revoked)
    return 0


def _stored(id: str, state: State) -> ProfileSummary:
    for variable in state.environment:
        if id == variable.id:
            raise Refused(f"{id} is not stored", hint=f"unset the variable {variable.name}")
    known = {profile.id: profile for profile in state.profiles}
    if id not in known:
        raise unknown_profile(id, known)
    return known[id]


def _revoked(
    profile: ProfileSummary,
    state: State,
    profiles: Later[ProfileStore],
    signing: Later[SigningIn],
) -> _Revoked:
    """What came of revoking it. Only a grant is opened: anything else goes without its key."""
    if profile.kind != "oauth" or profile.origin is not None:
        return _Revoked()
    try:
        token = profiles().get(profile.id).credential
        row = known_provider(profile.provider, state.providers)
        told = isinstance(token, OAuthToken) and asyncio.run(signing().revoke(row, token))
    except AuraError as failure:
        return _Revoked(False, failure)
    return _Revoked(told or None)


def _tell_program(revoked: _Revoked, left: tuple[ProfileSummary, ...]) -> None:
    failure = revoked.failure
    document = {
        "profiles": [profile_document(profile) for profile in left],
        "changed": True,
        "revoked": revoked.done,
        "revocationError": render.error(failure) if failure else None,
    }
    render.json(document)


def _tell_person(profile: ProfileSummary, revoked: _Revoked) -> None:
    id = profile.id
    if profile.origin is not None:
        what = "the command" if profile.origin == COMMAND else visible(profile.origin)
        render.line(f"Removed {id}. It is not revoked: {what} has it still.")
    elif revoked.failure is not None:
        render.line(f"Removed {id}.")
        render.note(f"it is not revoked: {revoked.failure}", "do that at the provider")
    elif revoked.done:
        render.line(f"Removed {id}. It is revoked at the provider.")
    else:
        render.line(f"Removed {id}. It is not revoked: do that at the provider.")
