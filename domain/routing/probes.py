"""Which probes a run makes: each stored profile and each variable, with one model each."""

from collections.abc import Iterable
from dataclasses import dataclass

from domain.credentials.profile import unknown_profile
from domain.errors import Malformed
from domain.journal.records import Mode
from domain.providers.refs import ModelRef, provider_id
from domain.providers.row import known_provider
from domain.routing.attempt import Attempt
from domain.routing.probed_models import asked, attempt_at, routed
from domain.routing.state import State


@dataclass(frozen=True, slots=True)
class ProbeChoice:
    """What a person asked to try: one provider, some credential ids, or (both empty) all.

    With `models` (refs, aliases, or `chain`) those are tried instead, each by the credential its
    route would use. A `mode` of free spends no token: each credential is checked once.
    """

    provider: str | None = None
    profiles: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    mode: Mode = "inference"


def probes(state: State, choice: ProbeChoice, now: int) -> tuple[Attempt, ...]:
    """`now` is epoch ms: an expired credential is on no model's route.

    Raises Malformed, with the nearest names, for what does not exist or does not go together.
    """
    wanted = provider_id(choice.provider) if choice.provider is not None else None
    every = tuple(_every(state, wanted))
    _refuse_unknown(choice.profiles, (a.credential_id for a in every if a.credential))
    named = tuple(a for a in every if a.profile_id in choice.profiles)
    only = _only(state, choice, named)
    if choice.models:
        found = routed(state, models(state, choice), named, now)
    else:
        found = tuple(a for a in named or every if only in (None, a.row.id))
    return _free(found) if choice.mode == "free" else found


def models(state: State, choice: ProbeChoice) -> tuple[ModelRef, ...]:
    """The models `choice` names. Raises Malformed."""
    if choice.provider is not None:
        owners = {provider_id(choice.provider)}
    elif choice.profiles:
        owners = {id.partition(":")[0] for id in choice.profiles}
    else:
        return asked(state, choice.models, None)
    return asked(state, choice.models, owners)


def _only(state: State, choice: ProbeChoice, named: tuple[Attempt, ...]) -> str | None:
    if choice.provider is None:
        return None
    only = known_provider(provider_id(choice.provider), state.providers, Malformed).id
    if strange := [a.credential_id for a in named if a.row.id != only]:
        raise Malformed(f"{strange[0]} is not a credential of {only}", hint="name one of the two")
    return only


def _free(found: tuple[Attempt, ...]) -> tuple[Attempt, ...]:
    """Each credential once, and no model: a free check says nothing of one."""
    return tuple({a.credential_id: a._replace(model=None) for a in found}.values())


def _every(state: State, wanted: str | None) -> Iterable[Attempt]:
    refs = [ref for ref, _ in state.selection.configured()]
    having, found = set(), {variable.provider for variable in state.environment}
    for profile in state.profiles:
        having.add(profile.provider)
        if row := state.providers.get(profile.provider):
            yield attempt_at(row, profile, refs)
    for variable in state.environment:
        if variable.problem != "malformed":
            having.add(variable.provider)
        yield attempt_at(state.providers[variable.provider], variable, refs)
    for row in state.providers.values():
        # A built-in server of this machine is there for nobody who did not say so.
        configured = any(ref.provider == row.id for ref in refs)
        meant = not row.builtin or configured or row.id == wanted or row.id in found
        if row.is_loopback and row.id not in having and meant:
            yield attempt_at(row, None, refs)


def _refuse_unknown(asked: Iterable[str], known: Iterable[str]) -> None:
    ids = tuple(known)
    for id in asked:
        if id not in ids:
            raise unknown_profile(id, ids, Malformed)
