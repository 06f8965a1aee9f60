"""What a caller should try now, model by model and credential by credential, and what not."""

from collections.abc import Iterable
from typing import NamedTuple

from domain.errors import AuraError, Malformed, NoCandidate, NotFound
from domain.instants import precise
from domain.journal.records import ProbeRecord
from domain.journal.standing import Window, standing
from domain.providers.refs import SYNONYMS, ModelRef
from domain.providers.row import Provider, is_loopback_url, known_provider
from domain.routing.attempt import Attempt, unknown_provider_of
from domain.routing.precedence import (
    KEY_PROBLEMS,
    Candidate,
    Credentials,
    credentials,
    keyless_windows,
    needs_no_key,
    not_asked,
)
from domain.routing.state import State
from domain.selection.selection import Selection
from domain.text import shown, slip_of, visible


class Route(NamedTuple):
    """The attempts, by model; within a model those to be tried come first, in their order.

    `locked` is why nothing that is stored can be opened, if so.
    """

    attempts: tuple[Attempt, ...]
    locked: AuraError | None = None

    @property
    def usable(self) -> tuple[Attempt, ...]:
        """What a caller should try, in this order."""
        return tuple(attempt for attempt in self.attempts if attempt.usable)

    @property
    def skipped(self) -> tuple[Attempt, ...]:
        return tuple(attempt for attempt in self.attempts if not attempt.usable)

    @property
    def next_at(self) -> int | None:
        """When the first of what is cooling can be tried again (epoch ms)."""
        ends = [a.window.until for a in self.skipped if a.window and a.window.until is not None]
        return min(ends, default=None)


def meant(text: str, selection: Selection, state: State) -> ModelRef:
    """The model `text` means, of a provider that is known. Raises Malformed, Refused."""
    before, colon, after = text.partition(":")
    if colon and "/" not in before and not selection.aliases.find(text):
        _refuse_colon(before.strip().lower(), after, state)
    if "/" not in text and not selection.aliases.find(text):
        _refuse_slip(text.strip(), selection)
    ref = selection.resolve(text, state.only_provider)
    return known_provider(ref.provider, state.providers).named(ref)


def _refuse_colon(before: str, after: str, state: State) -> None:
    """A model may have a colon (`llama3:8b`), but none begins with a provider's name and one."""
    provider = SYNONYMS.get(before, before)
    if provider in state.providers:
        raise Malformed(
            "a model reference has a slash between provider and model",
            hint=f"write it as {visible(f'{provider}/{after}')}",
        )


def _refuse_slip(name: str, selection: Selection) -> None:
    """A model of the default provider is rarely called as an alias almost is."""
    if (alias := slip_of(name, selection.aliases.targets)) is not None:
        raise NotFound(
            f"no alias{shown(name)}",
            hint=f"did you mean {alias}? a model is written provider/{visible(name)}",
        )


def candidates(
    state: State,
    ref: ModelRef | None,
    now: int,
    *,
    image: bool = False,
    found: Credentials | None = None,
) -> Route:
    """The ordered list for `ref` (None: the configured default), `now` in epoch ms.

    Then the models of its chain, none twice, and at last the default where the list began
    elsewhere. `image`: the image model and its own chain instead. `found`: what `credentials` says.
    """
    found = credentials(state, now) if found is None else found
    models = chain(state, ref, image=image)
    attempts = (a for model in models for a in _of_model(state, model, found, now))
    return Route(tuple(attempts), state.key_problem)


def again(attempt: Attempt, records: Iterable[ProbeRecord], now: int) -> Attempt:
    """`attempt` as it is to be seen after `records`, which are newer than the state it is of."""
    own = [record for record in records if record.credential_id == attempt.credential_id]
    return _judged(attempt, standing(own, now, loopback=is_loopback_url(attempt.base_url)))


