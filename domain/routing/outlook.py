"""What will break, and when: models retired, credentials that end, limits and credit."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from domain.answers.usage import UsageWindow, runs_out
from domain.credentials.profile import ProfileSummary
from domain.instants import iso
from domain.journal.records import ProbeRecord
from domain.providers.refs import ModelRef
from domain.routing.precedence import Candidate, credentials, holds, last_usage
from domain.routing.retirements import Retirement, Source, retirement
from domain.routing.state import State
from domain.selection.catalogue import CatalogueRow

Sources = Callable[[str], Iterable[Iterable[CatalogueRow]]]
"""What each source has of a provider's models."""
Readings = Callable[[str], Sequence[ProbeRecord]]
"""The newest records of a credential, by its id, newest first."""


class Expected(NamedTuple):
    """One thing that is to come `at` (epoch ms): a `retirement` at the earliest, a `credit` that
    runs out at about that time, the end of a profile and the `reset` of a limit then.

    `what` is a ref or a credential's id, and `provider` whose. A retirement has the `end`, and the
    `tags` of why the model is in use; `window` is the limit, or the credit, as it was told last.
    """

    kind: Literal["retirement", "expiry", "reset", "credit"]
    what: str
    provider: str
    at: int
    source: Source
    end: Retirement | None = None
    tags: tuple[str, ...] = ()
    window: UsageWindow | None = None

    @property
    def certainty(self) -> Literal["earliest", "exact", "about"]:
        if self.kind == "retirement":
            return "earliest"
        return "about" if self.kind == "credit" else "exact"


def outlook(
    state: State, sources: Sources, readings: Readings, now: int, within: int
) -> tuple[Expected, ...]:
    """What comes within `within` (ms) of `now` (epoch ms), the earliest first; and models in use
    that should be gone already.
    """
    found = (*_retirements(state, sources, now), *_of_credentials(state, readings, now))
    return tuple(sorted((one for one in found if one.at <= now + within), key=_by_time))


def _by_time(one: Expected) -> tuple[int, str, str]:
    return one.at, one.kind, one.what


def _retirements(state: State, sources: Sources, now: int) -> Iterator[Expected]:
    tags: dict[ModelRef, list[str]] = {}
    for ref, tag in state.selection.configured():
        tags.setdefault(ref, []).append(tag)
    known = {name: [*map(list, sources(name))] for name in {ref.provider for ref in tags}}
    for ref, why in tags.items():
        end = retirement(ref, state, known[ref.provider], now)
        if end:
            yield Expected(
                "retirement", str(ref), ref.provider, end.at, end.source, end, tuple(why)
            )


def _of_credentials(state: State, readings: Readings, now: int) -> Iterator[Expected]:
    for provider, candidates in credentials(state, now).by_provider.items():
        for candidate in candidates:
            credential = candidate.credential
            # A refreshable grant, and what others keep, is renewed before each use.
            if isinstance(credential, ProfileSummary) and not credential.refreshable:
                at = credential.expires_at
                if at is not None and now < at:
                    yield Expected("expiry", credential.id, provider, at, Source("profile"))
            yield from _of_usage(state, candidate, readings, now)


def _of_usage(
    state: State, candidate: Candidate, readings: Readings, now: int
) -> Iterator[Expected]:
    """Each limit that lasts still, and each credit, which ends by no moment."""
    last = last_usage(state, candidate)
    if last is None:
        return
    windows = [w for w in last.usage if w.is_credit or now < (w.resets_at or 0)]
    if not windows:
        return
    id, provider = candidate.credential.id, candidate.credential.provider
    source = Source("answer", iso(last.ended_at)[:10])
    told = [r for r in reversed(readings(id)) if r.usage and holds(r, candidate.credential)]
    for window in windows:
        if window.resets_at is not None:
            yield Expected("reset", id, provider, window.resets_at, source, window=window)
        began = window.resets_at - window.length if window.resets_at and window.length else 0
        empty = runs_out(
            (record.ended_at, its)
            for record in told
            for its in record.usage
            if its.label == window.label and record.ended_at >= began
        )
        # What starts again before it is used up does not run out.
        if empty is not None and now <= empty < (window.resets_at or empty + 1):
            yield Expected("credit", id, provider, empty, source, window=window)
