"""The bundled catalogue: rows of models in one file, each provider's readable alone.

Made by `python -m adapters.catalogue.make`. The file, whose first lines are UTF-8:

    aura_intelligence catalogue 1 <bytes of the two lists below>
    <source> TAB <its date>             one line for each source, then an empty line
    <provider> TAB <offset> TAB <size>  one line for each provider; counted from behind the lists
    ...                                 for each provider zlib of its columns: lines of cells, or
                                        of the one cell that all its rows have
"""

import zlib
from collections.abc import Callable, Iterator
from itertools import repeat
from pathlib import Path
from typing import Any, BinaryIO

from domain.selection.catalogue import CatalogueRow

FILE = Path(__file__).with_name("snapshot.bin")
MAGIC = b"aura_intelligence catalogue 1 "
# The columns of a provider's part: a date belongs to a source and not to a row.
COLUMNS = CatalogueRow._fields[1:-2]
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


def providers(file: Path = FILE) -> tuple[str, ...]:
    """The ids of the providers that it has models of, in order."""
    with file.open("rb") as stream:
        return tuple(_parts(stream)[1])


def rows(
    provider: str | None = None, file: Path = FILE, model: str | None = None
) -> Iterator[CatalogueRow]:
    """The models of `provider` (a canonical id), or of all, each decoded when it is reached.

    None of a provider that it does not know. With a `model` that one only, at half the price.
    """
    with file.open("rb") as stream:
        dates, places = _parts(stream)
        behind = stream.tell()
        wanted = places if provider is None else [provider] if provider in places else []
        readers = _readers()
        for name in wanted:
            offset, size = places[name]
            stream.seek(behind + offset)
            text = zlib.decompress(stream.read(size)).decode()
            lines = [line.split("\t") for line in text.split("\n")]
            if model is not None:
                lines = _only(model, lines)
            yield from _decoded(name, lines, dates, readers)


def _parts(stream: BinaryIO) -> tuple[dict[str, str], dict[str, tuple[int, int]]]:
    """The dates of the sources; where each provider's part lies, and how long it is, in bytes."""
    length = int(stream.readline().removeprefix(MAGIC))
    dates, places = stream.read(length).decode().split("\n\n")
    lines = (line.split("\t") for line in places.splitlines())
    return (
        dict(line.split("\t", 1) for line in dates.splitlines()),
        {name: (int(offset), int(size)) for name, offset, size in lines},
    )


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
    for name, line in zip(COLUMNS, lines, strict=True):
        values = list(map(readers[name], line)) if name in readers else line
        columns.append(values if len(values) == count else values * count)
    # Of each row: whose it is, when its source said so, and that there is nothing else.
    dated = [dates[source] for source in columns[-1]]
    cells = zip([provider] * count, *columns, dated, [()] * count, strict=True)
    # As `_make`, without a call of Python for each row.
    return map(tuple.__new__, repeat(CatalogueRow), cells)
