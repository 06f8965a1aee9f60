"""The output border: the one place that prints, and that knows whether a person is looking."""

import contextlib
import json as _json
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from domain.errors import AuraError, Malformed, OutputFailed
from domain.text import readable, visible

SCHEMA_VERSION = 1
_LONGEST_LINE = 2000


def json(document: Mapping[str, Any]) -> None:
    """One object on one line: `jq` makes it pretty, and a prompt does not wait for indentation."""
    _out(_json.dumps({"schemaVersion": SCHEMA_VERSION, **document}, allow_nan=False))


def _out(text: str, *, end: str = "\n", flush: bool = False) -> None:
    _written(lambda: print(text, end=end, flush=flush))


def _written(write: Callable[[], object]) -> None:
    try:
        write()
    except BrokenPipeError:
        raise
    except OSError as failure:
        reason = os.strerror(failure.errno or 0)
        raise OutputFailed(
            f"the output cannot be written: {reason}", hint="nothing is lost"
        ) from None


def error(failure: AuraError) -> dict[str, str | None]:
    """What is said of an error in JSON."""
    hint = visible(failure.hint, 500) if failure.hint else None
    return {"type": failure.type, "message": visible(str(failure), 500), "hint": hint}


def line(text: str = "") -> None:
    """Data for a person, on stdout: one line, whatever is in it."""
    _out(visible(text, _LONGEST_LINE))


def piece(text: str) -> None:
    """A piece of foreign text of several lines, shown at once."""
    _out(readable(text), end="", flush=True)


def whole(text: str) -> None:
    """A line for a program to read: made harmless as any other, and never cut."""
    _out(visible(text, sys.maxsize))


def text(content: str) -> None:
    """A file of another program, as it is, in UTF-8; what steers a terminal is escaped."""
    harmless = "".join(c if c.isprintable() or c == "\n" else _escape(c) for c in content)
    raw = getattr(sys.stdout, "buffer", None)
    if raw is None:
        _out(harmless, end="")
    else:
        # Such files are UTF-8 whatever the terminal's encoding is. Nothing was printed before.
        _written(lambda: raw.write(harmless.encode("utf-8", "backslashreplace")))


def _escape(char: str) -> str:
    # As TOML and YAML understand it, within quotes.
    return f"\\u{ord(char):04x}" if ord(char) <= 0xFFFF else f"\\U{ord(char):08x}"


def plain(records: Iterable[Sequence[object]]) -> None:
    """One record a line, tab-separated."""
    for record in records:
        _out("\t".join("" if field is None else visible(str(field)) for field in record))


def note(text: str, hint: str | None = None) -> None:
    """Something beside the data: a warning, a hint; on stderr, where that can be written."""
    if sys.stderr is None:  # closed: print would take stdout instead
        return
    with contextlib.suppress(OSError):
        print(visible(text, 500), file=sys.stderr)
        if hint:
            print(f"hint: {visible(hint, 500)}", file=sys.stderr)


def failure(type: str, message: str, hint: str | None, *, as_json: bool) -> None:
    if as_json:
        text, advice = visible(message, 500), visible(hint, 500) if hint else None
        json({"error": {"type": type, "message": text, "hint": advice}})
    else:
        note(f"aura_intelligence: {message}", hint)


def one_format(as_json: bool, as_plain: bool) -> None:
    """Raises Malformed where both are asked for."""
    if as_json and as_plain:
        raise Malformed("--json and --plain exclude each other", hint="choose one")


def is_fancy(stream: Any) -> bool:
    """Whether colour, boxes and bars may be drawn on `stream`."""
    environ = os.environ
    if stream is None or environ.get("NO_COLOR") or environ.get("TERM", "dumb") == "dumb":
        return False
    return bool(stream.isatty())


def table(headers: Sequence[str], rows: Iterable[Sequence[object]], indent: str = "") -> None:
    """Aligned columns; a box only on a terminal that wants one."""
    cells = [[visible("" if c is None else str(c), 120) for c in row] for row in rows]
    if is_fancy(sys.stdout):
        _boxed(headers, cells)
        return
    widths = [max(map(len, column)) for column in zip(headers, *cells, strict=True)]
    for row in ([*headers], *cells):
        padded = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        _out((indent + "  ".join(padded)).rstrip())


def _boxed(headers: Sequence[str], cells: list[list[str]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(*headers, box=box.SIMPLE_HEAD)
    for row in cells:
        drawn.add_row(*(Text(cell) for cell in row))
    Console(highlight=False).print(drawn)
