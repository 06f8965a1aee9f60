"""What is known of models without asking anybody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from domain.selection.catalogue import CatalogueRow


class Catalogue(Protocol):
    """Reads files of this machine, and nothing else; makes and sends nothing.

    Raises Malformed for the user's own file where that cannot be read.
    """

    def counts(self) -> Mapping[str, int]:
        """How many models of each provider are known, by its id: at least so many."""
        ...

    def sources(self, provider: str, model: str | None = None) -> Iterable[Iterable[CatalogueRow]]:
        """The same models as each source has them, the best source first: what the provider itself
        listed, whole, then others. Of these `model` is enough, where one is given.
        """
        ...

    def rows(self, provider: str | None = None) -> Iterable[CatalogueRow]:
        """The models of `provider`, or of all, each once, in no order. None of an unknown one."""
        ...

    def complete_at(self, provider: str) -> int | None:
        """When all models of `provider` were listed by it (epoch ms); None: some may be missing.

        Those are the rows whose source is LIVE or OWN.
        """
        ...
