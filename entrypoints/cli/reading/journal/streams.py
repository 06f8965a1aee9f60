"""Records as they come, however many there are: nothing is kept but the one that is written."""

import csv as _csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from domain.errors import Malformed
from domain.instants import iso
from entrypoints.cli.show import render

# What a spreadsheet takes for a formula; a quote before it makes it a text.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def one_of(**formats: bool) -> str | None:
    """The format that was asked for. Raises Malformed where several were."""
    chosen = [name for name, is_asked in formats.items() if is_asked]
    if len(chosen) > 1:
        names = " and ".join(f"--{name}" for name in chosen[:2])
        raise Malformed(f"{names} exclude each other", hint="choose one")
    return chosen[0] if chosen else None


def show_stream(
    format: str,
    name: str,
    keys: Sequence[str],
    documents: Iterable[Mapping[str, Any]],
    end: Callable[[], Mapping[str, Any]],
) -> None:
    """Each of `documents`, which all have `keys`. With `json` they are the list `name` of one
    object; `end` is what stands behind them, asked for when they are all written.
    """
    if format == "json":
        render.json_list(name, documents, end)
    elif format == "jsonl":
        for document in documents:
            render.json(document)
    elif format == "csv":
        render.whole(_line(keys))
        for document in documents:
            render.whole(_line([document[key] for key in keys]))
    else:
        render.plain([document[key] for key in keys] for document in documents)


def _line(cells: Sequence[object]) -> str:
    written = io.StringIO()
    _csv.writer(written, lineterminator="").writerow(map(_cell, cells))
    return written.getvalue()


def _cell(value: object) -> object:
    if not isinstance(value, str):
        return value
    # A cell is one line, so that `wc -l` counts records.
    one_line = value
    if not value.isprintable():
        one_line = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in value)
    return f"'{one_line}" if value.startswith(_FORMULA) else one_line


def at(moment: int, local: bool) -> str:
    """`moment` (epoch ms) for a person: UTC, or as the clock on the wall shows it."""
    if not local:
        return iso(moment)
    try:
        return datetime.fromtimestamp(moment / 1000).astimezone().isoformat(timespec="seconds")
    except (ValueError, OverflowError, OSError):
        # No year that a calendar of this machine has.
        return iso(moment)
