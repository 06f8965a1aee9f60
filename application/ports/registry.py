"""The providers of this installation; a page of its own, since whoever reads turns to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from application.ports.providers import PluginListing
    from domain.providers.row import Provider

C = TypeVar("C")


class ProviderRegistry(Protocol):
    """The providers of this installation."""

    def builtin(self) -> Mapping[str, Provider]:
        """The rows shipped with the program: plain data, no dialect is loaded."""
        ...

    def enabled(self) -> Mapping[str, Provider]:
        """The rows of enabled plug-ins as they were then; no code of theirs is touched."""
        ...

    def gone(self) -> frozenset[str]:
        """Which of the enabled are not installed any longer, or in another version."""
        ...

    def can(self, row: Provider, capability: type[C]) -> C | None:
        """What of `row` has the `capability` (one of the protocols above), loaded now, or None.

        Raises PluginFailed for a plug-in that is not the one that was enabled.
        """
        ...

    def complain(self, row: Provider, reason: str | None) -> None:
        """Keeps what is wrong of the plug-in of `row`; None: it works."""
        ...

    def plugins(self) -> tuple[PluginListing, ...]:
        """Every entry of the group `aura_intelligence.providers`; third-party code is not imported.

        And every plug-in that was enabled and is not installed any longer.
        """
        ...

    def enable(self, id: str, taken: Mapping[str, Provider]) -> PluginListing:
        """Imports the plug-in, tries it and remembers it: this distribution, version and files.

        `taken` are the other providers. Raises NotFound, and PluginFailed with nothing enabled.
        """
        ...

    def disable(self, id: str) -> bool:
        """Whether it was enabled. Raises Unavailable."""
        ...
