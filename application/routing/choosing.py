"""Which model and credential to use now, with the secret opened: for whoever asks on its own."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from application.opening import Opener
from application.ports.people import Clock
from application.ports.providers import Access
from application.recording import Handouts
from application.survey import Survey
from domain.credentials.profile import unknown_profile
from domain.errors import AuraError, NoCandidate, RecordDamaged
from domain.routing.attempt import Attempt
from domain.routing.precedence import KEY_PROBLEMS
from domain.routing.route import Route, nothing_to_try, route_of
from domain.routing.state import State

# A credential that is named is used in spite of these: the provider may think otherwise by now.
_IN_SPITE_OF = ("cooldown", "disabled", "refused", "permission", "not_in_order")


@dataclass(frozen=True, slots=True)
class Chosen:
    """What to use. `state` is what it was chosen from."""

    attempt: Attempt
    access: Access
    state: State


@dataclass(frozen=True, slots=True)
class Chooser:
    """Follows the chain to the first credential that is usable and opens. Sends nothing.

    A model that is named is meant: no other of the chain is chosen in its place.
    """

    survey: Survey
    opener: Opener
    clock: Clock
    handouts: Handouts

    async def choose(
        self,
        model: str | None = None,
        *,
        profile: str | None = None,
        skip_damaged: bool = False,
        tell: Callable[[str], object] = lambda _: None,
    ) -> Chosen:
        """`model` is a ref or an alias, None the default; `profile` the id of a credential.

        A credential that is damaged is told, and passed over only with `skip_damaged`: who can
        write the store must not choose who pays. Raises NoCandidate where none is usable, NotFound,
        Malformed, Undecidable, and Unavailable where what could be used does not open.
        """
        state, now = self.survey(), self.clock()
        route = route_of(state, model, now)
        if model is not None:
            first = route.attempts[0].ref
            named = tuple(attempt for attempt in route.attempts if attempt.ref == first)
            route = route._replace(attempts=named)
        wanted = route.usable if profile is None else _of(profile, route, state)
        chosen = await self._opened(wanted, state, skip_damaged, tell)
        if chosen is None:
            raise nothing_to_try(route, now) if model is None else _unusable(route, now)
        return chosen

    async def _opened(
        self,
        attempts: Iterable[Attempt],
        state: State,
        skip_damaged: bool,
        tell: Callable[[str], object],
    ) -> Chosen | None:
        locked: AuraError | None = None
        for attempt in attempts:
            ((attempt, access),) = await self.opener([attempt])
            if not isinstance(access, AuraError):
                return Chosen(attempt, access, state)
            if isinstance(access, RecordDamaged):
                self.handouts.damaged(attempt, access, tell)
                if not skip_damaged:
                    raise refused_as_damaged(access)
            locked = locked or access
        if locked is not None:
            # The first one is the one a person expects to hear of.
            raise locked
        return None


def refused_as_damaged(damage: RecordDamaged) -> RecordDamaged:
    """The same, with the way on in its hint."""
    damage.hint = "remove it and add it again; to use the next one: --skip-damaged"
    return damage


def _unusable(route: Route, now: int) -> AuraError:
    """The same of a model that was named: no other will do, but a credential can be insisted on."""
    refusal, attempt = nothing_to_try(route, now), route.attempts[0]
    if attempt.credential is None or attempt.reason not in _IN_SPITE_OF:
        return refusal
    return NoCandidate(str(refusal), hint=f"--profile {attempt.credential_id} uses it all the same")


def _of(profile: str, route: Route, state: State) -> tuple[Attempt, ...]:
    """The attempt with that credential. Raises NotFound, NoCandidate."""
    known = [p.id for p in state.profiles] + [v.id for v in state.environment]
    if profile not in known:
        raise unknown_profile(profile, known)
    own = [a for a in route.attempts if a.profile_id == profile]
    if not own:
        provider = profile.partition(":")[0]
        raise NoCandidate(
            f"{profile} goes with no model that was asked for",
            hint=f"name one of its provider: --model {provider}/MODEL",
        )
    attempt = own[0]
    if state.key_problem and attempt.reason in KEY_PROBLEMS.values():
        raise state.key_problem
    if attempt.reason is not None and attempt.reason not in _IN_SPITE_OF:
        raise NoCandidate(
            f"{profile} cannot be used: {attempt.reason}",
            hint="see: aura_intelligence models auth list",
        )
    return (attempt,)
