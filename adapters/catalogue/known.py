"""The models that are known on this machine, the best source of each first."""

from collections.abc import Iterable

from adapters.catalogue import snapshot
from adapters.catalogue.cache import ListCache
from application.ports.catalogue import Catalogue
from domain.selection.catalogue import CatalogueRow, merged


class KnownModels(Catalogue):
    def __init__(self, lists: ListCache) -> None:
        self._lists = lists

    def providers(self) -> tuple[str, ...]:
        return tuple(sorted({*self._lists.moments(), *snapshot.providers()}))

    def rows(self, provider: str | None = None) -> Iterable[CatalogueRow]:
        listed = list(self._lists.rows(provider))
        return merged(listed, snapshot.rows(provider)) if listed else snapshot.rows(provider)
