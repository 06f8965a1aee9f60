"""Files of other programs: some tell them what to use, others hold what they read."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol


class Planned(NamedTuple):
    """A file as it is (None: it is not there) and as it would be; `lines` say the difference, with
    no secret in them. Nothing was written yet.
    """

    path: Path
    before: bytes | None
    after: bytes
    lines: tuple[str, ...]

    @property
    def changes(self) -> bool:
        return bool(self.lines)


class Installer(Protocol):
    """Programs' own files, which keep whatever else is in them, comments too."""

    def planned(self, tool: str, document: Mapping[str, Any], text: str) -> Planned:
        """The file of `tool` with `document` in it; `text` is all of it where nothing was there.

        Reads only. Raises Malformed where it cannot be understood or would lose its comments,
        UnsafeFile for links and files of others, Unavailable where a library is missing.
        """
        ...

    def install(self, planned: Planned) -> Path | None:
        """Writes it, whole or not at all; says where the old file is kept, with its mode.

        Raises Changed where it was written in between, Unavailable where it cannot be.
        """
        ...


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
