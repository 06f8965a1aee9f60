"""`paths`."""

from entrypoints.cli.show.listing import Listing, show_listing
from entrypoints.cli.words.injection import AsJson, Flag, Injected
from entrypoints.settings import Settings


def show_paths(*, json: AsJson = False, plain: Flag = False, settings: Injected[Settings]) -> int:
    """Where configuration, data, cache and keys are. Nothing is created.

    Parameters
    ----------
    plain
        A name and a path a line.
    """
    places = {
        "config": settings.config,
        "data": settings.data,
        "cache": settings.cache,
        "keys": settings.vault_key_file or settings.keys,
        "store": settings.store,
    }
    document = {name: str(path) for name, path in places.items()}
    listing = Listing(document, places.items(), ("What", "Where"))
    show_listing(listing, json=json, plain=plain)
    return 0
