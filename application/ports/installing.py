"""The files in which other programs are told what to use."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol


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
