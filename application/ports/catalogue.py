"""What is known of models without asking anybody."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from domain.selection.catalogue import CatalogueRow


class Catalogue(Protocol):
    """Reads files of this machine, and nothing else; makes and sends nothing."""

    def providers(self) -> tuple[str, ...]:
        """The ids of the providers of which models are known, in order."""
        ...

    def sources(self, provider: str, model: str | None = None) -> Iterable[Iterable[CatalogueRow]]:
        """The same models as each source has them, the best source first: what the provider itself
        listed, whole, then others. Of these `model` is enough, where one is given.
        """
        ...

    def rows(self, provider: str | None = None) -> Iterable[CatalogueRow]:
        """The models of `provider`, or of all, each once, in no order. None of an unknown one."""
        ...
