"""The models that are known on this machine, the best source of each first.

Each source is imported where its file exists: most machines have what is bundled alone, and a
prompt does not wait for the rest.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from adapters.catalogue.snapshot import Snapshot, bundled
from application.ports.catalogue import Catalogue
from domain.selection.catalogue import CatalogueRow, merged

if TYPE_CHECKING:
    from pathlib import Path

    from adapters.catalogue.cache import ListCache


class KnownModels(Catalogue):
    """`own` and `fetched` are files, `lists` is a folder."""

    def __init__(self, own: Path, lists: Path, fetched: Path | None) -> None:
        self._own_file, self._folder, self._fetched = own, lists, fetched

    def counts(self) -> Mapping[str, int]:
        found = dict(self._snapshot.counts)
        heads = self._lists.heads() if self._lists else {}
        others = {id: head.models for id, head in heads.items()}
        for told in (others, {id: len(rows) for id, rows in self._own.items()}):
            found |= {id: max(count, found.get(id, 0)) for id, count in told.items()}
        return found

    def sources(self, provider: str, model: str | None = None) -> Iterable[Iterable[CatalogueRow]]:
        listed = self._lists.rows(provider) if self._lists else ()
        return self._own.get(provider, ()), listed, self._snapshot.rows(provider, model)

    def rows(self, provider: str | None = None) -> Iterable[CatalogueRow]:
        said = self._own
        own = [row for id, rows in said.items() if provider in (None, id) for row in rows]
        listed = list(self._lists.rows(provider)) if self._lists else []
        known = self._snapshot.rows(provider)
        return merged(own, listed, known) if own or listed else known

    def complete_at(self, provider: str) -> int | None:
        return self._lists.complete_at(provider) if self._lists else None

    @cached_property
    def _own(self) -> Mapping[str, Sequence[CatalogueRow]]:
        if not os.path.lexists(self._own_file):
            return {}
        from adapters.catalogue.own import own_models

        return own_models(self._own_file)

    @cached_property
    def _lists(self) -> ListCache | None:
        if not os.path.lexists(self._folder):
            return None
        from adapters.catalogue.cache import ListCache

        return ListCache(self._folder)

    @cached_property
    def _snapshot(self) -> Snapshot:
        """What was fetched has what is bundled in it."""
        if self._fetched and os.path.lexists(self._fetched):
            from adapters.catalogue.fetched import FetchedCatalogue

            return FetchedCatalogue(self._fetched).read() or bundled()
        return bundled()
