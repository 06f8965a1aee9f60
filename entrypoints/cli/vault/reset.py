"""`vault reset`: a way on after a lost key."""

from application.ports.people import Clock, Prompter
from application.ports.store import Vault
from application.survey import Survey
from domain.errors import Refused
from domain.providers.row import Provider
from domain.routing.state import State
from domain.text import visible
from entrypoints.cli.show import render
from entrypoints.cli.words.asking import agreed, what_goes_there
from entrypoints.cli.words.injection import AsJson, Flag, Injected, Later
from entrypoints.cli.words.sources import refuse_to_ask

_INSTEAD = "aura_intelligence vault reset --yes"


def reset(
    *,
    keep_providers: Flag = False,
    yes: Flag = False,
    no_input: Flag = False,
    json: AsJson = False,
    survey: Injected[Survey],
    vault: Later[Vault],
    prompter: Later[Prompter],
    clock: Injected[Clock],
) -> int:
    """Make new keys where the old ones are lost. What only they opened is dropped.

    Models, fallbacks, aliases and the history stay. Put the lost key back instead, if you can.

    Parameters
    ----------
    keep_providers
        Trust your own providers as they are in the store, without a look at each.
    yes
        Do not ask. Your own providers stay, but are not used until `models providers set ID`.
    no_input
        Ask nothing, at a terminal either.
    """
    state = survey()
    own = state.selection.providers
    if state.key_problem is None and not state.profiles and not own:
        raise Refused("there is nothing to reset", hint="nothing was ever sealed in this store")
    agreed(
        prompter,
        "Make new keys, and drop what only the old ones opened?",
        details=_what_goes(state),
        yes=yes,
        no_input=no_input,
        instead=_INSTEAD,
    )
    keep = [row for row in own if keep_providers or (not yes and _trusted(row, prompter))]
    gone = vault().reset(keep, clock())
    doubted = [row.id for row in own if row not in keep]
    if json:
        kept = [row.id for row in keep]
        render.json({"removed": list(gone), "kept": kept, "unconfirmed": doubted, "changed": True})
        return 0
    render.line(f"The store has new keys. Removed profiles: {visible(', '.join(gone)) or 'none'}.")
    for id in doubted:
        render.note(f"{id} is not used until: aura_intelligence models providers set {id}")
    return 0


def _what_goes(state: State) -> tuple[str, ...]:
    return tuple(
        visible(f"{profile.id} cannot be opened any more and is removed")
        for profile in state.profiles
    )


def _trusted(row: Provider, prompter: Later[Prompter]) -> bool:
    """Whether the person knows the row: without the key nobody can tell who wrote it."""
    refuse_to_ask(False, _INSTEAD)
    for line in what_goes_there(row):
        render.note(line)
    return prompter().confirm(f"Is {row.id} as you made it?", instead=_INSTEAD)
