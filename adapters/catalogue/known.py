"""The models that are known on this machine, the best source of each first."""

from collections.abc import Iterable

from adapters.catalogue import snapshot
from application.ports.catalogue import Catalogue
from domain.selection.catalogue import CatalogueRow


class KnownModels(Catalogue):
    def providers(self) -> tuple[str, ...]:
        return snapshot.providers()

    def rows(self, provider: str | None = None) -> Iterable[CatalogueRow]:
        return snapshot.rows(provider)
