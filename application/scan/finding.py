"""A provider's models, ranked before anything is spent on them."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from application.catalogue.listing import Lister, Listing, listable
from application.opening import Opener
from application.ports.catalogue import Catalogue
from application.ports.lists import LooksAtEndpoints
from application.ports.network import Wire
from application.ports.people import Clock
from application.ports.providers import Access
from application.ports.reading import JournalReader
from domain.credentials.environment import destination
from domain.errors import AuraError, Malformed, Unavailable, WireFailure
from domain.instants import MINUTE
from domain.journal.records import HistoryQuery
from domain.providers.refs import ModelRef
from domain.providers.row import Provider
from domain.routing.attempt import UNSENT, Attempt
from domain.routing.probed_models import routed
from domain.routing.state import State
from domain.scan.candidates import Candidate, Sifted, sifted
from domain.scan.limits import KIND
from domain.scan.ranking import days_of, ranked
from domain.scan.serving import Serving, serving
from domain.scan.wish import OPENROUTER, Allowance, Wish, allowance
from domain.selection.catalogue import LIVE, CatalogueRow, merged

# How many records of our own are looked at, and how many times as many endpoints as candidates.
_RECORDS, _LOOKS = 5000, 2


class Found(NamedTuple):
    """What may be tried, before anything is spent: `ranked` is best first, without the `unserved`.

    `attempt` is with which credential, of no model. `failure` is why the list is not the provider's
    own of now, or not kept; `as_of` is the day it is of. `pages` of endpoints were asked for.
    `ages` are how long ago (ms) requests of the last scans were made, as far as they still count.
    """

    wish: Wish
    attempt: Attempt
    sifted: Sifted
    ranked: Sequence[Candidate]
    unserved: int = 0
    as_of: str = ""
    failure: AuraError | None = None
    pages: int = 0
    cancelled: bool = False
    ages: tuple[int, ...] = ()

    @property
    def tried(self) -> Sequence[Candidate]:
        return self.ranked[: self.wish.candidates]

    @property
    def is_offline(self) -> bool:
        return isinstance(self.failure, WireFailure)

    @property
    def has_credential(self) -> bool:
        return self.attempt.reason not in UNSENT

    @property
    def allowance(self) -> Allowance:
        return allowance(self.wish.source)

    @property
    def images(self) -> int:
        return sum(candidate.reads_images for candidate in self.tried)

    @property
    def most(self) -> int:
        """At most so many requests: each may be made once more."""
        return 2 * (len(self.tried) + self.images)


def attempt_at(state: State, row: Provider, now: int) -> Attempt:
    """With what a model of `row` would be asked at `now` (epoch ms); of no model."""
    (attempt,) = routed(state, [ModelRef(row.id, row.id)], (), now)
    return attempt._replace(model=None)


@dataclass(frozen=True, slots=True)
class Finder:
    """Lists, ranks, and asks who serves the best few. No inference is asked for."""

    opener: Opener
    wire: Wire
    lister: Lister
    looks: LooksAtEndpoints
    catalogue: Catalogue
    journal: JournalReader
    environ: Mapping[str, str]
    clock: Clock

    async def __call__(self, state: State, wish: Wish, picked: Collection[ModelRef] = ()) -> Found:
        """The candidates, those `picked` before first.

        Cut short while it looks at who serves them, it has what it knew before. Raises Malformed
        for a maker nobody knows, and Unavailable where the history cannot be read.
        """
        now = self.clock()
        # Not by where it is asked: a provider behind a gateway of this machine costs as before.
        is_local = state.providers[wish.source].is_loopback
        row, state = self._addressed(state, wish.source)
        attempt = attempt_at(state, row, now)
        listing = await self._listing(state, row, now)
        rows = self._rows(row.id, listing)
        sift = sifted(rows, wish, now, local=is_local)
        records = self.journal.search(HistoryQuery(provider=row.id, limit=_RECORDS)).records
        known = (c._replace(was_picked=c.ref in picked) for c in sift.candidates)
        order = ranked(known, days_of(records))
        as_of = max((r.as_of for r in rows), default="")
        ages = tuple(now - r.ended_at for r in records if r.kind == KIND)
        ages = tuple(age for age in ages if 0 <= age < MINUTE)
        found = Found(wish, attempt, sift, order, as_of=as_of, failure=listing.failure, ages=ages)
        # Who does not even list is not asked more.
        return await self._looked(found) if row.id == OPENROUTER and listing.rows else found

    def _addressed(self, state: State, source: str) -> tuple[Provider, State]:
        """The row of `source`, and `state` with it: without a credential, too, its variable says
        where it is asked. Raises Malformed where that is no address.
        """
        row = state.providers[source]
        if source in state.having:
            return row, state
        url, variable = destination(row, self.environ)
        if not url and variable:
            raise Malformed(f"{variable} is no address", hint="write it as https://host/path")
        row = row._replace(base_url=url)
        return row, state._replace(providers={**state.providers, source: row})

    async def _listing(self, state: State, row: Provider, now: int) -> Listing:
        # OpenRouter's list is public.
        asked = listable(state, now, row.id) or (Attempt(row, None, None),)
        if row.id != OPENROUTER and asked[0].credential is None and not row.is_loopback:
            return Listing(asked[0], (), now, Unavailable("there is no credential to ask it with"))
        (listing,) = await self.lister.run(asked, named=True)
        return listing

    def _rows(self, provider: str, listing: Listing) -> Sequence[CatalogueRow]:
        """What was listed now, or else last, with what else is known of that; else all that is."""
        if listing.rows and provider == OPENROUTER:
            # Nobody knows more of them.
            return listing.rows
        known = list(self.catalogue.rows(provider))
        if listing.failure and not listing.rows:
            return [row for row in known if row.source == LIVE] or known
        there = {row.model for row in listing.rows}
        return [row for row in merged(listing.rows, known) if row.model in there]

    async def _looked(self, found: Found) -> Found:
        """With who serves the best few; without those whom nobody serves with tools."""
        best = found.ranked[: _LOOKS * found.wish.candidates]
        row = found.attempt.row
        ((_, access),) = await self.opener([found.attempt])
        if isinstance(access, AuraError):
            access = Access(row.base_url, row.scheme, None)
        turn = asyncio.Semaphore(found.wish.concurrency)
        pages: dict[ModelRef, Serving | None] = {}

        async def one(candidate: Candidate) -> None:
            async with turn:
                flow = self.looks(access, candidate.row.model)
                page = await self.wire.hold(flow, found.wish.timeout)
                pages[candidate.ref] = serving(page)

        cancelled = False
        try:
            async with self.wire, asyncio.TaskGroup() as group:
                for candidate in best:
                    group.create_task(one(candidate))
        except asyncio.CancelledError:
            cancelled = True
        known = [c._replace(serving=pages.get(c.ref)) for c in found.ranked]
        served = [c for c in known if c.serving is None or c.serving.is_useful]
        order = ranked(served, {})
        gone = len(known) - len(served)
        return found._replace(ranked=order, unserved=gone, pages=len(best), cancelled=cancelled)
