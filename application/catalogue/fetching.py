"""A catalogue of many providers, fetched when a person refreshes."""

from dataclasses import dataclass

from application.ports.lists import FetchesCatalogue
from application.ports.network import Wire
from application.ports.people import Clock
from domain.errors import AuraError

TIMEOUT = 30_000
"""How long that may take, in ms: it is some MB."""


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Fetches the catalogue of many providers, once a day."""

    wire: Wire
    source: FetchesCatalogue
    clock: Clock
    timeout: int = TIMEOUT

    async def run(self) -> int | AuraError | None:
        """How many models are known by it, why nothing came, or None: that of today is here."""
        if not self.source.is_due(now := self.clock()):
            return None
        try:
            async with self.wire:
                return await self.wire.hold(self.source.fetch(now), self.timeout)
        except AuraError as failure:
            return failure
