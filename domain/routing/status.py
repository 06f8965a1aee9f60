"""What is true now: a pure function of the state and the moment."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Literal, NamedTuple

from domain.answers.usage import Snapshot, current
from domain.credentials.expiry import Health, worst_of
from domain.errors import AuraError
from domain.journal.records import ProbeRecord, keyless_id
from domain.journal.standing import Window
from domain.providers.refs import ModelRef
from domain.providers.row import Provider
from domain.routing.precedence import (
    Candidate,
    Credentials,
    credentials,
    keyless_windows,
    last_keyless_probe,
    last_probe,
    last_usage,
    needs_no_key,
    not_asked,
)
from domain.routing.route import candidates, chain, nothing_to_try
from domain.routing.state import State

if TYPE_CHECKING:
    # Most prompts find no model that is about to go.
    from domain.routing.retirements import Retirement

EffectiveKind = Literal["profiles", "env", "none", "missing"]


class ProviderStatus(NamedTuple):
    """One provider with a credential, in use, or on this machine.

    `effective` is the credential used now; None where `kind` is `none` (a provider of this machine
    needs no key) or `missing`. `row` is None for a provider nobody knows any longer.
    """

    id: str
    row: Provider | None
    kind: EffectiveKind
    effective: Candidate | None
    stored: tuple[Candidate, ...]
    environment: tuple[Candidate, ...]
    health: Health
    in_use: bool
    usable: bool

    @property
    def shadowed(self) -> tuple[Candidate, ...]:
        """Usable variables that a stored profile wins over."""
        if self.kind != "profiles":
            return ()
        return tuple(c for c in self.environment if c.skip is None)


class LastProbe(NamedTuple):
    """The newest record that still holds for a credential; `candidate` is None without a key."""

    provider: str
    candidate: Candidate | None
    record: ProbeRecord


class Cooling(NamedTuple):
    """What passes: a window of a credential (or of a server without a key), or of one model."""

    provider: str
    credential_id: str
    window: Window


class Status(NamedTuple):
    """`exit_code` is what `--check` answers: 0 fine, 1 expired, missing, refused, nothing can be
    tried now, or the default is gone, 2 expiring, or the default should be gone.

    `retirement` is that of the default. `problem` is why nothing can be tried now, if so.
    `unusable` are those a person has to do something about, `cooling` what passes by itself or is
    of one model only. `usage`, by credential id, holds only windows that have not ended.
    """

    providers: tuple[ProviderStatus, ...]
    missing: tuple[str, ...]
    unusable: tuple[Candidate, ...]
    cooling: tuple[Cooling, ...]
    last_probes: tuple[LastProbe, ...]
    usage: Mapping[str, Snapshot]
    problem: AuraError | None
    retirement: "Retirement | None"
    exit_code: int

    def provider(self, id: str) -> ProviderStatus | None:
        return next((p for p in self.providers if p.id == id), None)


def status(state: State, now: int, end: "Retirement | None" = None) -> Status:
    """`end` is the default's retirement, where that is known. `now` is epoch ms."""
    found = credentials(state, now)
    routes = state.selection.routes()
    in_use = {ref.provider for ref in routes}
    shown = dict.fromkeys([ref.provider for ref, _ in state.selection.configured()])
    shown.update(dict.fromkeys(sorted(found.by_provider)))
    shown.update(dict.fromkeys(p.id for p in state.selection.providers))
    providers = tuple(_provider(id, state, found, id in in_use) for id in shown)
    by_id = {p.id: p for p in providers}
    problem = None
    if not _can_try(state, found):
        route = candidates(state, None, now, found=found)
        problem = None if route.usable else nothing_to_try(route, now)
    shut = problem or state.damaged
    usable = 1 if shut else _check(state.selection.default, routes, by_id)
    codes = usable, _gone(end, now)
    return Status(
        providers=providers,
        missing=tuple(p.id for p in providers if p.in_use and p.kind == "missing"),
        unusable=tuple(
            c
            for own in found.by_provider.values()
            for c in own
            if c.skip is not None and c.is_stored
        ),
        cooling=tuple(_cooling(state, found, providers, now)),
        last_probes=tuple(_last_probes(state, found, providers)),
        usage=dict(_usage(state, found, now)),
        problem=problem,
        retirement=end,
        exit_code=1 if 1 in codes else max(codes),
    )


