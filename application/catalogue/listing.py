"""The models of every provider, asked of them at once: one that fails costs the others nothing."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from application.catalogue.keeping import ListKeeper
from application.opening import Opened, Opener
from application.ports.lists import Listens
from application.ports.network import Wire
from application.ports.people import Clock
from application.ports.providers import Access
from domain.errors import AuraError, NotFound, Refused
from domain.routing.attempt import Attempt, Reason
from domain.routing.precedence import credentials, needs_no_key, not_asked
from domain.routing.state import State
from domain.selection.catalogue import CatalogueRow

TIMEOUT = 15_000
"""How long one provider may take to list its models, in ms."""
# With these nothing is sent; what was refused once is tried again, and the rest has no address or
# no secret, which the opener says.
_SHUT: tuple[Reason | None, ...] = (
    "expired",
    "missing",
    "needs_login",
    "not_in_order",
    "plugin_gone",
    "provider_unconfirmed",
)


class Listing(NamedTuple):
    """What one provider listed, and when (epoch ms); `failure` is why that is nothing, or not all.

    `attempt` is with which credential it was asked.
    """

    attempt: Attempt
    rows: Sequence[CatalogueRow]
    at: int
    failure: AuraError | None = None

    @property
    def provider(self) -> str:
        return self.attempt.row.id


@dataclass(frozen=True, slots=True)
class Lister:
    """Asks, and keeps what it heard. Whatever goes wrong is a `failure`. Raises nothing."""

    opener: Opener
    wire: Wire
    keeper: ListKeeper
    listens: Listens
    clock: Clock
    timeout: int = TIMEOUT

    async def run(
        self,
        attempts: Sequence[Attempt],
        concurrency: int = 8,
        on_result: Callable[[Listing], object] = lambda _: None,
        *,
        named: bool = False,
    ) -> list[Listing]:
        """One listing for each provider of `attempts`, in their order.

        Unless a person `named` them, servers of this machine without a credential are left out
        where nobody listens, or who does lists nothing.
        """
        turn = asyncio.Semaphore(concurrency)

        async def one(opened: Sequence[Opened]) -> Listing | None:
            async with turn:
                listing = await self._one(opened)
            if not named and _is_nobody(listing):
                return None
            on_result(listing)
            return listing

        known = await self._opened(attempts if named else await self._there(attempts))
        async with self.wire, asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(opened)) for opened in known]
        return [listing for task in tasks if (listing := task.result())]

    async def _there(self, attempts: Sequence[Attempt]) -> list[Attempt]:
        """Without the servers of this machine that are not up."""
        keyless = [attempt for attempt in attempts if attempt.credential is None]
        up = await asyncio.gather(*(self.listens(attempt.base_url) for attempt in keyless))
        silent = {a.row.id for a, is_up in zip(keyless, up, strict=True) if not is_up}
        return [a for a in attempts if a.credential is not None or a.row.id not in silent]

    async def _opened(self, attempts: Sequence[Attempt]) -> Sequence[Sequence[Opened]]:
        """What each provider is asked with, in order."""
        sent = [attempt for attempt in attempts if attempt.reason not in _SHUT]
        found: dict[str, list[Opened]] = {attempt.row.id: [] for attempt in attempts}
        for opened in await self.opener(sent):
            found[opened.attempt.row.id].append(opened)
        for attempt in attempts:
            if attempt.reason in _SHUT:
                why = f"no usable credential ({attempt.reason}); nothing was sent"
                found[attempt.row.id].append(Opened(attempt, NotFound(why)))
        return list(found.values())

    async def _one(self, opened: Sequence[Opened]) -> Listing:
        """By the first credential that opens and that the provider does not refuse."""
        for attempt, access in opened:
            listing = await self._asked(attempt, access)
            was_sent = isinstance(access, Access)
            if was_sent and (listing.rows or not isinstance(listing.failure, Refused)):
                break
        return listing

    async def _asked(self, attempt: Attempt, access: Access | AuraError) -> Listing:
        now = self.clock()
        if isinstance(access, AuraError):
            return Listing(attempt, (), now, access)
        found = await self.wire.hold(self.keeper.lists(attempt.row, access, now), self.timeout)
        row = attempt.row
        # Where each customer has an address, there are deployments, and their names are not listed.
        rows, failure = self.keeper.keep(row.id, found, now, is_its_own=bool(row.base_url))
        return Listing(attempt, rows, now, failure)


def _is_nobody(listing: Listing) -> bool:
    """What listens there is somebody else, or not ready: no one asked for it by name."""
    attempt = listing.attempt
    is_anybody = attempt.credential is None and attempt.row.source != "user"
    return is_anybody and bool(listing.failure) and not listing.rows


def listable(state: State, now: int, provider: str | None = None) -> tuple[Attempt, ...]:
    """Every usable credential of every provider, or of `provider`, best first; and the servers of
    this machine, without one. `now` is epoch ms.
    """
    found = credentials(state, now)
    attempts: list[Attempt] = []
    for row in state.providers.values():
        if provider not in (None, row.id):
            continue
        candidates = found.of(row.id)
        usable = [c for c in candidates if c.skip is None]
        attempts += [Attempt(row, candidate.credential, None) for candidate in usable]
        if not usable and needs_no_key(row, (c.skip for c in candidates)):
            attempts.append(Attempt(row, None, None, not_asked(row.id, state)))
        elif not usable and candidates:
            attempts.append(Attempt(row, candidates[0].credential, None, candidates[0].skip))
    return tuple(attempts)
