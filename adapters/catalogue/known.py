"""The models that are known on this machine, the best source of each first."""

from collections.abc import Iterable, Mapping

from adapters.catalogue.cache import ListCache
from adapters.catalogue.fetched import FetchedCatalogue
from adapters.catalogue.own import OwnModels
from adapters.catalogue.snapshot import Snapshot, bundled
from application.ports.catalogue import Catalogue
from domain.selection.catalogue import CatalogueRow, merged


class KnownModels(Catalogue):
    def __init__(self, own: OwnModels, lists: ListCache, fetched: FetchedCatalogue | None) -> None:
        self._own, self._lists, self._fetched = own, lists, fetched
        self._known: Snapshot | None = None

    def counts(self) -> Mapping[str, int]:
        found = dict(self._snapshot().counts)
        for provider, head in self._lists.heads().items():
            found[provider] = max(head.models, found.get(provider, 0))
        for provider, rows in self._own.rows().items():
            found[provider] = max(len(rows), found.get(provider, 0))
        return found

    def rows(self, provider: str | None = None) -> Iterable[CatalogueRow]:
        own = [
            row for id, rows in self._own.rows().items() if provider in (None, id) for row in rows
        ]
        listed = list(self._lists.rows(provider))
        known = self._snapshot().rows(provider)
        return merged(own, listed, known) if own or listed else known

    def complete_at(self, provider: str) -> int | None:
        return self._lists.complete_at(provider)

    def _snapshot(self) -> Snapshot:
        """What was fetched has what is bundled in it."""
        if self._known is None:
            self._known = (self._fetched and self._fetched.read()) or bundled()
        return self._known
