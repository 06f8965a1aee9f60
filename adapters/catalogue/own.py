"""What the user says of models: a file in the shape of models.dev's, which nobody else writes."""

import json
import stat
from pathlib import Path

from domain.errors import Malformed, Unavailable
from domain.instants import iso
from domain.selection.catalogue import OWN, CatalogueRow
from domain.selection.live_lists import catalogued_rows

_LARGEST = 4 * 1024 * 1024
_HINT = 'write it as {"openai": {"models": {"NAME": {"limit": {"context": 128000}}}}}'


def own_models(file: Path) -> dict[str, list[CatalogueRow]]:
    """By provider. Raises Malformed for a file of another kind, Unavailable for a shut one."""
    try:
        found = file.stat()
        if not stat.S_ISREG(found.st_mode) or found.st_size > _LARGEST:
            what = "too large" if stat.S_ISREG(found.st_mode) else "no file"
            raise Malformed(f"{file} cannot be read as models: it is {what}", hint=_HINT)
        content = file.read_bytes()
    except OSError as failure:
        why = failure.strerror or "unknown reason"
        raise Unavailable(f"{file} cannot be read: {why}", hint="check whose it is") from None
    day = iso(found.st_mtime_ns // 1_000_000)[:10]
    try:
        return catalogued_rows(json.loads(content), source=OWN, as_of=day)
    except (Malformed, ValueError, RecursionError) as wrong:
        raise Malformed(f"{file} cannot be read as models ({wrong})", hint=_HINT) from None
