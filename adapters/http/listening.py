"""Whether anybody listens at an address of this machine."""

import asyncio
from urllib.parse import urlsplit

from application.ports.lists import Listens
from domain.providers.row import is_loopback_url

_PATIENCE = 0.3


class LoopbackListens(Listens):
    async def __call__(self, base_url: str) -> bool:
        parts = urlsplit(base_url)
        if not is_loopback_url(base_url):
            return False
        port = parts.port or (443 if parts.scheme == "https" else 80)
        try:
            # Some systems let a connection to a closed port of theirs wait.
            async with asyncio.timeout(_PATIENCE):
                _, writer = await asyncio.open_connection(parts.hostname, port)
        except OSError:
            # A TimeoutError as well.
            return False
        writer.close()
        return True
