"""The lists that providers give of their models, kept for who reads the catalogue later."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from application.ports.lists import KeptLists, Listed, ListsModels
from application.ports.network import Flow
from application.ports.providers import Access
from domain.answers.outcome import Outcome
from domain.answers.verdict import ProbeVerdict
from domain.errors import AuraError, WireFailure
from domain.instants import iso
from domain.providers.row import Provider
from domain.selection.catalogue import LIVE, CatalogueRow, merged
from domain.selection.live_lists import listed_rows


@dataclass(frozen=True, slots=True)
class ListKeeper:
    """Keeps the lists of providers, whoever asked for them."""

    lists: ListsModels
    kept: KeptLists

    def keep(
        self, provider: str, found: Listed, now: int, *, is_its_own: bool
    ) -> tuple[Sequence[CatalogueRow], AuraError | None]:
        """The models in `found`, and why that is not all, or not kept. `now` is epoch ms.

        `is_its_own`: what is listed there is all that it has.
        """
        rows = listed_rows(found.pages, provider, source=LIVE, as_of=iso(now)[:10])
        if not found.pages:
            return rows, found.failure
        # A list without any model says nothing of those that are not in it.
        is_whole = found.failure is None and bool(rows) and is_its_own
        # A list that broke off does not say what is gone: it is what was whole before, and more.
        told = rows if is_whole else merged(rows, self.kept.rows(provider))
        before = None if is_whole else self.kept.complete_at(provider)
        at, is_whole = (now, is_whole) if before is None else (before, True)
        try:
            self.kept.keep(provider, told, at, is_whole=is_whole)
        except AuraError as failure:
            return rows, found.failure or failure
        return rows, found.failure

    def overheard(
        self, talk: Flow[ProbeVerdict], row: Provider, access: Access, now: int
    ) -> Flow[ProbeVerdict]:
        """`talk`, a free check; where it asks for the list of `row`, that is kept as well."""
        found: Listed | None = None
        step = partial(next, talk)
        while True:
            try:
                request = step()
            except StopIteration as stop:
                verdict: ProbeVerdict = stop.value
                break
            try:
                response = yield request
            except WireFailure as failure:
                step = partial(talk.throw, failure)
            else:
                found = self.lists.heard(row, access, request, response) or found
                step = partial(talk.send, response)
        if found and verdict.outcome is Outcome.OK:
            # A gateway that was given a key may list a part of what it serves.
            self.keep(row.id, found, now, is_its_own=access.base_url == row.base_url)
        return verdict
