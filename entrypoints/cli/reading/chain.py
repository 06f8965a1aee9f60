"""`models fallbacks list` and `models image-fallbacks list`."""

from application.ports.reading import StateReader
from entrypoints.cli.show.listing import Listing, show_listing


def chain(
    reader: StateReader, *, image: bool = False, json: bool = False, plain: bool = False
) -> int:
    """The models of one of the two chains, in the order they are tried."""
    chosen = reader.read().selection
    refs = [str(ref) for ref in (chosen.image_fallbacks if image else chosen.fallbacks)]
    listing = Listing(
        {"imageFallbacks" if image else "fallbacks": refs},
        [(ref,) for ref in refs],
        ("#", "Model"),
        rows=enumerate(refs, 1),
        empty=(f"no {'image fallbacks' if image else 'fallbacks'}", None),
    )
    show_listing(listing, json=json, plain=plain)
    return 0
