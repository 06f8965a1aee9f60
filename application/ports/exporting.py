"""Files that other programs read, made anew each time."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, Protocol

Column = Literal["whole", "text"]


class ExportedFiles(Protocol):
    """A file is whole or as it was before, and who may read it is up to the caller's umask, or as
    it was. Raises UnsafeFile where something of another sort has that name, Unavailable where it
    cannot be written.
    """

    def openmetrics(self, path: Path, text: str) -> None: ...

    def parquet(
        self, path: Path, columns: Mapping[str, Column], rows: Iterable[Mapping[str, Any]]
    ) -> int:
        """How many `rows` were written. They are read once, and not kept. Raises Unavailable
        where the library is missing, before any is read.
        """
        ...
