"""Which credential of a provider is used, in what order, and why another one is not."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from domain.environment import EnvironmentCredential
from domain.expiry import ExpiryPolicy, Health
from domain.profiles import ProfileSummary
from domain.providers import Provider
from domain.records import ProbeRecord, keyless_id
from domain.state import State

# Why a credential is not used. `refused`: the provider said so when it was last tried.
Skip = Literal[
    "expired",
    "missing",
    "refused",
    "endpoint_moved",
    "not_in_order",
    "malformed",
    "bad_base_url",
    "no_base_url",
    "no_provider",
    "plugin_gone",
    "key_missing",
    "key_malformed",
    "wrong_key",
    "unsafe_file",
]
_KIND_RANK = {"oauth": 0, "token": 1, "api_key": 2}


class Candidate(NamedTuple):
    """A credential of a provider; `skip` is None where it can be used."""

    credential: ProfileSummary | EnvironmentCredential
    health: Health
    skip: Skip | None

    @property
    def is_stored(self) -> bool:
        return isinstance(self.credential, ProfileSummary)


@dataclass(frozen=True, slots=True)
class Credentials:
    """The candidates of every provider, best first; `stored` says how many come from the store,
    before those of the environment.
    """

    by_provider: Mapping[str, tuple[Candidate, ...]]
    stored: Mapping[str, int]

    def of(self, provider: str) -> tuple[Candidate, ...]:
        return self.by_provider.get(provider, ())

    def split(self, provider: str) -> tuple[tuple[Candidate, ...], tuple[Candidate, ...]]:
        """The stored ones, and those of the environment."""
        candidates, count = self.of(provider), self.stored.get(provider, 0)
        return candidates[:count], candidates[count:]

    def effective(self, provider: str) -> Candidate | None:
        """The one used now: the first that can be, else the first there is, with its `skip`."""
        candidates = self.of(provider)
        return next(
            (c for c in candidates if c.skip is None), candidates[0] if candidates else None
        )


def credentials(state: State, policy: ExpiryPolicy, now: int) -> Credentials:
    """All candidates: a provider's explicit order, else OAuth, token, API key; variables last."""
    found: dict[str, list[Candidate]] = defaultdict(list)
    for profile in state.profiles:
        found[profile.provider].append(_stored(profile, state, policy, now))
    for provider, candidates in found.items():
        order = state.selection.auth_order.get(provider)
        found[provider] = _ordered(candidates, order) if order else sorted(candidates, key=_rank)
    stored = {provider: len(candidates) for provider, candidates in found.items()}
    for variable in state.environment:
        fact = state.facts.get(variable.id)
        refused = fact is not None and holds_for_variable(fact, variable) and was_refused(fact)
        gone = variable.provider in state.gone
        skip = variable.problem or ("plugin_gone" if gone else "refused" if refused else None)
        found[variable.provider].append(Candidate(variable, "static", skip))
    return Credentials({name: tuple(candidates) for name, candidates in found.items()}, stored)


def _stored(profile: ProfileSummary, state: State, policy: ExpiryPolicy, now: int) -> Candidate:
    health: Health = "static"
    if profile.expires_at is not None or profile.kind == "oauth":
        health = policy.health(profile.kind, profile.expires_at, profile.refreshable, now)
    provider = state.providers.get(profile.provider)
    fact = state.facts.get(profile.id)
    skip: Skip | None = None
    if provider is None:
        skip = "no_provider"
    elif provider.id in state.gone:
        skip = "plugin_gone"
    elif moved(profile, provider):
        skip = "endpoint_moved"
    elif health == "expired" or health == "missing":
        skip = health
    elif fact is not None and holds_for_profile(fact, profile) and was_refused(fact):
        skip = "refused"
    elif state.key_problem:
        # Whatever else the file system said: the key is there and cannot be read.
        skip = _KEY_PROBLEMS.get(state.key_problem, "key_malformed")
    return Candidate(profile, health, skip)


_KEY_PROBLEMS: dict[str, Skip] = {
    "key_missing": "key_missing",
    "key_malformed": "key_malformed",
    "wrong_key": "wrong_key",
    "unsafe_file": "unsafe_file",
}


def _rank(candidate: Candidate) -> int:
    # Profiles come ordered by id, and sorting keeps that order within a kind.
    return _KIND_RANK[candidate.credential.kind]


def _ordered(candidates: list[Candidate], order: tuple[str, ...]) -> list[Candidate]:
    place = {id: at for at, id in enumerate(order)}
    named = [c for c in candidates if c.credential.id in place]
    rest = [c._replace(skip="not_in_order") for c in candidates if c.credential.id not in place]
    named.sort(key=lambda c: place[c.credential.id])
    return named + sorted(rest, key=_rank)


def moved(profile: ProfileSummary, provider: Provider) -> bool:
    """Whether the provider points elsewhere than when the secret was sealed for it."""
    return not profile.custom_base_url and profile.base_url != provider.base_url


def holds_for_profile(record: ProbeRecord, profile: ProfileSummary) -> bool:
    """Whether a verdict is about this very secret at this very endpoint."""
    # The revision starts again when a profile is removed and added anew, the fingerprint does not.
    return (
        record.revision == profile.revision
        and record.fingerprint == profile.fingerprint
        and record.base_url == profile.base_url
    )


def holds_for_variable(record: ProbeRecord, variable: EnvironmentCredential) -> bool:
    return (
        variable.fingerprint is not None
        and record.fingerprint == variable.fingerprint
        and record.base_url == variable.base_url
    )


def was_refused(record: ProbeRecord) -> bool:
    return record.credential == "refused"


def last_probe(state: State, candidate: Candidate) -> ProbeRecord | None:
    """The newest record that still holds for `candidate`."""
    head = state.heads.get(candidate.credential.id)
    return head if head and _holds(head, candidate) else None


def last_usage(state: State, candidate: Candidate) -> ProbeRecord | None:
    """The newest record that told of the usage of `candidate` and still holds for it."""
    record = state.usage.get(candidate.credential.id)
    return record if record and _holds(record, candidate) else None


def _holds(record: ProbeRecord, candidate: Candidate) -> bool:
    credential = candidate.credential
    if isinstance(credential, ProfileSummary):
        return holds_for_profile(record, credential)
    return holds_for_variable(record, credential)


def last_keyless_probe(state: State, provider: Provider) -> ProbeRecord | None:
    head = state.heads.get(keyless_id(provider.id))
    return head if head and head.base_url == provider.base_url else None
