"""What the user says of models: a file in the shape of models.dev's, which nobody else writes."""

import json
from pathlib import Path

from adapters.machine.files import refused
from domain.errors import Malformed
from domain.instants import iso
from domain.selection.catalogue import OWN, CatalogueRow

_LARGEST = 4 * 1024 * 1024


class OwnModels:
    def __init__(self, file: Path) -> None:
        self._file = file
        self._rows: dict[str, list[CatalogueRow]] | None = None

    def rows(self) -> dict[str, list[CatalogueRow]]:
        """By provider. Raises Malformed for a file of another kind, Unavailable for a shut one."""
        if self._rows is None:
            self._rows = self._read() if self._file.is_file() else {}
        return self._rows

    def _read(self) -> dict[str, list[CatalogueRow]]:
        from domain.selection.live_lists import catalogued_rows

        try:
            with self._file.open("rb") as stream:
                content = stream.read(_LARGEST)
            day = iso(self._file.stat().st_mtime_ns // 1_000_000)[:10]
        except OSError as failure:
            raise refused(failure, self._file) from None
        try:
            return catalogued_rows(json.loads(content), source=OWN, as_of=day)
        except (Malformed, ValueError, RecursionError) as wrong:
            raise Malformed(
                f"{self._file} cannot be read as models ({wrong})",
                hint='write it as {"openai": {"models": {"NAME": {"limit": {"context": 128000}}}}}',
            ) from None
