"""The lists of models that providers keep: asked for, and kept on this machine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from application.ports.network import Flow, Request, Response
    from application.ports.providers import Access
    from domain.errors import AuraError
    from domain.providers.row import Provider
    from domain.selection.catalogue import CatalogueRow


class Listed(NamedTuple):
    """The pages of a list as parsed JSON, as far as they came; `failure` is why not all did."""

    pages: tuple[object, ...]
    failure: AuraError | None = None


class ListsModels(Protocol):
    """Describes how the list of a provider is asked for; without state, like a dialect."""

    def __call__(self, row: Provider, access: Access, now: int) -> Flow[Listed]:
        """All pages of it. `now` is epoch ms. Raises nothing, and lets no WireFailure pass."""
        ...

    def heard(
        self, row: Provider, access: Access, request: Request, response: Response
    ) -> Listed | None:
        """The list in `response`, where `request` asked for one; it may be the first page only."""
        ...


class LooksAtEndpoints(Protocol):
    """Describes how it is asked who serves a model; without state, like a dialect."""

    def __call__(self, access: Access, model: str) -> Flow[object]:
        """The parsed page, None without one. Raises nothing, and lets no WireFailure pass."""
        ...


class KeptScans(Protocol):
    """The last scan, for who runs it again."""

    def last(self) -> Mapping[str, Any]:
        """What was kept; nothing of what cannot be read."""
        ...

    def keep(self, scan: Mapping[str, Any]) -> None:
        """In the place of what was kept. Raises Unavailable."""
        ...


class Listens(Protocol):
    async def __call__(self, base_url: str) -> bool:
        """Whether a server of this machine listens there; told soon, and nothing is sent."""
        ...


class KeptLists(Protocol):
    """What providers listed, one list each, for who reads the catalogue later."""

    def rows(self, provider: str) -> Iterable[CatalogueRow]:
        """What is kept of `provider`; nothing of what cannot be read."""
        ...

    def complete_at(self, provider: str) -> int | None:
        """When all models of `provider` were listed (epoch ms); None where some may be missing."""
        ...

    def keep(
        self, provider: str, rows: Iterable[CatalogueRow], at: int, *, is_whole: bool = True
    ) -> None:
        """In the place of what was kept. `at` is epoch ms. Raises Unavailable."""
        ...

    def forget(self, provider: str) -> None:
        """What is kept of `provider`: another server may have its name from now on."""
        ...


class FetchesCatalogue(Protocol):
    """A catalogue of many providers, of the shape of models.dev's, fetched and kept."""

    url: str

    def is_due(self, now: int) -> bool:
        """Whether the last one is older than a day, or of another place. `now` is epoch ms."""
        ...

    def fetch(self, now: int) -> Flow[int]:
        """Asks for what is new and keeps it; how many models are known by that.

        Raises Malformed, Unavailable, and lets a WireFailure pass; then what was kept stays.
        """
        ...
