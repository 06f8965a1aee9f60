"""What providers listed, kept in the cache folder: a file each, 0600, nothing but a cache.

The first line is JSON: whose list, when it was listed (epoch ms), how many models it has, whether
those are all, and the check sum of what is behind it: zlib of JSON, the columns by name, each a
list of cells, or the one cell that all rows have. A column that is not known is passed over; a file
that cannot be read is as none.
"""

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import repeat
from pathlib import Path
from typing import Any, NamedTuple

from adapters.machine.files import private_folder, read_private, replace_private
from application.ports.lists import KeptLists
from domain.errors import AuraError
from domain.selection.catalogue import CatalogueRow

_ENDING = ".list"
_LONGEST_HEAD = 4096
_LARGEST, _LARGEST_UNPACKED = 64 * 1024 * 1024, 512 * 1024 * 1024
_COLUMNS = CatalogueRow._fields[1:]
_EMPTY: Mapping[str, Any] = {"model": "", **CatalogueRow._field_defaults}
_WORDS = ("inputs", "outputs")
_DAMAGE = (
    *(AuraError, OSError, ValueError, TypeError, KeyError),
    *(zlib.error, RecursionError, OverflowError),
)


class Head(NamedTuple):
    """When a list was listed (epoch ms), how many models it has, and whether those are all."""

    at: int
    models: int
    is_whole: bool


class ListCache(KeptLists):
    """`folder` is made when something is kept; it is this program's alone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def heads(self) -> dict[str, Head]:
        """What is said of each list, by the id of its provider."""
        found = {name: self._read(name, _LONGEST_HEAD)[0] for name in self._kept()}
        return {provider: head for provider, head in found.items() if head is not None}

    def complete_at(self, provider: str) -> int | None:
        head, _ = self._read(provider, _LARGEST)
        return head.at if head and head.is_whole else None

    def rows(self, provider: str | None = None) -> Iterator[CatalogueRow]:
        """The models that `provider`, or each, listed."""
        for name in self._kept() if provider is None else (provider,):
            head, packed = self._read(name, _LARGEST)
            if head is not None:
                try:
                    yield from _decoded(name, packed)
                except _DAMAGE:
                    continue

    def keep(
        self, provider: str, rows: Iterable[CatalogueRow], at: int, *, is_whole: bool = True
    ) -> None:
        private_folder(self._folder)
        kept = list(rows)
        packed = _encoded(kept)
        head = {"provider": provider, "at": at, "models": len(kept), "is_whole": is_whole}
        content = json.dumps(head | {"sum": zlib.crc32(packed)}).encode() + b"\n" + packed
        replace_private(self._folder / f"{provider}{_ENDING}", content)

    def forget(self, provider: str) -> None:
        with suppress(OSError):
            (self._folder / f"{provider}{_ENDING}").unlink()

    def _kept(self) -> list[str]:
        try:
            return sorted(path.stem for path in self._folder.iterdir() if path.suffix == _ENDING)
        except OSError:
            return []

    def _read(self, provider: str, most: int) -> tuple[Head | None, bytes]:
        """What is said of it, None where that cannot be told, and the packed columns."""
        try:
            content = read_private(self._folder / f"{provider}{_ENDING}", most) or b""
            head, _, packed = content.partition(b"\n")
            told = json.loads(head)
            is_its = told["provider"] == provider and type(told["at"]) is int
            is_good = most == _LONGEST_HEAD or told["sum"] == zlib.crc32(packed)
            said = Head(told["at"], int(told["models"]), told["is_whole"] is True)
            return (said, packed) if is_its and is_good else (None, b"")
        except _DAMAGE:
            return None, b""


def _encoded(rows: list[CatalogueRow]) -> bytes:
    cells = zip(*(row[1:] for row in rows), strict=True) if rows else repeat((), len(_COLUMNS))
    columns = {
        name: column if name == "model" or len({*column}) > 1 else column[:1]
        for name, column in zip(_COLUMNS, cells, strict=True)
    }
    return zlib.compress(json.dumps(columns, separators=(",", ":")).encode(), 6)


def _decoded(provider: str, packed: bytes) -> list[CatalogueRow]:
    unpacker = zlib.decompressobj()
    columns = json.loads(unpacker.decompress(packed, _LARGEST_UNPACKED))
    if not unpacker.eof:
        raise ValueError("it is cut short")
    if not isinstance(models := columns["model"], list) or not all(map(_is_text, models)):
        raise ValueError("it has no names")
    count = len(models)
    cells: list[Iterable[Any]] = []
    for name in _COLUMNS:
        told = columns.get(name) or [_EMPTY[name]]
        if name in _WORDS:
            told = list(map(tuple, told))
        elif name == "extra":
            told = [tuple((key, value) for key, value in pairs) for pairs in told]
        cells.append(told if len(told) == count else told * count)
    # As `_make`, without a call of Python for each row.
    return list(
        map(tuple.__new__, repeat(CatalogueRow), zip(repeat(provider, count), *cells, strict=True))
    )


def _is_text(cell: object) -> bool:
    return isinstance(cell, str)
