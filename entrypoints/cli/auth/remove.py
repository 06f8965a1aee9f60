"""`models auth remove`."""

from application.ports.people import Clock, Prompter
from application.ports.store import ProfileStore
from application.survey import Survey
from domain.credentials.profile import unknown_profile
from domain.errors import Refused
from entrypoints.cli.show import render
from entrypoints.cli.show.profile_json import profile_document
from entrypoints.cli.words.injection import AsJson, Flag, Injected, Later
from entrypoints.cli.words.sources import refuse_to_ask


def remove(
    id: str,
    /,
    *,
    yes: Flag = False,
    no_input: Flag = False,
    json: AsJson = False,
    survey: Injected[Survey],
    profiles: Later[ProfileStore],
    prompter: Later[Prompter],
    clock: Injected[Clock],
) -> int:
    """Remove a profile, and its place in the auth order. The secret is not kept anywhere.

    Parameters
    ----------
    id
        The profile's id, as `auth list` shows it.
    yes
        Do not ask.
    no_input
        Ask nothing, even at a terminal.
    """
    state = survey()
    known = [profile.id for profile in state.profiles]
    for variable in state.environment:
        if id == variable.id:
            raise Refused(f"{id} is not stored", hint=f"unset the variable {variable.name}")
    if id not in known:
        raise unknown_profile(id, known)
    instead = f"aura_intelligence models auth remove {id} --yes"
    if not yes:
        refuse_to_ask(no_input, instead)
        if not prompter().confirm(f"Remove {id}?", instead=instead):
            raise Refused("nothing was changed", hint="answer y to remove it")
    profiles().remove(id, clock())
    left = survey().profiles
    if json:
        render.json({"profiles": [profile_document(p) for p in left], "changed": True})
    else:
        render.line(f"Removed {id}. It is not revoked: do that at the provider.")
    return 0
