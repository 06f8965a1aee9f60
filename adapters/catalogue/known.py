"""The models that are known on this machine, the best source of each first."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.catalogue import snapshot
from application.ports.catalogue import Catalogue
from domain.selection.catalogue import CatalogueRow, merged

if TYPE_CHECKING:
    from adapters.catalogue.cache import ListCache


class KnownModels(Catalogue):
    """What providers listed, kept in `folder`, and then the bundled catalogue."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def providers(self) -> tuple[str, ...]:
        lists = self._lists()
        return tuple(sorted({*(lists.moments() if lists else ()), *snapshot.providers()}))

    def sources(self, provider: str, model: str | None = None) -> Iterable[Iterable[CatalogueRow]]:
        lists = self._lists()
        return lists.rows(provider) if lists else (), snapshot.rows(provider, model=model)

    def rows(self, provider: str | None = None) -> Iterable[CatalogueRow]:
        lists = self._lists()
        listed = list(lists.rows(provider)) if lists else []
        return merged(listed, snapshot.rows(provider)) if listed else snapshot.rows(provider)

    def _lists(self) -> ListCache | None:
        if not self._folder.is_dir():
            # Most have asked nobody for a list, and a prompt does not wait for what reads one.
            return None
        from adapters.catalogue.cache import ListCache

        return ListCache(self._folder)
