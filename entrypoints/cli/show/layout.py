"""Text in a width: what does not fit beside the rest stands beneath it, and no word is cut."""

from collections.abc import Iterable, Iterator, Sequence

_GAP = "  "
_BENEATH = "    "
# The last column is folded where it keeps this width at least.
_LEAST = 24


def breadth(text: str) -> int:
    """How many columns of a terminal it takes."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(c) else 1 + (east_asian_width(c) in "WF") for c in text)


def flowed(items: Iterable[str], width: int, gap: str = " ") -> Iterator[str]:
    """Lines of as many `items` as fit; one that is wider has a line of its own, whole."""
    line = None
    for item in items:
        if line is not None and breadth(line) + len(gap) + breadth(item) > width:
            yield line
            line = None
        line = item if line is None else line + gap + item
    if line is not None:
        yield line


def laid_out(
    headers: Sequence[str], rows: Sequence[Sequence[str]], width: int
) -> Iterator[list[str]]:
    """The line of the headers, then the lines of each row.

    As many columns as fit stand beside each other, the last of all folded between words if need be.
    The others follow beneath, each cell after its header.
    """
    widths = [max(map(breadth, column)) for column in zip(headers, *rows, strict=True)]
    count = _beside(widths, [row[-1] for row in rows], width)
    yield _line(headers[:count], widths, width)
    for row in rows:
        rest = zip(headers[count:], row[count:], strict=True)
        cells = [f"{header} {cell}" for header, cell in rest if cell]
        room = width - len(_BENEATH)
        words = (line.split(" ") for line in flowed(cells, room, _GAP))
        beneath = [_BENEATH + line for folded in words for line in flowed(folded, room)]
        yield _line(row[:count], widths, width) + beneath


def _beside(widths: list[int], last: Iterable[str], width: int) -> int:
    """How many columns stand beside each other."""
    left = width
    for at, needed in enumerate(widths):
        if needed > left:
            longest = max(breadth(word) for cell in last for word in cell.split(" "))
            folds = at == len(widths) - 1 and left >= max(_LEAST, longest)
            return len(widths) if folds else max(at, 1)
        left -= needed + len(_GAP)
    return len(widths)


def _line(cells: Sequence[str], widths: list[int], width: int) -> list[str]:
    """`cells` beside each other; the last is folded where it is too wide."""
    padded = (
        cell + " " * (room - breadth(cell)) + _GAP
        for cell, room in zip(cells[:-1], widths, strict=False)
    )
    before = "".join(padded)
    indent = sum(widths[: len(cells) - 1]) + len(_GAP) * (len(cells) - 1)
    first, *more = flowed(cells[-1].split(" "), width - indent)
    return [before + first, *(" " * indent + line for line in more)]