def _can_try(state: State, found: Credentials) -> bool:
    """Whether something can be tried, seen at a glance: no attempt is made of each credential."""
    models = chain(state, None)
    return any(c.skip is None and not c.windows for m in models for c in found.of(m.provider))


def _provider(id: str, state: State, found: Credentials, in_use: bool) -> ProviderStatus:
    row = state.providers.get(id)
    effective = found.effective(id)
    stored, environment = found.split(id)
    usable = effective is not None and effective.skip is None
    # Only what would be used counts: an expired spare beside a good key is no alarm.
    health = effective.health if usable and effective else worst_of(c.health for c in stored)
    kind: EffectiveKind
    if row and needs_no_key(row, (c.skip for c in found.of(id))):
        kind, effective, health, usable = "none", None, "static", not not_asked(id, state)
    elif effective is None:
        kind = "missing"
    else:
        kind = "profiles" if effective.is_stored else "env"
    return ProviderStatus(
        id=id,
        row=row,
        kind=kind,
        effective=effective,
        stored=stored,
        environment=environment,
        health=health,
        in_use=in_use,
        usable=usable,
    )


def _check(
    default: ModelRef | None, routes: Iterable[ModelRef], providers: dict[str, ProviderStatus]
) -> int:
    if default is None:
        return 1
    used = [providers[ref.provider] for ref in routes]
    if not all(p.usable for p in used):
        return 1
    return 2 if any(_best_is_expiring(p) for p in used) else 0


def _gone(end: "Retirement | None", now: int) -> int:
    if end is None or now < end.at:
        return 0
    # A date may be wrong, or have been moved; what the provider itself said is neither.
    return 1 if end.confirmed else 2


def _best_is_expiring(provider: ProviderStatus) -> bool:
    candidates = (*provider.stored, *provider.environment)
    healths = (c.health for c in candidates if c.skip is None)
    return next(healths, None) == "expiring" and all(health == "expiring" for health in healths)


def _cooling(
    state: State, found: Credentials, providers: Iterable[ProviderStatus], now: int
) -> Iterable[Cooling]:
    if not state.trail:
        return
    for id, own in found.by_provider.items():
        for candidate in own:
            for window in candidate.windows:
                if window.model is not None or not window.is_out:
                    yield Cooling(id, candidate.credential.id, window)
    for keyless in (p.row for p in providers if p.row and p.kind == "none"):
        for window in keyless_windows(state, keyless, now):
            yield Cooling(keyless.id, keyless_id(keyless.id), window)


def _last_probes(
    state: State, found: Credentials, providers: Iterable[ProviderStatus]
) -> Iterable[LastProbe]:
    if not state.heads:
        return
    for provider, own in found.by_provider.items():
        for candidate in own:
            record = last_probe(state, candidate)
            if record:
                yield LastProbe(provider, candidate, record)
    for keyless in (p.row for p in providers if p.row and p.kind == "none"):
        record = last_keyless_probe(state, keyless)
        if record:
            yield LastProbe(keyless.id, None, record)


def _usage(state: State, found: Credentials, now: int) -> Iterable[tuple[str, Snapshot]]:
    if not state.usage:
        return
    for own in found.by_provider.values():
        for candidate in own:
            record = last_usage(state, candidate)
            at = (record.finished_at or record.started_at) if record else now
            windows = current(record.usage, at, now) if record else ()
            if windows:
                yield candidate.credential.id, Snapshot(windows, at, "probe")
