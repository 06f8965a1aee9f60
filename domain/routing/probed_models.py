"""The probes of named models: each with the credential its route would use now."""

from collections.abc import Collection, Iterable

from domain.credentials.environment import EnvironmentCredential
from domain.credentials.profile import ProfileSummary
from domain.errors import Malformed, Undecidable
from domain.providers.refs import ModelRef, model_id
from domain.providers.row import Provider, known_provider
from domain.routing.attempt import Attempt, unknown_provider_of
from domain.routing.precedence import Credentials, credentials, needs_no_key
from domain.routing.state import State
from domain.text import nearest, shown

CHAIN = "chain"
"""Stands for the default and every fallback."""
_Credential = ProfileSummary | EnvironmentCredential | None
_NOT_ON_A_ROUTE = ("expired", "missing", "needs_login", "not_in_order")


def asked(
    state: State, words: Iterable[str], owners: Collection[str] | None
) -> tuple[ModelRef, ...]:
    """The models `words` mean, each once: refs, aliases, models of the default provider, `chain`.

    `owners` are the providers a person narrowed it to: the chain to theirs; a model named beside
    them has to be theirs. Raises Malformed.
    """
    refs: list[ModelRef] = []
    for word in words:
        if word.strip().casefold() == CHAIN:
            refs += [ref for ref in _chain(state) if owners is None or ref.provider in owners]
            continue
        ref = _meant(word, state, owners)
        if owners is not None and ref.provider not in owners:
            raise Malformed(
                f"a model of {ref.provider} goes with a credential of {ref.provider}",
                hint=f"asked for: {', '.join(sorted(owners)) or 'no provider'}",
            )
        refs.append(ref)
    return tuple(dict.fromkeys(refs))


def routed(
    state: State, refs: Iterable[ModelRef], named: tuple[Attempt, ...], now: int
) -> tuple[Attempt, ...]:
    """A target for each of `refs`; where credentials were `named`, one for each of those instead.

    A model without a usable credential is a target that says so. `now` is epoch ms.
    """
    found = credentials(state, now)
    attempts: list[Attempt] = []
    for ref in refs:
        own = [a._replace(model=ref.model) for a in named if a.row.id == ref.provider]
        attempts += own or [_effective(state, ref, found)]
    return tuple(attempts)


def attempt_at(row: Provider, credential: _Credential, refs: Iterable[ModelRef]) -> Attempt:
    """`credential` of `row` with the first of `refs` that is its own, else with the row's own
    model, else (without one) checked for free.
    """
    model = next((ref.model for ref in refs if ref.provider == row.id), row.probe_model)
    problem = credential.problem if isinstance(credential, EnvironmentCredential) else None
    return Attempt(row, credential, model or None, problem)


def _chain(state: State) -> tuple[ModelRef, ...]:
    default = state.selection.default
    return (*((default,) if default else ()), *state.selection.fallbacks)


def _meant(word: str, state: State, owners: Collection[str] | None) -> ModelRef:
    selection = state.selection
    if "/" in word or selection.aliases.find(word):
        ref = selection.resolve(word)
    elif owners is not None and len(owners) == 1:
        ref = ModelRef(next(iter(owners)), model_id(word))
    else:
        try:
            ref = selection.resolve(word, state.only_provider)
        except Undecidable as undecided:
            raise Malformed(str(undecided), hint=undecided.hint) from None
        _refuse_misspelt(word.strip(), ref, state)
    known_provider(ref.provider, state.providers, Malformed)
    return ref


def _refuse_misspelt(word: str, ref: ModelRef, state: State) -> None:
    """Raises Malformed for a word much like a name there is: it would cost a request to no use."""
    if any(ref == known for known, _ in state.selection.configured()):
        return
    names = (*state.selection.aliases.targets, CHAIN)
    near = [name for name in nearest(word, names) if abs(len(name) - len(word)) <= 1]
    if near:
        raise Malformed(
            f"no alias{shown(word)}",
            hint=f"did you mean {' or '.join(near)}? a model is written {ref.provider}/MODEL",
        )


def _effective(state: State, ref: ModelRef, found: Credentials) -> Attempt:
    row = state.providers.get(ref.provider)
    if row is None:
        return unknown_provider_of(ref)
    candidates = found.of(row.id)
    # What was refused may have been mended since: only another try can tell.
    tried = [c for c in candidates if c.skip is None] + [
        c for c in candidates if c.skip is not None and c.skip not in _NOT_ON_A_ROUTE
    ]
    if needs_no_key(row, (c.skip for c in tried)):
        return Attempt(row, None, ref.model)
    if not tried:
        return Attempt(row, None, ref.model, "no_credential")
    return attempt_at(row, tried[0].credential, [ref])
