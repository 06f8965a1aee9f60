"""How other programs reach the configured models: names, addresses, variables, and no secret."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from domain.credentials.environment import EnvironmentCredential
from domain.credentials.profile import ProfileSummary
from domain.handover.variables import handover, key_name, url_name
from domain.providers.refs import ModelRef
from domain.providers.row import Provider
from domain.routing.precedence import Credentials, credentials, needs_no_key
from domain.routing.state import State
from domain.selection.selection import Selection

# Of these the built-in row is a private interface: a stored token alone does not ask a model.
_PRIVATE = {
    "openai-codex": "it answers one account, and as a stream only",
    "github-copilot": "its token has to be exchanged for another one first",
}


class LeftOut(NamedTuple):
    """A configured model that an export cannot have, and why."""

    ref: ModelRef
    reason: str


@dataclass(frozen=True, slots=True)
class Reach:
    """A configured model as another program reaches it.

    `credential` is the one used now, None where there is none. `variable` is where its secret is
    looked for, None for a server of this machine that needs no key.
    """

    ref: ModelRef
    row: Provider
    base_url: str
    credential: ProfileSummary | EnvironmentCredential | None
    variable: str | None

    @property
    def is_token(self) -> bool:
        return self.credential is not None and self.credential.kind != "api_key"

    @property
    def is_elsewhere(self) -> bool:
        """Whether its address is not the one that the provider is known by."""
        return self.row.source == "user" or self.base_url != self.row.base_url


class Variable(NamedTuple):
    """Where programs look for the credential of a provider, and for its address if that is custom.

    `name` is None where no key is needed. `touched` are all the variables `models exec` would set
    or remove for it.
    """

    provider: Provider
    ref: ModelRef
    credential: ProfileSummary | EnvironmentCredential | None
    name: str | None
    url_name: str
    url: str | None
    touched: frozenset[str]

    @property
    def is_stored(self) -> bool:
        return isinstance(self.credential, ProfileSummary)


Reached = tuple[tuple[Reach, ...], tuple[LeftOut, ...]]


def reached(state: State, now: int, own_way: Collection[str] = ()) -> Reached:
    """Every configured model, each once; `own_way` are plug-ins that speak no dialect of ours."""
    found = credentials(state, now)
    refs = dict.fromkeys(ref for ref, _ in state.selection.configured())
    told = [_reach(state, ref, found, own_way) for ref in refs]
    return (
        tuple(reach for reach in told if isinstance(reach, Reach)),
        tuple(left for left in told if isinstance(left, LeftOut)),
    )


def _reach(
    state: State, ref: ModelRef, found: Credentials, own_way: Collection[str]
) -> Reach | LeftOut:
    row = state.providers.get(ref.provider)
    if row is None:
        return LeftOut(ref, "its provider is no longer known")
    if row.id in own_way:
        return LeftOut(ref, "its plug-in speaks in a way of its own")
    effective = found.effective(row.id)
    if needs_no_key(row, (c.skip for c in found.of(row.id))):
        return Reach(ref, row, row.base_url, None, None)
    credential = effective.credential if effective else None
    base_url = _address(row, credential)
    if not base_url:
        return LeftOut(ref, "its provider has no address without yours (--base-url)")
    variable = _variable(row, credential)
    if owner := _owner(row, variable, state.providers.values()):
        return LeftOut(ref, f"its variable would be {variable}, which {owner} has; see --env")
    return Reach(ref, row, base_url, credential, variable)


def _address(row: Provider, credential: ProfileSummary | EnvironmentCredential | None) -> str:
    if isinstance(credential, EnvironmentCredential):
        return credential.base_url or row.base_url
    if credential is not None and credential.custom_base_url:
        return credential.base_url
    return row.base_url


def _variable(row: Provider, credential: ProfileSummary | EnvironmentCredential | None) -> str:
    if isinstance(credential, EnvironmentCredential):
        return credential.name
    return key_name(row, credential.kind if credential else "api_key")


def _owner(row: Provider, variable: str, providers: Iterable[Provider]) -> str | None:
    """Who else would be sent what is in `variable`: a credential is for one provider only."""
    if variable in row.all_env_names:
        return None
    others = (other for other in providers if other.id != row.id)
    names = ((o.id, o.all_env_names or (key_name(o, "api_key"),)) for o in others)
    return next((id for id, taken in names if variable in taken), None)


def variables(reaches: Iterable[Reach], providers: Iterable[Provider]) -> tuple[Variable, ...]:
    """One for each provider, with the first of its models; `providers` are all there are."""
    known = tuple(providers)
    first: dict[str, Reach] = {}
    for reach in reaches:
        first.setdefault(reach.row.id, reach)
    return tuple(_variable_of(reach, known) for reach in first.values())


def _variable_of(reach: Reach, providers: tuple[Provider, ...]) -> Variable:
    row, credential = reach.row, reach.credential
    kind = credential.kind if credential else None
    given = handover(reach.ref, row, kind, reach.base_url, providers)
    return Variable(
        row,
        reach.ref,
        credential,
        reach.variable,
        url_name(row, providers),
        # That ecosystem's variable may hold the host only.
        reach.base_url.removesuffix(row.extra_path) if reach.is_elsewhere else None,
        given.removed.union(given.secret, given.plain),
    )


def openai_compatible(
    selection: Selection, reaches: Iterable[Reach]
) -> tuple[dict[str, Any], tuple[LeftOut, ...]]:
    """For programs that speak with any OpenAI-compatible endpoint; and whom they cannot reach."""
    models, left = {}, []
    for reach in reaches:
        base_url = _compatible(reach)
        if isinstance(base_url, LeftOut):
            left.append(base_url)
        else:
            models[reach.ref] = _compatible_model(reach, base_url)

    def known(refs: Iterable[ModelRef | None]) -> list[str]:
        return [str(ref) for ref in refs if ref in models]

    document = {
        "default": next(iter(known([selection.default])), None),
        "fallbacks": known(selection.fallbacks),
        "image": next(iter(known([selection.image])), None),
        "imageFallbacks": known(selection.image_fallbacks),
        "aliases": {
            name: str(ref)
            for name, ref in sorted(selection.aliases.targets.items())
            if ref in models
        },
        "models": list(models.values()),
    }
    return document, tuple(left)


def _compatible(reach: Reach) -> str | LeftOut:
    row = reach.row
    if row.builtin and row.id in _PRIVATE:
        return LeftOut(reach.ref, _PRIVATE[row.id])
    match row.dialect:
        case "openai":
            return reach.base_url
        case "ollama":
            return f"{reach.base_url}/v1"
        case "anthropic" if row.builtin and not reach.is_token:
            return f"{reach.base_url}/v1"
        case "google" if row.builtin:
            return f"{reach.base_url}/v1beta/openai"
        case "anthropic" if row.builtin:
            return LeftOut(reach.ref, "its OpenAI-compatible endpoint takes API keys, no tokens")
        case dialect:
            return LeftOut(reach.ref, f"it speaks {dialect}'s dialect and no other that is known")


def _compatible_model(reach: Reach, base_url: str) -> dict[str, Any]:
    headers = dict(reach.row.extra_headers)
    model = reach.ref.model
    return {
        "ref": str(reach.ref),
        "model": model,
        "baseUrl": base_url,
        "apiKeyEnv": reach.variable,
        "endpoint": "/responses" if reach.row.speaks_responses(model) else "/chat/completions",
        **({"headers": headers} if headers else {}),
    }
