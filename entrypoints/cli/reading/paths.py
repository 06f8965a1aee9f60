"""`paths`."""

from entrypoints.cli.show.listing import Listing, show_listing
from entrypoints.settings import Settings


def paths(settings: Settings, *, json: bool = False, plain: bool = False) -> int:
    """Where everything is. Nothing is created."""
    places = {
        "config": settings.config,
        "data": settings.data,
        "cache": settings.cache,
        "keys": settings.vault_key_file or settings.keys,
        "store": settings.place,
    }
    document = {name: str(path) for name, path in places.items()}
    listing = Listing(document, places.items(), ("What", "Where"))
    show_listing(listing, json=json, plain=plain)
    return 0