def route_of(state: State, text: str | None, now: int, *, image: bool = False) -> Route:
    """The same for what a person calls a model: a ref, an alias; None is the default.

    Raises Malformed, NotFound, Undecidable.
    """
    ref = meant(text, state.selection, state) if text is not None else None
    return candidates(state, ref, now, image=image)


def nothing_to_try(route: Route, now: int, *, image: bool = False) -> AuraError:
    """Says that there is nothing to try, why of the first that was skipped, and until when.

    Where it is the key of the store that is lacking, that is said.
    """
    if not route.attempts:
        what, command = ("image", "set-image") if image else ("default", "set")
        return NoCandidate(
            f"there is no {what} model", hint=f"aura_intelligence models {command} provider/model"
        )
    first = route.attempts[0]
    if route.locked and first.reason in KEY_PROBLEMS.values():
        return route.locked
    why = first.window.outcome.value if first.window else first.reason
    message = f"nothing can be tried now: {first.ref} with {first.who}: {why}"
    if route.next_at is not None:
        message += f"; the next one in {precise(route.next_at - now)}"
    return NoCandidate(message, hint=_remedy(first))


def _remedy(attempt: Attempt) -> str:
    if attempt.reason == "provider_unconfirmed":
        return (
            f"look at it, and confirm it: aura_intelligence models providers set {attempt.row.id}"
        )
    again = f"aura_intelligence models auth add --provider {attempt.ref.provider}"
    if attempt.window is None:
        return again
    clear = f"aura_intelligence models auth clear-cooldown {attempt.credential_id}"
    return f"once that is fixed: {clear}" if attempt.window.until is None else f"or now: {clear}"


def chain(state: State, ref: ModelRef | None, *, image: bool = False) -> tuple[ModelRef, ...]:
    """The models in the order they are tried."""
    selection = state.selection
    head = selection.image if image else selection.default
    rest = selection.image_fallbacks if image else selection.fallbacks
    named = (ref or head, *rest, head)
    return tuple(dict.fromkeys(model for model in named if model is not None))


def _of_model(state: State, ref: ModelRef, found: Credentials, now: int) -> tuple[Attempt, ...]:
    row = state.providers.get(ref.provider)
    if row is None:
        return (unknown_provider_of(ref),)
    attempts = attempts_of(state, row, ref.model, found, now)
    return attempts or (Attempt(row, None, ref.model, "no_credential"),)


def attempts_of(
    state: State, row: Provider, model: str | None, found: Credentials, now: int
) -> tuple[Attempt, ...]:
    """Each credential of `row` with `model` (None: whichever): those to be tried come first."""
    attempts = [_attempt(candidate, row, model) for candidate in found.of(row.id)]
    if needs_no_key(row, (attempt.reason for attempt in attempts)):
        keyless = _judged(Attempt(row, None, model), keyless_windows(state, row, now))
        shut = not_asked(row.id, state)
        attempts.insert(0, keyless._replace(reason=shut) if shut else keyless)
    return tuple(sorted(attempts, key=lambda attempt: not attempt.usable))


def _attempt(candidate: Candidate, row: Provider, model: str | None) -> Attempt:
    attempt = Attempt(row, candidate.credential, model, candidate.skip)
    if candidate.skip is None:
        # Most have no past that counts, and there may be ten thousand.
        return _judged(attempt, candidate.windows) if candidate.windows else attempt
    out = (w for w in candidate.windows if w.is_out and w.model is None)
    told = next(out, None) if candidate.skip in ("refused", "permission") else None
    return attempt._replace(window=told)


def _judged(attempt: Attempt, windows: tuple[Window, ...]) -> Attempt:
    shut = [window for window in windows if window.model in (None, attempt.model)]
    if not shut:
        return attempt._replace(reason=None, window=None)
    # The one that keeps it shut for longest is the reason.
    last = max(shut, key=lambda w: float("inf") if w.until is None else w.until)
    return attempt._replace(reason=last.kind, window=last)
