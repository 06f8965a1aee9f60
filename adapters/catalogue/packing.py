"""Rows of models packed into one file, as `snapshot` reads them."""

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from adapters.catalogue import snapshot
from domain.selection.catalogue import CatalogueRow

# No cell has what ends a cell or a line.
_SPACES = {ord("\t"): " ", ord("\n"): " "}


def text_of(rows: Iterable[CatalogueRow], dates: Mapping[str, str]) -> str:
    """The rows as text: the sources and their dates, the names of columns, a row a line.

    The rows are ordered by provider, and `dates` has the source of each.
    """
    kept = list(rows)
    columns = snapshot.COLUMNS if any(row.extra for row in kept) else snapshot.COLUMNS[:-1]
    head = [f"# {source}\t{date}" for source, date in dates.items()]
    head.append("\t".join(("provider", *columns)))
    lines = (
        "\t".join(_cell(getattr(row, name)) for name in ("provider", *columns)) for row in kept
    )
    return "\n".join([*head, *lines]) + "\n"


def packed(text: str) -> bytes:
    """That text as the file that is read."""
    lines = text.removesuffix("\n").split("\n")
    heads = [line[2:] for line in lines if line.startswith("# ")]
    table = [line.split("\t") for line in lines[len(heads) + 1 :]]
    places, parts, offset = [], [], 0
    for provider, found in groupby(table, key=lambda cells: cells[0]):
        rows = [cells[1:] for cells in found]
        parts.append(_part(rows))
        places.append(f"{provider}\t{offset}\t{len(parts[-1])}\t{len(rows)}")
        offset += len(parts[-1])
    index = ("\n".join(heads) + "\n\n" + "\n".join(places)).encode()
    return b"".join((snapshot.MAGIC, str(len(index)).encode(), b"\n", index, *parts))


def _part(table: Sequence[Sequence[str]]) -> bytes:
    """The columns of one provider: the cells of a column are like each other."""
    columns = zip(*table, strict=True)
    lines = (cells if len(set(cells)) > 1 else cells[:1] for cells in columns)
    return zlib.compress("\n".join(map("\t".join, lines)).encode(), 9)


def _cell(value: object) -> str:
    match value:
        case None | ():
            return ""
        case bool():
            return "1" if value else "0"
        case float():
            return format(value, ".9g")
        case (str(), *_):
            return ",".join(map(str, value)).translate(_SPACES)
        case tuple():
            return json.dumps(value)
    return str(value).translate(_SPACES)
