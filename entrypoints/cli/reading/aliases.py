"""`models aliases list`."""

from application.ports.reading import StateReader
from domain.selection.aliases import AliasTable
from entrypoints.cli.show.listing import Listing, show_listing


def aliases(reader: StateReader, *, json: bool = False, plain: bool = False) -> int:
    """Short names and the models they stand for."""
    table = reader.read().selection.aliases
    listing = Listing(
        {"aliases": aliases_document(table)},
        sorted(table.targets.items()),
        ("Alias", "Model"),
        empty=("no aliases", "aura_intelligence models aliases add fast openai/gpt-5.4-nano"),
    )
    show_listing(listing, json=json, plain=plain)
    return 0


def aliases_document(aliases: AliasTable) -> dict[str, str]:
    return {name: str(ref) for name, ref in sorted(aliases.targets.items())}
