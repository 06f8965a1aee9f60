"""A catalogue that was fetched, kept with what is bundled in one file of the cache folder, 0600.

The first line is JSON: whence and when it was fetched (epoch ms), its ETag, the check sums of the
bundled file it was merged with and of what follows, which is what `snapshot` reads. A file that
cannot be read, or was made with another bundle, is as none.
"""

import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from adapters.catalogue import snapshot
from adapters.machine.files import private_folder, read_private, replace_private
from domain.errors import AuraError

_LARGEST = 32 * 1024 * 1024
_DAMAGE = (AuraError, OSError, ValueError, TypeError, KeyError)


class FetchedCatalogue:
    """`file` is made when something is kept."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def read(self) -> snapshot.Snapshot | None:
        """What was fetched, if it can be read and nothing newer came with the program."""
        head, packed = self.kept()
        return snapshot.Snapshot(packed) if head else None

    def keep(self, url: str, etag: str, packed: bytes, now: int) -> None:
        """Raises Unavailable."""
        sums = {"bundled": _sum(snapshot.FILE.read_bytes()), "sum": _sum(packed)}
        head = {"url": url, "at": now, "etag": etag, **sums}
        private_folder(self._file.parent)
        replace_private(self._file, json.dumps(head).encode() + b"\n" + packed)

    def kept(self) -> tuple[Mapping[str, Any], bytes]:
        """What is said of it, empty where nothing is kept, and what `snapshot` reads."""
        try:
            content = read_private(self._file, _LARGEST)
            if content is None:
                return {}, b""
            first, _, packed = content.partition(b"\n")
            head = json.loads(first)
            is_good = head["sum"] == _sum(packed) and type(head["at"]) is int
            is_good = is_good and head["bundled"] == _sum(snapshot.FILE.read_bytes())
            return (head, packed) if is_good else ({}, b"")
        except _DAMAGE:
            return {}, b""


def _sum(content: bytes) -> int:
    return zlib.crc32(content)
