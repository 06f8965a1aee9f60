"""Rows of models in one file, each provider's readable alone.

So are the bundled catalogue, made by `python -m adapters.catalogue.make`, and one that was fetched.
The file, whose first lines are UTF-8:

    aura_intelligence catalogue 2 <bytes of the two lists below>
    <source> TAB <its date>             one line for each source, then an empty line
    <provider> TAB <offset> TAB <size> TAB <models>
                                        one line for each provider; counted from behind the lists
    ...                                 for each provider zlib of its columns: lines of cells, or
                                        of the one cell that all its rows have; the last column is
                                        left out where no row has anything in it
"""

import json
import zlib
from collections.abc import Callable, Iterator
from itertools import repeat, zip_longest
from pathlib import Path
from typing import Any

from domain.selection.catalogue import CatalogueRow

FILE = Path(__file__).with_name("snapshot.bin")
MAGIC = b"aura_intelligence catalogue 2 "
# The columns of a provider's part: a date belongs to a source and not to a row.
COLUMNS = tuple(name for name in CatalogueRow._fields[1:] if name != "as_of")
_BOOLS = {"": None, "1": True, "0": False}
Reader = Callable[[str], Any]


class _Memo(dict[str, Any]):
    """Cells and their values: most are said many times, and read once."""

    def __init__(self, read: Reader) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, cell: str) -> object:
        value = self[cell] = self._read(cell)
        return value


class Snapshot:
    """The models in `content`, the bytes of such a file. `counts` says how many each provider has.

    What is not such a file raises ValueError, KeyError or zlib.error, here or when it is read.
    """

    def __init__(self, content: bytes) -> None:
        first, _, self._rest = content.partition(b"\n")
        self._behind = int(first.removeprefix(MAGIC))
        dates, places = self._rest[: self._behind].decode().split("\n\n")
        self._dates = dict(line.split("\t", 1) for line in dates.splitlines())
        lines = [line.split("\t") for line in places.splitlines()]
        self._places = {name: (int(offset), int(size)) for name, offset, size, _ in lines}
        self.counts = {name: int(count) for name, _, _, count in lines}

    def rows(self, provider: str | None = None, model: str | None = None) -> Iterator[CatalogueRow]:
        """The models of `provider` (a canonical id), or of all, each decoded when it is reached.

        None of a provider that it does not know. With a `model` that one only, at half the price.
        """
        places = self._places
        readers = _readers()
        for name in places if provider is None else [provider] if provider in places else []:
            offset, size = places[name]
            begin = self._behind + offset
            text = zlib.decompress(self._rest[begin : begin + size]).decode()
            lines = [line.split("\t") for line in text.split("\n")]
            if model is not None:
                lines = _only(model, lines)
            yield from _decoded(name, lines, self._dates, readers)


def bundled() -> Snapshot:
    return Snapshot(FILE.read_bytes())


def _readers() -> dict[str, Reader]:
    """How the cells of a column are read, where they are not the texts they look like."""
    count = _Memo(lambda cell: int(cell) if cell else None).__getitem__
    cost = _Memo(lambda cell: float(cell) if cell else None).__getitem__
    words = _Memo(lambda cell: tuple(cell.split(",")) if cell else ()).__getitem__
    return {
        **dict.fromkeys(("context", "output"), count),
        **dict.fromkeys((name for name in COLUMNS if name.startswith("cost_")), cost),
        **dict.fromkeys(("inputs", "outputs"), words),
        **dict.fromkeys(("tools", "reasoning", "structured"), _BOOLS.__getitem__),
        "extra": lambda cell: tuple(map(tuple, json.loads(cell))) if cell else (),
    }


def _only(model: str, lines: list[list[str]]) -> list[list[str]]:
    """The columns, with the cells of that model alone."""
    count = len(lines[0])
    places = [place for place, name in enumerate(lines[0]) if name == model]
    return [[line[at] for at in places] if len(line) == count else line for line in lines]


def _decoded(
    provider: str, lines: list[list[str]], dates: dict[str, str], readers: dict[str, Reader]
) -> Iterator[CatalogueRow]:
    count = len(lines[0])
    columns: list[list[Any]] = []
    for name, line in zip_longest(COLUMNS, lines, fillvalue=[""]):
        values = list(map(readers[name], line)) if name in readers else line
        columns.append(values if len(values) == count else values * count)
    *told, sources, extra = columns
    # Of each row: whose it is, and when its source said so.
    dated = [dates[source] for source in sources]
    cells = zip([provider] * count, *told, sources, dated, extra, strict=True)
    # As `_make`, without a call of Python for each row.
    return map(tuple.__new__, repeat(CatalogueRow), cells)
