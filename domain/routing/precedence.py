"""Which credential of a provider comes before which, and why one is not used."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from domain.answers.outcome import Outcome
from domain.credentials.environment import EnvironmentCredential
from domain.credentials.expiry import Health, health_of
from domain.credentials.profile import ProfileSummary
from domain.journal.records import ProbeRecord, keyless_id
from domain.journal.standing import Window, standing
from domain.providers.row import Provider, is_loopback_url
from domain.routing.attempt import Skip
from domain.routing.state import State

_KIND_RANK = {"oauth": 0, "token": 1, "api_key": 2}


class Candidate(NamedTuple):
    """A credential of a provider; `skip` is None where it can be used, now or when it has cooled.

    `windows` are what its past forbids now.
    """

    credential: ProfileSummary | EnvironmentCredential
    health: Health
    skip: Skip | None
    windows: tuple[Window, ...] = ()

    def window(self, model: str | None = None) -> Window | None:
        """What keeps it from being used at all, or else with `model`."""
        return next((w for w in self.windows if w.model in (None, model)), None)

    @property
    def is_ready(self) -> bool:
        """Whether it can be used now, with some model at least."""
        return self.skip is None and self.window() is None

    @property
    def is_stored(self) -> bool:
        return isinstance(self.credential, ProfileSummary)


class Credentials(NamedTuple):
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
        """The one used now: the first that is ready, else the first that only has to cool, else
        the first there is, with its `skip`.
        """
        candidates = self.of(provider)
        if not candidates or candidates[0].is_ready:
            return candidates[0] if candidates else None
        usable = [c for c in candidates if c.skip is None]
        return next((c for c in usable if c.is_ready), (usable or candidates)[0])


def credentials(state: State, now: int) -> Credentials:
    """All candidates: a provider's explicit order, else OAuth, token, API key, and of one kind the
    one that was not used for longest; variables last.
    """
    found: dict[str, list[Candidate]] = defaultdict(list)
    for profile in state.profiles:
        found[profile.provider].append(_stored(profile, state, now))
    for provider, candidates in found.items():
        order = state.selection.auth_order.get(provider)
        found[provider] = _ordered(candidates, order) if order else _ranked(candidates, state)
    stored = {provider: len(candidates) for provider, candidates in found.items()}
    for variable in state.environment:
        found[variable.provider].append(_variable(variable, state, now))
    return Credentials({name: tuple(candidates) for name, candidates in found.items()}, stored)


def _stored(profile: ProfileSummary, state: State, now: int) -> Candidate:
    health: Health = "static"
    # Of a secret that others keep or print a newer one is asked for before each use.
    if profile.origin is None and (profile.expires_at is not None or profile.kind == "oauth"):
        health = health_of(profile.kind, profile.expires_at, profile.refreshable, now)
    provider = state.providers.get(profile.provider)
    # Most credentials have no past that counts.
    windows = _windows(profile, state, now) if profile.id in state.trail else ()
    if profile.origin is not None:
        # Another secret is asked for before it is used again.
        windows = tuple(w for w in windows if w.outcome not in (Outcome.AUTH, Outcome.EXPIRED))
    skip: Skip | None = None
    if provider is None:
        skip = "no_provider"
    elif shut := not_asked(provider.id, state):
        skip = shut
    elif moved(profile, provider):
        skip = "endpoint_moved"
    elif health == "missing" or (health == "expired" and not profile.refreshable):
        # Only a person mends a grant that nothing refreshes any longer.
        skip = "needs_login" if profile.kind == "oauth" else health
    elif windows and (out := _out(windows)):
        skip = out
    elif state.key_problem:
        # Whatever else the file system said: the key is there and cannot be read.
        skip = KEY_PROBLEMS.get(state.key_problem.type, "key_malformed")
    return Candidate(profile, health, skip, windows)


def _variable(variable: EnvironmentCredential, state: State, now: int) -> Candidate:
    windows = _windows(variable, state, now) if variable.id in state.trail else ()
    skip: Skip | None = variable.problem
    if skip is None:
        skip = not_asked(variable.provider, state) or _out(windows)
    return Candidate(variable, "static", skip, windows)


def not_asked(provider: str, state: State) -> Skip | None:
    """Why nothing is sent to `provider`, with whatever credential."""
    if provider in state.gone:
        return "plugin_gone"
    return "provider_unconfirmed" if provider in state.unconfirmed else None


def _windows(
    credential: ProfileSummary | EnvironmentCredential, state: State, now: int
) -> tuple[Window, ...]:
    records = [r for r in state.trail[credential.id] if holds(r, credential)]
    return standing(records, now, loopback=is_loopback_url(credential.base_url))


def _out(windows: tuple[Window, ...]) -> Skip | None:
    out = next((w for w in windows if w.is_out and w.model is None), None)
    if out is None:
        return None
    return "permission" if out.outcome is Outcome.PERMISSION else "refused"


KEY_PROBLEMS: dict[str, Skip] = {
    "key_missing": "key_missing",
    "key_malformed": "key_malformed",
    "wrong_key": "wrong_key",
    "unsafe_file": "unsafe_file",
}


def _ranked(candidates: list[Candidate], state: State) -> list[Candidate]:
    # Profiles come ordered by id, and sorting keeps that order among equals.
    used = state.last_used
    return sorted(candidates, key=lambda c: (_rank(c), used.get(c.credential.id, 0)))


def _rank(candidate: Candidate) -> int:
    # Of no kind is what somebody else wrote into the store: it opens nowhere.
    return _KIND_RANK.get(candidate.credential.kind, len(_KIND_RANK))


def _ordered(candidates: list[Candidate], order: tuple[str, ...]) -> list[Candidate]:
    place = {id: at for at, id in enumerate(order)}
    named = [c for c in candidates if c.credential.id in place]
    rest = [c._replace(skip="not_in_order") for c in candidates if c.credential.id not in place]
    named.sort(key=lambda c: place[c.credential.id])
    return named + sorted(rest, key=_rank)


def needs_no_key(row: Provider, skips: Iterable[str | None]) -> bool:
    """Whether `row`, whose credentials are not used for `skips`, is asked without one.

    Whoever serves on this machine puts EMPTY where a client insists on a key.
    """
    return row.is_loopback and all(skip == "malformed" for skip in skips)


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


def last_probe(state: State, candidate: Candidate) -> ProbeRecord | None:
    """The newest record that still holds for `candidate`."""
    head = state.heads.get(candidate.credential.id)
    return head if head and holds(head, candidate.credential) else None


def last_usage(state: State, candidate: Candidate) -> ProbeRecord | None:
    """The newest record that told of the usage of `candidate` and still holds for it."""
    record = state.usage.get(candidate.credential.id)
    return record if record and holds(record, candidate.credential) else None


def holds(record: ProbeRecord, credential: ProfileSummary | EnvironmentCredential) -> bool:
    """Whether what `record` says is of this very secret at this very endpoint."""
    if isinstance(credential, ProfileSummary):
        return holds_for_profile(record, credential)
    return holds_for_variable(record, credential)


def keyless_windows(state: State, provider: Provider, now: int) -> tuple[Window, ...]:
    """What the past of `provider`, asked without a key, forbids now."""
    records = state.trail.get(keyless_id(provider.id), ())
    own = [record for record in records if record.base_url == provider.base_url]
    return standing(own, now, loopback=provider.is_loopback)


def last_keyless_probe(state: State, provider: Provider) -> ProbeRecord | None:
    head = state.heads.get(keyless_id(provider.id))
    return head if head and head.base_url == provider.base_url else None
