"""Simon Willison's `llm`: the keys of `keys.json`, by the names its plug-ins gave them."""

from collections.abc import Sequence

from domain.handover.tools.contents import Contents, ToolFile
from domain.handover.tools.entries import gathered, key, place, table

_NAMES = {"claude": "anthropic"}


def contents(files: Sequence[ToolFile]) -> Contents:
    """Raises Malformed."""
    return gathered(
        key(_NAMES.get(name, name), value, place(file, name))
        for file in files
        for name, value in table(file, "llm").items()
        # It begins with a note to its reader.
        if not name.startswith("//")
    )
